"""The tab of properties: what the device and the compiled model tell, and what can be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import clean, fit, wrap
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.properties.property_edit import with_property
from ovbench_tui.ui.tabs.properties.property_rows import PropertyRow, property_rows
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.table.live_table import LiveTable
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Line, Row
from ovbench_tui.ui.widgets.table.table_view import TableView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot

_COLUMNS = (
    Column("Property", 26, most=44),
    Column("Requested", 10, most=24),
    Column("In effect", 14, most=40),
    Column("Device", 12, most=40, rank=2),
    Column("Access", 7),
)
_NOTHING = "No properties yet: still looking for devices."
_ACCESS = {
    "RO": ("read", "label"),
    "RW": ("write", "good"),
    "WO": ("write", "good"),
}
_NOTE_ROWS = 2

_FOOT_FROM_HEIGHT = 6
"""Bodies of fewer rows are for the table alone."""


class PropertiesView(TableView):
    """Requested against effective; a writable one is changed by compiling again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Request another value (recompiles)", show=False),
        Binding("delete,u", "clear", "Go back to the device's own value", show=False),
        Binding("w", "only_writable", "Show only writable properties, or all", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(LiveTable(_COLUMNS, empty=_NOTHING))
        self._snapshot: Snapshot | None = None
        self._properties: dict[str, PropertyRow] = {}
        self._is_only_writable = False
        self._made_from: object = None

    @property
    def property_row(self) -> PropertyRow | None:
        """The property under the cursor."""
        row = self.table.row
        return self._properties.get(str(row.key)) if row else None

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:  # noqa: ARG002 - a tab's
        """Take the properties of the run and its device; they change with the run only."""
        self._snapshot = snapshot
        run = snapshot.run
        key = (run.run_id if run else snapshot.requested, snapshot.devices)
        if key != self._made_from:
            self._made_from = key
            rows = property_rows(run, snapshot.requested, snapshot.devices)
            self._properties = {row.name: row for row in rows}
            self._fill()
        self.repaint_if_new(key)

    def head(self, width: int, height: int) -> Sequence[Line]:
        """Return whose properties these are, and what was not honoured."""
        if not self._properties or self._snapshot is None or height < 10:
            return ()
        run = self._snapshot.run
        device = run.config.device if run else self._snapshot.requested.device
        clamped = [row for row in self._properties.values() if row.is_clamped]
        what = f" {len(self._properties)} properties of {device}"
        if run is not None:
            what += f" and of {run.model.name}"
        lines: list[Line] = [((fit(clean(what), width), "title"),)]
        if clamped:
            reported = ", ".join(f"{row.name} {row.requested} → {row.effective}" for row in clamped)
            text = f" Not as requested: {reported}"
            lines.append(((fit(clean(text), width), "warn"),))
        return lines

    def foot(self, width: int, height: int) -> Sequence[Line]:
        """Return the whole of the property under the cursor."""
        row = self.property_row
        if row is None or height < _FOOT_FROM_HEIGHT:
            return ()
        is_running = self._snapshot is not None and self._snapshot.run is not None
        lines = wrap(clean(f"{row.name}: {_in_words(row, is_running=is_running)}"), width - 2)
        lines[_NOTE_ROWS - 1 :] = [" ".join(lines[_NOTE_ROWS - 1 :])]
        lines += [""] * (_NOTE_ROWS - len(lines))
        return [((f" {fit(line, width - 1)}", "base"),) for line in lines]

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        hints = []
        row = self.property_row
        if row is not None and row.is_writable:
            hints.append(Hint("enter", "Change", "choose"))
            if row.requested:
                hints.append(Hint("u", "Leave to the device", "clear"))
        return (
            *hints,
            Hint("w", "Show all" if self._is_only_writable else "Only writable", "only_writable"),
        )

    # --- keys -------------------------------------------------------------------------------

    def action_choose(self) -> None:
        """Choose or type another value."""
        row, snapshot = self.property_row, self._snapshot
        if row is None or snapshot is None:
            return
        if not row.is_writable:
            self.post_message(self.Said(f"{row.name} can only be read."))
            return
        config = snapshot.requested

        def check(text: str) -> object:
            return with_property(config, row.name, text)

        def answer(text: str | None) -> None:
            if text is not None:
                self._ask(row.name, text)

        if row.choices:
            choices = [("", "leave it to the device"), *((one, one) for one in row.choices)]
            current = next(
                (one for one in row.choices if one.casefold() == row.requested.casefold()), ""
            )
            self.app.push_screen(dialogs.value_picker(row.name, choices, current, check), answer)
            return
        takes = f"It takes {row.range_text}. " if row.range_text else ""
        explanation = f"{takes}Empty leaves it to the device; the model is compiled again."
        self.app.push_screen(
            dialogs.value_editor(row.name, explanation, row.requested, check), answer
        )

    def action_clear(self) -> None:
        """Ask for no value."""
        row = self.property_row
        if row is None:
            return
        if row.requested:
            self._ask(row.name, "")
        else:
            self.post_message(self.Said(f"{row.name} is left to the device already."))

    def action_only_writable(self) -> None:
        """Show only what can be written, or all."""
        self._is_only_writable = not self._is_only_writable
        self._fill()
        self.redraw()

    def _ask(self, name: str, text: str) -> None:
        if self._snapshot is None:
            return
        try:
            # What is asked for by now, not what was when a dialog was opened.
            config = with_property(self._snapshot.requested, name, text)
        except OvbenchError as error:
            self.post_message(self.Said(str(error), is_error=True))
            return
        self.post_message(self.Asked(config))

    def _fill(self) -> None:
        self.table.set_rows(
            [
                _table_row(row)
                for row in self._properties.values()
                if row.is_writable or not self._is_only_writable
            ]
        )


def _table_row(row: PropertyRow) -> Row:
    access, access_style = _ACCESS.get(row.access, (row.access, "label"))
    asked_style = "warn" if row.is_clamped else "accent"
    return Row(
        row.name,
        (
            Cell(row.name, order=row.name),
            Cell(row.requested, asked_style, order=row.requested or None),
            Cell(
                DASH if row.effective is None else row.effective or "empty",
                _value_style(row.effective, "warn" if row.is_clamped else "value"),
                order=row.effective,
            ),
            Cell(
                _of_device(row),
                _value_style(row.of_device, "label"),
                order=row.of_device,
            ),
            Cell(access, access_style, order=access),
        ),
        words="clamped" if row.is_clamped else "",
    )


def _of_device(row: PropertyRow) -> str:
    if row.of_device is not None:
        return row.of_device or "empty"
    return "unavailable" if row.is_listed else DASH


def _value_style(value: str | None, style: str) -> str:
    return style if value else "label"


def _in_words(row: PropertyRow, *, is_running: bool) -> str:
    words = [f"requested {row.requested}"] if row.requested else []
    if row.effective is not None:
        words.append(f"in effect {row.effective or 'empty'}")
    elif is_running:
        words.append("not reported by the compiled model")
    if row.of_device is not None:
        words.append(f"of the device {row.of_device or 'empty'}")
    elif row.is_listed:
        words.append("the device lists it but does not report it")
    if not row.is_writable:
        words.append("read only")
    elif row.choices:
        words.append(f"takes {', '.join(row.choices)}")
    elif row.range_text:
        words.append(f"takes {row.range_text}")
    return "; ".join(words) + "."
