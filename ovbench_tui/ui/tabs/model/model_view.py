"""The tab of the model: what goes in and out, what it is made of, and what it achieves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.events import MouseScrollDown, MouseScrollUp
from textual.message import Message

from ovbench_tui.config.shapes import format_shape
from ovbench_tui.console.format import format_count
from ovbench_tui.console.numbers import DASH, three_digits
from ovbench_tui.console.text import clean, fit, wrap
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.app.nothing_yet import takes_shapes, why_nothing_runs
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.model.answer_text import answer_parts, answers_line
from ovbench_tui.ui.tabs.model.request_lines import request_lines
from ovbench_tui.ui.tabs.model.shape_edit import shape_text, with_shape
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import Hit, LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.model_info import ModelFacts, PortInfo
    from ovbench_tui.engine.api.pipeline_use import RequestText
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot

_PORT_COLUMNS = (
    Column("Port", 14, most=30, cuts_middle=True),
    Column("Shape", 22, most=26),
    Column("Type", 5, most=8),
    Column("Layout", 6, rank=1),
    Column("Fed with", 12, most=80, rank=2),
)
_OPERATION_COLUMNS = (
    Column("Operation", 16, most=34),
    Column("Count", 6, is_right=True, most_first=True),
    Column("Share", 6, most=30, rank=1, most_first=True),
)
_COUNTING = "Counting the operations."
_BOTH_FROM_WIDTH = 110
_LOW = 14
FLOP_PER_MAC = 2

_FOOT_FROM_HEIGHT = 6
"""Bodies of fewer rows are for the table alone."""


class ModelView(TableView):
    """Ports and operations, side by side where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Run the input in another shape", show=False),
        Binding("y", "other_table", "Inputs and outputs, or operations", show=False),
    ]

    class ShapeWanted(Message):
        """The shapes of a model that waits for them are to be asked for again."""

    def __init__(self) -> None:
        self._ports = LiveTable(_PORT_COLUMNS, empty="")
        self._operations = LiveTable(_OPERATION_COLUMNS, sort_by="Count", empty="")
        super().__init__(self._ports)
        self._snapshot: Snapshot | None = None
        self._facts: ModelFacts | None = None
        self._text: RequestText | None = None
        self._made_from: object = None
        self._left_width = 0

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Take the model that runs, and how fast it runs."""
        self._snapshot = snapshot
        run = snapshot.run
        self._facts = session.model_facts() if run is not None else None
        is_pipeline = run is not None and run.pipeline is not None
        self._text = session.request_text() if is_pipeline else None
        why = why_nothing_runs(snapshot) if run is None else ""
        made_from = (run.run_id, run.model) if run else why, self._facts
        if made_from != self._made_from:
            self._made_from = made_from
            self._ports.empty = self._operations.empty = why
            self._fill(run, self._facts)
        self.repaint_if_new((made_from, achieved_text(run, self._facts), self._text))

    # --- drawing ----------------------------------------------------------------------------

    def paint(self) -> None:
        """Draw the facts, and below them both tables or the one that has the cursor."""
        width, height = self._painted_size
        if width < _BOTH_FROM_WIDTH:
            self._left_width = 0
            super().paint()
            return
        head, foot = self.head(width, height), self.foot(width, height)
        rows = height - len(head) - len(foot)
        self._left_width = width * 3 // 5
        left = self._ports.draw(self._left_width, rows)
        right = self._operations.draw(width - self._left_width, rows)
        if self.table is self._ports:
            right = _without_cursor(right)
        else:
            left = _without_cursor(left)
        both = [(*one, *other) for one, other in zip(left, right, strict=True)]
        self.paint_lines([*head, *both, *foot])
        self._table_top = len(head)

    def head(self, width: int, height: int) -> Sequence[Line]:
        """Return the facts; few where the height is small."""
        run, facts = (self._snapshot.run if self._snapshot else None), self._facts
        if run is None:
            return ()
        model = run.model
        title = f" {clean(model.name)}"
        lines: list[Line] = [((title, "title"), (f"   {model.format}{_sizes(facts)}", "value"))]
        if answers := answers_line(run):
            lines.append(answers)
        request = request_lines(self._text, width, height // 2 - 2)
        if facts is None:
            return [*lines, ((f" {_COUNTING}", "label"),), *request]
        amounts = _amounts(facts)
        if amounts:
            lines.append(((fit(f" {amounts}", width), "value"),))
        if facts.macs is not None:
            lines.append(
                ((" achieved ", "label"), (achieved_text(run, facts), "good"))
                if height >= _LOW
                else ((f" {achieved_text(run, facts)}", "good"),)
            )
        if height >= _LOW:
            if facts.weights:
                lines.append(((fit(f" weights {_weights(facts)}", width), "label"),))
            why = facts.unknown or (_estimate(facts) if facts.macs is not None else "")
            lines += [((f" {line}", "label"),) for line in wrap(why, width - 2) if line]
        return [*lines, *request]

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """Return the whole of the port under the cursor."""
        run = self._snapshot.run if self._snapshot else None
        port = self._port
        if run is None or port is None or height < _FOOT_FROM_HEIGHT:
            return ()
        rules = dict(run.effective.input_rules)
        answer, _ = answer_parts(run).get(port.label, ("", ""))
        rule = rules.get(port.label, "") if self._is_input else answer
        text = f" {port.label} {port.element_type} {format_shape(port.shape)} {port.layout}  {rule}"
        return (((fit(clean(text), width), "base"),),)

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        other = "Operations" if self.table is self._ports else "Inputs and outputs"
        hints = [Hint("enter", "Another shape", "choose")] if self._is_input else []
        if self._snapshot is not None and takes_shapes(self._snapshot):
            hints = [Hint("enter", "Type the shapes", "choose")]
        return (*hints, Hint("y", other, "other_table"))

    # --- keys and mouse ---------------------------------------------------------------------

    def action_other_table(self) -> None:
        """Give the keys to the other table."""
        self.table.is_typing = False
        self.table = self._operations if self.table is self._ports else self._ports
        self.redraw()

    def action_choose(self) -> None:
        """Edit the shape of the input under the cursor."""
        snapshot, port = self._snapshot, self._port
        run = snapshot.run if snapshot else None
        if snapshot is not None and run is None:
            self.post_message(self.ShapeWanted())
        if snapshot is None or run is None or port is None:
            return
        if not self._is_input:
            self.post_message(self.Said("Only inputs can be given another shape."))
            return
        config = snapshot.requested

        def answer(text: str | None) -> None:
            if text is None or self._snapshot is None:
                return
            try:
                self.post_message(self.Asked(with_shape(self._snapshot.requested, port, text)))
            except OvbenchError as error:
                self.post_message(self.Said(str(error), is_error=True))

        what = (
            "Sizes to feed it with, such as 8, 1..8, 1..8:zipf or @FILE; ? reshapes the model."
            if port.is_dynamic
            else "The model is reshaped; ? and 1..8 make a dimension dynamic."
        )
        self.app.push_screen(
            dialogs.value_editor(
                f"Shape of {clean(port.label)}",
                f"{what} Empty takes the model's own shape.",
                shape_text(port, run.effective.data_shape, config.data_shape),
                lambda text: with_shape(config, port, text),
            ),
            answer,
        )

    def hit(self, x: int, y: int) -> Hit:
        """Take a click; one on the other table gives it the keys, too."""
        before = self.table
        left = self._take_mouse(x)
        hit = self.table.click(x - left, y - self._table_top)
        return Hit.ROW if hit is Hit.CHOSEN_ROW and self.table is not before else hit

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Scroll the table under the mouse; the base's handler, called next, scrolls."""
        self._take_mouse(event.x)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Scroll the table under the mouse; the base's handler, called next, scrolls."""
        self._take_mouse(event.x)

    def _take_mouse(self, x: int) -> int:
        """Give the keys to the table under the mouse; returns where that one begins."""
        if not self._left_width:
            return 0
        is_left = x < self._left_width
        wanted = self._ports if is_left else self._operations
        if wanted is not self.table:
            self.table.is_typing = False
            self.table = wanted
        return 0 if is_left else self._left_width

    # --- content ----------------------------------------------------------------------------

    @property
    def _port(self) -> PortInfo | None:
        run = self._snapshot.run if self._snapshot else None
        row = self._ports.row
        if run is None or row is None or self.table is not self._ports:
            return None
        kind, index = row.key if isinstance(row.key, tuple) else ("", 0)
        return (run.model.inputs if kind == "input" else run.model.outputs)[index]

    @property
    def _is_input(self) -> bool:
        row = self._ports.row
        return self.table is self._ports and row is not None and row.words == "input"

    def _fill(self, run: RunView | None, facts: ModelFacts | None) -> None:
        if run is None:
            self._ports.set_rows(())
            self._operations.set_rows(())
            return
        rules = dict(run.effective.input_rules)
        fed = dict(run.effective.data_shape)
        inputs = [
            _port_row("input", port, fed, rules.get(port.label, "")) for port in run.model.inputs
        ]
        answers = answer_parts(run)
        outputs = [
            _port_row("output", port, {}, *answers.get(port.label, ("", "label")))
            for port in run.model.outputs
        ]
        self._ports.set_rows([*inputs, *outputs])
        operations = facts.operations if facts else ()
        whole = sum(count for _, count in operations)
        self._operations.empty = (facts.unknown or "It has no operations.") if facts else _COUNTING
        self._operations.set_rows(
            [
                Row(
                    name,
                    (
                        Cell(name, order=name),
                        Cell(str(count), order=count),
                        Cell(style="bar", share=count / whole, order=count),
                    ),
                )
                for name, count in operations
            ]
        )


