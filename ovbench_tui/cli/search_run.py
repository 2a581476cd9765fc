"""What every search of the command line does: advance, show how far it is, print the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.cli.loop import Step, run_to_end
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError

if TYPE_CHECKING:
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.invocation import TuneInvocation
    from ovbench_tui.tuning.state import TuningState

INTERRUPTED = "It was interrupted before everything was tried."


def check_writable(invocation: TuneInvocation) -> None:
    """Refuse before minutes are spent what could not be written in the end."""
    for option, path in _files(invocation):
        folder = Path(path).parent
        if Path(path).is_dir() or not folder.is_dir():
            raise BadInputError(f"{option} '{path}' cannot be written: give a file in a folder.")


def drive(search: Search, news: Callable[[], Sequence[str]] = tuple) -> None:
    """Let a search advance until it is done, and show how far it is.

    Args:
        news: called after every step for sentences that should be printed.

    Raises:
        KeyboardInterrupt: between two folds, so that what was measured is whole.
    """
    from ovbench_tui.tuning.progress import TrialLog, describe_board

    trials = TrialLog()

    def look() -> Step:
        search.advance()
        board = search.board
        return Step(
            is_over=search.is_done,
            line=describe_board(board),
            sentences=news(),
            log=trials.of(board),
        )

    run_to_end(look)


def print_search(invocation: TuneInvocation, board: TuningState, code: int, error: str) -> int:
    """Print what was found and write the winner's files; returns the exit code."""
    from ovbench_tui.tuning.report import board_document, format_board

    if board.reason and not error:
        print_message(board.reason)
    if board.winner is None and not code:
        code = OvbenchError.exit_code  # nothing keeps the limit
    written = _write_files(invocation, board)
    code = code or written
    if invocation.json_stdout:
        text = board_document(board, model=invocation.base.model, exit_code=code, error=error)
    else:
        text = format_board(board) if board.trials else ""
    return code if print_result(text) else code or OvbenchError.exit_code


def _files(invocation: TuneInvocation) -> list[tuple[str, str]]:
    files = (("--save", invocation.save), ("--snippet", invocation.snippet))
    return [(option, path) for option, path in files if path]


def _write_files(invocation: TuneInvocation, board: TuningState) -> int:
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
        _write(option, path, texts[option](winner.run)) for option, path in _files(invocation)
    ]
    return 0 if all(written) else OvbenchError.exit_code


def _write(option: str, path: str, text: str) -> bool:
    from ovbench_tui.files.safe_write import write_text

    try:
        write_text(Path(path), text)
    except (OSError, OvbenchError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else error
        print_message(f"{option} '{path}' was not written: {cause}.")
        return False
    print_message(f"{option}: the best configuration is in '{path}'.")
    return True
