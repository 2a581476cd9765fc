"""The scatter of Runs and Tune: every point inside, and the more important one on top."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.charts.plot import Line, Scale
from ovbench_tui.ui.charts.scatter import BEATEN, BEST, FRONT, Point, draw_scatter

OTHER = "·"
FIGURE = st.just(math.nan) | st.floats(0, 1e7)
NOTHING = "No run has been measured yet."


def point(p99_ms: float, fps: float, label: str = "1", sign: str = "", rank: int = 0) -> Point:
    return Point(p99_ms, fps, label, "label", is_front=True, rank=rank, sign=sign)


def draw(points: list[Point], width: int, height: int, limit_ms: float | None = None) -> list[Line]:
    legend: Line = (("legend", "label"),)
    options = {"legend": legend, "nothing": NOTHING, "front_style": "front", "limit_ms": limit_ms}
    return draw_scatter(points, width, height, **options)  # type: ignore[arg-type]


def texts(lines: list[Line]) -> list[str]:
    return ["".join(text for text, _ in line) for line in lines]


@pytest.mark.parametrize("size", [(30, 6), (80, 19), (200, 30)])
@pytest.mark.parametrize("spread", [1.0, 3.0, 1000.0])
def test_every_point_is_inside(size: tuple[int, int], spread: float) -> None:
    points = [point(1.0, 10.0, "1"), point(spread + 0.01, 10.0 * spread + 1, "2")]
    drawn = texts(draw(points, *size))
    assert len(drawn) == size[1]
    assert all(width_of(text) <= size[0] for text in drawn)
    assert sum(text.count("●") for text in drawn[1:]) >= 1
    assert any("2" in text for text in drawn[1:-1])


def test_without_room_or_points() -> None:
    assert draw([point(1.0, 1.0)], 10, 3) == []
    nothing = texts(draw([], 80, 20))
    assert NOTHING in nothing[1]
    assert len(nothing) == 20


def test_of_two_points_in_one_cell_the_more_important_is_seen() -> None:
    plot = "".join(texts(draw([point(1.0, 10.0, "1"), point(1.0, 10.0, "2", rank=4)], 60, 12)))
    assert "●2" in plot or "2●" in plot


def test_points_stand_by_their_figures() -> None:
    points = [
        point(5.0, 100.0, "", OTHER),
        point(8.0, 300.0, "", FRONT),
        point(20.0, 400.0, "", BEST),
        point(15.0, 200.0, "", BEATEN),
    ]
    drawn = texts(draw(points, 80, 14))
    assert len(drawn) == 14
    places = {
        sign: (x, y)
        for y, line in enumerate(drawn[1:-1])
        for x, sign in enumerate(line)
        if sign in (BEST, FRONT, BEATEN, OTHER)
    }
    assert places[BEST][0] > places[BEATEN][0] > places[FRONT][0] > places[OTHER][0]
    assert places[BEST][1] < places[FRONT][1] < places[BEATEN][1] < places[OTHER][1]
    assert "ms" in drawn[-1]


def test_the_limit_is_a_line_and_a_far_point_leaves_the_others_apart() -> None:
    many = [point(5.0 + n, 100.0 + n, "", OTHER) for n in range(12)]
    drawn = texts(draw([*many, point(5000.0, 50.0, "", BEST)], 80, 14, limit_ms=12.0))
    assert sum("┊" in line for line in drawn) >= 10
    (far,) = (line.index(BEST) for line in drawn if BEST in line)
    near = {x for line in drawn[1:] for x, sign in enumerate(line) if sign == OTHER}
    assert far > 70
    assert len(near) >= 6


@given(
    st.lists(st.tuples(FIGURE, FIGURE), max_size=9),
    st.integers(0, 90),
    st.integers(0, 30),
    st.none() | st.floats(0.001, 1e5),
)
@example([(1.0, 5e-324)], 16, 5, None)
@example([(1e-9, 1.0), (1e7, 1.0)], 30, 12, 1.0)
def test_any_points_fit_into_any_size(
    values: list[tuple[float, float]], width: int, height: int, limit_ms: float | None
) -> None:
    drawn = texts(draw([point(p99_ms, fps) for p99_ms, fps in values], width, height, limit_ms))
    assert len(drawn) == (height if height >= 5 and width >= 20 else 0)
    assert all(width_of(text) <= max(width, len(NOTHING) + 2) for text in drawn)


@pytest.mark.parametrize("values", [[5.0], [90.0, 100.0], [0.001, 5.0], [1.0, 100.0, 3000.0]])
@pytest.mark.parametrize("may_be_log", [False, True])
def test_scales_hold_their_values_and_their_ticks(values: list[float], may_be_log: bool) -> None:
    scale = Scale(values, may_be_log=may_be_log)
    ticks, _ = scale.ticks(6)
    assert ticks
    for value in (*values, *ticks):
        assert -1e-9 <= scale.place(value) <= 1 + 1e-9
