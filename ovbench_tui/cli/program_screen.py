"""The user's own program, run under a screen."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ovbench_tui.cli.native_log import NativeLog
from ovbench_tui.cli.terminal_guard import guard_terminal
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import RunFailedError
from ovbench_tui.settings.file import read_settings

if TYPE_CHECKING:
    from ovbench_tui.application.alone import AloneResult
    from ovbench_tui.application.live import LiveProgram
    from ovbench_tui.application.program import ProgramRun

_PATIENCE_S = 3.0
"""How long a program has to end after each signal, once the screen is closed."""


def show_program(words: Sequence[str]) -> tuple[ProgramRun, AloneResult | None]:
    """Run a program until it has ended and the screen is closed, and give back what it printed.

    Returns:
        What was recorded, and what its model reaches alone, where that was measured.
    """
    guard = guard_terminal()  # forks, so it comes before any thread and all that is large
    from ovbench_tui.application.live import LiveProgram
    from ovbench_tui.application.output import ProgramOutput
    from ovbench_tui.application.program import RunningProgram
    from ovbench_tui.cli.known_alone import known_alone
    from ovbench_tui.cli.preferences import make_preferences
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.application.app import ProgramApp

    # Now, for while the screen is open Textual has the streams.
    output = ProgramOutput(shutil.get_terminal_size())
    programs: list[LiveProgram] = []

    def start() -> LiveProgram:
        running = RunningProgram(words, *output.child_ends, is_apart=True)
        output.begin()
        programs.append(LiveProgram(words, running, output, known_alone=known_alone))
        return programs[0]

    def leave(number: int) -> None:
        for program in programs:
            program.close(_PATIENCE_S)
        os._exit(128 + number)

    departure = ShutdownWatchdog(leave)
    with NativeLog() as log:
        app = ProgramApp(start, preferences=make_preferences(read_settings()), departure=departure)
        guard.note_drawing()
        app.run()
        guard.note_given_back()
        departure.complete()
        if app.crash:
            print_message(f"Internal error in the screen: {app.crash} (see {log.path}).")
        if not programs:
            raise RunFailedError("The screen ended before the program was started.")
        if app.ended_by_signal is not None:
            programs[0].send_signal(app.ended_by_signal)
        # What went wrong with the screen is no reason to end the program.
        run = programs[0].close(math.inf if app.crash else _PATIENCE_S)
    output.give_back()
    return run, programs[0].alone
