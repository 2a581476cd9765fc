"""``ovbench-tui mix MODEL MODEL ...``: several models at once, and what they cost each other."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.history_session import HISTORY_TIMEOUT_S, kept_history
from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.loop import News, Outcome, Step, run_to_end
from ovbench_tui.cli.result_file import check_results, write_result
from ovbench_tui.cli.terminal_guard import TerminalGuard, guard_terminal, has_terminal
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.mix.invocation import DEFAULT_DURATION_S, MixInvocation, read_mix_invocation
from ovbench_tui.settings.file import SettingsFile, read_settings

if TYPE_CHECKING:
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.engine.api.run_sink import RunSink
    from ovbench_tui.history.writer import HistoryWriter
    from ovbench_tui.mix.session import MixSession
    from ovbench_tui.mix.suggestion import SuggestionSearch
    from ovbench_tui.mix.view import MixView

_CLOSE_TIMEOUT_S = 0.5


def main(arguments: Sequence[str]) -> int:
    """Run the mix; returns the exit code."""
    user = read_settings()
    return run_mix(read_mix_invocation(arguments, user.settings), user)


def run_mix(invocation: MixInvocation, user: SettingsFile) -> int:
    """Run models side by side; returns the exit code.

    Raises:
        BadInputError: one of them can be seen to be unusable before any runs.
    """
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.config.model_file import identify

    check_results([("--csv", invocation.csv)])
    for model in dict.fromkeys(member.config.model for member in invocation.members):
        identify(model)
    has_screen = invocation.program.has_screen and has_terminal()
    guard = guard_terminal() if has_screen else None  # forks, so it comes before any thread
    if guard is None:
        raise_on_end_signals()
        if user.reason:
            print_message(user.reason)
    is_kept = invocation.program.keeps_history
    with NativeLog() as log, kept_history(is_wanted=is_kept) as history:
        if invocation.suggests:
            return _suggest(invocation, history)
        if guard is None:
            return _measure(invocation, history)
        return _show(invocation, user, guard, log, history)


def _open_mix(
    invocation: MixInvocation,
    history: RunSink | None,
    *,
    in_turns: bool,
    needs_all: bool = True,
) -> MixSession:
    from ovbench_tui.mix.session import MixSession

    return MixSession(
        invocation.members,
        isolated=invocation.program.isolated,
        run_sink=history,
        margin=invocation.program.margin,
        slice_s=invocation.slice_s,
        in_turns=in_turns,
        needs_all=needs_all,
    )


def _measure(invocation: MixInvocation, history: RunSink | None) -> int:
    mix = _open_mix(invocation, history, in_turns=True)
    news = MixNews()
    with Outcome(lambda error: error == news.failure) as outcome:
        drive(mix, invocation.duration_s or DEFAULT_DURATION_S, news)
    mix.conclude()  # so that the history keeps the very figures that are told
    code = _tell(invocation, mix.advance(), outcome.code, outcome.error)
    mix.close(_CLOSE_TIMEOUT_S)
    return code


def _suggest(invocation: MixInvocation, history: RunSink | None) -> int:
    """Search for a better split; returns the exit code."""
    from ovbench_tui.mix.suggestion import begin_search
    from ovbench_tui.mix.suggestion_report import format_suggestion, suggestion_document

    mix = _open_mix(invocation, history, in_turns=False)
    now = tuple(member.config for member in invocation.members)
    margin = invocation.program.margin
    search = begin_search(mix, now, max_time_s=invocation.max_time_s, margin=margin)
    with Outcome() as outcome:
        drive_search(search, mix)
    mix.close(_CLOSE_TIMEOUT_S)
    names = [member.name for member in invocation.members]
    if invocation.json_stdout:
        text = suggestion_document(search, names, exit_code=outcome.code, error=outcome.error)
    else:
        text = format_suggestion(search, names) if search.now.race else ""
    return outcome.code if print_result(text) else outcome.code or OvbenchError.exit_code


def drive_search(search: SuggestionSearch, mix: MixSession) -> None:
    """Try one split after the other until it is known whether one is better.

    Raises:
        BadInputError: one of the models cannot be run as asked.
        KeyboardInterrupt: between two folds, so that what was measured is whole.
        RunFailedError: one of them does not run as it is.
    """
    from ovbench_tui.mix.suggestion_report import describe_search

    news = MixNews()

    def look() -> Step:
        view = search.advance()
        error: OvbenchError | None = None
        if mix.bad_input:
            error = BadInputError(mix.bad_input)
        elif search.now.reason:
            error = RunFailedError(search.now.reason)
        return Step(
            is_over=search.is_over,
            error=error,
            line=describe_search(search),
            sentences=news.of(view),
        )

    run_to_end(look, begin=mix.start)


def _show(
    invocation: MixInvocation,
    user: SettingsFile,
    guard: TerminalGuard,
    log: NativeLog,
    history: HistoryWriter | None,
) -> int:
    """Run with the screen; returns the exit code."""
    from ovbench_tui.cli.preferences import preferences_of
    from ovbench_tui.mix.suggestion_report import format_suggestion
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.mix_app import MixApp

    opened: list[MixSession] = []
    program = invocation.program
    in_turns = invocation.duration_s is not None

    def open_mix() -> MixSession:
        opened.append(_open_mix(invocation, history, in_turns=in_turns, needs_all=False))
        opened[0].start()
        return opened[0]

    def leave(number: int) -> None:
        # The thread that owns the sessions hangs for good, so this one may use them.
        for mix in opened:
            mix.conclude()
        if history is not None:
            history.close(HISTORY_TIMEOUT_S)
        os._exit(128 + number)

    departure = ShutdownWatchdog(leave)
    app = MixApp(
        invocation.members,
        open_mix,
        duration_s=invocation.duration_s,
        margin=program.margin,
        search_s=invocation.max_time_s,
        refresh_hz=program.refresh_hz,
        ui_budget_percent=program.ui_budget_percent,
        preferences=preferences_of(program, user),
        departure=departure,
    )
    app.read_log = log.read
    guard.note_drawing()
    app.run()
    guard.note_given_back()
    departure.complete()
    if app.crash:
        print_message(f"Internal error in the screen: {app.crash} (see {log.path}).")
    code = 0
    for mix in opened:
        mix.conclude()
        view = mix.advance()
        code = RunFailedError.exit_code if view.members and not view.running else 0
        code = _tell(invocation, view, code, "", judges_limits=False)
        if app.search is not None and app.search.now.race:
            print_result(f"\n{format_suggestion(app.search, [one.name for one in view.members])}")
        mix.close(_CLOSE_TIMEOUT_S)
    if app.ended_by_signal is not None:
        return 128 + app.ended_by_signal
    return app.return_code or code


class MixNews:
    """What the user should know of the models of a mix and has not read yet.

    Attributes:
        failure: the first that was told, in a sentence; '' = none.
    """

    def __init__(self) -> None:
        self.failure = ""
        self._notices: dict[str, News] = {}
        self._failed: set[str] = set()

    def of(self, view: MixView) -> list[str]:
        """The sentences that none before had, each with the name of its model."""
        found: list[str] = []
        for one in view.members:
            news = self._notices.setdefault(one.name, News(with_errors=False))
            found += [f"{one.name}: {text}" for text in news.of(one.snapshot.notices)]
            if one.failure and one.name not in self._failed:
                self._failed.add(one.name)
                found.append(f"{one.name}: {one.failure}")
                self.failure = self.failure or found[-1]
        return found


def drive(mix: MixSession, duration_s: float, news: MixNews) -> None:
    """Let all take their turns until they have taken so many seconds, and a round is whole.

    A model that fails is reported, and the others go on.

    Raises:
        BadInputError: one of them cannot be run as asked.
        KeyboardInterrupt: between two folds, so that what was measured is whole.
        RunFailedError: one of them failed, once the others are measured; or all did.
    """
    from ovbench_tui.mix.report import describe_mix

    def look() -> Step:
        view = mix.advance()
        sentences = news.of(view)
        error: OvbenchError | None = None
        if mix.bad_input:
            error = BadInputError(mix.bad_input)
        elif not view.running:
            error = RunFailedError(news.failure)
        left_s = duration_s - view.measured_s if view.stage.is_of_turns else math.nan
        return Step(
            is_over=view.has_lasted(duration_s),
            error=error,
            line=describe_mix(view, left_s),
            sentences=sentences,
        )

    run_to_end(look, begin=mix.start)
    if news.failure:
        raise RunFailedError(news.failure)


def _tell(
    invocation: MixInvocation, view: MixView, code: int, error: str, *, judges_limits: bool = True
) -> int:
    """Print and write what was found; returns the exit code."""
    from ovbench_tui.mix.report import format_mix, limits_ending, mix_csv, mix_document

    if not code and judges_limits:
        ending = limits_ending(view.running)
        code, error = ending.exit_code, ending.error
        if error:
            print_message(error)
    if invocation.csv and not write_result(
        "--csv", invocation.csv, mix_csv(view), "the figures are"
    ):
        code = code or OvbenchError.exit_code
    if invocation.json_stdout:
        text = mix_document(view, exit_code=code, error=error)
    else:
        text = format_mix(view)
    return code if print_result(text) else code or OvbenchError.exit_code
