"""All keys, made from the bindings themselves, as the first page of the help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from ovbench_tui.console.text import wrap
from ovbench_tui.ui.widgets.key_text import key_text

BindingGroups = Sequence[tuple[str, Sequence[BindingType]]]
Block = list[Content]
"""The lines of one group."""

_ESSENTIALS = "Essentials"
_ESSENTIAL_IDS = (
    *("more-requests", "fewer-requests", "pause", "model", "device", "undo"),
    *("tune", "charts", "export", "next-tab", "commands", "quit"),
)
"""Enough to begin with; what is done most comes first."""

_KEYS_WIDTH, _ESSENTIAL_KEYS_WIDTH = 17, 10
_LEAST_HALF = 30
_LEAST_TEXT = 12


class KeyList(Vertical):
    """The essential keys in two columns, and below them all others by group."""

    def __init__(self, groups: BindingGroups) -> None:
        super().__init__()
        self._essential, self._groups = set_apart(groups)
        self._columns: tuple[Sequence[Block], ...] = ()
        self._rows_on_top = 0

    def compose(self) -> ComposeResult:
        """Two columns above and two below, of which one may stay empty."""
        for place in ("top", "below"):
            with Horizontal(classes=place):
                yield Static(classes="column")
                yield Static(classes="column")

    def fill(self, room: int, *, is_wide: bool) -> int:
        """Write the keys into this many cells a row; returns how many rows that takes.

        Args:
            is_wide: whether the groups have room side by side; the essentials need less.
        """
        half = room // 2 - 1
        top = _essential_columns(self._essential, room if half < _LEAST_HALF else half, room)
        blocks = [_block(*group, half if is_wide else room) for group in self._groups]
        below = two_columns(blocks) if is_wide else (blocks, [])
        self._columns = (*top, *below)
        self._rows_on_top = max(_rows(blocks) for blocks in top) + 1
        columns = self.query(".column").results(Static)
        for number, (column, shown) in enumerate(zip(columns, self._columns, strict=True)):
            text = Content("\n\n").join(Content("\n").join(block) for block in shown)
            column.display = bool(shown)
            column.update(text + Content("\n") if number < len(top) else text)
        return self._rows_on_top + max(_rows(blocks) for blocks in below)

    def row_of(self, line: str) -> int:
        """Return the row that a line of `as_text` is shown in; 0 where it is none of a key."""
        description = line.partition("  ")[2]
        for place, blocks in enumerate(self._columns):
            keys_width = _KEYS_WIDTH if place > 1 else _ESSENTIAL_KEYS_WIDTH
            rows = [row.plain for block in blocks for row in (*block, Content(""))]
            for number, row in enumerate(rows):
                keys, shown = row[:keys_width].strip(), row[keys_width:].strip()
                if keys and shown and description.startswith(shown):
                    return number + (self._rows_on_top if place > 1 else 0)
        return 0

    def as_text(self) -> str:
        """All keys as Markdown, to be searched like the pages of the manual."""
        return "\n".join(_text([(_ESSENTIALS, self._essential), *self._groups]))


def set_apart(groups: BindingGroups) -> tuple[list[BindingType], BindingGroups]:
    """Return the essential keys, in the order of their importance, and the groups without them."""
    by_id = {
        binding.id: binding
        for _, bindings in groups
        for binding in bindings
        if isinstance(binding, Binding) and binding.id in _ESSENTIAL_IDS
    }
    essential: list[BindingType] = [by_id[name] for name in _ESSENTIAL_IDS if name in by_id]
    rest = [(name, [one for one in own if one not in essential]) for name, own in groups]
    return essential, [(name, own) for name, own in rest if own]


def _essential_columns(
    bindings: Sequence[BindingType], width: int, room: int
) -> tuple[Sequence[Block], Sequence[Block]]:
    """The essentials in two columns of like height, or one; a heading over the first."""
    if width == room:
        return [_block(_ESSENTIALS, bindings, width, _ESSENTIAL_KEYS_WIDTH)], []
    splits = [
        (
            _block(_ESSENTIALS, bindings[:first], width, _ESSENTIAL_KEYS_WIDTH),
            _block(" ", bindings[first:], width, _ESSENTIAL_KEYS_WIDTH),
        )
        for first in range(len(bindings) + 1)
    ]
    left, right = min(splits, key=lambda split: max(map(len, split)))
    return [left], [right]


def two_columns(blocks: Sequence[Block]) -> tuple[Sequence[Block], Sequence[Block]]:
    """Split the groups, in their order, so that the higher column is as low as it can be."""
    splits = [(blocks[:n], blocks[n:]) for n in range(1, len(blocks) + 1)]
    return min(splits, key=lambda split: max(_rows(split[0]), _rows(split[1])))


def _rows(blocks: Sequence[Block]) -> int:
    return sum(len(block) for block in blocks) + max(0, len(blocks) - 1)


def _block(
    name: str, bindings: Sequence[BindingType], width: int, keys_width: int = _KEYS_WIDTH
) -> Block:
    """Return the keys of a group, one entry for each thing that can be done."""
    lines = [Content.styled(name, "bold $text-accent")]
    for description, keys in _keys_by_description(bindings).items():
        shown = " ".join(keys)
        for text in wrap(description, max(_LEAST_TEXT, width - keys_width)):
            lines.append(Content.styled(f"  {shown:<{keys_width - 2}}", "bold") + Content(text))
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
