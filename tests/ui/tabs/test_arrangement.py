from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Region, Size

from ovbench_tui.ui.tabs.live.arrangement import NEEDED_HEIGHT, NEEDED_WIDTH, arrange, next_charts
from ovbench_tui.ui.tabs.registry import LIVE

CHARTS = {"fps-chart", "latency-chart", "histogram", "heat-map"}


@given(st.integers(0, 300), st.integers(0, 100))
def test_nothing_overlaps_or_leaves_the_screen(width: int, height: int) -> None:
    size = Size(width, height)
    places = arrange(size)
    for one, other in combinations(places.values(), 2):
        assert not one.overlaps(other)
    assert all(region in Region(0, 0, width, height) for region in places.values())


@given(st.integers(NEEDED_WIDTH, 300), st.integers(NEEDED_HEIGHT, 100))
def test_what_is_needed_is_always_there(width: int, height: int) -> None:
    places = arrange(Size(width, height))
    assert {"header", "selector", "sparks", "message", "footer"} <= places.keys()
    assert places["selector"].height >= 7
    assert places["sparks"].height >= 1


@pytest.mark.parametrize("size", [(NEEDED_WIDTH - 1, 40), (120, NEEDED_HEIGHT - 1), (1, 1)])
def test_below_the_least_size_there_is_one_sentence(size: tuple[int, int]) -> None:
    assert set(arrange(Size(*size))) == {"too-small"}


def test_what_each_size_shows() -> None:
    small = arrange(Size(80, 24))
    normal = arrange(Size(120, 40))
    wide = arrange(Size(200, 60))
    assert "stats" in small
    assert "fps-chart" in small
    assert "latency-chart" not in small
    assert {"stats", "fps-chart", "latency-chart"} <= normal.keys()
    assert normal["fps-chart"].x > normal["selector"].right - 1
    assert "details" not in normal
    assert wide["details"].x > wide["fps-chart"].x
    assert wide.keys() >= CHARTS
    assert wide["latency-chart"].bottom < wide["histogram"].y
    assert wide["histogram"].bottom < wide["heat-map"].y


@pytest.mark.parametrize("size", [(120, 40), (100, 32), (200, 60), (160, 45)])
def test_the_machine_is_under_the_charts_where_there_is_room(size: tuple[int, int]) -> None:
    places = arrange(Size(*size))
    strip = places["machine-strip"]
    lowest = max((places[chart] for chart in CHARTS & places.keys()), key=lambda chart: chart.y)
    assert strip.height == 3
    assert strip.y == lowest.bottom + 1
    # The same columns are under one another.
    assert (strip.x, strip.width) == (lowest.x, lowest.width)
    assert strip.bottom == places["message"].y


@pytest.mark.parametrize("size", [(80, 24), (99, 60), (100, 31), (120, 24)])
def test_where_room_is_short_the_charts_have_it(size: tuple[int, int]) -> None:
    assert "machine-strip" not in arrange(Size(*size))


@given(st.integers(100, 300), st.integers(NEEDED_HEIGHT, 100))
def test_above_the_machine_charts_have_titles_or_are_as_many_as_there_can_be(
    width: int, height: int
) -> None:
    places = arrange(Size(width, height))
    if "machine-strip" in places:
        charts = [places[name] for name in CHARTS if name in places]
        assert len(charts) in (2, 4)
        assert len(charts) == 4 or min(chart.height for chart in charts) >= 9


@given(
    st.integers(NEEDED_WIDTH, 300),
    st.integers(NEEDED_HEIGHT, 100),
    st.lists(st.sampled_from([1, -1]), max_size=9),
)
def test_other_charts_have_the_same_room_and_come_round(
    width: int, height: int, steps: list[int]
) -> None:
    size = Size(width, height)
    usual = {name: region for name, region in arrange(size).items() if name in CHARTS}
    wanted: tuple[str, ...] = ()
    for step in steps:
        wanted = next_charts(size, wanted, step)
        places = arrange(size, LIVE, wanted)
        shown = {name: region for name, region in places.items() if name in CHARTS}
        assert tuple(sorted(shown, key=lambda name: shown[name].y)) == wanted
        if usual:
            assert min(region.y for region in shown.values()) == usual["fps-chart"].y
            assert max(region.bottom for region in shown.values()) == max(
                region.bottom for region in usual.values()
            )
            assert all(region.height >= 5 for region in shown.values())
    seen = []
    for _ in range(7):
        wanted = next_charts(size, wanted, 1)
        seen.append(set(arrange(size, LIVE, wanted)) & CHARTS)
    if usual:
        assert set().union(*seen) == CHARTS


def test_latency_over_size_comes_last_where_sizes_differ() -> None:
    for width, height in ((80, 24), (120, 40), (200, 60)):
        size = Size(width, height)
        wanted = next_charts(size, (), -1, has_sizes=True)
        assert wanted == ("size-chart",)
        assert "size-chart" in arrange(size, LIVE, wanted)
        assert next_charts(size, wanted, 1, has_sizes=True) == next_charts(size, (), 0)
        assert next_charts(size, (), -1) == ("heat-map",)


def test_charts_that_have_no_room_give_way() -> None:
    places = arrange(Size(80, 24), LIVE, ("histogram", "heat-map"))
    assert CHARTS & places.keys() == {"fps-chart"}
    places = arrange(Size(80, 24), LIVE, ("heat-map",))
    assert CHARTS & places.keys() == {"heat-map"}


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_another_tab_has_the_whole_body(size: tuple[int, int]) -> None:
    places = arrange(Size(*size), tab="other")
    assert set(places) == {"header", "tabs", "other", "message", "status", "footer"}
    assert places["other"].height == size[1] - 5