_ESTIMATE = (
    "FLOP are an estimate: they count convolutions, matrix products, recurrent cells and"
    " attention, two for each MAC."
)


def _estimate(facts: ModelFacts) -> str:
    """What the figure counts, and what of this model it leaves out."""
    names = ", ".join(f"{count} {clean(kind)}" for kind, count in facts.uncounted)
    return f"{_ESTIMATE} Not counted: {names}." if names else _ESTIMATE


def achieved_text(run: RunView | None, facts: ModelFacts | None) -> str:
    """Say how much arithmetic is done in a second, now and over the run; '' = not known."""
    if run is None or facts is None or facts.macs is None:
        return ""
    return f"{_rate(run, facts.macs, run.stats.fps_now)} now, " + (
        f"{_rate(run, facts.macs, run.stats.fps_mean)} mean"
    )


def frames_an_inference(run: RunView) -> float:
    """Mean batch; where shapes rotate, of one turn of them."""
    groups = run.effective.rotating_groups
    return sum(group.batch for group in groups) / len(groups) if groups else run.effective.batch


def _rate(run: RunView, macs: float, fps: float) -> str:
    flops = FLOP_PER_MAC * macs * fps / frames_an_inference(run)
    return DASH if math.isnan(flops) else f"{scaled(flops)}FLOP/s"


