"""``ovbench-tui ab MODEL --b ...``: let two configurations run in turn, and compare them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.ab.invocation import AbInvocation, read_ab_invocation
from ovbench_tui.ab.progress import describe
from ovbench_tui.cli.headless import error_of
from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.loop import Deadline, News, Outcome, Step, run_to_end
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.errors import OvbenchError, RunFailedError
from ovbench_tui.settings.file import read_settings

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.engine.session import Session

_CLOSE_TIMEOUT_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Compare; returns the exit code."""
    user = read_settings()
    invocation = read_ab_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    for model in dict.fromkeys((invocation.a.model, invocation.b.model)):
        identify(model)
    if invocation.repeat > 1:
        from ovbench_tui.cli.ab.repeat import compare_repeatedly

        return compare_repeatedly(arguments, invocation)
    raise_on_end_signals()
    if invocation.is_of_interpreters:
        from ovbench_tui.cli.ab.interpreters import compare_interpreters

        with NativeLog():
            return compare_interpreters(invocation)
    with NativeLog(), kept_history(is_wanted=invocation.keeps_history) as history:
        return _compare(invocation, history)


def _compare(invocation: AbInvocation, history: RunSink | None) -> int:
    from ovbench_tui.engine.session import Session

    session = Session(
        invocation.a,
        isolated=invocation.isolated,
        run_sink=history,
        margin=invocation.margin,
    )
    with Outcome() as outcome:
        drive(session, invocation)
    session.conclude()  # so that the history keeps the very figures that are told
    code = _tell(invocation, session.ab(), outcome.code, outcome.error)
    session.close(_CLOSE_TIMEOUT_S)
    return code


def drive(session: Session, invocation: AbInvocation) -> None:
    """Start A, then B beside it, and let them run in turn for the time asked for.

    The time counts from the moment at which both run, and only while they are not stopped. A
    pair that has begun is left out.

    Raises:
        BadInputError: one of the two cannot be run as asked.
        KeyboardInterrupt: between two folds, so that what was measured is whole.
        RunFailedError: one of the two failed, or hangs.
    """
    news = News(with_errors=False)
    deadline: Deadline | None = None
    count_then = -1

    def look() -> Step:
        nonlocal deadline, count_then
        snapshot = session.snapshot(0)
        view = session.ab()
        error = error_of(session, snapshot)
        left_s = math.nan
        if view is None and snapshot.measuring:
            session.begin_ab(invocation.b, invocation.slice_s)
        elif view is not None and view.phase is AbPhase.OVER:
            error = error or RunFailedError(view.reason or "One of the two failed.")
        elif view is not None and view.phase is AbPhase.RUNNING:
            deadline = deadline or Deadline(invocation.duration_s)
            left_s = deadline.left_s(_stopped_s(view))
        # An engine that hangs has measured nothing for a while: its verdict is waited for.
        count = session.progress().count if left_s <= 0 else -1
        count_then = count_then if count_then >= 0 else count
        return Step(
            is_over=count > count_then,
            error=error,
            line=describe(snapshot.background, view, left_s),
            sentences=news.of(snapshot.notices),
        )

    run_to_end(look, begin=session.start)


def _stopped_s(view: AbView) -> float:
    return sum(side.stats.stopped_s for side in (view.a, view.b) if side is not None)


def _tell(invocation: AbInvocation, view: AbView | None, code: int, error: str) -> int:
    from ovbench_tui.ab.report import ab_document, format_ab

    if invocation.json_stdout:
        configs = (invocation.a, invocation.b)
        text = ab_document(view, configs, exit_code=code, error=error)
    else:
        text = format_ab(view) if view is not None else ""
    return code if print_result(text) else code or OvbenchError.exit_code
