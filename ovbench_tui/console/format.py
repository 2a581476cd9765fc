"""Figures as they stand on the screen: throughput, counts, times of the clock, axis labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ovbench_tui.console.numbers import DASH, three_digits

_TICK_UNIT_FROM = 0.4995
"""Half a second is 0.5 s, on an axis, and less is milliseconds."""


def format_fps(value: float) -> str:
    """Write frames per second in at most 6 characters; NaN is a dash."""
    if value >= 999_999.5:
        return three_digits(value / 1e6) + "M" if math.isfinite(value) else DASH
    return three_digits(value)


def format_elapsed(seconds: float) -> str:
    """Write whole seconds as a clock: ``0:07``, ``12:34``, ``1:02:03``."""
    whole = max(0, int(seconds)) if math.isfinite(seconds) else 0
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def format_count(count: int) -> str:
    """Write a count with thousands set apart."""
    return f"{count:,}"


def format_tick(value: float, step: float) -> str:
    """Write an axis label with just the decimals that `step` needs; thousands as ``k``."""
    if value >= 10_000 or step >= 10_000:
        if value >= 1e6:
            return f"{value / 1e6:g}M"
        return f"{value / 1e3:g}k"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
    return "0" if value == 0 else f"{value:.{decimals}f}"


def format_ticks(values: Sequence[float]) -> list[str]:
    """Write the labels of an axis, each with the digits it needs; thousands as ``k``."""
    return [format_tick(value, 0.0) if value >= 10_000 else f"{value:.6g}" for value in values]


def format_duration_ticks(ticks_ms: Sequence[float]) -> list[str]:
    """Write the labels of a latency axis in at most 6 characters, as ``50 ms`` or ``0.5 s``.

    From zero all have the unit of the highest; otherwise each has the unit of its size.
    """
    if not ticks_ms:
        return []
    highest_ms = max(ticks_ms)
    of_all = 0.0 in ticks_ms
    return [_duration_tick(ms, highest_ms if of_all else ms) for ms in ticks_ms]


def _duration_tick(ms: float, unit_of_ms: float) -> str:
    if not ms:
        return "0"
    for unit, factor in (("s", 1e-3), ("ms", 1.0), ("µs", 1e3)):
        if unit_of_ms * factor >= _TICK_UNIT_FROM or unit == "µs":
            return f"{ms * factor:.6g} {unit}"
    raise AssertionError
