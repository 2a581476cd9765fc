"""The tab that tunes, on a session whose best configuration is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.text import width_of
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.state import Phase
from ovbench_tui.tuning.tuner import Tuner
from ovbench_tui.ui.charts.scatter import BEST
from ovbench_tui.ui.tabs.registry import TABS, Tab
from ovbench_tui.ui.tabs.tune.tune_rows import columns_for, rows_for
from ovbench_tui.ui.tabs.tune.tune_view import TuneView
from tests.ui.fakes import (
    CONFIG,
    SIZES,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
    until,
)
from tests.ui.tabs.searching import SearchedSession, opened, reported, tick_until
from tests.unit.tuning.tuned_machine import SPACE, Machine, make_tuner, run_to_end, true_fps


class TunedSession(SearchedSession):
    """Tunes by the machine's clock."""

    def __init__(self, config: BenchmarkConfig = CONFIG) -> None:
        super().__init__(config)
        self.plans: list[SearchPlan] = []

    def start_tuner(self, base: BenchmarkConfig, plan: SearchPlan) -> Tuner:
        self.plans.append(plan)
        space = replace(plan.space, streams=SPACE.streams)
        return make_tuner(self.measured, space, plan.objective, base)


@asynccontextmanager
async def tuning(
    session: TunedSession, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Pilot[None], TuneView]]:
    """The app with the tab open."""

    def make() -> TuneView:
        return TuneView(session.start_tuner)

    async with opened(session, TuneView, ("tune", "t"), make, size) as tab:
        yield tab


@pytest.mark.parametrize("size", [(44, 12), *SIZES])
async def test_space_begins_and_in_the_end_the_winner_runs(size: tuple[int, int]) -> None:
    session = TunedSession(replace(CONFIG, duration_s=3600.0))
    async with tuning(session, size) as (pilot, view):
        assert text_of(pilot.app.monitor.footer)[0].startswith(" space Begin")
        await pilot.press("space")
        await tick_until(pilot, view, Phase.SEARCH, 3)
        text = "\n".join(text_of(view))
        assert "Tuning for most frames a second" in text
        await tick_until(pilot, view, Phase.DONE)
        board = view._board
        assert board is not None
        assert board.winner is not None
        wanted = replace(board.winner.point.config(CONFIG), duration_s=3600.0)
        assert session.requested[-1] == wanted
        best = max(true_fps(point.config(CONFIG)) for point in SPACE.points)
        assert true_fps(session.requested[-1]) >= 0.97 * best
        await reported(pilot, "Tuned: ")
        assert all(width_of(line) == size[0] for line in text_of(view))


async def test_what_was_found_is_kept_applied_and_can_be_undone() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.DONE)
        await reported(pilot, "Tuned: ")
        found = view._board
        assert found is not None
        assert found.winner is not None
        await redraw(pilot)
        # The machine of the test gives two of them the same: the first is not called the winner.
        assert " leads (equal within ±3 %) and runs now " in text_of(view)[0]
        assert "enter Run this  n Search again" in text_of(pilot.app.monitor.footer)[0]
        await pilot.press("space")
        await settle(pilot)
        assert view._board is found
        assert "This is what was found" in screen_text(pilot.app)
        await pilot.press("u")
        await settle(pilot)
        assert session.requested[-1] == CONFIG
        await redraw(pilot)
        assert " leads (equal within ±3 %) and does not run" in text_of(view)[0]
        await pilot.press("n")
        await settle(pilot)
        assert view._timer is not None
        assert view._board is not found


async def test_leaderboard_plot_and_reason_are_seen_together() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.DONE)
        lines = text_of(view)
        text = "\n".join(lines)
        assert "FPS over p99" in text
        assert text.count(BEST) >= 3  # legend, plot and row
        assert "Streams" in text
        assert "stopped early" in text
        assert "4 streams with " in lines[-1] or "4 streams with " in lines[-2]
        rows = view.table.seen
        fps = [row.cells[3].order for row in rows[:2]]
        assert rows[0].cells[0].text == BEST
        assert fps[0] is not None


