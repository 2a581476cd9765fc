"""Two things measured in turns, so that what the machine does meanwhile meets both."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from tests.benchmarks.parsing import Throughput, UnexpectedOutputError
from tests.benchmarks.settings import tell

Measure = Callable[[], Throughput]
Pair = tuple[Throughput, Throughput]


def alternate(
    first: Measure, second: Measure, pairs: int, label: str, *, same_nireq: bool = True
) -> list[Pair]:
    """Measure A B, B A, A B, ...: turning every other pair cancels a steady drift.

    Returns:
        What `first` and `second` measured, pair by pair.

    Raises:
        UnexpectedOutputError: the two did not run with the same number of infer requests.
    """
    found: list[Pair] = []
    for number in range(pairs):
        if number % 2:
            right = second()
            left = first()
        else:
            left = first()
            right = second()
        if same_nireq and left.nireq != right.nireq:
            raise UnexpectedOutputError(
                f"{label}: {left.nireq} against {right.nireq} infer requests is no fair pair."
            )
        found.append((left, right))
        tell(
            f"  {label}, pair {number + 1} of {pairs}: {left.fps:.1f} / {right.fps:.1f}"
            f" = {left.fps / right.fps:.3f}"
        )
    return found


def fps_of(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """Frames a second, pair by pair."""
    return [(left.fps, right.fps) for left, right in pairs]


def median_ms_of(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    """Median latencies, pair by pair.

    Raises:
        UnexpectedOutputError: a program did not tell one.
    """
    found = [(left.median_ms, right.median_ms) for left, right in pairs]
    if any(math.isnan(value) for pair in found for value in pair):
        raise UnexpectedOutputError("A program printed no median latency.")
    return found
