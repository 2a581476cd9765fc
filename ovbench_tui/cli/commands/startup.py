"""``ovbench-tui startup MODEL``: how long a program takes to start with a model."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import OvbenchError
from ovbench_tui.settings.file import read_settings
from ovbench_tui.startup.invocation import StartupInvocation, read_startup_invocation

if TYPE_CHECKING:
    from ovbench_tui.startup.starting import Starting


def main(arguments: Sequence[str]) -> int:
    """Measure; returns the exit code."""
    user = read_settings()
    invocation = read_startup_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.cli.result_file import check_results
    from ovbench_tui.config.model_file import identify

    check_results([("--csv", invocation.csv)])
    identify(invocation.config.model)
    raise_on_end_signals()
    with NativeLog(), tempfile.TemporaryDirectory(prefix="ovbench-tui-") as folder:
        return _measure(invocation, Path(folder))


def _measure(invocation: StartupInvocation, folder: Path) -> int:
    from ovbench_tui.cli.loop import Outcome, measure_all
    from ovbench_tui.cli.plain_run import plain_run
    from ovbench_tui.cli.result_file import write_result
    from ovbench_tui.startup.report import startup_csv, startup_document, startup_text
    from ovbench_tui.startup.starting import Starting

    starting: Starting | None = None
    with Outcome() as outcome:
        run = plain_run(invocation.config, "starts are measured")
        starting = Starting(run, folder, invocation.repeat)
        measure_all(starting)
    code = outcome.code
    series = starting.series if starting is not None else ()
    config = invocation.config
    if invocation.csv and series:
        is_written = write_result("--csv", invocation.csv, startup_csv(series), "the starts are")
        code = code or (0 if is_written else OvbenchError.exit_code)
    if invocation.json_stdout:
        text = startup_document(series, config, exit_code=code, error=outcome.error)
    else:
        text = startup_text(series, config.model, config.device)
    return code if print_result(text) else code or OvbenchError.exit_code
