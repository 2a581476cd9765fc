"""The chart of a sweep: two plots on one axis, the knee named, and nothing outside."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.charts.sweep_chart import KNEE, SweepLine, SweepPoint, draw_sweep

NIREQ = (1, 2, 4, 8)
FIGURE = st.just(math.nan) | st.floats(0, 1e7)
FPS = {1: 100.0, 2: 190.0, 4: 200.0, 8: 201.0}
POINTS = tuple(SweepPoint(nireq, fps, 10.0 * nireq) for nireq, fps in FPS.items())


def texts(lines: list[SweepLine], width: int, height: int) -> list[str]:
    drawn = draw_sweep(lines, NIREQ, width, height)
    return ["".join(text for text, _ in line) for line in drawn]


@pytest.mark.parametrize(("width", "height"), [(80, 10), (120, 22), (200, 30)])
def test_both_plots_share_the_axis_and_the_knee_is_named(width: int, height: int) -> None:
    drawn = texts([SweepLine("", POINTS, knee_nireq=2, is_best=True)], width, height)
    assert len(drawn) == height
    assert drawn[0].startswith(" FPS over nireq")
    (second,) = (y for y, line in enumerate(drawn) if line.startswith(" p99 over nireq, ms"))
    fps, p99, axis = drawn[1:second], drawn[second + 1 : -1], drawn[-1]
    assert axis.split() == ["nireq", "1", "2", "4", "8"]
    assert any("knee: nireq 2" in line for line in fps)
    x = axis.index("2")
    for plot in (fps, p99):
        assert sum(line.count(KNEE) for line in plot) == 1
        assert all(line[x] in (KNEE, "┊") for line in plot)
        assert sum(line.count("●") for line in plot) == 3


def test_the_axis_stays_while_points_come_in() -> None:
    begun = texts([SweepLine("", (SweepPoint(1, 100.0, 10.0, is_now=True),))], 80, 20)
    whole = texts([SweepLine("", POINTS)], 80, 20)
    assert begun[-1] == whole[-1]
    assert sum(line.count("◌") for line in begun) == 2
    assert "knee" not in "".join(whole)
    assert len(texts([], 80, 20)) == 20


def test_curves_are_told_apart_by_their_names() -> None:
    drawn = texts([SweepLine("1 stream", POINTS), SweepLine("2 streams", POINTS[:2])], 80, 20)
    assert drawn[0] == " FPS over nireq  ● 1 stream  ○ 2 streams"


@given(
    st.lists(st.tuples(st.integers(1, 4096), FIGURE, FIGURE), max_size=9),
    st.integers(0, 90),
    st.integers(0, 30),
)
def test_any_points_fit_into_any_size(
    values: list[tuple[int, float, float]], width: int, height: int
) -> None:
    points = tuple(SweepPoint(*value) for value in sorted(values))
    knee = points[0].nireq if points else None
    drawn = texts([SweepLine("", points, knee, is_best=True)], width, height)
    assert len(drawn) == (height if height >= 9 and width >= 24 else 0)
    assert all(width_of(line) <= max(width, 22) for line in drawn)
