"""``ovbench-tui tune MODEL``: find the best configuration, and say why it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import code_of, raise_on_end_signals
from ovbench_tui.cli.search_run import INTERRUPTED, check_writable, drive, print_search
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.settings.file import read_settings
from ovbench_tui.tuning.invocation import TuneInvocation, read_tune_invocation

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.engine.session import Session
    from ovbench_tui.tuning.state import TuningState

_CLOSE_TIMEOUT_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Tune; returns the exit code."""
    user = read_settings()
    invocation = read_tune_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    check_writable(invocation)
    if invocation.address is not None:
        from ovbench_tui.cli.commands.tune_on_cluster import tune_on_cluster

        return tune_on_cluster(invocation)
    identify(invocation.base.model)
    raise_on_end_signals()
    with NativeLog(), kept_history(is_wanted=invocation.keeps_history) as history:
        return _tune(invocation, history)


def _tune(invocation: TuneInvocation, history: RunSink | None) -> int:
    from dataclasses import replace

    from ovbench_tui.engine.session import Session
    from ovbench_tui.tuning.driven import DrivenTuner
    from ovbench_tui.tuning.start import make_tuner

    tuner = make_tuner(invocation.base, invocation.plan_for(None))
    session = Session(
        replace(invocation.base, model=""), isolated=invocation.isolated, run_sink=history
    )
    search = DrivenTuner(tuner, session)
    stalls = Stalls()
    code, error = 0, ""
    try:
        session.start()
        drive(search, lambda: stalls.of(search.seen))
        _raise_without_result(search.board, session)
        if stalls.first:
            code, error = RunFailedError.exit_code, stalls.first
    except KeyboardInterrupt as interrupt:
        code = code_of(interrupt)
        search.stop(INTERRUPTED)
    except OvbenchError as failure:
        code, error = failure.exit_code, str(failure)
        print_message(error)
    session.close(_CLOSE_TIMEOUT_S)
    return print_search(invocation, search.board, code, error)


class Stalls:
    """Notes when the engine of a search hung; the search goes on with another engine.

    Attributes:
        first: the first such sentence; '' = none.
    """

    def __init__(self) -> None:
        self.first = ""
        self._last = ""

    def of(self, snapshot: Snapshot | None) -> list[str]:
        """The sentence, where it is new."""
        stall = snapshot.stall if snapshot is not None else ""
        new = [stall] if stall and stall != self._last else []
        self._last = stall
        self.first = self.first or stall
        return new


def _raise_without_result(board: TuningState, session: Session) -> None:
    """Tell why nothing at all could be measured."""
    from ovbench_tui.engine.api.events import ConfigRejected
    from ovbench_tui.tuning.report import failed_reason

    if any(trial.has_run for trial in board.trials):
        return
    rejection = session.rejection
    if rejection is not None and not (
        isinstance(rejection, ConfigRejected) and not rejection.bad_input
    ):
        raise BadInputError(rejection.reason)
    raise RunFailedError(board.reason or failed_reason(board.trials))
