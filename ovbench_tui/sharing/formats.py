"""The forms that a page is written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from ovbench_tui.sharing.blocks import Page
from ovbench_tui.sharing.html import to_html
from ovbench_tui.sharing.markdown import to_markdown
from ovbench_tui.sharing.shared_run import SharedRun

FORMATS: Mapping[str, Callable[[Page], str]] = MappingProxyType(
    {"html": to_html, "md": to_markdown}
)
"""How each is written, by the ending of its file."""

_MOST_NAMED = 4
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9.]+")


def file_name(runs: Sequence[SharedRun], ending: str) -> str:
    """A name for the page's file, as in ``mobilenet-v2-run-12.html``.

    Args:
        ending: with what divides it from the name, as in ``.html``.
    """
    names = [run.name for run in runs[:_MOST_NAMED]]
    more = [f"and {len(runs) - _MOST_NAMED} more"] if len(runs) > _MOST_NAMED else []
    words = "-".join([runs[0].result.view.model.name, *names, *more])
    return f"{_NOT_IN_NAMES.sub('-', words).strip('-.')[:80]}{ending}"
