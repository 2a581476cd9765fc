"""What every search of the command line does: advance, show how far it is, print the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.cli.loop import Outcome, Step, run_to_end
from ovbench_tui.cli.result_file import write_result
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.engine.session import Session
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.invocation import TuneInvocation
    from ovbench_tui.tuning.state import TuningState
    from ovbench_tui.tuning.tuner import Tuner

_CLOSE_TIMEOUT_S = 0.5
INTERRUPTED = "It was interrupted before everything was tried."


def drive(
    search: Search,
    news: Callable[[], Sequence[str]] = tuple,
    progress: Callable[[TuningState], str] | None = None,
) -> None:
    """Let a search advance until it is done, and show how far it is.

    Args:
        news: called after every step for sentences that should be printed.
        progress: a line on how far it is; None = what is measured, and what is best.

    Raises:
        KeyboardInterrupt: between two folds, so that what was measured is whole.
    """
    from ovbench_tui.tuning.progress import TrialLog, describe_board

    trials, describe = TrialLog(), progress or describe_board

    def look() -> Step:
        search.advance()
        board = search.board
        return Step(
            is_over=search.is_done,
            line=describe(board),
            sentences=news(),
            log=trials.of(board),
        )

    run_to_end(look)


def search_here(
    tuner: Tuner,
    base: BenchmarkConfig,
    *,
    isolated: bool,
    history: RunSink | None,
    progress: Callable[[TuningState], str] | None = None,
) -> tuple[TuningState, int, str]:
    """Let a tuner measure with a session of this process until it is done or interrupted.

    Args:
        progress: see `drive`.

    Returns:
        What was found, the exit code, and the error in a sentence; '' = there was none.
    """
    from ovbench_tui.engine.session import Session
    from ovbench_tui.tuning.driven import DrivenTuner

    session = Session(replace(base, model=""), isolated=isolated, run_sink=history)
    search = DrivenTuner(tuner, session)
    stalls = Stalls()
    with Outcome() as outcome:
        session.start()
        drive(search, lambda: stalls.of(search.seen), progress)
        _raise_without_result(search.board, session)
    if outcome.is_interrupted:
        search.stop(INTERRUPTED)
    session.close(_CLOSE_TIMEOUT_S)
    if not outcome.code and stalls.first:
        return search.board, RunFailedError.exit_code, stalls.first
    return search.board, outcome.code, outcome.error


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
    if board.misfit:
        raise BadInputError(board.misfit)
    rejection = session.rejection
    if rejection is not None and not (
        isinstance(rejection, ConfigRejected) and not rejection.bad_input
    ):
        raise BadInputError(rejection.reason)
    raise RunFailedError(board.reason or failed_reason(board.trials))


def print_search(invocation: TuneInvocation, board: TuningState, code: int, error: str) -> int:
    """Print what was found and write the winner's files; returns the exit code."""
    from ovbench_tui.tuning.report import board_document, format_board

    if board.reason and not error:
        print_message(board.reason)
    if board.winner is None and not code:
        code = OvbenchError.exit_code  # nothing keeps the limit
    written = _write_winner(invocation, board)
    code = code or written
    if invocation.json_stdout:
        text = board_document(board, model=invocation.base.model, exit_code=code, error=error)
    else:
        text = format_board(board) if board.trials else ""
    return code if print_result(text) else code or OvbenchError.exit_code


def _write_winner(invocation: TuneInvocation, board: TuningState) -> int:
    """Write --save and --snippet; returns 1 when one of them could not be written."""
    from ovbench_tui.export import python_snippet, settings_json

    winner = board.winner
    if winner is None or winner.run is None:
        return 0
    texts = {
        "--save": lambda run: settings_json(run.config),
        "--snippet": python_snippet,
    }
    written = [
        write_result(option, path, texts[option](winner.run), "the best configuration is")
        for option, path in invocation.files
        if path
    ]
    return 0 if all(written) else OvbenchError.exit_code
