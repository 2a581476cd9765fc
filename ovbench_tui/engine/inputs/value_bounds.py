"""Which values an input takes: an interval, in what order, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Order(Enum):
    """How the values of one tensor follow each other."""

    RANDOM = "random"
    ASCENDING = "ascending"
    """Sorted, the first one the lowest valid value: offsets and segment numbers."""
    COUNTING = "counting"
    """0, 1, 2 ... along the last axis, and no further than the highest: axes, beams, positions."""


@dataclass(frozen=True, slots=True)
class ValueBounds:
    """The values that an input takes, as whole numbers.

    Attributes:
        low, high: both inclusive.
        why: which operation demands it, as in ``Gather from an axis of 99``.
        exact: these values, the last one repeated; () = any within the interval.
        is_unknown: the size that bounds it is dynamic, so only 0 is certain.
        is_unbounded: the values go through arithmetic that cannot be followed back to the input.
        may_crash: a value out of range may end the process instead of failing the inference.
    """

    low: int
    high: int
    why: str
    order: Order = Order.RANDOM
    exact: tuple[int, ...] = ()
    is_unknown: bool = False
    is_unbounded: bool = False
    may_crash: bool = False

    @property
    def is_random(self) -> bool:
        """Whether the values differ at random within the interval."""
        return not self.exact and self.order is not Order.COUNTING

    def within(self, other: ValueBounds | None) -> ValueBounds:
        """Both at once; unbounded where no value satisfies both."""
        if other is None:
            return self
        low, high = max(self.low, other.low), min(self.high, other.high)
        tighter = self if (self.high - self.low) <= (other.high - other.low) else other
        order = self.order if self.order is not Order.RANDOM else other.order
        exact = tuple(min(high, max(low, value)) for value in self.exact or other.exact)
        return ValueBounds(
            low=low if low <= high else 0,
            high=high if low <= high else 0,
            why=tighter.why,
            order=order,
            exact=exact if low <= high else (),
            is_unknown=self.is_unknown or other.is_unknown,
            is_unbounded=self.is_unbounded or other.is_unbounded or low > high,
            may_crash=self.may_crash or other.may_crash,
        )

    def moved(self, low: int, high: int) -> ValueBounds:
        """The interval before an arithmetic operation; what was exact is an interval again."""
        if low > high:
            return self.lost()
        return replace(self, low=low, high=high, exact=())

    def lost(self) -> ValueBounds:
        """The input is used, but nobody knows with which values."""
        return replace(self, low=0, high=0, exact=(), is_unbounded=True)

    def describe(self) -> str:
        """In words, as in ``0 to 98 (Gather on an axis of 99)``."""
        if self.is_unbounded:
            return f"not bounded ({self.why})"
        shown = self.exact or tuple(dict.fromkeys((self.low, self.high)))
        joint = ", " if self.exact else " to "
        words = joint.join(map(str, shown[:_SHOWN])) + (", ..." if len(shown) > _SHOWN else "")
        order = "" if self.order is Order.RANDOM or self.exact else f", {self.order.value}"
        return f"{words}{order} ({self.why})"


_SHOWN = 4
