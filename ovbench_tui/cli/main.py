"""The program: picks the screen or none, runs, and leaves with an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ovbench_tui.cli.commands.registry import SUBCOMMANDS, run_subcommand
from ovbench_tui.cli.history_session import HISTORY_TIMEOUT_S, kept_history
from ovbench_tui.cli.interrupts import code_of, raise_on_end_signals
from ovbench_tui.cli.native_log import NativeLog
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import print_message
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.options.invocation import Invocation, read_invocation, typed_pairs
from ovbench_tui.settings.file import SettingsFile, read_settings
from ovbench_tui.settings.schema import AUTO

if TYPE_CHECKING:
    from ovbench_tui.engine.session import Session
    from ovbench_tui.history.writer import HistoryWriter
    from ovbench_tui.metrics.exchange import MetricsExchange
    from ovbench_tui.reports.latencies import LatencyFile
    from ovbench_tui.ui.app.app import OvbenchApp
    from ovbench_tui.ui.app.preferences import Preferences

_DEBUG = "OVBENCH_TUI_DEBUG"
_CLOSE_TIMEOUT_S = 0.5


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
    except Exception as error:  # noqa: BLE001 - a traceback is for those who ask for it
        code = OvbenchError.exit_code
        print_message(f"An error of its own ended it: {error!r} (where: set {_DEBUG}=1).")
        if os.environ.get(_DEBUG):
            with contextlib.suppress(OSError):
                traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # the terminal or the pipe's reader is gone
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0, 2 bad input, 3 failed run, 130 interrupted."""
    words = sys.argv[1:] if argv is None else argv
    if words and words[0] in SUBCOMMANDS:
        return run_subcommand(words[0], words[1:])
    invocation: Invocation | None = None
    try:
        user = read_settings()
        invocation = read_invocation(words, user.settings)
        if invocation.wants_schema:
            return _print_schema()
        if invocation.wants_dashboard:
            return _print_dashboard()
        has_screen = invocation.has_screen and (
            _is_in_browser() or (sys.stdin.isatty() and sys.stdout.isatty())
        )
        _check(invocation, has_screen=has_screen)
        if has_screen:
            return _run_screen(invocation, user)
        if user.reason:
            print_message(user.reason)
        if invocation.repeat > 1:
            from ovbench_tui.cli.repeat import run_repeats

            return run_repeats(words, invocation)
        return _run_headless(invocation)
    except OvbenchError as error:
        print_message(str(error))
        if invocation is not None and invocation.reports.json_stdout:
            _print_failure(invocation.reports, error)
        elif invocation is None and "--json" in words:
            typed = ReportOptions(json_stdout=True, command_line=typed_pairs(words))
            _print_failure(typed, error)
        return error.exit_code


def _is_in_browser() -> bool:
    """Whether `ovbench-tui serve` started this; the pipes then lead to a browser."""
    return "WebDriver" in os.environ.get("TEXTUAL_DRIVER", "")


