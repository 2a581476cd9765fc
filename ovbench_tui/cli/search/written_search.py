"""What `sweep` and `load` do alike: search on the screen or without, print, and write a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.result_file import check_results, write_result
from ovbench_tui.cli.search.search_run import search_here
from ovbench_tui.cli.terminal_guard import has_terminal
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import OvbenchError

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.settings.file import SettingsFile
    from ovbench_tui.tuning.search_invocation import SearchInvocation
    from ovbench_tui.tuning.state import TuningState
    from ovbench_tui.tuning.tuner import Tuner


class Document(Protocol):
    """Writes what was found as JSON."""

    def __call__(self, board: TuningState, *, model: str, exit_code: int, error: str = "") -> str:
        """Write it; `error` is why the search failed, in a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Writers:
    """How a kind of search writes what it has found.

    Attributes:
        words: what is in its CSV file, with the verb, as in ``the points are``.
        code: the exit code by what was found, where all else was well.
        progress: a line on how far it is; None = that of every search.
    """

    text: Callable[[TuningState], str]
    csv: Callable[[TuningState], str]
    document: Document
    words: str
    code: Callable[[TuningState], int] = lambda _: 0
    progress: Callable[[TuningState], str] | None = None


def run_search(
    invocation: SearchInvocation[Any],
    user: SettingsFile,
    view: str,
    make: Callable[[], Tuner],
    writers: Callable[[], Writers],
) -> int:
    """Search as was asked for; returns the exit code.

    Args:
        view: that shows it, where there is a screen.
        make: begins the search without one.
        writers: imports them.
    """
    if user.reason:
        print_message(user.reason)
    program = invocation.program
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.main import run_screen
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    check_results([("--csv", invocation.csv)])
    identify(invocation.base.model)
    if program.has_screen and not invocation.json_stdout and has_terminal():
        return run_screen(
            program,
            user,
            (view, invocation.options),
            lambda app: _print_found(invocation, app.found_by(view), writers()),
        )
    raise_on_end_signals()
    with NativeLog(), kept_history(is_wanted=program.keeps_history) as history:
        return _search(invocation, make, writers(), history)


def _search(
    invocation: SearchInvocation[Any],
    make: Callable[[], Tuner],
    writers: Writers,
    history: RunSink | None,
) -> int:
    board, code, error = search_here(
        make(),
        invocation.base,
        isolated=invocation.program.isolated,
        history=history,
        progress=writers.progress,
    )
    if board.reason and not error:
        print_message(board.reason)
    code = code or _write_csv(invocation, board, writers) or writers.code(board)
    if invocation.json_stdout:
        text = writers.document(board, model=invocation.base.model, exit_code=code, error=error)
    else:
        text = writers.text(board) if board.trials else ""
    return code if print_result(text) else code or OvbenchError.exit_code


def _print_found(
    invocation: SearchInvocation[Any], board: TuningState | None, writers: Writers
) -> int:
    """Print and write what was found on the screen; returns an exit code."""
    if board is None or not board.trials:
        return 0
    code = _write_csv(invocation, board, writers)
    return code if print_result(writers.text(board)) else code or OvbenchError.exit_code


def _write_csv(invocation: SearchInvocation[Any], board: TuningState, writers: Writers) -> int:
    """Write --csv; returns 1 when that could not be done."""
    is_written = not invocation.csv or write_result(
        "--csv", invocation.csv, writers.csv(board), writers.words
    )
    return 0 if is_written else OvbenchError.exit_code
