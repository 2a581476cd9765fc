"""``ovbench-tui fleet MODEL``: the same model on every machine of a Dask cluster."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.loop import Deadline, News, Outcome, Step, run_to_end
from ovbench_tui.cli.terminal_guard import TerminalGuard, guard_terminal
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.fleet.invocation import FleetInvocation, read_fleet_invocation
from ovbench_tui.settings.file import SettingsFile, read_settings

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.config.model_file import Source
    from ovbench_tui.fleet.machine_status import FleetSnapshot
    from ovbench_tui.fleet.session import FleetSession
    from ovbench_tui.options.cluster_address import Address

_CLOSE_TIMEOUT_S = 15.0
WORKERS_WITHIN_S = 30.0
"""How long a command without a screen waits for the first worker."""


def main(arguments: Sequence[str]) -> int:
    """Measure on every machine; returns the exit code."""
    user = read_settings()
    invocation = read_fleet_invocation(arguments, user.settings)
    source = source_to_ship(invocation.config, invocation.address)
    check_cluster("fleet", invocation.address)
    has_screen = invocation.has_screen and sys.stdin.isatty() and sys.stdout.isatty()
    guard = guard_terminal() if has_screen else None  # forks, so it comes before any thread
    raise_on_end_signals()
    if user.reason and guard is None:
        print_message(user.reason)
    from ovbench_tui.cli.native_log import NativeLog

    with NativeLog():
        return _run(invocation, source, user, guard)


def check_cluster(command: str, address: Address) -> None:
    """Tell what is missing here, or what to think of the figures.

    Raises:
        BadInputError: Dask is not installed.
    """
    if find_spec("distributed") is None:
        raise BadInputError(
            f"{command} needs the extra 'fleet': install it with pip install 'ovbench-tui[fleet]'."
        )
    if address.local > 1:
        print_message(
            f"{address.local} engines on this machine disturb each other: their figures"
            " are good for trying it out only."
        )


def source_to_ship(config: BenchmarkConfig, address: Address) -> Source | None:
    """The model's files, checked now; None where none is to be sent."""
    if not address.ships_model:
        return None
    from ovbench_tui.config.model_file import identify
    from ovbench_tui.fleet.protocol.model_bundle import check_size

    source = identify(config.model)
    if source.path is None:
        return None
    check_size(source)
    return source


def _run(
    invocation: FleetInvocation,
    source: Source | None,
    user: SettingsFile,
    guard: TerminalGuard | None,
) -> int:
    """Measure, with a screen where its terminal is guarded."""
    from ovbench_tui.fleet.connection import connected
    from ovbench_tui.fleet.session import FleetSession

    config = invocation.config
    if guard is None:
        from ovbench_tui.cli.headless import with_default_duration

        config = with_default_duration(config)
    with (
        kept_history(is_wanted=invocation.keeps_history) as history,
        connected(invocation.address) as client,
    ):
        fleet = FleetSession(
            client,
            config,
            source,
            where=invocation.address.text,
            by_worker=invocation.address.by_worker,
            run_sink=history,
        )
        news = News(with_errors=True)
        with Outcome(news.has_said) as outcome:
            if guard is None:
                _drive(fleet, news)
            else:
                outcome.code = _show(invocation, fleet, user, guard)
        runs_of = fleet.close(_CLOSE_TIMEOUT_S)
        return _tell(invocation, fleet, runs_of, outcome.code, outcome.error)


def _drive(fleet: FleetSession, news: News) -> None:
    """Measure until every machine has come to its end, and print what happens meanwhile.

    Raises:
        RunFailedError: no machine could measure, or one hangs.
        KeyboardInterrupt: between two folds.
    """
    from ovbench_tui.fleet.report import describe_fleet

    wait = Deadline(WORKERS_WITHIN_S)

    def look() -> Step:
        snapshot = fleet.snapshot()
        return Step(
            is_over=snapshot.finished,
            error=error_without_workers(snapshot, wait),
            line=describe_fleet(snapshot),
            sentences=news.of(snapshot.notices),
        )

    run_to_end(look, begin=fleet.start)
    _check(fleet.snapshot())


def error_without_workers(snapshot: FleetSnapshot, wait: Deadline) -> RunFailedError | None:
    """Wait for workers no longer than this; None = there are some, or they may still come."""
    if wait.left_s() > 0 or snapshot.machines:
        return None
    return RunFailedError(
        f"The cluster at {snapshot.where} has no worker: start 'dask worker' on each machine."
    )


def _check(snapshot: FleetSnapshot) -> None:
    if any(machine.has_figures for machine in snapshot.machines):
        if snapshot.failure or snapshot.stall:
            raise RunFailedError(snapshot.failure or snapshot.stall)
        return
    reasons = [machine.reason for machine in snapshot.machines if machine.reason]
    raise RunFailedError(snapshot.failure or next(iter(reasons), "No machine has measured."))


def _show(
    invocation: FleetInvocation, fleet: FleetSession, user: SettingsFile, guard: TerminalGuard
) -> int:
    from ovbench_tui.cli.preferences import make_preferences
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.fleet_app import FleetApp

    def leave(number: int) -> None:
        fleet.close(_CLOSE_TIMEOUT_S)
        os._exit(128 + number)

    departure = ShutdownWatchdog(leave)
    app = FleetApp(
        fleet,
        invocation.config,
        refresh_hz=invocation.refresh_hz,
        ui_budget_percent=invocation.ui_budget_percent,
        start=fleet.start,
        preferences=make_preferences(user),
        departure=departure,
    )
    guard.note_drawing()
    app.run()
    guard.note_given_back()
    departure.complete()
    if app.crash:
        print_message(f"Internal error in the screen: {app.crash}.")
    if app.ended_by_signal is not None:
        return 128 + app.ended_by_signal
    return app.return_code or 0


def _tell(
    invocation: FleetInvocation,
    fleet: FleetSession,
    snapshot: FleetSnapshot,
    code: int,
    error: str,
) -> int:
    """Print what was measured; returns the exit code."""
    from ovbench_tui.fleet.report import fleet_document, format_table

    if invocation.json_stdout:
        runs = [fleet.run_of(machine.key) for machine in snapshot.machines]
        text = fleet_document(snapshot, runs, exit_code=code, error=error)
    else:
        text = format_table(snapshot) if snapshot.machines else ""
    return code if print_result(text) else code or OvbenchError.exit_code
