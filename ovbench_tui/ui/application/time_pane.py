"""What the program's time goes into, as a table of shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ovbench_tui.application.time_split import SPLIT_WORDS
from ovbench_tui.console.text import clean, fit
from ovbench_tui.ui.application.split_chart import LETTERS, SPLIT_STYLES
from ovbench_tui.ui.widgets.live import LiveWidget, Part
from ovbench_tui.ui.widgets.table.table_parts import share_bar

if TYPE_CHECKING:
    from ovbench_tui.application.analysis import Analysis
    from ovbench_tui.application.seconds import Second

_WORDS = 32
_SHARE = 7
_LEAST_BAR = 6
_FUNCTIONS = 3


class TimePane(LiveWidget):
    """Requests and device, then the threads that start inferences: shares of their time."""

    STYLE_CLASSES = SPLIT_STYLES

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._analysis: Analysis | None = None
        self._second: Second | None = None

    def show(self, analysis: Analysis | None, second: Second | None) -> None:
        """Draw these; `second` is the newest, or all of the time of a program that has ended."""
        self._analysis, self._second = analysis, second
        self.repaint_if_new((id(analysis), second))

    def paint(self) -> None:
        """Draw from the top what there is room for."""
        width, height = self._painted_size
        lines = self._lines(width)
        if len(lines) > height:  # the headings say least
            lines = [line for line in lines if line and line[0][1] != "title"]
        for y in range(height):
            self.set_row(y, *(lines[y] if y < len(lines) else ()))

    def _lines(self, width: int) -> list[tuple[Part, ...]]:
        analysis, second = self._analysis, self._second
        if second is None:
            return [((" Nothing is recorded yet.", "label"),)]
        optimal = f" of {analysis.optimal} optimal" if analysis and analysis.optimal else ""
        queue = f", queue of {analysis.queue}" if analysis and analysis.queue else ""
        lines: list[tuple[Part, ...]] = [
            ((" In flight  ", "label"), (f"{second.in_flight:.1f}{optimal}{queue}", "value")),
            (
                (" Device ", "label"),
                (f"{second.busy:.0%}", "good" if second.busy >= 0.9 else "warn"),
                (" busy, callbacks ", "label"),
                (f"{second.callbacks:.0%}", "value"),
            ),
        ]
        shares = second.split.shares()
        in_letters = self._ascii_table is not None or self.app.no_color
        for name, words in SPLIT_WORDS.items():
            share = float(getattr(shares, name))
            room = max(0, width - _WORDS - _SHARE - 4)
            bar = share_bar(share, room) if room >= _LEAST_BAR else ""
            mark = LETTERS[name] if in_letters else "█"
            lines.append(
                (
                    (f" {mark} ", name),
                    (fit(words, min(_WORDS, max(8, width - _SHARE - 4))), "label"),
                    (f"{share:>{_SHARE}.1%} ", "value"),
                    (bar, name),
                )
            )
        functions = analysis.functions if analysis is not None else ()
        if functions:
            lines += [(), ((" Outside of OpenVINO, by function", "title"),)]
            for use in functions:
                text = fit(clean(use.note.text), max(8, width - _SHARE - 4))
                lines.append(((f"   {text}", "label"), (f"{use.share:>{_SHARE}.0%}", "value")))
        return lines
