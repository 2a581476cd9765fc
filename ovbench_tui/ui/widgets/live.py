"""The base of everything that moves: lines of text, redrawn only where they differ.

Textual's own path for a changed widget (styles cache, layout, one message a widget) costs
more CPU than the drawing, and that CPU is missing in the inference that is measured. A
`LiveWidget` keeps rows of text with named styles. For a frame, the screen collects what of
them differs from what the terminal shows, and writes it past the compositor in one go (see
`textual_private.RowWriter`). Whatever else lets the compositor draw, as a dialog that closes,
gets finished strips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.dom import DOMNode
from textual.geometry import Offset, Region, Size
from textual.strip import Strip
from textual.widget import Widget

from ovbench_tui.console.text import width_of

if TYPE_CHECKING:
    from ovbench_tui.ui.widgets.ascii_text import AsciiTable

Part = tuple[str, str]
"""Text, and the name of its style: ``label`` stands for the class ``live--label``."""


Codes = tuple[str, str]
"""Escape sequences before and behind text."""


class _Palette(dict[str, Style]):
    """The styles of a widget by their names, each resolved when it is first drawn with."""

    def __init__(self, widget: LiveWidget) -> None:
        super().__init__()
        self._widget = widget

    def __missing__(self, name: str) -> Style:
        self[name] = style = self._widget.resolve(name)
        return style


class _Named(DOMNode):
    """A part of a widget as the stylesheet sees it: a node below it with a class."""

    def __init__(self, widget: Widget, style_class: str) -> None:
        super().__init__(classes=style_class)
        self._attach(widget)


class LiveWidget(Widget):
    """A widget of whole lines, without border or padding of its own.

    A subclass keeps its data, draws all rows in `paint` by `set_row`, and calls
    `repaint` when the data changed.

    Attributes:
        STYLE_CLASSES: of the styles that it draws with, beside those of its bases. Textual's
            COMPONENT_CLASSES cost half of a start: it matches all rules with a node for each of
            them, of every widget, whenever any style changes, and few are drawn with at all.
    """

    ALLOW_SELECT = False
    STYLE_CLASSES: ClassVar[tuple[str, ...]] = (
        "live--accent",
        "live--bad",
        "live--base",
        "live--good",
        "live--label",
        "live--title",
        "live--value",
        "live--warn",
    )

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)
        self._rows: list[Sequence[Part]] = []
        self._strips: list[Strip | None] = []
        self._shown: list[Sequence[Part] | None] = []
        self._used: list[int | None] = []
        """Cells of each row as it is shown that are not blank; None = not worked out."""
        self._changed: set[int] = set()
        self._palette = _Palette(self)
        self._codes: dict[str, Codes] = {}
        self._painted_size = Size(0, 0)
        self._is_stale = True
        self._is_shown = False
        self._key: object = None
        self._ascii_table: AsciiTable | None = None

    def paint(self) -> None:
        """Draw every row from the current data."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Draw again after the data changed; while hidden, nothing is drawn."""
        if self._is_shown:
            if self._is_stale or self.outer_size != self._painted_size:
                self._paint_anew()
            else:
                self.paint()

    def repaint_if_new(self, key: object) -> None:
        """Draw again only when `key`, all that the drawing depends on, differs from last time."""
        if key != self._key:
            self._key = key
            self.repaint()

    def set_row(self, y: int, *parts: Part) -> None:
        """Set one row; what is left of its width is blank, what is beyond is cut."""
        if not 0 <= y < len(self._rows) or self._rows[y] == parts:
            return
        self._rows[y] = parts
        self._strips[y] = None
        self._changed.add(y)

    @property
    def is_shown(self) -> bool:
        """Whether it has a place on the screen."""
        # Textual tells what has lost its place only where it was removed or hidden by a style.
        return self._is_shown and self.region.area > 0

    def take_written(self, codes_of: Callable[[Style], Codes], place: Offset) -> str:
        """Return what a terminal must be sent for the rows drawn since the last call.

        Of each row that is what differs from what the terminal shows, part by part.

        Args:
            codes_of: the escape sequences before and behind text in a style.
            place: of the widget on the screen.
        """
        if not (self._changed and self._is_shown):
            return ""
        x, y = place
        pieces: list[str] = []
        for row in sorted(self._changed):
            start, text = self._difference(row, codes_of)
            if text:
                pieces.append(f"\x1b[{y + row + 1};{x + start + 1}H{text}")
            self._shown[row] = self._rows[row]
        self._changed.clear()
        return "".join(pieces)

    def _difference(self, y: int, codes_of: Callable[[Style], Codes]) -> tuple[int, str]:
        """Where the row begins to differ from what is shown, and what to write from there."""
        new, old = self._rows[y], self._shown[y] or ()
        same = 0
        for before, after in zip(old, new, strict=False):
            if before != after:
                break
            same += 1
        end, old_end = len(new), len(old)
        while end > same and old_end > same and new[end - 1] == old[old_end - 1]:
            end, old_end = end - 1, old_end - 1
        start = _width(new[:same]) if same else 0
        used, room = start + _width(new[same:]), self._painted_size.width
        used_before = self._used[y]
        if used_before is None:
            used_before = min(room, _width(old)) if old else room
        self._used[y] = min(used, room)
        changed = new[same:end]
        if used != used_before:
            # What follows has moved: it is written as well, and what is left is blanked.
            changed = new[same:]
            if used < used_before:
                changed = [*changed, (" " * (used_before - used), "base")]
        if used > room:
            strip = self._finished_row(y)
            pieces = [_in_codes(codes_of(style or Style.null()), text) for text, style, _ in strip]
            return 0, "".join(pieces)
        table, known = self._ascii_table, self._codes
        pieces = []
        for text, style in changed:
            if text:
                codes = known.get(style)
                if codes is None:
                    codes = known[style] = codes_of(self._palette[style])
                plain = text if table is None or text.isascii() else text.translate(table)
                pieces.append(f"{codes[0]}{plain}{codes[1]}")
        return start, "".join(pieces)

    def _finished_row(self, y: int) -> Strip:
        strip = self._strips[y]
        if strip is None:
            strip = self._strips[y] = self._strip_of(self._rows[y])
        return strip

    def _strip_of(self, parts: Sequence[Part]) -> Strip:
        palette = self._palette
        table = self._ascii_table
        if table is None:
            segments = [Segment(text, palette[style]) for text, style in parts if text]
        else:
            segments = [
                Segment(text if text.isascii() else text.translate(table), palette[style])
                for text, style in parts
                if text
            ]
        used = _width(parts)
        width = self._painted_size.width
        if used < width:
            segments.append(Segment(" " * (width - used), palette["base"]))
        strip = Strip(segments, max(used, width))
        return strip.crop(0, width) if used > width else strip

    def take_changed(self) -> list[Region]:
        """Return the rows drawn since the last call, in the widget's own coordinates."""
        if not self._changed:
            return []
        width = self._painted_size.width
        regions: list[Region] = []
        start = end = -1
        for y in sorted(self._changed):
            if y != end:
                if end > start:
                    regions.append(Region(0, start, width, end - start))
                start = y
            end = y + 1
        regions.append(Region(0, start, width, end - start))
        for y in self._changed:
            self._shown[y], self._used[y] = self._rows[y], None
        self._changed.clear()
        return regions

    def flush(self) -> None:
        """Refresh the changed rows now; for answers to a key or the mouse."""
        if regions := self.take_changed():
            # Through the screen, as a frame does: Textual forgets what a widget asked to be
            # drawn again when the screen is refreshed in the same turn.
            offset = self.region.offset
            self.screen.refresh(*(region.translate(offset) for region in regions))

    def render_line(self, y: int) -> Strip:
        """Return the finished strip of one row."""
        self._paint_if_stale()
        return self._finished_row(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return finished strips, past the styles cache: there is no border and no padding."""
        self._paint_if_stale()
        rows = range(len(self._strips))[crop.y : crop.bottom]
        strips = [self._finished_row(y) for y in rows]
        if crop.width != self._painted_size.width:
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        """Draw anew in the new colours."""
        super().notify_style_update()
        self._is_stale = True
        self._palette.clear()
        self._codes.clear()

    def on_show(self) -> None:
        """Begin to draw."""
        self._is_shown = True
        self.repaint()
        self.flush()

    def on_hide(self) -> None:
        """Save the drawing that nobody sees."""
        self._is_shown = False

    def _paint_if_stale(self) -> None:
        # Who is asked for lines is seen: Textual's Show may come late, or, where tabs change
        # quickly, not at all.
        self._is_shown = True
        # Without border and padding the outer size is the size, and far cheaper to ask for.
        if self._is_stale or self.outer_size != self._painted_size:
            self._paint_anew()

    def _paint_anew(self) -> None:
        self._is_stale = False
        self._painted_size = self.outer_size
        # The app's, where it has one; translated here, since strips go past Textual's filters.
        self._ascii_table = getattr(self.app, "ascii_table", None)
        height = self._painted_size.height
        self._rows = [()] * height
        self._strips = [None] * height
        self._shown = [None] * height
        self._used = [None] * height
        self._changed = set(range(height))
        self.paint()

    def resolve(self, name: str) -> Style:
        """Return the style of a name in the present colours; '' = the widget's own.

        Raises:
            KeyError: no class of the widget declares it.
        """
        declared = {"": ""} | {
            style_class.partition("--")[2]: style_class
            for base in reversed(type(self).__mro__)
            for style_class in vars(base).get("STYLE_CLASSES", ())
        }
        node = _Named(self, declared[name])
        self.app.stylesheet.apply(node)
        # Filters (NO_COLOR and the like) change styles only: once here, not on every strip.
        strip = Strip([Segment(" ", node.rich_style)], 1)
        for line_filter in self.app.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return next(iter(strip)).style or Style.null()


def _width(parts: Sequence[Part]) -> int:
    return width_of(parts[0][0] if len(parts) == 1 else "".join([text for text, _ in parts]))


def _in_codes(codes: Codes, text: str) -> str:
    return f"{codes[0]}{text}{codes[1]}"
