"""``ovbench-tui tune MODEL``: find the best configuration, and say why it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.history_session import kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.result_file import check_results
from ovbench_tui.cli.search.search_run import print_search, search_here
from ovbench_tui.console.messages import print_message
from ovbench_tui.settings.file import read_settings
from ovbench_tui.tuning.invocation import TuneInvocation, read_tune_invocation

if TYPE_CHECKING:
    from ovbench_tui.engine.api.run_sink import RunSink


def main(arguments: Sequence[str]) -> int:
    """Tune; returns the exit code."""
    user = read_settings()
    invocation = read_tune_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    check_results(invocation.files)
    if invocation.address is not None:
        from ovbench_tui.cli.search.tune_on_cluster import tune_on_cluster

        return tune_on_cluster(invocation)
    identify(invocation.base.model)
    raise_on_end_signals()
    with NativeLog(), kept_history(is_wanted=invocation.keeps_history) as history:
        return _tune(invocation, history)


def _tune(invocation: TuneInvocation, history: RunSink | None) -> int:
    from ovbench_tui.tuning.start import make_tuner

    tuner = make_tuner(invocation.base, invocation.plan_for(None))
    board, code, error = search_here(
        tuner, invocation.base, isolated=invocation.isolated, history=history
    )
    return print_search(invocation, board, code, error)