@pytest.mark.parametrize("key", ["space", "escape"])
async def test_it_can_be_stopped_at_any_time_and_what_ran_before_runs_again(key: str) -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.SEARCH, 2)
        await pilot.press(key)
        await settle(pilot)
        assert view._timer is None
        assert session.requested[-1] == CONFIG
        assert len(view.table.rows) >= 2
        assert "Stopped" in screen_text(pilot.app)
        requested = len(session.requested)
        view._tick()
        assert len(session.requested) == requested


async def test_enter_runs_the_configuration_of_the_row() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.DONE)
        await pilot.press("down", "down", "enter")
        await settle(pilot)
        row = view.table.row
        assert row is not None
        assert session.requested[-1] == row.key.config(CONFIG)


async def test_enter_while_it_tunes_stops_it_for_that_row() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.SEARCH, 2)
        await pilot.press("home", "enter")
        await settle(pilot)
        assert view._timer is None
        row = view.table.row
        assert row is not None
        assert session.requested[-1] == row.key.config(CONFIG)


async def test_bounds_and_objective_are_typed_as_on_the_command_line() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("o")
        await settle(pilot)
        line = pilot.app.screen.query_one(Input)
        line.value = "--nireq 0"
        await pilot.press("enter")
        await settle(pilot)
        assert "--nireq '0' is out of range" in screen_text(pilot.app)
        line.value = "--nireq 1..4  --p99-under 9"
        await pilot.press("enter")
        await settle(pilot)
        assert "--nireq 1..4 --p99-under 9" in "\n".join(text_of(view))
        await pilot.press("space")
        await tick_until(pilot, view, Phase.DONE)
        assert session.plans[0].space.nireq == (1, 2, 3, 4)
        assert session.plans[0].objective.p99_under_ms == 9.0
        assert "with p99 under 9 ms" in "\n".join(text_of(view))


async def test_without_a_model_it_says_what_to_do() -> None:
    session = TunedSession(BenchmarkConfig())
    async with running(session) as pilot:
        await pilot.press("escape", "t", "space")
        await settle(pilot)
        assert "No model is chosen." in screen_text(pilot.app)
        assert session.requested == []


async def test_a_change_of_the_user_ends_it_and_stays() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.SEARCH, 2)
        wish = replace(CONFIG, nireq=77)
        pilot.app.configure(wish)
        for _ in range(3):
            view._tick()
        await settle(pilot)
        assert view._timer is None
        assert session.requested[-1] == wish
        assert "Another configuration was requested" in screen_text(pilot.app)


async def test_it_goes_on_while_another_tab_is_seen() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await pilot.press("1")
        await settle(pilot)
        assert pilot.app.monitor.tab == "live"
        await tick_until(pilot, view, Phase.DONE)
        await reported(pilot, "Tuned: ")
        await pilot.press("t")
        await settle(pilot)
        assert "4 streams with " in "\n".join(text_of(view))


async def test_a_paused_session_goes_on_when_it_is_to_be_tuned() -> None:
    session = TunedSession()
    session.toggle_pause()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        assert session.pauses == 2
        await tick_until(pilot, view, Phase.SEARCH, 1)


async def test_its_clock_drives_it_by_itself() -> None:
    session = TunedSession()
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await until(pilot, lambda: view._search is not None and view._search.board.trials)
        assert session.requested


async def test_where_nothing_runs_the_reason_is_told() -> None:
    session = TunedSession()
    session.measured.refuses = lambda _: "This device cannot run it."
    async with tuning(session) as (pilot, view):
        await pilot.press("space")
        await tick_until(pilot, view, Phase.DONE)
        assert "This device cannot run it." in screen_text(pilot.app)


# --- rows and plot ----------------------------------------------------------------------------


def test_what_is_measured_now_has_a_row() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: len(tuner.board.trials) == 1)
    rows = rows_for(tuner.board)
    assert len(rows) == 2
    assert rows[-1].key == tuner.board.current
    assert rows[-1].cells[-1].text == "measuring"
    assert all(len(row.cells) == len(rows[0].cells) for row in rows)


def test_only_varied_options_have_a_column() -> None:
    titles = [column.title for column in columns_for(SPACE.points)]
    assert "Streams" in titles
    assert "Threads" not in titles
    assert len(set(titles)) == len(titles)


def test_the_tab_is_among_the_tabs() -> None:
    tab = next(tab for tab in TABS if tab.name == "tune")
    assert isinstance(tab, Tab)
    assert tab.make is not None
    assert isinstance(tab.make(), TuneView)