def _replace_closed_streams() -> None:
    """Put the null device where the caller closed a standard stream, as in `>&-`.

    Otherwise the next file opened, such as our log, would become the program's output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is taken, and that is the closed one.
            stream = Path(os.devnull).open(mode)  # noqa: SIM115 - it lives as long as the program
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
        from ovbench_tui.engine.models.sniff import identify

        identify(config.model)
    if reports.writes_files:
        from ovbench_tui.reports.writer import check_writable

        check_writable(reports)


def _run_headless(invocation: Invocation) -> int:
    from ovbench_tui.cli.headless import run_headless, with_default_duration
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.outcome import print_outcome

    raise_on_end_signals()
    config, reports = with_default_duration(invocation.config), invocation.reports
    with (
        NativeLog(),
        kept_history(is_wanted=invocation.keeps_history) as history,
        _latency_sink(reports) as sink,
        _metrics_board(invocation) as board,
    ):
        session = _session(config, invocation.isolated, sink, board, history)
        ending = Ending()
        try:
            run_headless(session, reports)
        except KeyboardInterrupt as interrupt:
            ending = Ending(code_of(interrupt))
        except OvbenchError as error:
            print_message(str(error))
            ending = Ending(error.exit_code, str(error))
        session.conclude()
        reason = _dump_settings(session, config, reports)
        code = print_outcome(session, reports, ending, reason=reason)
        session.close(_CLOSE_TIMEOUT_S)
    return code


def _run_screen(invocation: Invocation, user: SettingsFile) -> int:
    from ovbench_tui.history.repository import HistoryRepository
    from ovbench_tui.ui.app.app import OvbenchApp
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog

    config, reports = invocation.config, invocation.reports
    sessions: list[Session] = []
    code = 0
    with (
        NativeLog() as log,
        kept_history(is_wanted=invocation.keeps_history) as history,
        _latency_sink(reports) as sink,
        _metrics_board(invocation) as board,
    ):

        def open_session() -> Session:
            sessions.append(_session(config, invocation.isolated, sink, board, history))
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
            preferences=_preferences(invocation, user),
            departure=departure,
            history=HistoryRepository() if invocation.keeps_history else None,
        )
        app.run()
        departure.complete()
        if app.crash:
            print_message(f"An error of its own ended the screen: {app.crash} (see {log.path}).")
        if _is_in_browser():
            sys.stdout = sys.stderr  # the server passes on only this of what comes after
        for session in sessions:
            reason = _dump_settings(session, config, reports)
            code = _tell(session, app, reports, reason)
            session.close(_CLOSE_TIMEOUT_S)
        if app.ended_by_signal is not None:
            code = 128 + app.ended_by_signal
        elif app.return_code:
            code = app.return_code
    return code


def _preferences(invocation: Invocation, user: SettingsFile) -> Preferences:
    from ovbench_tui.settings.keep import keep_setting
    from ovbench_tui.settings.location import recent_path
    from ovbench_tui.settings.recent import RecentModels
    from ovbench_tui.ui.app.preferences import Preferences
    from ovbench_tui.ui.widgets.ascii_text import why_ascii

    is_ascii = bool(why_ascii()) if invocation.ascii == AUTO else invocation.ascii == "on"
    return Preferences(
        theme=user.settings.theme,
        is_ascii=is_ascii,
        keymap=user.settings.keymap,
        screenshots=user.settings.screenshots,
        recent=RecentModels(recent_path()),
        keep_theme=lambda name: keep_setting(user.path, "theme", name),
        reason=user.reason,
    )


def _tell(session: Session, app: OvbenchApp, reports: ReportOptions, reason: str) -> int:
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
    if app.overhead_reason:
        print_message(app.overhead_reason)
    return print_outcome(
        session, reports, ending, app.observer_effect, app.observed_run_id, reason=reason
    )


@contextlib.contextmanager
def _latency_sink(reports: ReportOptions) -> Iterator[LatencyFile | None]:
    """Take every measured latency into a file, and say what became of it."""
    if not reports.latencies_file:
        yield None
        return
    from ovbench_tui.reports.latencies import LatencyFile

    sink = LatencyFile(reports.latencies_file)
    try:
        yield sink
    finally:
        print_message(sink.close())


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
    config: BenchmarkConfig,
    isolated: bool,
    sink: LatencyFile | None,
    board: MetricsExchange | None,
    history: HistoryWriter | None,
) -> Session:
    # Imported late: numpy and the statistics are not needed for the first frame.
    if board is not None:
        from ovbench_tui.metrics.publishing import PublishingSession

        return PublishingSession(config, board, isolated=isolated, sink=sink, run_sink=history)
    from ovbench_tui.engine.session import Session

    return Session(config, isolated=isolated, sink=sink, run_sink=history)


def _dump_settings(session: Session, config: BenchmarkConfig, reports: ReportOptions) -> str:
    """Write -dump_config for the last run; returns why that cannot be done, which is told."""
    if not reports.dump_config:
        return ""
    from ovbench_tui.config.compile_properties import properties_by_device
    from ovbench_tui.config.load_config import format_settings
    from ovbench_tui.files.safe_write import write_text

    if session.runs:
        config = session.runs[-1].config
    shown = printable(reports.dump_config)
    try:
        write_text(Path(reports.dump_config), format_settings(properties_by_device(config)) + "\n")
    except (OSError, OvbenchError) as error:
        cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        reason = f"-dump_config '{shown}' was not written: {cause}."
        print_message(reason)
        return reason
    print_message(f"The device properties are in '{shown}'.")
    return ""


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

    return 0 if _print(schema_text()) else OvbenchError.exit_code


def _print_dashboard() -> int:
    from ovbench_tui.metrics.dashboard import dashboard_text

    return 0 if _print(dashboard_text()) else OvbenchError.exit_code


def _print_failure(reports: ReportOptions, error: OvbenchError) -> None:
    """Keep --json's promise of one document also where nothing could be started."""
    from ovbench_tui.reports.ending import Ending
    from ovbench_tui.reports.json_report import Measurement, json_document

    ending = Ending(error.exit_code, str(error))
    _print(json_document(Measurement(results=(), ending=ending, options=reports)))


def _print(text: str) -> bool:
    try:
        print(text.rstrip("\n"), flush=True)
    except OSError:  # its reader did not want it
        return False
    return True
