"""One request of a pipeline, to be read as its text comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_count
from ovbench_tui.console.text import clean, fit, wrap

if TYPE_CHECKING:
    from ovbench_tui.engine.api.pipeline_use import RequestText
    from ovbench_tui.ui.widgets.table.table_parts import Line


def request_lines(text: RequestText | None, width: int, rows: int) -> list[Line]:
    """A heading, a line with the end of the prompt, and the end of the text.

    Args:
        rows: that there are at most.
    """
    if text is None or not text.number or rows < 1:
        return []
    heading = (
        f" Request {format_count(text.number)}: {format_count(text.prompt_tokens)} prompt tokens,"
        f" {format_count(text.tokens)} given"
    )
    lines: list[Line] = [((fit(heading, width), "title"),)]
    if rows > 2:
        prompt = _wrapped(text.prompt, width)[-1:] or [""]
        lines.append(((fit(f" {prompt[0]}", width), "label"),))
    room = rows - len(lines)
    written = _wrapped(text.text, width)[-room:] if room else []
    lines += [((fit(f" {line}", width), "value"),) for line in written]
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return [line for part in text.splitlines() for line in wrap(clean(part), width - 2)]
