"""Where every widget stands at every terminal size.

A plain function instead of nested containers: each container is one more layer that the
compositor cuts through for every changed row, and the screen must cost next to nothing.
"""

from __future__ import annotations

from textual.geometry import Region, Size

from ovbench_tui.ui.tabs.registry import LIVE
from ovbench_tui.ui.widgets.places_layout import PlacesLayout

NEEDED_WIDTH = 44
NEEDED_HEIGHT = 12

_NARROW = 76
_NORMAL = 100
_WIDE = 160
_LOW = 18
_AIRY_BODY = 24
_SELECTOR_ROWS = 11
_TOP_ROWS = 10
_SPARK_ROWS = 3
_STATS_ROWS = 9
_CHART_ROWS = 6
_FOUR_CHARTS_ROWS = 8
_STRIP_ROWS = 3
_LEAST_ABOVE_STRIP = 20
"""Rows of the charts with the gap above them: two that have a row for their titles."""

Charts = tuple[str, ...]
"""Ids of the charts that share the room, from the top."""

_FPS, _LATENCY, _HISTOGRAM, _HEAT = "fps-chart", "latency-chart", "histogram", "heat-map"
_SIZES = "size-chart"
_ALONE: tuple[Charts, ...] = ((_FPS,), (_LATENCY,), (_HISTOGRAM,), (_HEAT,), (_SIZES,))
_PAIRS: tuple[Charts, ...] = ((_FPS, _LATENCY), (_HISTOGRAM, _HEAT))
_CHOICES: dict[int, tuple[Charts, ...]] = {
    0: ((),),
    1: _ALONE,
    2: (*_PAIRS, *_ALONE),
    4: ((_FPS, _LATENCY, _HISTOGRAM, _HEAT), *_PAIRS, *_ALONE),
}
"""What there is to choose from, by the number of charts that there is room for."""


def arrange(size: Size, tab: str = LIVE, wanted: Charts = ()) -> dict[str, Region]:
    """Return the region of each widget that is shown, by the widget's id.

    Args:
        size: of the terminal, in cells.
        tab: the open one; but for the live one its view has the whole body.
        wanted: the charts; where they have no room, as many as have.
    """
    width, height = size
    if width < NEEDED_WIDTH or height < NEEDED_HEIGHT:
        return {"too-small": Region(0, 0, width, height)}
    is_low = height < _LOW
    places = {"header": Region(0, 0, width, 1)}
    top, bottom = 1, height
    bottom -= 1
    places["footer"] = Region(0, bottom, width, 1)
    if not is_low:
        places["tabs"] = Region(0, top, width, 1)
        top += 1
        bottom -= 1
        places["status"] = Region(0, bottom, width, 1)
    bottom -= 1
    places["message"] = Region(0, bottom, width, 1)
    body = Region(0, top, width, bottom - top)
    if tab != LIVE:
        places[tab] = body
    elif width >= _NORMAL:
        places.update(_side_by_side(body, wanted))
    else:
        places.update(_one_below_the_other(body, wanted))
    return {name: region for name, region in places.items() if region.area}


def next_charts(size: Size, wanted: Charts, direction: int, *, has_sizes: bool = False) -> Charts:
    """The charts that come after those that are seen at this size, or before them.

    Args:
        has_sizes: the shapes of what runs differ; else latency over size is left out.
    """
    places = arrange(size)
    usual = tuple(chart for chart in _CHOICES[4][0] if chart in places)
    choices = next(choices for choices in _CHOICES.values() if choices[0] == usual)
    choices = tuple(charts for charts in choices if has_sizes or _SIZES not in charts)
    place = choices.index(wanted) if wanted in choices else 0
    return choices[(place + direction) % len(choices)]


def _side_by_side(body: Region, wanted: Charts) -> dict[str, Region]:
    left_width = 42 if body.width >= _WIDE else 40
    right_width = body.width * 3 // 10 if body.width >= _WIDE else 0
    left, rest = body.split_vertical(left_width)
    places: dict[str, Region] = {}
    if right_width:
        rest, right = rest.split_vertical(-right_width)
        places["details"] = _without_left_gap(right)
    centre = _without_left_gap(rest)
    selector, below = left.split_horizontal(min(_SELECTOR_ROWS, body.height))
    places["selector"] = selector
    if below.height >= 4:
        places["stats"] = _without_top_gap(below)
    sparks, charts = centre.split_horizontal(min(_SPARK_ROWS, body.height))
    places["sparks"] = sparks
    above, strip = charts.split_horizontal(max(0, charts.height - _STRIP_ROWS))
    if above.height - 1 >= _LEAST_ABOVE_STRIP:
        places["machine-strip"] = strip
        charts = Region(above.x, above.y, above.width, above.height - 1)
    places.update(_charts(charts, 1, wanted))
    return places


def _one_below_the_other(body: Region, wanted: Charts) -> dict[str, Region]:
    places: dict[str, Region] = {}
    gap = 1 if body.height >= _AIRY_BODY else 0
    if body.width >= _NARROW and body.height >= _STATS_ROWS + _SPARK_ROWS:
        top, rest = body.split_horizontal(min(_TOP_ROWS, body.height - _SPARK_ROWS))
        places["selector"], stats = top.split_vertical(35)
        places["stats"] = _without_left_gap(stats)
    else:
        rows = _SELECTOR_ROWS if body.height >= _SELECTOR_ROWS + _SPARK_ROWS else 7
        places["selector"], rest = body.split_horizontal(rows)
        if rest.height >= 2 * gap + _STATS_ROWS + _SPARK_ROWS + _CHART_ROWS:
            places["stats"], rest = _drop_top(rest, gap).split_horizontal(_STATS_ROWS)
    rest = _drop_top(rest, gap)
    places["sparks"], rest = rest.split_horizontal(min(_SPARK_ROWS, rest.height))
    places.update(_charts(rest, gap, wanted))
    return places


def _charts(region: Region, gap: int, wanted: Charts) -> dict[str, Region]:
    region = _drop_top(region, gap)
    choices = _CHOICES[_room_for(region.height, gap)]
    charts = wanted if wanted in choices else choices[0]
    places: dict[str, Region] = {}
    for number, chart in enumerate(charts):
        left = len(charts) - number
        rows = (region.height - (left - 1) * gap) // left
        places[chart], region = region.split_horizontal(rows)
        region = _drop_top(region, gap)
    return places


def _room_for(height: int, gap: int) -> int:
    """How many charts fit one below the other."""
    if height < _CHART_ROWS - 1:
        return 0
    if height < 2 * _CHART_ROWS + gap:
        return 1
    return 2 if height < 4 * _FOUR_CHARTS_ROWS + 3 * gap else 4


def _drop_top(region: Region, rows: int) -> Region:
    rows = min(rows, region.height)
    return Region(region.x, region.y + rows, region.width, region.height - rows)


def _without_top_gap(region: Region) -> Region:
    return _drop_top(region, 1)


def _without_left_gap(region: Region) -> Region:
    return Region(region.x + 1, region.y, region.width - 1, region.height)


class MonitorLayout(PlacesLayout):
    """`arrange` as a Textual layout."""

    name = "monitor"

    def __init__(self) -> None:
        super().__init__()
        self.tab = LIVE
        self.charts: Charts = ()

    def change_charts(self, size: Size, direction: int, *, has_sizes: bool) -> None:
        """Show the next charts, or those before; to be followed by a refresh of the layout."""
        self.charts = next_charts(size, self.charts, direction, has_sizes=has_sizes)

    def places(self, size: Size) -> dict[str, Region]:
        """The region of each widget that is shown."""
        return arrange(size, self.tab, self.charts)
