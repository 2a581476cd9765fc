"""The program: picks the screen or none, runs, and leaves with an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NoReturn

from ovbench_tui.cli.commands.registry import run_subcommand
from ovbench_tui.cli.history_session import HISTORY_TIMEOUT_S, kept_history
from ovbench_tui.cli.interrupts import code_of, raise_on_end_signals
from ovbench_tui.cli.native_log import NativeLog
from ovbench_tui.cli.open_files import ensure_open_files
from ovbench_tui.cli.preferences import preferences_of
from ovbench_tui.cli.terminal_guard import guard_terminal, has_terminal, is_in_browser
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import flush_results, print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.options.commands import COMMANDS, refuse_mistyped
from ovbench_tui.options.invocation import Invocation, read_invocation, typed_pairs
from ovbench_tui.settings.file import SettingsFile, read_settings

if TYPE_CHECKING:
    from ovbench_tui.engine.session import Session
    from ovbench_tui.history.writer import HistoryWriter
    from ovbench_tui.metrics.exchange import MetricsExchange
    from ovbench_tui.reports.latencies import LatencyFile
    from ovbench_tui.ui.app.app import OvbenchApp

_DEBUG = "OVBENCH_TUI_DEBUG"
_CLOSE_TIMEOUT_S = 0.5

Finish = Callable[["Session"], str]
"""Completes what is written beside the reports; returns why it could not be, '' = all is well."""


def run() -> NoReturn:
    """The console script: run, and leave without tearing anything down.

    Everything is printed and closed by then. What is left is native: a compile that cannot be
    cancelled, a model that crashes when it is released; the interpreter's own exit would wait
    for the one and die of the other. That holds for an error of our own, too.
    """
    _replace_closed_streams()
    # Or Python's helper processes would take modules from the current folder (3.10: ProcessHost).
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    try:
        code = main()
    except KeyboardInterrupt as interrupt:
        code = code_of(interrupt)
    except SystemExit as leaving:  # -h and the like
        code = leaving.code if isinstance(leaving.code, int) else 0
    except Exception as error:  # noqa: BLE001 - a traceback is for those who ask for it
        code = OvbenchError.exit_code
        print_message(f"Internal error: {error!r}. Set {_DEBUG}=1 for a traceback.")
        if os.environ.get(_DEBUG):
            with contextlib.suppress(OSError):
                traceback.print_exc()
    if not flush_results():
        code = code or OvbenchError.exit_code
    with contextlib.suppress(OSError):  # the terminal or the pipe's reader is gone
        sys.stderr.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: see the manual's page on errors."""
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] in COMMANDS:
        return run_subcommand(words[0], words[1:])
    invocation: Invocation | None = None
    try:
        refuse_mistyped(words)
        user = read_settings()
        invocation = read_invocation(words, user.settings)
        if invocation.wants_schema:
            return _print_schema()
        if invocation.wants_dashboard:
            return _print_dashboard()
        ensure_open_files()
        if invocation.processes > 1:
            from ovbench_tui.cli.commands.mix import run_mix
            from ovbench_tui.mix.invocation import copies_of

            return run_mix(copies_of(invocation), user)
        has_screen = invocation.has_screen and has_terminal()
        _check(invocation, has_screen=has_screen)
        if has_screen:
            return run_screen(invocation, user)
        if user.reason:
            print_message(user.reason)
        if invocation.repeat > 1:
            from ovbench_tui.cli.repeats.repeat import run_repeats

            return run_repeats(words, invocation)
        return _run_headless(words, invocation)
    except OvbenchError as error:
        print_message(str(error))
        if invocation is not None and invocation.reports.json_stdout:
            _print_failure(invocation.reports, error)
        elif invocation is None and "--json" in words:
            typed = ReportOptions(json_stdout=True, command_line=typed_pairs(words))
            _print_failure(typed, error)
        return error.exit_code


