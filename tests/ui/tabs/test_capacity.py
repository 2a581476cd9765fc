"""The view that finds the capacity, on a queue that serves 200 arrivals a second."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.capacity.rates import capacity_of
from ovbench_tui.capacity.start import CapacityPlan, make_capacity_search
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.text import width_of
from ovbench_tui.tuning.state import Phase
from ovbench_tui.tuning.trial_result import Ending
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.ui.charts.capacity_chart import CapacityMark, RatePoint, draw_capacity
from ovbench_tui.ui.tabs.capacity.capacity_view import CapacityView
from tests.ui.fakes import CONFIG, SIZES, redraw, screen_text, settle, text_of
from tests.ui.tabs.searching import SearchedSession, opened, reported, tick_until
from tests.unit.capacity.queue_machine import SERVICE_S, QueueMachine

OPTIONS = "--p99-under 20 --arrivals constant"


class LoadedSession(SearchedSession):
    """Measures by the machine's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.measured = QueueMachine()
        self.measured.runs = 1

    def start_search(self, base: BenchmarkConfig, plan: CapacityPlan) -> Tuner:
        return make_capacity_search(base, plan, clock=self.measured.clock)


@asynccontextmanager
async def searching(
    size: tuple[int, int] = (120, 40), options: str = OPTIONS
) -> AsyncIterator[tuple[Pilot[None], CapacityView, LoadedSession]]:
    """The app after the key."""
    session = LoadedSession()

    def make() -> CapacityView:
        return CapacityView(options, session.start_search)

    async with opened(session, CapacityView, ("capacity", "C"), make, size) as (pilot, view):
        yield pilot, view, session


@pytest.mark.parametrize("size", [(44, 12), *SIZES])
async def test_one_key_finds_the_capacity_and_what_ran_before_runs_again(
    size: tuple[int, int],
) -> None:
    async with searching(size) as (pilot, view, session):
        await tick_until(pilot, view, Phase.SEARCH, 4)
        assert "4 rounds" in text_of(view)[0]
        await tick_until(pilot, view, Phase.DONE)
        assert session.requested[-1] == CONFIG
        assert all(config.p99_under_ms == 20.0 for config in session.requested[:-1])
        assert view.board is not None
        capacity = capacity_of(view.board)
        assert capacity.knee.mid == pytest.approx(1 / SERVICE_S, rel=0.01)
        await reported(pilot, "Capacity: p99 under 20 ms holds up to ")
        await redraw(pilot)
        lines = text_of(view)
        assert f"Capacity: {capacity.knee.mid:.4g}/s" in lines[0]
        assert all(width_of(line) == size[0] for line in lines)
        assert len(view.table.seen) == len(capacity.rates)
        if size[1] >= 24:
            assert "Latency over arrivals/s" in "\n".join(lines)


async def test_rounds_can_be_run_and_written_and_the_search_stopped(tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    async with searching() as (pilot, view, session):
        await tick_until(pilot, view, Phase.SEARCH, 3)
        await pilot.press("space")
        await settle(pilot)
        assert view.board is not None
        assert view.board.phase is Phase.DONE
        assert session.requested[-1] == CONFIG
        assert "n Search again" in text_of(pilot.app.monitor.footer)[0]
        await pilot.press("w")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await settle(pilot)
        await reported(pilot, "Written to ")
        pilot.app.frame()
        await pilot.press("home", "enter")
        await settle(pilot)
        assert view.table.row is not None
        arrivals = view.table.row.key.arrivals
        assert session.requested[-1].arrivals == arrivals
        assert session.requested[-1].p99_under_ms == 20.0
        await reported(pilot, f"Requested: {arrivals}")
        pilot.app.frame()
        await pilot.press("1", "u")
        await settle(pilot)
        assert session.requested[-1] == CONFIG
    rates = [float(row["rate"]) for row in csv.DictReader(file.read_text().splitlines())]
    assert rates == [rate.per_s for rate in capacity_of(view.board).rates]


async def test_stopped_between_two_rounds_it_is_not_done_though_a_capacity_is_known() -> None:
    async with searching() as (pilot, view, _):
        await tick_until(pilot, view, Phase.SEARCH, 8)
        assert view._search is not None
        while len(view._search.board.trials) < 9:
            view._tick()
        view.action_search()  # before the next round has figures
        await redraw(pilot)
        assert view.board is not None
        assert {trial.ending for trial in view.board.trials} <= {Ending.STABLE, Ending.WORSE}
        assert capacity_of(view.board).is_known
        assert "9 rounds  stopped" in screen_text(pilot.app)


async def test_without_a_limit_it_asks_for_one_and_takes_that_of_the_run() -> None:
    async with searching(options="") as (pilot, view, session):
        await reported(pilot, "No limit is given")
        assert session.requested == []
        view._requested = replace(CONFIG, p99_under_ms=25.0)
        view.action_search_again()
        await tick_until(pilot, view, Phase.SEARCH, 1)
        assert view.board is not None
        assert view.board.objective.p99_under_ms == 25.0


def test_the_chart_shows_the_limit_the_knee_and_what_is_beyond_it() -> None:
    points = [
        RatePoint(50, 5.0, 8.0, 0.1),
        RatePoint(90, 8.0, 19.0, 3.0),
        RatePoint(150, 900.0, 3000.0, 800.0, is_now=True),
    ]
    lines = draw_capacity(points, CapacityMark(20.0, 95.0, 200.0), 80, 16)
    assert len(lines) == 16
    texts = ["".join(text for text, _ in line) for line in lines]
    assert all(width_of(text) <= 80 for text in texts)
    (limit,) = [row for row, text in enumerate(texts[1:], 1) if "╌" in text]
    assert texts[limit].count("╌") > 40
    assert sum("┊" in text for text in texts) > 8
    assert texts[-1].split() == ["0", "50", "100", "150", "200", "/s"]
    assert sum(text.count("◌") for text in texts[1:limit]) == 1  # they are beyond, in one cell
    assert draw_capacity(points, CapacityMark(20.0, 95.0, 200.0), 80, 4) == []
    assert len(draw_capacity([], CapacityMark(20.0, 95.0, 200.0), 80, 9)) == 9
