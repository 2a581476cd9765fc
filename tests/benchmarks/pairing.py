"""Two things measured in turns, so that what the machine does meanwhile meets both."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks.parsing import Throughput, UnexpectedOutputError
from tests.benchmarks.settings import tell

Measure = Callable[[], Throughput]


def alternate(
    first: Measure, second: Measure, pairs: int, label: str, *, same_nireq: bool = True
) -> list[tuple[float, float]]:
    """Measure A B, B A, A B, ...: turning every other pair cancels a steady drift.

    Returns:
        FPS of `first` and of `second`, pair by pair.

    Raises:
        UnexpectedOutputError: the two did not run with the same number of infer requests.
    """
    found: list[tuple[float, float]] = []
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
        found.append((left.fps, right.fps))
        tell(
            f"  {label}, pair {number + 1} of {pairs}: {left.fps:.1f} / {right.fps:.1f}"
            f" = {left.fps / right.fps:.3f}"
        )
    return found