def _replace_closed_streams() -> None:
    """Put the null device where the caller closed a standard stream, as in `>&-`.

    Otherwise the next file opened, such as our log, would become the program's output. Standard
    output is one that takes nothing, so that results which are lost are reported.
    """
    for name, mode, flags in (
        ("stdin", "r", os.O_RDONLY),
        ("stdout", "w", os.O_RDONLY),
        ("stderr", "w", os.O_WRONLY),
    ):
        if getattr(sys, name) is None:
            # The lowest free number is taken, and that is the closed one.
            stream = os.fdopen(os.open(os.devnull, flags), mode)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def _check(invocation: Invocation, *, has_screen: bool) -> None:
    """Refuse at once what can be seen without OpenVINO: no such file, no .bin, too old."""
    config, reports = invocation.config, invocation.reports
    if not has_screen and not config.model:
        raise BadInputError("No MODEL is given, and without a screen none can be picked.")
    if not has_screen and invocation.blind_s is not None:
        raise BadInputError(
            "--blind measures what drawing costs, and without a screen there is none."
        )
    if config.model:
        from ovbench_tui.config.model_file import identify

        identify(config.model)
    if reports.writes_files:
        from ovbench_tui.reports.writer import check_writable

        check_writable(reports)


def _run_headless(words: Sequence[str], invocation: Invocation) -> int:
    from ovbench_tui.cli.headless import line_with_shapes, run_headless, with_default_duration
    from ovbench_tui.cli.outputs import Outputs, latency_file
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.outcome import print_outcome

    raise_on_end_signals()
    config, reports = with_default_duration(invocation.config), invocation.reports
    outputs = Outputs(config, reports)
    with (
        NativeLog(),
        kept_history(is_wanted=invocation.keeps_history) as history,
        latency_file(reports) as sink,
        _metrics_board(invocation) as board,
    ):
        session = _session(invocation, config, sink, board, history)
        ending = Ending()
        try:
            run_headless(session, reports)
        except KeyboardInterrupt as interrupt:
            ending = Ending(code_of(interrupt))
        except OvbenchError as error:
            if line := line_with_shapes(words, session.rejection):
                print_message(f"This command runs it: {line}")
            print_message(str(error))
            ending = Ending(error.exit_code, str(error))
        session.conclude()
        reason = outputs.finish(session, sink)
        code = print_outcome(session, reports, ending, reason=reason, judges_limits=True)
        session.close(_CLOSE_TIMEOUT_S)
    return code


def run_screen(
    invocation: Invocation,
    user: SettingsFile,
    search: tuple[str, str] | None = None,
    at_end: Callable[[OvbenchApp], int] = lambda _: 0,
) -> int:
    """Run with the screen; returns the exit code.

    Args:
        search: a view and its options, where that begins to search by itself; None = none does.
        at_end: called when the terminal is given back and the summary is printed; returns an
            exit code, for where all else was well.
    """
    guard = guard_terminal()  # forks, so it comes before any thread and all that is large
    from ovbench_tui.cli.outputs import Outputs, latency_file
    from ovbench_tui.compare.repository import ComparingRepository
    from ovbench_tui.ui.app.app import OvbenchApp
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog

    config, reports = invocation.config, invocation.reports
    outputs = Outputs(config, reports)
    sessions: list[Session] = []
    code = 0
    with (
        NativeLog() as log,
        kept_history(is_wanted=invocation.keeps_history) as history,
        latency_file(reports) as sink,
        _metrics_board(invocation) as board,
    ):

        def open_session() -> Session:
            sessions.append(_session(invocation, config, sink, board, history))
            sessions[0].start()
            return sessions[0]

        def leave(number: int) -> None:
            # The thread that owns the session hangs for good, so this one may use it.
            for session in sessions:
                session.conclude()
            if history is not None:
                history.close(HISTORY_TIMEOUT_S)
            os._exit(128 + number)

        departure = ShutdownWatchdog(leave)
        app = OvbenchApp(
            config,
            open_session,
            refresh_hz=invocation.refresh_hz,
            ui_budget_percent=invocation.ui_budget_percent,
            blind_s=invocation.blind_s,
            read_log=log.read,
            preferences=preferences_of(invocation, user),
            departure=departure,
            margin=invocation.margin,
            search=search,
            history=ComparingRepository(invocation.margin) if invocation.keeps_history else None,
        )
        guard.note_drawing()
        app.run()
        guard.note_given_back()
        departure.complete()
        if app.crash:
            print_message(f"Internal error in the screen: {app.crash} (see {log.path}).")
        if is_in_browser():
            sys.stdout = sys.stderr  # the server passes on only this of what comes after
        for session in sessions:
            code = _tell(session, app, reports, lambda ended: outputs.finish(ended, sink))
            session.close(_CLOSE_TIMEOUT_S)
        code = code or at_end(app)
        if app.ended_by_signal is not None:
            code = 128 + app.ended_by_signal
        elif app.return_code:
            code = app.return_code
    return code


