"""A list to choose from, with a line to filter it or to type something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from ovbench_tui.console.text import clean
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.widgets.choice_list import ChoiceList

_WIDEST_LABEL = 32


@dataclass(frozen=True, slots=True)
class PickItem:
    """One choice: the value handed back, and up to two lines about it."""

    value: str
    label: str
    detail: str = ""
    more: str = ""

    def matches(self, text: str) -> bool:
        """Tell whether every typed word occurs in the item."""
        where = f"{self.label} {self.detail} {self.more}".casefold()
        return all(word in where for word in text.casefold().split())


class PickerScreen(ModalScreen[str | None]):
    """Hands back the chosen or typed value, or None.

    Args:
        title: what is chosen.
        items: the choices.
        current: the value highlighted at first.
        placeholder: of the input line; '' = no input line, a list only.
        typed_label: what the typed text is called as a choice of its own.
        check: raises OvbenchError for a typed value that cannot be used.
        explanation: a sentence above the choices.
        leaving: what the escape key does, in a few words.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(
        self,
        title: str,
        items: Sequence[PickItem],
        *,
        current: str,
        placeholder: str = "",
        typed_label: str = "",
        check: Callable[[str], object] = str,
        explanation: str = "",
        leaving: str = "closes",
    ) -> None:
        super().__init__(classes="dialog")
        self._heading = title
        self._items = tuple(items)
        self._shown: list[PickItem] = []
        self._current = current
        self._placeholder = placeholder
        self._typed_label = typed_label
        self._check = check
        self._explanation = explanation
        self._leaving = leaving

    def compose(self) -> ComposeResult:
        """Title, input line, list, and a line for what is wrong."""
        with Vertical(classes="box"):
            yield Static(self._heading, classes="heading", markup=False)
            if self._explanation:
                yield Static(clean(self._explanation), classes="explanation", markup=False)
            if self._placeholder:
                yield Input(placeholder=self._placeholder, select_on_focus=False)
            yield ChoiceList(markup=False)
            yield Static("", classes="problem", markup=False)
            yield Static(f"enter chooses   esc {self._leaving}", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._fill("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter by what is typed."""
        self._complain("")
        self._fill(event.value.strip())

    def on_input_submitted(self) -> None:
        """Take the highlighted choice."""
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self._choose(highlighted)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the clicked or entered choice."""
        self._choose(event.option_index)

    def action_move(self, rows: int) -> None:
        """Move the highlight while the input line has the focus."""
        options = self.query_one(OptionList)
        if rows > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_cancel(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def choices(self, typed: str) -> list[PickItem]:
        """Return what there is to choose from with this text in the input line."""
        shown = [item for item in self._items if item.matches(typed)]
        if typed and self._typed_label and all(typed != item.value for item in shown):
            # Nobody who writes a value of several parts wants one of the matches of its name.
            first = not shown or any(mark in typed for mark in "/\\.:")
            shown.insert(0 if first else len(shown), self._own(typed))
        return shown

    def _own(self, typed: str) -> PickItem:
        return PickItem(typed, typed, f"use this as {self._typed_label}")

    def _fill(self, typed: str) -> None:
        self._shown = self.choices(typed)
        options = self.query_one(OptionList)
        options.clear_options()
        width = max((len(item.label) for item in self._shown), default=0)
        width = min(width, _WIDEST_LABEL)
        options.add_options(Option(_prompt(item, width)) for item in self._shown)
        places = [n for n, item in enumerate(self._shown) if item.value == self._current]
        if self._shown:
            options.highlighted = 0 if typed or not places else places[0]

    def _choose(self, index: int) -> None:
        if index < len(self._shown):  # the list may have changed since the key
            self._take(self._shown[index])

    def _take(self, item: PickItem) -> None:
        value = item.value
        try:
            self._check(value)
        except OvbenchError as error:
            self._complain(str(error))
            return
        self.dismiss(value)

    def _complain(self, text: str) -> None:
        self.query_one(".problem", Static).update(Content(clean(text)))


def _prompt(item: PickItem, width: int) -> Content:
    label = clean(item.label)
    parts: list[Content] = [Content.styled(f"{label:<{width}}", "bold")]
    if item.detail:
        parts.append(Content.styled(f"   {clean(item.detail)}", "$text-muted"))
    if item.more:
        parts.append(Content.styled(f"\n{'':<{width}}   {clean(item.more)}", "$text-disabled"))
    return Content("").join(parts)
