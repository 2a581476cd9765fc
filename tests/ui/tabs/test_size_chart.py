"""Latency over size: what the shapes differ in, and where each mark stands."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ovbench_tui.engine.api.effective import EffectiveConfig, ShapeGroup
from ovbench_tui.stats.run_stats import GroupStats
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.charts.chart_frame import GUTTER
from ovbench_tui.ui.tabs.live.size_chart import FIRST, P50, P99, SizeAxis, size_axis
from tests.ui.fakes import SIZES, FakeSession, redraw, running, screen_text, settle, text_of


def groups(*shapes: dict[str, tuple[int, ...]]) -> EffectiveConfig:
    return EffectiveConfig(
        shape_groups=tuple(ShapeGroup(tuple(each.items()), 1) for each in shapes)
    )


@pytest.mark.parametrize(
    ("effective", "axis"),
    [
        (groups({"x": (1, 8)}), None),
        (EffectiveConfig(), None),
        (groups({"x": (1, 8, 3)}, {"x": (1, 64, 3)}), SizeAxis("N in x[1,N,3]", (8, 64))),
        (
            groups({"ids": (1, 8), "mask": (1, 8)}, {"ids": (1, 9), "mask": (1, 9)}),
            SizeAxis("N in ids[1,N]", (8, 9)),
        ),
        (groups({"x": (2, 8)}, {"x": (1, 64)}), SizeAxis("elements", (16, 64))),
        (
            groups({"x": (2, 8), "y": (3,)}, {"x": (2, 9), "y": (4,)}),
            SizeAxis("elements", (19, 22)),
        ),
        (groups({"x": (2, 8)}, {"x": (2, 2, 2)}), SizeAxis("elements", (16, 8))),
        (
            EffectiveConfig(
                shape_groups=(ShapeGroup((), 1, "prefill"), ShapeGroup((), 1, "decode")),
                sequence_lengths=((8, 8),),
            ),
            None,
        ),
    ],
)
def test_the_axis_is_what_differs(effective: EffectiveConfig, axis: SizeAxis | None) -> None:
    assert size_axis(effective) == axis


def stats(p50_ms: float, first_ms: float = math.nan) -> GroupStats:
    return GroupStats(
        *(50, p50_ms / 2, p50_ms, p50_ms, 4 * p50_ms), p99_ms=3 * p50_ms, first_ms=first_ms
    )


def rotating(session: FakeSession) -> None:
    """Sizes of 10, 20, 30, ... 100 whose latency is a ms for each ten."""
    run = session.snapshot(0).run
    assert run is not None
    sizes = range(10, 101, 10)
    session.set(
        run=replace(
            run,
            effective=replace(
                run.effective,
                shape_groups=tuple(ShapeGroup((("x", (1, size)),), 1) for size in sizes),
            ),
            stats=replace(run.stats, groups=tuple(stats(size / 10, size / 2) for size in sizes)),
        )
    )


@pytest.mark.parametrize("size", SIZES)
async def test_the_marks_rise_with_the_size(size: tuple[int, int]) -> None:
    session = FakeSession()
    rotating(session)
    async with running(session, size=size) as pilot:
        await pilot.press("V")
        await settle(pilot)
        chart = pilot.app.monitor.panels.sizes
        assert chart.is_shown
        rows = text_of(chart)
        plot = [row[GUTTER:] for row in rows[-chart.plot_rows - 1 : -1]]
        seen = {
            sign: [
                (x, y) for y, row in enumerate(plot) for x, cell in enumerate(row) if cell == sign
            ]
            for sign in (P50, P99, FIRST)
        }
        assert len(seen[P50]) == 10
        assert seen[FIRST]
        heights = [y for _, y in sorted(seen[P50])]
        assert heights == sorted(heights, reverse=True), "row 0 is the upper one"
        assert heights[0] > heights[-1]
        assert rows[-1].rstrip().endswith("N in x[1,N]")


async def test_it_is_offered_only_where_sizes_differ() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        chart = pilot.app.monitor.panels.sizes
        await pilot.press("V")
        await settle(pilot)
        assert not chart.is_shown
        await pilot.press("v")
        rotating(session)
        await redraw(pilot)
        await pilot.press("V")
        await settle(pilot)
        assert chart.is_shown
        run = session.snapshot(0).run
        assert run is not None
        session.set(run=replace(run, effective=replace(run.effective, shape_groups=())))
        await redraw(pilot)
        assert "do not differ" in screen_text(pilot.app)


async def test_it_is_drawn_in_ascii() -> None:
    session = FakeSession()
    rotating(session)
    async with running(session, preferences=Preferences(is_ascii=True)) as pilot:
        await pilot.press("V")
        await settle(pilot)
        text = screen_text(pilot.app)
        assert text.isascii()
        assert "* p50  o p99  x first" in text
