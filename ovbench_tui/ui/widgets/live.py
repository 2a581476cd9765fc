"""The base of everything that moves: lines of text, redrawn only where they differ.

Textual's own path for a changed widget (styles cache, layout, one message a widget) costs
more CPU than the drawing, and that CPU is missing in the inference that is measured. A
`LiveWidget` keeps finished strips, hands them to the compositor as they are, and collects
the rows that changed; the screen refreshes the rows of all widgets in one go.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.widgets.ascii_text import AsciiTable

Part = tuple[str, str]
"""Text, and the name of its style: ``label`` stands for the component class ``live--label``."""


class LiveWidget(Widget):
    """A widget of whole lines, without border or padding of its own.

    A subclass keeps its data, draws all rows in `paint` by `set_row`, and calls
    `repaint` when the data changed.
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES = {  # noqa: RUF012 - Textual's way to declare them
        "live--accent",
        "live--bad",
        "live--base",
        "live--good",
        "live--label",
        "live--title",
        "live--value",
        "live--warn",
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, markup=False)
        self._rows: list[Sequence[Part]] = []
        self._strips: list[Strip] = []
        self._changed: set[int] = set()
        self._palette: dict[str, Style] = {}
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
        used = sum(width_of(text) for text, _ in parts)
        width = self._painted_size.width
        if used < width:
            segments.append(Segment(" " * (width - used), palette["base"]))
        strip = Strip(segments, max(used, width))
        if used > width:
            strip = strip.crop(0, width)
        self._strips[y] = strip
        self._changed.add(y)

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
        return self._finished()[y]

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return finished strips, past the styles cache: there is no border and no padding."""
        strips = self._finished()
        if crop.height != len(strips):
            strips = strips[crop.y : crop.bottom]
        if crop.width != self._painted_size.width:
            return [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def notify_style_update(self) -> None:
        """Draw anew in the new colours."""
        super().notify_style_update()
        self._is_stale = True

    def on_show(self) -> None:
        """Begin to draw."""
        self._is_shown = True
        self.repaint()
        self.flush()

    def on_hide(self) -> None:
        """Save the drawing that nobody sees."""
        self._is_shown = False

    def _finished(self) -> list[Strip]:
        # Who is asked for lines is seen: Textual's Show may come late, or, where tabs change
        # quickly, not at all.
        self._is_shown = True
        # Without border and padding the outer size is the size, and far cheaper to ask for.
        if self._is_stale or self.outer_size != self._painted_size:
            self._paint_anew()
        return self._strips

    def _paint_anew(self) -> None:
        self._is_stale = False
        self._painted_size = self.outer_size
        self._palette = {
            name.partition("--")[2]: self._resolve(name) for name in self._get_component_classes()
        }
        # The app's, where it has one; translated here, since strips go past Textual's filters.
        self._ascii_table = getattr(self.app, "ascii_table", None)
        width, height = self._painted_size
        blank = Strip.blank(width, self._palette["base"])
        self._rows = [()] * height
        self._strips = [blank] * height
        self._changed = set(range(height))
        self.paint()

    def _resolve(self, component_class: str) -> Style:
        # Filters (NO_COLOR and the like) change styles only: once here, not on every strip.
        strip = Strip([Segment(" ", self.get_component_rich_style(component_class))], 1)
        for line_filter in self.app.get_line_filters():
            strip = strip.apply_filter(line_filter, self.background_colors[1])
        return next(iter(strip)).style or Style.null()
