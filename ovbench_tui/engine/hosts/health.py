"""Whether what should run hangs, or takes too much memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.hosts.watchdog import Watchdog
from ovbench_tui.system.memory_guard import MemoryGuard


class Health:
    """Watches one engine after the other.

    Args:
        clock: seconds.
        memory: ends a run that takes too much of it; None = the machine's.

    Attributes:
        stall: that nothing completes any more, in a sentence; '' = that is not so.
        stalled_s: for how long nothing has completed, once that is a stall.
    """

    def __init__(self, clock: Callable[[], float], memory: MemoryGuard | None) -> None:
        self._watchdog = Watchdog(clock)
        self._memory = memory or MemoryGuard()
        self.stall = ""
        self.stalled_s = 0.0

    def rest(self) -> None:
        """Nothing is expected to complete now."""
        self._watchdog.rest()
        self._memory.rest()
        self.stall = ""

    def has_stalled(self, count: int, slowest_ms: float, fed: RunView | None) -> bool:
        """Whether a stall has begun, as of this look.

        Args:
            count: completions ever stored.
            slowest_ms: of the runs so far; NaN while there is none.
            fed: the run whose requests are started; None = there is none.
        """
        pause_s = _longest_pause_s(fed) if fed else 0.0
        self.stalled_s = self._watchdog.stalled_s(count, slowest_ms, pause_s)
        if not self.stalled_s:
            self.stall = ""
        elif not self.stall:
            # Short, so that the offer to restart, which follows it, is seen on 80 columns.
            self.stall = f"No inference has completed for {self.stalled_s:.0f} s: it seems to hang."
            return True
        return False

    def shortage(self, run: RunView, pids: Sequence[int], now_s: float) -> str:
        """Why the run must end before memory runs out, in a sentence or two; '' = it need not."""
        reason = self._memory.shortage(run.run_id, pids, now_s)
        if not reason:
            return ""
        self._memory.rest()
        return " ".join(filter(None, (reason, run.effective.growth_sentence)))


def _longest_pause_s(fed: RunView) -> float:
    """Seconds between two starts that are as they were requested."""
    config = fed.config
    if config.arrivals:
        return parse_arrivals(config.arrivals).longest_gap_s
    return fed.effective.batch / config.max_fps if config.max_fps else 0.0
