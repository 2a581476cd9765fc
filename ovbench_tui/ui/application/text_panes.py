"""What is said of a program in words: the verdicts, its models, and what it prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.application.report import alone_line
from ovbench_tui.application.verdict import Verdict
from ovbench_tui.console.format import format_count
from ovbench_tui.console.text import clean, fit, wrap
from ovbench_tui.ui.widgets.live import LiveWidget, Part

if TYPE_CHECKING:
    from ovbench_tui.application.analysis import Analysis, ModelUse
    from ovbench_tui.application.live import AppSnapshot
    from ovbench_tui.application.output import OutputLine

Line = tuple[Part, ...]


class TextPane(LiveWidget):
    """Lines of text under a heading; what has no room is left out at the end."""

    def lines(self, width: int, height: int) -> Sequence[Line]:
        """Return them."""
        raise NotImplementedError

    def paint(self) -> None:
        """Draw them."""
        width, height = self._painted_size
        lines = self.lines(width, height)
        for y in range(height):
            self.set_row(y, *(lines[y] if y < len(lines) else ()))


class VerdictPane(TextPane):
    """What holds the program back, the largest gain first."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._verdict = Verdict(())
        self._heading = ""
        self._alone = ""

    def show(self, snapshot: AppSnapshot) -> None:
        """Draw the verdict of this snapshot."""
        self._verdict = snapshot.verdict
        self._heading = "Verdict"
        if not snapshot.is_over and snapshot.analysis is not None:
            self._heading = f"Verdict so far, of the last {snapshot.judged_s:.0f} s"
        self._alone = ""
        if snapshot.alone is not None and snapshot.analysis is not None:
            self._alone = alone_line(snapshot.alone, snapshot.analysis)
        self.repaint_if_new((self._verdict, self._heading, self._alone))

    def lines(self, width: int, height: int) -> list[Line]:
        """The findings; where not all fit, each whole that leaves a line for those behind it.

        The end of a finding is what cures it.
        """
        room = max(8, width - 2)
        lines: list[Line] = [((f" {self._heading}", "title"),)]
        if self._alone:
            lines += [((f" {line}", "accent"),) for line in wrap(self._alone, room)]
        findings = self._verdict.findings
        if not findings:
            lines += [((f" {line}", "value"),) for line in wrap(clean(self._verdict.summary), room)]
            return lines
        wrapped = [
            wrap(clean(f"{number}. {finding.text_from_gain}"), room)
            for number, finding in enumerate(findings, 1)
        ]
        for place, text in enumerate(wrapped):
            left = height - len(lines)
            rest = sum(map(len, wrapped[place:]))
            behind = len(wrapped) - place - 1
            most = len(text) if rest <= left else max(1, left - behind)
            shown = text[:most]
            if len(shown) < len(text):
                shown[-1] = fit(f"{shown[-1]} {text[most]}", room)
            style = "warn" if place == 0 else "value"
            lines += [((f" {line}", style),) for line in shown]
        return lines


class ModelsPane(TextPane):
    """The models, how often each was compiled, and the properties in effect."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._models: tuple[ModelUse, ...] = ()

    def show(self, analysis: Analysis | None) -> None:
        """Draw the models of this analysis."""
        self._models = analysis.models if analysis is not None else ()
        self.repaint_if_new(self._models)

    def lines(self, width: int, height: int) -> list[Line]:  # noqa: ARG002 - the base's
        """A few lines for each, the one that ran most first."""
        lines: list[Line] = [((" Models", "title"),)]
        for use in sorted(self._models, key=lambda use: -use.inferences):
            note = use.note
            times = "once" if use.compiled == 1 else f"{use.compiled} times"
            about = f"compiled {times}, {use.compile_s:.2f} s; {format_count(use.inferences)} runs"
            name = note.name or "(no name)"
            lines += [
                ((f" {fit(clean(name), width - 2)}", "value"),),
                (
                    (
                        f"   {fit(about, width - 4)}",
                        "warn" if use.again else "label",
                    ),
                ),
                *(((f"   {fit(clean(port), width - 4)}", "label"),) for port in note.inputs),
            ]
            for label, value in note.properties:
                shown = fit(clean(label), max(8, width - 4 - len(value) - 1))
                lines.append(((f"   {shown} ", "label"), (clean(value), "value")))
        return lines


class OutputPane(TextPane):
    """The newest lines that the program has printed."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._output: tuple[OutputLine, ...] = ()

    def show(self, output: tuple[OutputLine, ...]) -> None:
        """Draw these lines."""
        self._output = output
        self.repaint_if_new(output)

    def lines(self, width: int, height: int) -> list[Line]:
        """As many as there is room for."""
        newest = self._output[-max(1, height - 1) :]
        heading = " Output" if newest else " Output: none yet"
        return [
            ((heading, "title"),),
            *(
                ((f" {fit(clean(line.text), width - 2)}", "warn" if line.is_error else "base"),)
                for line in newest
            ),
        ]
