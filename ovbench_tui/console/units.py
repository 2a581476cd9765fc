"""The unit of a figure, chosen once, and columns of numbers: one unit, points below each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ovbench_tui.console.numbers import DASH, decimals_of, three_digits

COLUMN_WIDTH = 9
"""Characters of a duration in the column of a table, as in ``234    ms``."""

FIXED_WIDTH = 10
"""And where it is fixed before the values are known, as in ``1234    ms``."""

PLACES = 2
"""Decimals in a column that is fixed before its values are known: three digits from 1 on."""

_LEAVES = 10.0
"""A value may be so many times too small or too large for its unit until that changes."""

_THOUSAND = 999.5


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of durations, and how much of it a millisecond is."""

    name: str
    per_ms: float


MICROSECONDS, MILLISECONDS, SECONDS = Unit("µs", 1e3), Unit("ms", 1.0), Unit("s", 1e-3)
UNITS = (MICROSECONDS, MILLISECONDS, SECONDS)


def suitable_unit(ms: float) -> Unit:
    """The unit in which a duration is a number from 1 to 999; NaN and 0 are milliseconds."""
    if not (ms > 0 and math.isfinite(ms)):
        return MILLISECONDS
    return next((unit for unit in UNITS if ms * unit.per_ms < _THOUSAND), SECONDS)


class StickyUnit:
    """The unit of a figure that changes with time: it stays until the values have left it far.

    Args:
        held: to begin with; None = whichever suits the first value.
    """

    def __init__(self, held: Unit | None = None) -> None:
        self._unit = held

    def of(self, ms: float, *, is_enough: bool = True) -> Unit:
        """The unit for a figure whose typical value is this.

        Args:
            is_enough: whether enough is known to stay with what is chosen now.
        """
        unit = self._unit
        if unit is not None and (math.isnan(ms) or _is_near(ms * unit.per_ms)):
            return unit
        unit = suitable_unit(ms)
        if is_enough and not math.isnan(ms):
            self._unit = unit
        return unit

    def of_column(self, values_ms: Iterable[float]) -> Unit:
        """The unit for a column: that of its middle value; NaN are no values."""
        ordered = sorted(ms for ms in values_ms if ms == ms)
        return self.of(ordered[len(ordered) // 2] if ordered else math.nan)


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """How the numbers of one column are written, so that their points are below each other.

    Attributes:
        places: decimals that there is room for.
        room: characters; what would be longer has no blanks for decimals.
    """

    places: int = PLACES
    room: int = FIXED_WIDTH - 3

    @classmethod
    def of(cls, values: Iterable[float]) -> NumberColumn:
        """With as many places as the smallest of these values needs; NaN are no values."""
        smallest = min((value for value in values if value == value), default=math.nan)
        places = 0 if math.isnan(smallest) else decimals_of(smallest)
        return cls(places, COLUMN_WIDTH - 3)

    def write(self, value: float) -> str:
        """Write a number, blanks in the place of decimals that it does not have; NaN is a dash."""
        text = three_digits(value, self.places)
        _, point, decimals = text.partition(".")
        missing = self.places - len(decimals) + (self.places > 0 and not point)
        aligned = text + " " * missing
        return aligned if len(aligned) <= self.room else text


@dataclass(frozen=True, slots=True)
class DurationColumn:
    """How the durations of one column are written: in one unit, which every one of them names."""

    unit: Unit = MILLISECONDS
    numbers: NumberColumn = NumberColumn()

    @classmethod
    def of(
        cls,
        values_ms: Iterable[float],
        sticky: StickyUnit | None = None,
        typical_ms: Iterable[float] | None = None,
    ) -> DurationColumn:
        """In the unit of the middle one of these values, or in the one that was held so far.

        Args:
            typical_ms: those that decide on the unit; None = all.
        """
        values_ms = list(values_ms)
        unit = (sticky or StickyUnit()).of_column(values_ms if typical_ms is None else typical_ms)
        return cls(unit, NumberColumn.of(ms * unit.per_ms for ms in values_ms))

    def number(self, ms: float) -> str:
        """Write milliseconds without the unit."""
        return self.numbers.write(ms * self.unit.per_ms)

    def write(self, ms: float) -> str:
        """Write milliseconds with the unit; a dash for NaN stands below the numbers."""
        name = self.unit.name if ms == ms else " " * len(self.unit.name)
        return f"{self.number(ms)} {name}"


def in_unit(ms: float, unit: Unit) -> str:
    """Write milliseconds in a unit, as in a sentence."""
    return f"{three_digits(ms * unit.per_ms)} {unit.name}" if ms == ms else DASH


def duration_parts(ms: float) -> tuple[str, str]:
    """Split milliseconds into a number and the unit that suits its size: µs, ms or s."""
    unit = suitable_unit(ms)
    return three_digits(ms * unit.per_ms), unit.name


def format_duration(ms: float) -> str:
    """Write milliseconds in the unit of their size, as in a sentence."""
    return " ".join(duration_parts(ms))


def _is_near(value: float) -> bool:
    return 1 / _LEAVES <= value < 1000 * _LEAVES
