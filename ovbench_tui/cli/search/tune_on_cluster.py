"""``ovbench-tui tune MODEL --scheduler ADDRESS``: machines of one kind share the search."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.cli.commands.fleet import (
    WORKERS_WITHIN_S,
    check_cluster,
    error_without_workers,
    source_to_ship,
)
from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.loop import Deadline, News, Outcome, Step, run_to_end
from ovbench_tui.cli.search.search_run import INTERRUPTED, drive, print_search
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import RunFailedError

if TYPE_CHECKING:
    from ovbench_tui.config.model_file import Source
    from ovbench_tui.fleet.session import FleetSession
    from ovbench_tui.options.cluster_address import Address
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.invocation import TuneInvocation
    from ovbench_tui.tuning.state import TuningState

_CLOSE_TIMEOUT_S = 15.0
_SETTLED_S = 1.0
_OTHERS_WITHIN_S = 10.0
"""So long the machines that are being prepared are waited for."""


def tune_on_cluster(invocation: TuneInvocation) -> int:
    """Tune; returns the exit code."""
    from ovbench_tui.cli.native_log import NativeLog

    assert invocation.address is not None  # noqa: S101 - what this is called for
    source = source_to_ship(invocation.base, invocation.address)
    check_cluster("tune on a cluster", invocation.address)
    raise_on_end_signals()
    with NativeLog():
        return _tune(invocation, invocation.address, source)


def _tune(invocation: TuneInvocation, address: Address, source: Source | None) -> int:
    from ovbench_tui.fleet.connection import connected
    from ovbench_tui.fleet.session import FleetSession
    from ovbench_tui.fleet.tuning.distributed_search import DistributedSearch

    with (
        kept_history(is_wanted=invocation.keeps_history) as history,
        connected(address) as client,
    ):
        fleet = FleetSession(
            client,
            replace(invocation.base, duration_s=None, iterations=None),
            source,
            where=address.text,
            by_worker=address.by_worker,
            run_sink=history,
        )
        search: Search | None = None
        news = News(with_errors=True)
        with Outcome() as outcome:
            _wait_for_machines(fleet, news)
            search = fleet.search(invocation.plan_for(fleet.usable_cpus() or None))
            drive(search, lambda: news.of(fleet.snapshot().notices))
            _check(search.board, fleet.snapshot().stall)
        if outcome.is_interrupted and search is not None:
            search.stop(INTERRUPTED)
        fleet.close(_CLOSE_TIMEOUT_S)
    board = (
        search.board if search is not None else DistributedSearch(invocation.plan_for(None)).board
    )
    return print_search(invocation, board, outcome.code, outcome.error)


def _check(board: TuningState, stall: str) -> None:
    """Say why nothing at all could be measured, or not by every machine.

    Raises:
        RunFailedError: nothing was, or a machine hung.
    """
    from ovbench_tui.tuning.report import failed_reason

    if not any(trial.has_run for trial in board.trials):
        raise RunFailedError(stall or board.reason or failed_reason(board.trials))
    if stall:
        raise RunFailedError(stall)


def _wait_for_machines(fleet: FleetSession, news: News) -> None:
    """Wait until a machine measures, and for the others a little; they may also come later.

    Raises:
        RunFailedError: there is none, or none can.
        KeyboardInterrupt: the user does not want to wait.
    """
    from ovbench_tui.fleet.machine_status import FleetSnapshot, MachineState

    wait = Deadline(WORKERS_WITHIN_S)
    others: Deadline | None = None

    def error_of(snapshot: FleetSnapshot) -> RunFailedError | None:
        if not snapshot.finished:
            return error_without_workers(snapshot, wait)
        reasons = [machine.reason for machine in snapshot.machines if machine.reason]
        return RunFailedError(snapshot.failure or next(iter(reasons), "No machine can measure."))

    def look() -> Step:
        nonlocal others
        snapshot = fleet.snapshot()
        waited_s = 0.0
        if others is not None or fleet.usable_cpus():
            others = others or Deadline(_OTHERS_WITHIN_S)
            waited_s = _OTHERS_WITHIN_S - others.left_s()
        states = {machine.state for machine in snapshot.machines}
        settled = all(state is MachineState.RUNNING or state.is_over for state in states)
        is_over = waited_s > (_SETTLED_S if settled else _OTHERS_WITHIN_S)
        error = None if is_over else error_of(snapshot)
        return Step(is_over=is_over, error=error, sentences=news.of(snapshot.notices))

    print_message("Waiting until the machines of the cluster measure.")
    run_to_end(look, begin=fleet.start)
