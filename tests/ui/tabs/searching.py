"""A view that searches, on a session whose figures are those of a machine that is known."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from textual.pilot import Pilot

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.tuning.state import Phase
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.tabs.live.monitor_screen import MonitorScreen
from ovbench_tui.ui.tabs.registry import VIEWS
from ovbench_tui.ui.tabs.tune.search_view import SearchView
from tests.ui.fakes import CONFIG, FakeSession, make_app, screen_text, settle, until
from tests.unit.tuning.tuned_machine import Machine

_TICKS = 5000

View = TypeVar("View", bound=SearchView)


class SearchedSession(FakeSession):
    """A fake whose figures come from the machine once it is asked for a configuration."""

    def __init__(self, config: BenchmarkConfig = CONFIG) -> None:
        super().__init__(config)
        self.measured = Machine()
        self.measured.runs = 1

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        self.requested.append(config)
        self.measured.configure(config)

    def snapshot(self, columns: int) -> Snapshot:
        self.columns.append(columns)
        if self.requested:
            view = self.measured.snapshot()
            self.view = replace(
                self.view,
                requested=view.requested,
                run=view.run or self.view.run,
                background=view.background,
                state=view.state,
                measuring=view.measuring,
                notices=view.notices,
            )
        return self.view


@asynccontextmanager
async def opened(
    session: SearchedSession,
    kind: type[View],
    tab: tuple[str, str],
    make: Callable[[], View],
    size: tuple[int, int],
) -> AsyncIterator[tuple[Pilot[None], View]]:
    """The app with a tab open by its key.

    Args:
        tab: its name and its key.
        make: makes its view.
    """
    name, key = tab
    app = make_app(session)
    views = tuple(replace(one, make=make) if one.name == name else one for one in VIEWS)
    app.monitor = MonitorScreen(app.snapshot, views)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: session.columns)
        await pilot.press(key)
        await settle(pilot)
        yield pilot, pilot.app.screen.query_one(kind)


async def tick_until(pilot: Pilot[None], view: SearchView, phase: Phase, trials: int = 0) -> None:
    """Let its clock tick until so many are measured in this phase."""
    for _ in range(_TICKS):
        assert view._search is not None
        board = view._search.board
        if board.phase is phase and len(board.trials) >= trials:
            break
        view._tick()
    else:
        raise AssertionError(f"it never came to {phase}: {view.board}")
    await settle(pilot)
    assert isinstance(pilot.app, OvbenchApp)
    pilot.app.frame()
    await settle(pilot)


async def reported(pilot: Pilot[None], text: str) -> None:
    """Wait until it is on the screen, as in the message line."""
    await until(pilot, lambda: text in screen_text(pilot.app))
