"""Which random values an input was fed with, where not any will do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputValues:
    """The values of one input, as whole numbers.

    Attributes:
        input_index: of the input in the model.
        low, high: both inclusive.
        order: ``random``, ``ascending`` (sorted, the first one `low`) or ``counting`` (0, 1, 2
            ... along the last axis, and no further than `high`).
        exact: these values, the last one repeated; () = any within the interval.
    """

    input_index: int
    low: int
    high: int
    order: str = "random"
    exact: tuple[int, ...] = ()
