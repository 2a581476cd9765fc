"""All keys, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.keys import format_key
from textual.screen import ModalScreen
from textual.widgets import Static

BindingGroups = Sequence[tuple[str, Sequence[BindingType]]]
_KEYS_WIDTH = 14
_NAMES = {"enter": "enter", "f1": "F1"}


class HelpScreen(ModalScreen[None]):
    """A scrollable list of keys and what they do."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close"),
    ]

    def __init__(self, groups: BindingGroups) -> None:
        super().__init__(classes="dialog")
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Title and list."""
        with Vertical(classes="box"):
            yield Static("Keys", classes="heading", markup=False)
            with VerticalScroll():
                yield Static(help_content(self._groups))
            yield Static("ctrl+p opens all commands   esc closes", classes="keys", markup=False)

    def action_close(self) -> None:
        """Back to the figures."""
        self.dismiss(None)


def help_content(groups: BindingGroups) -> Content:
    """Return the keys of every group, one line for each thing that can be done."""
    lines: list[Content] = []
    for name, bindings in groups:
        lines.append(Content.styled(name, "bold $text-accent"))
        for description, keys in _keys_by_description(bindings).items():
            lines.append(
                Content.styled(f"  {' '.join(keys):<{_KEYS_WIDTH}}", "bold") + Content(description)
            )
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])


def _keys_by_description(bindings: Sequence[BindingType]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding):
            keys = found.setdefault(binding.tooltip or binding.description, [])
            keys += [key_text(key) for key in binding.key.split(",")]
    return found


def key_text(key: str) -> str:
    """Return a key as it is printed on the keyboard."""
    return _NAMES.get(key) or format_key(key)