def scaled(value: float) -> str:
    """Write a number with the prefix that suits it: ``77.43 G``, ``651.7 k``."""
    for limit, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{three_digits(value / limit)} {prefix}"
    return f"{value:.0f} "


def _amounts(facts: ModelFacts) -> str:
    words = []
    if facts.parameters is not None:
        words.append(f"{scaled(facts.parameters).strip()} parameters")
    if facts.macs is not None:
        least = "at least " if facts.uncounted else ""
        words.append(f"{least}{scaled(FLOP_PER_MAC * facts.macs)}FLOP an inference (estimate)")
    if facts.operations:
        count = sum(number for _, number in facts.operations)
        words.append(f"{format_count(count)} operations")
    return ", ".join(words)


def _sizes(facts: ModelFacts | None) -> str:
    if facts is None:
        return ""
    words = [""]
    if facts.file_bytes:
        words.append(f"{scaled(facts.file_bytes)}B on disk")
    if facts.weight_bytes:
        words.append(f"{scaled(facts.weight_bytes)}B of weights")
    return ", ".join(words)


def _weights(facts: ModelFacts) -> str:
    return ", ".join(
        f"{name} {scaled(size)}B ({scaled(elements).strip()} values)"
        for name, elements, size in facts.weights
    )


def _port_row(
    kind: str, port: PortInfo, fed: dict[str, tuple[int, ...]], rule: str, style: str = "label"
) -> Row:
    shape = format_shape(port.shape)
    if port.is_dynamic and port.label in fed:
        shape += f" fed {format_shape(fed[port.label])}"
    return Row(
        (kind, port.index),
        (
            Cell(f"{'→' if kind == 'input' else '←'} {port.label}", order=port.label),
            Cell(shape, "accent" if kind == "input" else "value", order=shape),
            Cell(port.element_type, order=port.element_type),
            Cell(port.layout or DASH, "value" if port.layout else "label", order=port.layout),
            Cell(rule, style, order=rule),
        ),
        words=kind,
    )


def _without_cursor(lines: Sequence[Line]) -> list[Line]:
    """The same lines where the keys go to the other table."""
    return [
        tuple((text, "value" if style == "cursor" else style) for text, style in line)
        for line in lines
    ]
