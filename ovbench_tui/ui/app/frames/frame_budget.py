"""What drawing may cost: measures it, and slows the refresh while it costs too much."""

from __future__ import annotations

from collections import deque

_SLOWER = 1.5
_WELL_BELOW = 0.5

RATES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 15.0)
"""The frame rates that the keys step through."""


class FrameBudget:
    """Turns readings of a CPU clock into the interval until the next frame.

    Attributes:
        interval_s: the interval to use now; the wanted one, or longer.
        wanted_s: the interval the user asked for.
        budget_percent: what the drawing may cost, of one core.
        cost_percent: CPU seconds for every wall second in the window, in percent of a core.
    """

    def __init__(
        self,
        wanted_s: float,
        budget_percent: float,
        *,
        window_s: float = 4.0,
        slowest_s: float = 2.0,
    ) -> None:
        self.wanted_s = wanted_s
        self.interval_s = wanted_s
        self.cost_percent = 0.0
        self.budget_percent = budget_percent
        self._window_s = window_s
        self._slowest_s = slowest_s
        self._readings: deque[tuple[float, float]] = deque()
        self._settled_s = 0.0

    @property
    def is_slowed(self) -> bool:
        """Whether the refresh is slower than asked for, to save CPU."""
        return self.interval_s > self.wanted_s

    @property
    def text(self) -> str:
        """Cost and rate, for the end of a line."""
        mark = " slowed" if self.is_slowed else ""
        return f"UI {self.cost_percent:4.1f} % · {1 / self.interval_s:.3g} Hz{mark} "

    def want(self, interval_s: float) -> None:
        """Set the interval asked for; it holds at once, until it proves too dear."""
        self.wanted_s = interval_s
        self.interval_s = interval_s
        self.forget()

    def forget(self) -> None:
        """Start measuring anew, after work that was no drawing (start-up, a dialog)."""
        self._readings.clear()

    def read(self, now_s: float, cpu_s: float) -> bool:
        """Take in one reading of both clocks; tell whether `interval_s` changed.

        The interval changes only on a full window, and the window then begins again, so
        every decision rests on frames drawn at the interval in force.
        """
        readings = self._readings
        if not readings:
            self._settled_s = now_s
        readings.append((now_s, cpu_s))
        # The oldest reading kept is the last one outside the window: the window is then full.
        while len(readings) > 2 and now_s - readings[1][0] >= self._window_s:
            readings.popleft()
        start_s, start_cpu_s = readings[0]
        if now_s <= start_s:
            return False
        self.cost_percent = (cpu_s - start_cpu_s) / (now_s - start_s) * 100
        if now_s - self._settled_s < self._window_s:
            return False
        return self._adapt(now_s, cpu_s)

    def _adapt(self, now_s: float, cpu_s: float) -> bool:
        interval_s = self.interval_s
        if self.cost_percent > self.budget_percent:
            # A refresh already slower than the slowest was asked for as such.
            interval_s = max(interval_s, min(interval_s * _SLOWER, self._slowest_s))
        elif self.is_slowed and self.cost_percent < self.budget_percent * _WELL_BELOW:
            interval_s = max(interval_s / _SLOWER, self.wanted_s)
        if interval_s == self.interval_s:
            return False
        self.interval_s = interval_s
        self._readings.clear()
        self._readings.append((now_s, cpu_s))
        self._settled_s = now_s
        return True


def next_rate(wanted_s: float, direction: int) -> float:
    """Return the next higher (+1) or lower (-1) rate in frames a second; 0 = there is none.

    Args:
        wanted_s: seconds between frames now.
    """
    further = [hz for hz in RATES_HZ if (hz - 1 / wanted_s) * direction > 1e-6]
    return further[0 if direction > 0 else -1] if further else 0.0
