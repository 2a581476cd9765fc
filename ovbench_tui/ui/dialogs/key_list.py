"""All keys, made from the bindings themselves, as the first page of the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from ovbench_tui.console.text import wrap
from ovbench_tui.ui.widgets.key_text import key_text

BindingGroups = Sequence[tuple[str, Sequence[BindingType]]]
Block = list[Content]
"""The lines of one group."""

_KEYS_WIDTH = 17
_LEAST_TEXT = 12


class KeyList(Horizontal):
    """The groups of keys, in two columns where there is room."""

    def __init__(self, groups: BindingGroups) -> None:
        super().__init__()
        self._groups = groups
        self._columns: tuple[Sequence[Block], ...] = ()

    def compose(self) -> ComposeResult:
        """Two columns, of which one may stay empty."""
        yield Static(classes="column")
        yield Static(classes="column")

    def fill(self, room: int, *, is_wide: bool) -> int:
        """Write the groups into this many cells a row; returns how many rows that takes."""
        blocks = [_block(*group, room // 2 - 1 if is_wide else room) for group in self._groups]
        self._columns = two_columns(blocks) if is_wide else (blocks, [])
        for column, shown in zip(self.query(".column").results(Static), self._columns, strict=True):
            column.display = bool(shown)
            column.update(Content("\n\n").join(Content("\n").join(block) for block in shown))
        return max(_rows(blocks) for blocks in self._columns)

    def row_of(self, line: str) -> int:
        """Return the row that a line of `as_text` is shown in; 0 where it is none of a key."""
        description = line.partition("  ")[2]
        for blocks in self._columns:
            rows = [row.plain for block in blocks for row in (*block, Content(""))]
            for number, row in enumerate(rows):
                shown = row[_KEYS_WIDTH:].strip()
                if row[:_KEYS_WIDTH].strip() and shown and description.startswith(shown):
                    return number
        return 0

    def as_text(self) -> str:
        """All keys as Markdown, to be searched like the pages of the manual."""
        return "\n".join(_text(self._groups))


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


def _text(groups: BindingGroups) -> Iterator[str]:
    for name, bindings in groups:
        yield f"# {name}"
        for description, keys in _keys_by_description(bindings).items():
            yield f"- {' '.join(keys)}  {description}"


def _keys_by_description(bindings: Sequence[BindingType]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for binding in bindings:
        if isinstance(binding, Binding):
            keys = found.setdefault(binding.tooltip or binding.description, [])
            keys += [key_text(key) for key in binding.key.split(",")]
    return found
