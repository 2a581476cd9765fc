"""CPU time that the screen of a fleet takes, with 500 machines that tell once a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

from ovbench_tui.ui.app.fleet_app import FleetApp
from tests.benchmarks.report import Aim, Row, Skipped, spread_of
from tests.benchmarks.settings import Settings
from tests.fleet.simulated import SimulatedFleet

_MACHINES = 500
_SIZE = (120, 40)
_BUDGET_PERCENT = 3.0
_WARM_UP = 3


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row: messages folded and one frame drawn a second, in percent of a core."""
    costs = asyncio.run(_measure(settings.pairs * 5))
    return [
        Row(
            "fleet-screen",
            f"{_MACHINES} machines, {_SIZE[0]}x{_SIZE[1]} at 1 Hz, share of one core",
            spread_of([seconds * 100 for seconds in costs]),
            "%",
            Aim(_BUDGET_PERCENT, at_least=False),
            "every machine tells something new each second; above the budget it draws less often",
        )
    ]


async def _measure(frames: int) -> list[float]:
    """CPU seconds of this thread for each second of the fleet."""
    fleet = SimulatedFleet(_MACHINES)
    app = FleetApp(fleet, fleet.board.config, refresh_hz=0.001)
    costs: list[float] = []
    async with app.run_test(size=_SIZE) as pilot:
        await pilot.pause()
        fold = fleet.board.fold
        for number in range(frames + _WARM_UP):
            messages: list[dict[str, object]] = []
            # What the engines do to make a message is no cost of the screen.
            fleet.board.fold = messages.append  # type: ignore[assignment, method-assign]
            fleet.second()
            begin_s = time.thread_time()
            for message in messages:
                fold(message)
            app.frame()
            await pilot.pause()
            if number >= _WARM_UP:
                costs.append(time.thread_time() - begin_s)
    return costs
