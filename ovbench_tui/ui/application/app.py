"""The app of `ovbench-tui app`: it watches the user's program, and lets it run as it does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen

from ovbench_tui.application.trace import KEYBOARD_SENTENCE
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import OvbenchError
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.app.framed import FramedApp
from ovbench_tui.ui.app.frames.writer import is_line_behind
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from ovbench_tui.ui.application.screen import ProgramScreen
from ovbench_tui.ui.widgets.hint import Hint, Hints, hint_of

if TYPE_CHECKING:
    from ovbench_tui.application.live import AppSnapshot, LiveProgramLike
    from ovbench_tui.ui.app.end_signals import ShutdownWatchdog
    from ovbench_tui.ui.app.preferences import Preferences

_SHARED = ("help", "log", "screenshot", "draw-less", "draw-more", "commands")
_PROGRAM_BINDINGS: tuple[Binding, ...] = (
    Binding(
        "q,ctrl+q",
        "quit",
        "Quit",
        tooltip="End the program as Ctrl+C would, and print the report",
        id="quit",
    ),
    Binding(
        "space",
        "toggle_pause",
        "Freeze",
        tooltip="Freeze what is shown, or go on; the program runs all the same",
        id="pause",
    ),
    Binding(
        "h",
        "alone",
        "Model alone",
        tooltip="What the same model reaches alone on this machine, once the program has ended",
        id="alone",
    ),
    *(binding for binding in APP_BINDINGS if binding.id in _SHARED or binding.id is None),
)
_BY_ID = {binding.id: binding for binding in _PROGRAM_BINDINGS if binding.id}
_END_SENTENCES = (
    "Ctrl+C was sent to the program, which has to end by itself: q again sends SIGTERM.",
    "SIGTERM was sent to the program: q again kills it.",
    "The program was killed.",
)


class ProgramApp(FramedApp):
    """One program on the screen.

    Args:
        start: starts the program, after the first frame.
        clock, refresh_hz, ui_budget_percent, departure: see `FramedApp`.
    """

    TITLE = "ovbench-tui app"
    BINDINGS: ClassVar[list[BindingType]] = list(_PROGRAM_BINDINGS)

    def __init__(
        self,
        start: Callable[[], LiveProgramLike],
        *,
        clock: Callable[[], float] = time.perf_counter,
        refresh_hz: float = 4.0,
        ui_budget_percent: float = 3.0,
        preferences: Preferences | None = None,
        departure: ShutdownWatchdog | None = None,
    ) -> None:
        super().__init__(
            preferences,
            clock=clock,
            refresh_hz=refresh_hz,
            ui_budget_percent=ui_budget_percent,
            departure=departure,
        )
        self.snapshot = nothing_yet(BenchmarkConfig())
        self.program_snapshot: AppSnapshot | None = None
        self.figures = ProgramScreen()
        self.figures.general_hints = self._hints
        self.is_frozen = False
        self._start = start
        self._program: LiveProgramLike | None = None
        self._ends_asked = 0
        self._has_said_keyboard = False

    # --- life -------------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[None]:
        """The figures."""
        return self.figures

    @property
    def shows_figures(self) -> bool:
        """Whether no dialog lies over them."""
        return self.screen is self.figures

    def begin(self) -> bool:
        """Start the program."""
        self._program = self._start()
        self.read_log = self._program.log_text
        return True

    # --- frames -----------------------------------------------------------------------------

    def frame(self) -> None:
        """Take a snapshot and draw it; the records are read also while nothing is drawn."""
        if self._program is None:
            return
        try:
            snapshot = self._program.snapshot(self.figures.columns_wanted)
        except OvbenchError as error:
            self.tell(str(error), is_error=True)
            return
        if snapshot.is_over and self._ends_asked:
            self.exit()
            return
        if snapshot.reads_keyboard and not self._has_said_keyboard:
            self._has_said_keyboard = True
            self.tell(KEYBOARD_SENTENCE, is_error=True, stays=True)
        if not self.is_frozen or self.program_snapshot is None:
            self.program_snapshot = snapshot
        if not is_line_behind() and self.is_frame_due:
            self.draw()

    def draw(self) -> None:
        """Draw the last snapshot."""
        snapshot = self.program_snapshot
        if snapshot is not None:
            self.figures.draw(snapshot, self.budget.text, self._clock(), is_frozen=self.is_frozen)

    def _hints(self) -> Hints:
        def hint(action_id: str, text: str = "", other_id: str = "") -> Hint:
            return hint_of(_BY_ID, self.keys, action_id, text, other_id)

        snapshot = self.program_snapshot
        is_over = snapshot is not None and snapshot.is_over
        pressing = [hint("pause", "Go on")] if self.is_frozen else []
        if self.figures.message.is_cut:
            pressing.append(hint("log", "Whole message"))
        if is_over:
            pressing.append(hint("alone"))
        general = [
            *(() if self.is_frozen else (hint("pause"),)),
            hint("log", "Output, log"),
            *(() if is_over else (hint("alone"),)),
            *(hint(name) for name in ("commands", "screenshot")),
            hint("draw-more", "Draw more", "draw-less"),
        ]
        return Hints(tuple(pressing), tuple(general), (hint("help"), hint("quit")))

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence below the figures: for a while, or until the next one."""
        self.messages.add(text)
        now_s = float("inf") if stays else self._clock()
        self.figures.message.tell(text, is_error=is_error, now_s=now_s)
        if self.shows_figures:
            self.figures.message.flush()

    # --- actions ----------------------------------------------------------------------------

    async def action_quit(self) -> None:
        """Ask the program to end, and leave once it has; at once where it has already."""
        snapshot = self.program_snapshot
        if self._program is None or (snapshot is not None and snapshot.is_over):
            self.exit()
            return
        self._program.end()
        self.is_frozen = False
        self.tell(_END_SENTENCES[min(self._ends_asked, len(_END_SENTENCES) - 1)], stays=True)
        self._ends_asked += 1

    def action_toggle_pause(self) -> None:
        """Freeze what is shown, or go on."""
        self.is_frozen = not self.is_frozen
        self.frame()

    def action_alone(self) -> None:
        """Measure the model alone."""
        if self._program is None:
            return
        try:
            self._program.measure_alone()
        except OvbenchError as error:
            self.tell(str(error), is_error=True)
        else:
            self.frame()

    def action_help(self) -> None:
        """Show all keys."""
        self.show_keys([("A program", self.BINDINGS)])
