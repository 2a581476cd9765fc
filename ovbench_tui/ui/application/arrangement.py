"""Where everything stands that is shown of a program, at every size of the terminal."""

from __future__ import annotations

from textual.geometry import Region, Size

from ovbench_tui.ui.widgets.places_layout import PlacesLayout

NEEDED_WIDTH = 44
NEEDED_HEIGHT = 12

_BESIDE = 72
"""Columns from which on the chart of the split has room beside its table."""

_NORMAL = 110
_WIDE = 160
_LEFT = 50
_SPARK_ROWS = 3
_TIME_ROWS = 9
_LEAST_VERDICT, _LEAST_OUTPUT = 3, 3


def arrange(size: Size) -> dict[str, Region]:
    """Return the region of each widget that is shown, by the widget's id."""
    width, height = size
    if width < NEEDED_WIDTH or height < NEEDED_HEIGHT:
        return {"too-small": Region(0, 0, width, height)}
    places = {
        "header": Region(0, 0, width, 1),
        "message": Region(0, height - 2, width, 1),
        "footer": Region(0, height - 1, width, 1),
    }
    body = Region(0, 1, width, height - 3)
    if width >= _WIDE and height >= 40:
        places.update(_wide(body))
    elif width >= _NORMAL and height >= 30:
        places.update(_normal(body))
    else:
        places.update(_narrow(body))
    return {name: region for name, region in places.items() if region.area}


def _narrow(body: Region) -> dict[str, Region]:
    places: dict[str, Region] = {}
    places["sparks"], rest = body.split_horizontal(min(_SPARK_ROWS, body.height))
    is_low = rest.height < _TIME_ROWS + _LEAST_VERDICT
    time, rest = rest.split_horizontal(
        max(0, rest.height - _LEAST_VERDICT) if is_low else _TIME_ROWS
    )
    if body.width >= _BESIDE:
        time, places["split-chart"] = time.split_vertical(-(body.width - 42))
    places["time"] = time
    if rest.height >= _LEAST_VERDICT + _LEAST_OUTPUT:
        rest, places["output"] = rest.split_horizontal(-max(_LEAST_OUTPUT, rest.height * 2 // 5))
    places["verdict"] = rest
    return places


def _normal(body: Region) -> dict[str, Region]:
    places: dict[str, Region] = {}
    above, below = body.split_horizontal(-(body.height * 2 // 5))
    left, right = above.split_vertical(_LEFT)
    places["sparks"], left = left.split_horizontal(_SPARK_ROWS)
    places["time"] = _lower(left, 1)
    right = _right_of(right, 1)
    chart_rows = right.height * 3 // 10
    places["fps-chart"], right = right.split_horizontal(chart_rows)
    places["latency-chart"], places["split-chart"] = right.split_horizontal(chart_rows)
    below = _lower(below, 1)
    models, right = below.split_vertical(_LEFT)
    places["models"] = models
    right = _right_of(right, 1)
    places["verdict"], places["output"] = right.split_horizontal(right.height * 3 // 5)
    return places


def _wide(body: Region) -> dict[str, Region]:
    places: dict[str, Region] = {}
    left, rest = body.split_vertical(_LEFT)
    centre, right = rest.split_vertical(-(rest.width * 9 // 20))
    places["sparks"], left = left.split_horizontal(_SPARK_ROWS)
    left = _lower(left, 1)
    places["time"], left = left.split_horizontal(min(18, left.height))
    places["models"] = _lower(left, 1)
    centre, right = _right_of(centre, 1), _right_of(right, 1)
    rows = centre.height // 3
    places["fps-chart"], centre = centre.split_horizontal(rows)
    places["latency-chart"], places["split-chart"] = centre.split_horizontal(rows)
    places["verdict"], right = right.split_horizontal(right.height // 2)
    places["output"] = _lower(right, 1)
    return places


def _lower(region: Region, rows: int) -> Region:
    rows = min(rows, region.height)
    return Region(region.x, region.y + rows, region.width, region.height - rows)


def _right_of(region: Region, columns: int) -> Region:
    columns = min(columns, region.width)
    return Region(region.x + columns, region.y, region.width - columns, region.height)


class ProgramLayout(PlacesLayout):
    """`arrange` as a Textual layout."""

    name = "program"

    def places(self, size: Size) -> dict[str, Region]:
        """The region of each widget that is shown."""
        return arrange(size)
