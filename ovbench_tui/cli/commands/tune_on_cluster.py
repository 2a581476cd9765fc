"""``ovbench-tui tune MODEL --scheduler ADDRESS``: machines of one kind share the search."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.cli.commands.fleet import (
    WORKERS_WITHIN_S,
    News,
    check_cluster,
    check_workers,
    source_to_ship,
)
from ovbench_tui.cli.commands.tune import INTERRUPTED, drive, tell
from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import code_of, kept_interrupts, raise_on_end_signals
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import OvbenchError, RunFailedError

if TYPE_CHECKING:
    from ovbench_tui.config.model_file import Source
    from ovbench_tui.fleet.session import FleetSession
    from ovbench_tui.options.cluster_address import Address
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.invocation import TuneInvocation
    from ovbench_tui.tuning.tuner import TuningState

_POLL_S = 0.1
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
    from ovbench_tui.fleet.cluster import connected
    from ovbench_tui.fleet.distributed_search import DistributedSearch
    from ovbench_tui.fleet.session import FleetSession

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
        code, error = 0, ""
        search: Search | None = None
        try:
            _wait_for_machines(fleet)
            search = fleet.search(invocation.plan_for(fleet.usable_cpus() or None))
            news = News()
            drive(search, lambda: news.of(fleet.snapshot()))
            _check(search.board)
        except KeyboardInterrupt as interrupt:
            code = code_of(interrupt)
            if search is not None:
                search.stop(INTERRUPTED)
        except OvbenchError as failure:
            code, error = failure.exit_code, str(failure)
            print_message(error)
        fleet.close(_CLOSE_TIMEOUT_S)
    board = (
        search.board if search is not None else DistributedSearch(invocation.plan_for(None)).board
    )
    return tell(invocation, board, code, error)


def _check(board: TuningState) -> None:
    """Tell why nothing at all could be measured.

    Raises:
        RunFailedError: nothing was.
    """
    from ovbench_tui.tuning.report import failed_reason

    if not any(trial.has_run for trial in board.trials):
        raise RunFailedError(board.reason or failed_reason(board.trials))


def _wait_for_machines(fleet: FleetSession) -> None:
    """Wait until a machine measures, and for the others a little; they may also come later.

    Raises:
        RunFailedError: there is none, or none can.
        KeyboardInterrupt: the user does not want to wait.
    """
    from ovbench_tui.fleet.machine_status import MachineState

    fleet.start()
    print_message("Waiting until the machines of the cluster measure.")
    end_s = time.monotonic() + WORKERS_WITHIN_S
    first_runs_s = math.inf
    with kept_interrupts() as raise_kept:
        while True:
            snapshot = fleet.snapshot()
            raise_kept()
            check_workers(snapshot, end_s)
            states = {machine.state for machine in snapshot.machines}
            if fleet.usable_cpus():
                first_runs_s = min(first_runs_s, time.monotonic())
            settled = all(state is MachineState.RUNNING or state.is_over for state in states)
            waited_s = time.monotonic() - first_runs_s
            if waited_s > (_SETTLED_S if settled else _OTHERS_WITHIN_S):
                return
            if snapshot.finished:
                reasons = [machine.reason for machine in snapshot.machines if machine.reason]
                raise RunFailedError(
                    snapshot.failure or next(iter(reasons), "No machine can measure.")
                )
            time.sleep(_POLL_S)
