"""``ovbench-tui sweep MODEL``: throughput and latency over the number of infer requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.search_run import check_writable, search_here, write_result
from ovbench_tui.cli.terminal_guard import has_terminal
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import OvbenchError
from ovbench_tui.settings.file import read_settings
from ovbench_tui.sweep.invocation import SweepInvocation, read_sweep_invocation

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.tuning.state import TuningState


def main(arguments: Sequence[str]) -> int:
    """Sweep; returns the exit code."""
    user = read_settings()
    invocation = read_sweep_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.main import run_screen
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    check_writable([("--csv", invocation.csv)])
    identify(invocation.base.model)
    if invocation.program.has_screen and not invocation.json_stdout and has_terminal():
        return run_screen(
            invocation.program,
            user,
            invocation.options,
            lambda app: _print_swept(invocation, app.swept),
        )
    raise_on_end_signals()
    with NativeLog(), kept_history(is_wanted=invocation.keeps_history) as history:
        return _sweep(invocation, history)


def _sweep(invocation: SweepInvocation, history: RunSink | None) -> int:
    from ovbench_tui.sweep.report import format_sweep, sweep_document
    from ovbench_tui.sweep.start import make_sweep

    sweep = make_sweep(invocation.base, invocation.plan)
    board, code, error = search_here(
        sweep, invocation.base, isolated=invocation.isolated, history=history
    )
    if board.reason and not error:
        print_message(board.reason)
    code = code or _write_points(invocation, board)
    if invocation.json_stdout:
        text = sweep_document(board, model=invocation.base.model, exit_code=code, error=error)
    else:
        text = format_sweep(board) if board.trials else ""
    return code if print_result(text) else code or OvbenchError.exit_code


def _print_swept(invocation: SweepInvocation, board: TuningState | None) -> int:
    """Print and write what was swept on the screen; returns an exit code."""
    from ovbench_tui.sweep.report import format_sweep

    if board is None or not board.trials:
        return 0
    code = _write_points(invocation, board)
    return code if print_result(format_sweep(board)) else code or OvbenchError.exit_code


def _write_points(invocation: SweepInvocation, board: TuningState) -> int:
    """Write --csv; returns 1 when that could not be done."""
    from ovbench_tui.sweep.report import sweep_csv

    is_written = not invocation.csv or write_result(
        "--csv", invocation.csv, sweep_csv(board), "the points are"
    )
    return 0 if is_written else OvbenchError.exit_code
