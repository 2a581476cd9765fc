"""The line of a limit on the charts, and its mark beside the figure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.ui.charts.history_chart import HistoryChart
from ovbench_tui.ui.charts.limit_line import draw_limit, is_in_sight, limit_legend
from tests.ui.fakes import (
    CONFIG,
    NAN,
    SIZES,
    STATS,
    FakeSession,
    history,
    redraw,
    running,
    text_of,
)


def _plot(chart: HistoryChart) -> list[str]:
    return text_of(chart)[1:-1]


def _rows_with_line(chart: HistoryChart) -> list[int]:
    return [number for number, row in enumerate(_plot(chart)) if "╌╌╌" in row]


def _limit(session: FakeSession, **limits: float) -> None:
    config = replace(session.view.requested, **limits)
    session.set(requested=config)
    session.set_run(config=config)


@pytest.mark.parametrize("size", SIZES)
async def test_a_limit_is_a_line_at_its_height_until_it_is_taken_away(
    size: tuple[int, int],
) -> None:
    session = FakeSession()
    values = (100.0,) * 40
    session.set(history=replace(history(40), fps=values, low_fps=values, high_fps=values))
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.fps_chart
        assert _rows_with_line(chart) == []
        _limit(session, fps_above=50.0)
        await redraw(pilot)
        (row,) = _rows_with_line(chart)
        drawn = [
            any("\u2800" < character <= "\u28ff" for character in text) for text in _plot(chart)
        ]
        assert row > drawn.index(True)  # half as high is below
        _limit(session, fps_above=0.0)
        await redraw(pilot)
        assert _rows_with_line(chart) == []


async def test_a_limit_far_above_all_values_does_not_press_them_to_the_ground() -> None:
    session = FakeSession()
    _limit(session, p99_under_ms=1e5)
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        chart = pilot.app.monitor.latency_chart
        assert _rows_with_line(chart) == []
        assert "limit 100000 ms" in text_of(chart)[0]


@pytest.mark.parametrize(
    ("limits", "count", "p99", "mean"),
    [
        ({}, 12_345, " 5.50 ms", " 500"),
        ({"p99_under_ms": 6.0, "fps_above": 499.0}, 12_345, "✓5.50 ms", "✓500"),
        ({"p99_under_ms": 5.0, "fps_above": 501.0}, 12_345, "✗5.50 ms", "✗500"),
        ({"p99_under_ms": 5.0}, 100, "?5.50 ms", " 500"),
    ],
)
@pytest.mark.parametrize("size", SIZES)
async def test_the_result_shows_whether_a_limit_is_kept(
    size: tuple[int, int], limits: dict[str, float], count: int, p99: str, mean: str
) -> None:
    session = FakeSession()
    _limit(session, **limits)
    session.set_run(stats=replace(STATS, count=count))
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        text = "\n".join(text_of(pilot.app.monitor.stats))
        assert p99 in text
        assert mean in text


async def test_the_palette_sets_a_limit_while_the_run_goes_on() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        pilot.app.action_pick("p99_under_ms")
        await pilot.pause()
        await pilot.press(*"12.5", "enter")
        await redraw(pilot)
        assert session.view.requested.p99_under_ms == 12.5
        pilot.app.set_value("p99_under_ms", "fast")
        await redraw(pilot)
        assert "is not a number" in "\n".join(text_of(pilot.app.monitor.message))
        pilot.app.set_value("p99_under_ms", "")
        assert session.view.requested.p99_under_ms == 0
    assert not BenchmarkConfig(p99_under_ms=5.0).needs_new_run(BenchmarkConfig())
    assert CONFIG.p99_under_ms == 0


def test_the_parts_of_the_line() -> None:
    text, code = list(" ┈⣿"), list(" g0")
    draw_limit(0.0, text, code)
    assert (text, code) == (list(" ┈⣿"), list(" g0"))  # a line of values is in front
    draw_limit(1.0, text, code)
    assert (text, code) == (list("╌┈⣿"), list("mg0"))
    for place in (NAN, 1.5, -0.1):
        before = list(text)
        draw_limit(place, text, code)
        assert text == before
    assert is_in_sight(200.0, 100.0)
    assert not is_in_sight(400.0, 100.0)
    assert not is_in_sight(0.0, 100.0)
    assert limit_legend(0.0, is_duration=True) == []
    assert limit_legend(20.0, is_duration=True)[1][0] == "limit 20 ms  "
