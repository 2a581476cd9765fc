"""What the comparison of an output with its reference has found."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OutputError:
    """One output against its reference; errors are over the elements that are finite in both."""

    name: str
    shape: tuple[int, ...]
    reference_shape: tuple[int, ...]
    nan_count: int
    infinite_count: int
    nonfinite_mismatches: int
    """Elements that are NaN or infinite in one of the two and not the same in the other."""
    max_absolute_error: float | None
    """None, as all that follow, where the shapes differ or no element is finite in both."""
    mean_absolute_error: float | None = None
    max_relative_error: float | None = None
    """The largest absolute error over the reference's largest magnitude; None also where the
    reference is all zeros and the output is not."""
    mean_relative_error: float | None = None
    cosine: float | None = None
    """Cosine of the angle between the two as vectors; None where one of them is all zeros."""
    top1_agreement: float | None = None
    """Share of rows whose highest score is at the same class; None where there are no classes."""
    top5_agreement: float | None = None
    """Mean share of the reference's five highest classes that are among the output's five."""

    @property
    def same_shape(self) -> bool:
        """Whether the two can be compared element by element."""
        return self.shape == self.reference_shape

    @property
    def severity(self) -> float:
        """What outputs are ordered by, worst highest: the largest relative error.

        Infinite where the shapes differ, where a NaN or infinity is not the reference's, and
        where the reference is all zeros and the output is not.
        """
        if not self.same_shape or self.nonfinite_mismatches:
            return math.inf
        if self.max_relative_error is None:
            return math.inf if self.max_absolute_error else 0.0
        return self.max_relative_error

    def within(self, tolerance: float) -> bool:
        """Whether this output is right: the largest relative error is at most `tolerance`."""
        return self.severity <= tolerance
