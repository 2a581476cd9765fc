"""The screen of a fleet: many machines, one of them alone, keys that reach all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.tuning.state import Phase
from ovbench_tui.ui.app.fleet_app import FleetApp
from ovbench_tui.ui.tabs.fleet.fleet_screens import FleetScreen, MachineScreen
from ovbench_tui.ui.tabs.fleet.fleet_tune import FleetTuneScreen
from tests.fleet.simulated import SimulatedFleet, worker
from tests.ui.fakes import CONFIG, SIZES, Clock, screen_text, settle, until


@asynccontextmanager
async def running(
    fleet: SimulatedFleet, size: tuple[int, int] = (120, 40), clock: Clock | None = None
) -> AsyncIterator[Pilot[None]]:
    """The app, whose own clock never ticks; a test draws by `redraw`."""
    app = FleetApp(fleet, fleet.board.config, refresh_hz=0.001, clock=clock or Clock())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.fleet_snapshot is not None)
        yield pilot


async def redraw(pilot: Pilot[None]) -> str:
    """Draw the next frame; returns what is then seen."""
    pilot.app.frame()
    await settle(pilot)
    return screen_text(pilot.app)


def row_of(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if name in line.split())


@pytest.mark.parametrize("size", SIZES)
async def test_a_row_for_each_machine_and_the_totals(size: tuple[int, int]) -> None:
    fleet = SimulatedFleet(3)
    async with running(fleet, size) as pilot:
        fleet.second(100.0, 50.0, 25.0)
        text = await redraw(pilot)
        assert "175 FPS together" in text
        assert "worst p99 5.50 ms (host0)" in text
        assert "3 of 3 run" in text
        for name, fps in (("host0", " 100 "), ("host1", "50.0"), ("host2", "25.0")):
            row = row_of(text, name)
            assert fps in row
            assert "running" in row
            assert "5.50 ms" in row
            if size[0] >= 120:
                assert "Some" in row  # the processor
                assert "2026.4.1" in row
                assert "steady ±1.2 %" in row


async def test_a_p99_that_is_only_the_maximum_is_a_dash() -> None:
    fleet = SimulatedFleet(2)
    async with running(fleet) as pilot:
        fleet.pulse(0, 100.0, 7.5, count=100)
        fleet.pulse(1, 100.0, 9.5, count=99)
        text = await redraw(pilot)
        assert "7.50 ms" in row_of(text, "host0")
        assert "9.50" not in text
        assert "worst p99 7.50 ms (host0)" in text


async def test_before_any_machine_is_there_it_says_what_to_do() -> None:
    async with running(SimulatedFleet(0)) as pilot:
        assert "start 'dask worker'" in await redraw(pilot)


async def test_a_lost_machine_is_a_row_with_a_sentence_and_the_others_go_on() -> None:
    fleet = SimulatedFleet(3)
    async with running(fleet, (200, 60)) as pilot:
        fleet.second()
        fleet.board.lose_worker(worker(1).address)
        fleet.second(10.0)
        text = await redraw(pilot)
        assert "lost" in row_of(text, "host1")
        assert "Its worker died" in row_of(text, "host1")
        assert "running" in row_of(text, "host0")
        assert "1 failed or lost" in text
        assert "host1: Its worker died or left the cluster." in text.splitlines()[-2]


async def test_the_outlier_is_marked() -> None:
    fleet = SimulatedFleet(5)
    async with running(fleet) as pilot:
        fleet.second(100.0, 100.0, 40.0, 100.0, 101.0)
        text = await redraw(pilot)
        assert [line.split()[1] for line in text.splitlines() if "▼" in line] == ["host2"]


async def test_plus_minus_and_h_change_all_machines() -> None:
    fleet = SimulatedFleet(2)
    async with running(fleet) as pilot:
        fleet.second()
        await redraw(pilot)
        await pilot.press("plus")
        await pilot.press("minus")
        await pilot.press("h")
        await settle(pilot)
        # Counted from the 4 that the machines run with.
        assert [config.nireq for config in fleet.requested] == [5, 4, 4]
        assert fleet.requested[-1].hint != CONFIG.hint
        assert f"{fleet.requested[-1].hint} hint" in await redraw(pilot)
        await pilot.press("space", "r")
        await settle(pilot)
        assert (fleet.pauses, fleet.resets) == (1, 1)


async def test_enter_shows_one_machine_and_escape_all_of_them() -> None:
    fleet = SimulatedFleet(3)
    async with running(fleet) as pilot:
        for _ in range(5):
            fleet.second(100.0, 77.0, 25.0)
        await redraw(pilot)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, MachineScreen)
        text = await redraw(pilot)
        assert "host1" in text.splitlines()[0]
        assert "Some processor, 8 cores, 10.0.0.2" in text
        assert "77.0" in text
        assert "p99.9" in text
        assert "NUM_STREAMS" in text
        await pilot.press("down")
        assert "host2" in (await redraw(pilot)).splitlines()[0]
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FleetScreen)


async def test_five_hundred_machines_are_drawn_sorted_and_scrolled() -> None:
    fleet = SimulatedFleet(500)
    async with running(fleet) as pilot:
        fleet.second()
        text = await redraw(pilot)
        assert "500 of 500 run" in text
        assert "host0 " in text
        assert "host499" not in text
        await pilot.press("end")
        text = screen_text(pilot.app)
        assert "host499" in text
        # Rows that come into sight have their sparkline at once.
        assert "█" in row_of(text, "host470") or "▇" in row_of(text, "host470")
        await pilot.press("home", "pagedown", "pagedown")
        assert "host40 " in screen_text(pilot.app)
        view = pilot.app.machines.view
        view.table.sort("FPS")
        fleet.second(*[float(n + 1) for n in range(500)])
        text = await redraw(pilot)
        rows = [row.key for row in view.table.seen]
        assert rows[0] == worker(499).host
        assert rows[-1] == worker(0).host
        await pilot.press("slash", *"t123", "enter")
        assert [row.key for row in view.table.seen] == [worker(123).host]


async def test_a_row_without_news_is_not_made_again() -> None:
    fleet = SimulatedFleet(2)
    async with running(fleet) as pilot:
        fleet.second()
        await redraw(pilot)
        before = {row.key: row for row in pilot.app.machines.view.table.rows}
        fleet.now_s += 1
        fleet.pulse(1, 155.0)
        await redraw(pilot)
        after = {row.key: row for row in pilot.app.machines.view.table.rows}
        assert after[worker(0).host] is before[worker(0).host]
        assert after[worker(1).host] is not before[worker(1).host]


async def test_with_a_duration_it_ends_by_itself_and_without_it_stays() -> None:
    for config, stays in ((CONFIG, True), (replace(CONFIG, duration_s=1.0), False)):
        fleet = SimulatedFleet(1, config)
        async with running(fleet) as pilot:
            fleet.pulse(0, state=WorkerState.FINISHED)
            fleet.board.end_task(fleet.task_of(0), "")
            pilot.app.frame()
            await settle(pilot)
            assert pilot.app._exit is not stays


async def test_the_help_lists_the_keys() -> None:
    async with running(SimulatedFleet(1), (200, 60)) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        text = screen_text(pilot.app)
        assert "The next performance hint, on all machines" in text
        assert "Show this machine alone" in text
        await pilot.press("escape")


async def test_a_name_is_neither_markup_nor_an_escape() -> None:
    fleet = SimulatedFleet(1)
    fleet.hello(0, name="[bold]x[/]\x1b[2J")
    async with running(fleet) as pilot:
        fleet.second()
        text = await redraw(pilot)
        assert "\x1b" not in text
        assert "[bold]x[/]" in text


async def open_tuning(pilot: Pilot[None]) -> FleetTuneScreen:
    await pilot.press("t")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, FleetTuneScreen)
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_t_tunes_all_machines_and_in_the_end_all_run_the_winner(
    size: tuple[int, int],
) -> None:
    fleet = SimulatedFleet(3)
    async with running(fleet, size) as pilot:
        fleet.second()
        await redraw(pilot)
        screen = await open_tuning(pilot)
        text = await redraw(pilot)
        assert "space Begin" in text
        keys = text.splitlines()[-1]
        assert keys.count(" t ") == keys.count("space ") == 1
        await pilot.press("space")
        await settle(pilot)
        assert fleet.shared is not None
        board = fleet.shared.machines.run(lambda spread: len(spread.board.trials) > 4)
        text = await redraw(pilot)
        assert "searching on 3 machines" in text
        assert f"{len(board.trials)} tried of" in text
        # The search goes on while all machines are looked at.
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FleetScreen)
        fleet.shared.machines.run(lambda spread: spread.board.phase is Phase.FINALS)
        await open_tuning(pilot)
        assert "measuring the best again on 3 machines" in await redraw(pilot)
        winner = fleet.shared.machines.run().winner
        assert winner is not None
        screen.view._tick()
        text = await redraw(pilot)
        assert "done" in text
        assert (fleet.requested[-1].streams, fleet.requested[-1].nireq) == (
            winner.point.variant.streams,
            winner.point.nireq,
        )
        # What comes next is counted from the winner.
        await pilot.press("t", "plus")
        await settle(pilot)
        assert fleet.requested[-1].streams == winner.point.variant.streams


async def test_a_search_is_stopped_and_without_machines_none_begins() -> None:
    fleet = SimulatedFleet(2)
    async with running(fleet) as pilot:
        fleet.second()
        await redraw(pilot)
        await open_tuning(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert fleet.shared is not None
        fleet.shared.machines.run(lambda spread: len(spread.board.trials) > 2)
        await pilot.press("escape")
        await settle(pilot)
        assert fleet.shared.is_done
        assert fleet.requested[-1] == CONFIG
        assert "what ran before runs again" in await redraw(pilot)
    nobody = SimulatedFleet(0)
    async with running(nobody) as pilot:
        await open_tuning(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert "No machine measures yet" in await redraw(pilot)
        assert nobody.shared is None


async def test_a_search_on_a_paused_fleet_lets_it_go_on_and_t_works_on_one_machine() -> None:
    fleet = SimulatedFleet(2)
    async with running(fleet) as pilot:
        fleet.second()
        fleet.board.is_paused = True
        await redraw(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, MachineScreen)
        await open_tuning(pilot)
        await redraw(pilot)
        await pilot.press("space")
        await settle(pilot)
        assert fleet.pauses == 1
        await pilot.press("t")
        await settle(pilot)
        assert isinstance(pilot.app.screen, FleetScreen)
