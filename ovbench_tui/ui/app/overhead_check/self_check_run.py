"""Plays an overhead check: draws, does not draw, and tells how it goes."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from textual.timer import Timer

from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.self_check import FEWEST_PAIRS, OverheadCheck, Phase, is_costly

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Progress, Snapshot
    from ovbench_tui.stats.self_check import DisplayOverhead


class Stage(Protocol):
    """What an overhead check needs of the app."""

    snapshot: Snapshot

    def now_s(self) -> float:
        """Wall seconds."""
        ...

    def progress(self) -> Progress:
        """How far the engine is."""
        ...

    def frame(self) -> None:
        """Take a snapshot and draw it."""
        ...

    def draw_by_itself(self, *, is_on: bool) -> None:
        """Draw frame after frame, or nothing at all."""
        ...

    def tell(self, text: str, *, is_error: bool = False, stays: bool = False) -> None:
        """Show one sentence."""
        ...

    def set_timer(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Call back once, after `delay` seconds."""
        ...


class SelfCheckRun:
    """One overhead check from its first phase to its result.

    Within a blind phase the app is woken once, to look at the engine's counter when the phase
    has settled; nothing is folded and nothing drawn.

    Args:
        ended: told once, when the check is over; the result is told on the stage before.
    """

    def __init__(self, stage: Stage, check: OverheadCheck, ended: Callable[[], None]) -> None:
        self._stage = stage
        self._ended = ended
        self._timer: Timer | None = None
        self._is_running = False
        self.check = check

    def begin(self) -> None:
        """Enter the first phase."""
        self._is_running = True
        self._enter_phase()

    def stop(self, why: str) -> None:
        """End it early, with what it has."""
        if self._is_running:
            self.check.stop(why)
            self._end()

    def look(self) -> None:
        """Look at the counter, and go on to the next phase when one is over."""
        if not self._is_running:
            return
        stage, check = self._stage, self.check
        progress, now_s = stage.progress(), stage.now_s()
        if check.ends_phase(now_s):
            stage.frame()  # what has become of the run meanwhile; it may have ended
            if not self._is_running:
                return
        snapshot = stage.snapshot
        is_over = check.look(
            now_s,
            progress,
            measuring=snapshot.measuring and snapshot.state is WorkerState.RUNNING,
            run_id=snapshot.run.run_id if snapshot.run else 0,
        )
        if check.is_over:
            self._end()
        elif is_over:
            self._enter_phase()
        else:
            self._wait()

    def _enter_phase(self) -> None:
        check = self.check
        is_drawn = check.phase is Phase.DRAWN
        doing = "drawing" if is_drawn else "not drawing"
        self._stage.tell(
            f"Overhead check: {doing} for {check.phase_s:g} s"
            f" (pair {check.pair} of {check.pairs}; any key stops)",
            stays=True,
        )
        self._stage.draw_by_itself(is_on=is_drawn)
        self._wait()

    def _wait(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        delay_s = self.check.next_look_s - self._stage.now_s()
        self._timer = self._stage.set_timer(max(delay_s, 0.001), self.look)

    def _end(self) -> None:
        self._is_running = False
        if self._timer is not None:
            self._timer.stop()
        self._stage.draw_by_itself(is_on=True)
        self._stage.tell(
            describe_end(self.check, isolated=self._stage.snapshot.isolated), stays=True
        )
        self._ended()


def why_not(snapshot: Snapshot) -> str:
    """Say why no overhead check can begin now; '' when one can."""
    if snapshot.run is None or snapshot.state in (WorkerState.IDLE, WorkerState.FAILED):
        return "The overhead check needs a running model, and nothing runs now."
    if snapshot.state is not WorkerState.RUNNING:
        return f"The overhead check needs a running model; this one is {snapshot.state.value} now."
    if snapshot.run.config.max_fps:
        return "The overhead check needs a run without a rate cap: capped, both halves are alike."
    if snapshot.run.config.arrivals:
        return "The overhead check needs a run without arrivals: with them both halves are alike."
    if not snapshot.measuring or snapshot.background:
        doing = snapshot.background or "something else is going on"
        return f"The overhead check waits for a run that is measured alone: {doing} now."
    return ""


def inferences_per_s(snapshot: Snapshot) -> float:
    """Return how many inferences complete in a second; NaN where that is not known."""
    run = snapshot.run
    return run.stats.fps_now / max(run.effective.batch, 1) if run else math.nan


def describe_end(check: OverheadCheck, *, isolated: bool) -> str:
    """Tell the result, or why there is none."""
    effect = check.effect
    if effect is not None:
        return describe_effect(effect, isolated=isolated)
    pairs = f"{check.complete_pairs} of {FEWEST_PAIRS} pairs it needs"
    return f"The overhead check has no result ({pairs}): {check.reason}."


def describe_effect(effect: DisplayOverhead, *, isolated: bool) -> str:
    """Tell a result in a sentence, with advice where watching is dear."""
    pairs = f"{effect.pairs} pairs of {effect.phase_s:g} s"
    spread = f"quartiles {effect.low:.3f} to {effect.high:.3f}, {pairs}"
    if is_costly(effect):
        advice = "raise nireq (+) or draw less often (<)"
        if not isolated:
            advice = "raise nireq (+), draw less often (<) or isolate the engine (i)"
        cost_percent = (1 - effect.ratio) * 100
        return f"Watching costs {cost_percent:.1f} % of the FPS ({spread}): {advice}."
    return f"Watching leaves {effect.ratio:.3f} of the FPS ({spread})."