def _tell(session: Session, app: OvbenchApp, reports: ReportOptions, finish: Finish) -> int:
    """Tell what was measured on the screen, once the terminal is given back."""
    from ovbench_tui.cli.headless import collect_profile
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.outcome import print_outcome

    session.snapshot(0)
    ending = Ending()
    try:
        _raise_on_failure(session)
        if app.ended_by_signal is None:
            collect_profile(session, reports)
    except OvbenchError as error:
        print_message(str(error))
        ending = Ending(error.exit_code, str(error))
    session.conclude()
    reason = finish(session)
    if app.overhead_reason:
        print_message(app.overhead_reason)
    return print_outcome(
        session,
        reports,
        ending,
        app.observer_effect,
        app.observed_run_id,
        reason=reason,
        is_ascii=app.preferences.is_ascii,
    )


@contextlib.contextmanager
def _metrics_board(invocation: Invocation) -> Iterator[MetricsExchange | None]:
    """Answer scrapes while the program runs, where that is asked for."""
    if not invocation.metrics_address:
        yield None
        return
    from ovbench_tui.metrics.publishing import metrics_board

    with metrics_board(invocation.metrics_address) as board:
        yield board


def _session(
    invocation: Invocation,
    config: BenchmarkConfig,
    sink: LatencyFile | None,
    board: MetricsExchange | None,
    history: HistoryWriter | None,
) -> Session:
    # Imported late: numpy and the statistics are not needed for the first frame.
    if board is not None:
        from ovbench_tui.metrics.publishing import PublishingSession

        return PublishingSession(
            config,
            board,
            isolated=invocation.isolated,
            sink=sink,
            run_sink=history,
            margin=invocation.margin,
        )
    from ovbench_tui.engine.session import Session

    return Session(
        config,
        isolated=invocation.isolated,
        sink=sink,
        run_sink=history,
        margin=invocation.margin,
    )


def _raise_on_failure(session: Session) -> None:
    """A model that never ran makes the command fail, however long its message was shown."""
    from ovbench_tui.engine.api.events import ShapeNeeded

    if session.failure:
        raise RunFailedError(session.failure)
    rejection = session.rejection
    if rejection is not None and not session.runs:
        is_bad_input = isinstance(rejection, ShapeNeeded) or rejection.bad_input
        raise (BadInputError if is_bad_input else RunFailedError)(rejection.reason)


def _print_schema() -> int:
    from ovbench_tui.reports.json_report import schema_text

    return 0 if print_result(schema_text().rstrip()) else OvbenchError.exit_code


def _print_dashboard() -> int:
    from ovbench_tui.metrics.dashboard import dashboard_text

    return 0 if print_result(dashboard_text().rstrip()) else OvbenchError.exit_code


def _print_failure(reports: ReportOptions, error: OvbenchError) -> None:
    """Keep --json's promise of one document also where nothing could be started."""
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.json_report import Measurement, json_document

    ending = Ending(error.exit_code, str(error))
    print_result(json_document(Measurement(results=(), ending=ending, options=reports)))
