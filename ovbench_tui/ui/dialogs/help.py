"""All keys, made from the bindings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.screen import ModalScreen
from textual.widgets import Static

from ovbench_tui.console.text import wrap
from ovbench_tui.ui.widgets.key_text import key_text

BindingGroups = Sequence[tuple[str, Sequence[BindingType]]]
Block = list[Content]
"""The lines of one group."""

_KEYS_WIDTH = 17
_LEAST_TEXT = 12
_TWO_COLUMNS = 116
"""Columns of the terminal from which on the groups stand side by side."""

_BOX, _WIDE_BOX = 84, 150
_BESIDE = 6
"""Columns of the dialog that no text gets: its border, padding and scroll bar."""

_ABOVE_AND_BELOW = 5
"""Rows of the dialog beside the groups: its border, the title and the line at the bottom."""


class HelpScreen(ModalScreen[None]):
    """A scrollable list of keys and what they do, in two columns where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "close", "Close"),
        Binding("j", "scroll(1)", "Down", show=False),
        Binding("k", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, groups: BindingGroups) -> None:
        super().__init__(classes="dialog")
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Title and list."""
        with Vertical(classes="box help"):
            yield Static("Keys", classes="heading", markup=False)
            with VerticalScroll(), Horizontal():
                yield Static(classes="column")
                yield Static(classes="column")
            yield Static("", classes="keys", markup=False)

    def on_resize(self, event: Resize) -> None:
        """Fill one column or two, and scroll what does not fit."""
        width, height = event.size
        is_wide = width >= _TWO_COLUMNS
        box_width = min(_WIDE_BOX if is_wide else _BOX, width * 96 // 100)
        self.query_one(".box").styles.width = box_width
        room = box_width - _BESIDE
        blocks = [_block(*group, room // 2 - 1 if is_wide else room) for group in self._groups]
        columns = two_columns(blocks) if is_wide else (blocks, [])
        for column, shown in zip(self.query(".column").results(Static), columns, strict=True):
            column.display = bool(shown)
            column.update(Content("\n\n").join(Content("\n").join(block) for block in shown))
        rows = height * 9 // 10 - _ABOVE_AND_BELOW
        self.query_one(VerticalScroll).styles.max_height = max(1, rows)
        is_cut = max(_rows(blocks) for blocks in columns) > rows
        scrolls = "↑ ↓ pgup pgdn scroll   " if is_cut else ""
        self.query_one(".keys", Static).update(
            Content(f"{scrolls}ctrl+p opens all commands   esc closes")
        )

    def action_scroll(self, rows: int) -> None:
        """Scroll by rows."""
        self.query_one(VerticalScroll).scroll_relative(y=rows, animate=False)

    def action_close(self) -> None:
        """Back to the figures."""
        self.dismiss(None)


def two_columns(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """Split the groups, in their order, so that the higher column is as low as it can be."""
    splits = [(blocks[:n], blocks[n:]) for n in range(1, len(blocks) + 1)]
    return min(splits, key=lambda split: max(_rows(split[0]), _rows(split[1])))


def _rows(blocks: Sequence[Block]) -> int:
    return sum(len(block) for block in blocks) + max(0, len(blocks) - 1)


def _block(name: str, bindings: Sequence[BindingType], width: int) -> Block:
    """Return the keys of a group, one entry for each thing that can be done."""
    lines = [Content.styled(name, "bold $text-accent")]
    for description, keys in _keys_by_description(bindings).items():
        shown = " ".join(keys)
        for text in wrap(description, max(_LEAST_TEXT, width - _KEYS_WIDTH)):
            lines.append(Content.styled(f"  {shown:<{_KEYS_WIDTH - 2}}", "bold") + Content(text))
            shown = ""
    return lines


def _keys_by_description(bindings: Sequence[BindingType]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding):
            keys = found.setdefault(binding.tooltip or binding.description, [])
            keys += [key_text(key) for key in binding.key.split(",")]
    return found
