"""The view that sweeps, on a session whose figures are known."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.text import width_of
from ovbench_tui.sweep.curve import best_of, curves_of
from ovbench_tui.sweep.start import SweepPlan, make_sweep
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.state import Phase
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.ui.charts.sweep_chart import KNEE
from ovbench_tui.ui.tabs.sweep.sweep_view import SweepView
from tests.ui.fakes import CONFIG, SIZES, redraw, screen_text, settle, text_of
from tests.ui.tabs.searching import SearchedSession, opened, reported, tick_until

OPTIONS = "--nireq 1,2,3,4,6,8 --streams 4"


class SweptSession(SearchedSession):
    """Measures by the machine's clock."""

    def start_sweep(self, base: BenchmarkConfig, plan: SweepPlan) -> Tuner:
        return make_sweep(base, plan, clock=self.measured.clock)


@asynccontextmanager
async def sweeping(
    size: tuple[int, int] = (120, 40), options: str = OPTIONS
) -> AsyncIterator[tuple[Pilot[None], SweepView, SweptSession]]:
    """The app after the key."""
    session = SweptSession()

    def make() -> SweepView:
        return SweepView(options, session.start_sweep)

    async with opened(session, SweepView, ("sweep", "N"), make, size) as (pilot, view):
        yield pilot, view, session


@pytest.mark.parametrize("size", [(44, 12), *SIZES])
async def test_one_key_sweeps_names_the_knee_and_what_ran_before_runs_again(
    size: tuple[int, int],
) -> None:
    async with sweeping(size) as (pilot, view, session):
        await tick_until(pilot, view, Phase.SEARCH, 3)
        assert "3 of 6 points" in text_of(view)[0]
        assert all(config.streams == "4" for config in session.requested)
        await tick_until(pilot, view, Phase.DONE)
        assert session.measured.compiles == 2  # with the sweep's streams, and with those before
        assert session.requested[-1] == CONFIG
        assert view.board is not None
        best = best_of(curves_of(view.board))
        assert best is not None
        assert best.knee is not None
        nireq = best.knee.point.nireq
        await reported(pilot, "Swept: the knee is at ")
        await redraw(pilot)
        lines = text_of(view)
        assert f"Knee: {nireq} requests" in lines[0]
        assert all(width_of(line) == size[0] for line in lines)
        rows = {row.key.nireq: row.cells[0].text for row in view.table.seen}
        assert rows == {n: KNEE if n == nireq else "" for n in (1, 2, 3, 4, 6, 8)}
        if size[1] >= 24:
            text = "\n".join(lines)
            assert "FPS over nireq" in text
            assert "p99 over nireq" in text
            assert f"knee: nireq {nireq}" in text


async def test_a_point_can_be_run_and_the_key_shows_what_was_swept_again() -> None:
    async with sweeping() as (pilot, view, session):
        await tick_until(pilot, view, Phase.DONE)
        await reported(pilot, "Swept: ")
        found = view.board
        await pilot.press("home", "down", "enter")
        await settle(pilot)
        assert session.requested[-1].nireq == 2
        await reported(pilot, "Requested: 2 requests")
        await pilot.press("1")
        await settle(pilot)
        assert pilot.app.monitor.tab == "live"
        await pilot.press("N")
        await settle(pilot)
        assert pilot.app.monitor.tab == "sweep"
        assert view.board is found
        await pilot.press("tab")  # it stands in the place of Tune
        await settle(pilot)
        assert pilot.app.monitor.tab == "ab"
        pilot.app.frame()
        await pilot.press("1", "u")
        await settle(pilot)
        assert session.requested[-1] == CONFIG


@pytest.mark.parametrize("suffix", ["csv", "json"])
async def test_the_points_are_written_to_a_file(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"points.{suffix}"
    async with sweeping() as (pilot, view, _):
        await tick_until(pilot, view, Phase.DONE)
        await pilot.press("w")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = str(file)
        await pilot.press("enter")
        await settle(pilot)
        await reported(pilot, "Written to ")
    text = file.read_text(encoding="utf-8")
    if suffix == "json":
        (curve,) = json.loads(text)["curves"]
        numbers = [point["nireq"] for point in curve["points"]]
    else:
        numbers = [int(row["nireq"]) for row in csv.DictReader(text.splitlines())]
    assert numbers == [1, 2, 3, 4, 6, 8]


async def test_stopped_it_keeps_its_points_and_gives_back_what_ran() -> None:
    async with sweeping() as (pilot, view, session):
        await tick_until(pilot, view, Phase.SEARCH, 2)
        await pilot.press("space")
        await settle(pilot)
        assert view.board is not None
        assert view.board.phase is Phase.DONE
        assert len(view.board.trials) >= 2
        assert session.requested[-1] == CONFIG
        assert "n Sweep again" in text_of(pilot.app.monitor.footer)[0]
        assert KNEE not in screen_text(pilot.app)
        assert "Stopped before the knee was known" in text_of(view)[0]


async def test_bad_options_get_a_sentence_and_nothing_is_requested() -> None:
    async with sweeping(options="--nireq 0") as (pilot, view, session):
        await reported(pilot, "--nireq")
        assert view.board is None
        assert session.requested == []


async def test_before_all_is_tried_nothing_is_called_the_knee() -> None:
    async with sweeping() as (pilot, view, _):
        await tick_until(pilot, view, Phase.SEARCH, 4)
        assert KNEE not in screen_text(pilot.app)
        assert all(isinstance(row.key, Point) for row in view.table.seen)


async def test_layers_are_not_timed_in_a_sweep_and_are_again_after_it() -> None:
    async with sweeping(options="--nireq 0") as (pilot, view, session):
        session.requested.clear()
        view._options = OPTIONS
        view._requested = replace(CONFIG, perf_counts=True)
        view.action_search_again()
        await tick_until(pilot, view, Phase.SEARCH, 2)
        assert [config.perf_counts for config in session.requested] == [False] * 3
        await pilot.press("space")
        await settle(pilot)
        assert session.requested[-1] == replace(CONFIG, perf_counts=True)
