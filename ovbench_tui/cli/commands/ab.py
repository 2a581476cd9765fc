"""``ovbench-tui ab MODEL --b ...``: let two configurations run in turn, and compare them."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.ab.invocation import AbInvocation, read_ab_invocation
from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import code_of, kept_interrupts, raise_on_end_signals
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import OvbenchError, RunFailedError

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.engine.api.snapshot import AbView
    from ovbench_tui.engine.session import Session

_POLL_S = 0.05
_CLOSE_TIMEOUT_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Compare; returns the exit code."""
    invocation = read_ab_invocation(arguments)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.engine.models.sniff import identify

    for model in dict.fromkeys((invocation.a.model, invocation.b.model)):
        identify(model)
    if invocation.repeat > 1:
        from ovbench_tui.cli.commands.ab_repeat import compare_repeatedly

        return compare_repeatedly(arguments, invocation)
    raise_on_end_signals()
    with NativeLog(), kept_history(is_wanted=invocation.keeps_history) as history:
        return _compare(invocation, history)


def _compare(invocation: AbInvocation, history: RunSink | None) -> int:
    from ovbench_tui.engine.session import Session

    session = Session(invocation.a, isolated=invocation.isolated, run_sink=history)
    code, error = 0, ""
    try:
        drive(session, invocation)
    except KeyboardInterrupt as interrupt:
        code = code_of(interrupt)
    except OvbenchError as failure:
        code, error = failure.exit_code, str(failure)
        print_message(error)
    session.conclude()  # so that the history keeps the very figures that are told
    code = _tell(invocation, session.ab(), code, error)
    session.close(_CLOSE_TIMEOUT_S)
    return code


def drive(session: Session, invocation: AbInvocation) -> None:
    """Start A, then B beside it, and let them run in turn for the time asked for.

    The time counts from the moment at which both run, and a pair that has begun is left out.

    Raises:
        BadInputError: one of the two cannot be run as asked.
        KeyboardInterrupt: between two folds, so that what was measured is whole.
        RunFailedError: one of the two failed.
    """
    from ovbench_tui.ab.progress import AbProgress
    from ovbench_tui.cli.headless import raise_on_failure
    from ovbench_tui.engine.api.snapshot import AbPhase

    progress = AbProgress(sys.stderr)
    end_s = math.nan
    reported = 0
    with kept_interrupts() as raise_kept:
        try:
            session.start()
            while True:
                snapshot = session.snapshot(0)
                for notice in snapshot.notices:
                    if notice.number > reported:
                        reported = notice.number
                        if not notice.is_error:  # an error is raised
                            progress.clear()
                            print_message(notice.text)
                raise_kept()
                raise_on_failure(session)
                view = session.ab()
                now_s = time.perf_counter()
                if view is None and snapshot.measuring:
                    session.begin_ab(invocation.b, invocation.slice_s)
                elif view is not None and view.phase is AbPhase.RUNNING and math.isnan(end_s):
                    end_s = now_s + invocation.duration_s
                elif view is not None and view.phase is AbPhase.OVER:
                    raise RunFailedError(view.reason or "One of the two failed.")
                elif now_s >= end_s:
                    return
                progress.show(snapshot.background, view, end_s - now_s)
                time.sleep(_POLL_S)
        finally:
            progress.clear()


def _tell(invocation: AbInvocation, view: AbView | None, code: int, error: str) -> int:
    from ovbench_tui.ab.report import ab_document, format_ab

    if invocation.json_stdout:
        configs = (invocation.a, invocation.b)
        text = ab_document(view, configs, exit_code=code, error=error)
    else:
        text = format_ab(view) if view is not None else ""
    return code if print_result(text) else code or OvbenchError.exit_code
