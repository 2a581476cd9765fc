"""The frame rates that the keys step through."""

from __future__ import annotations

RATES_HZ = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 15.0)


def next_rate(wanted_s: float, direction: int) -> float:
    """Return the next higher (+1) or lower (-1) rate in frames a second; 0 = there is none.

    Args:
        wanted_s: seconds between frames now.
    """
    further = [hz for hz in RATES_HZ if (hz - 1 / wanted_s) * direction > 1e-6]
    return further[0 if direction > 0 else -1] if further else 0.0
