"""CPU time of the threads that draw, read from outside while a model runs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from tests.benchmarks.parsing import (
    cpu_s_of_schedstat,
    cpu_s_of_stat,
    printed_after_screen,
    read_summary,
    read_ui_cost_percent,
    start_ticks_of_stat,
)
from tests.benchmarks.processes import Terminal, program_behind
from tests.benchmarks.programs import our_command
from tests.benchmarks.report import Aim, Row, Skipped, spread_of
from tests.benchmarks.settings import Settings, tell

_MODEL = "mobilenet-v2"
_RUNNING = "● running".encode()
_START_TIMEOUT_S = 60.0
_SETTLE_S = 1.0
"""The first frames of a run draw everything; what counts is the steady state."""


@dataclass(frozen=True, slots=True)
class _Screen:
    columns: int
    rows: int
    refresh_hz: int
    aim_percent: float


_SCREENS = (_Screen(120, 40, 4, 1.5), _Screen(200, 60, 10, 6.0))


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row a screen size and refresh rate."""
    subjects = {
        screen: f"{_MODEL}: {screen.columns}x{screen.rows} at {screen.refresh_hz} Hz"
        for screen in _SCREENS
    }
    if not Path("/proc/self/task").is_dir():
        reason = "CPU time by thread is read from /proc, which this system has not."
        return [Skipped("ui-cost", subject, reason) for subject in subjects.values()]
    found: dict[_Screen, list[tuple[float, float]]] = {screen: [] for screen in _SCREENS}
    for number in range(settings.pairs):
        for screen in _SCREENS:
            costs = _measure(settings, models[_MODEL], screen)
            found[screen].append(costs)
            tell(
                f"  ui-cost, {subjects[screen]}, {number + 1} of {settings.pairs}:"
                f" {costs[0]:.2f} % of a core; the status line said {costs[1]:.1f} %"
            )
    return [
        Row(
            "ui-cost",
            f"{subjects[screen]}, share of one core",
            spread_of([measured for measured, _ in costs]),
            "%",
            Aim(screen.aim_percent, at_least=False),
            f"the app's own status line said {median(shown for _, shown in costs):.1f} %",
        )
        for screen, costs in found.items()
    ]


def _measure(settings: Settings, model: Path, screen: _Screen) -> tuple[float, float]:
    """Percent of a core, measured and as the status line shows it."""
    command = our_command(model, "--refresh", str(screen.refresh_hz), "--ui-budget", "100")
    with Terminal(
        command, settings.environment, settings.folder, screen.columns, screen.rows
    ) as terminal:
        terminal.wait_for(lambda output: _RUNNING in output, _START_TIMEOUT_S)
        terminal.watch(_SETTLE_S)
        threads = _drawing_threads(program_behind(terminal.pid))
        begin_s, begin_cpu_s = perf_counter(), _cpu_s(threads)
        terminal.watch(settings.seconds)
        percent = (_cpu_s(threads) - begin_cpu_s) / (perf_counter() - begin_s) * 100
        assert percent > 0, "These are not the threads that draw."
        shown = read_ui_cost_percent(terminal.output)
        terminal.type(b"q")
        read_summary(printed_after_screen(terminal.wait_for_end(settings.timeout_s)))
    return percent, shown


def _drawing_threads(pid: int) -> list[Path]:
    """The main thread, those that wait for the guard's end and write the history, Textual's writer.

    The two in between are as good as idle.
    """
    folders = sorted(
        Path(f"/proc/{pid}/task").iterdir(),
        key=lambda folder: (
            int(folder.name) != pid,
            start_ticks_of_stat((folder / "stat").read_text()),
            int(folder.name),
        ),
    )
    return folders[:4]


def _cpu_s(threads: list[Path]) -> float:
    total_s = 0.0
    for folder in threads:
        precise = folder / "schedstat"
        if precise.exists():
            total_s += cpu_s_of_schedstat(precise.read_text())
        else:
            ticks_per_s = os.sysconf("SC_CLK_TCK")
            total_s += cpu_s_of_stat((folder / "stat").read_text(), ticks_per_s)
    return total_s
