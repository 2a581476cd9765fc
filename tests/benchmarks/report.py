"""What the benchmarks found: ratios, their spreads, and the Markdown table of all."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, quartiles and range of repeated measurements."""

    median: float
    lower_quartile: float
    upper_quartile: float
    lowest: float
    highest: float
    count: int


@dataclass(frozen=True, slots=True)
class Aim:
    """What a median should reach: at least, or at most, so much."""

    limit: float
    at_least: bool

    def is_met(self, value: float) -> bool:
        """Tell whether `value` reaches it."""
        return value >= self.limit if self.at_least else value <= self.limit

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


@dataclass(frozen=True, slots=True)
class Within:
    """How near to 1 a median ratio should be, on either side, as a fraction."""

    tolerance: float

    def is_met(self, value: float) -> bool:
        """Tell whether `value` is that near."""
        return abs(value - 1) <= self.tolerance

    def __str__(self) -> str:
        return f"within {self.tolerance * 100:g} %"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        benchmark: its name, as in ``--only``.
        subject: what was measured, and on which model.
        unit: '' for a ratio.
        note: absolute figures behind a ratio, and what else one must know.
    """

    benchmark: str
    subject: str
    spread: Spread
    unit: str = ""
    aim: Aim | Within | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """A line for what could not be measured here, and why."""

    benchmark: str
    subject: str
    reason: str


def spread_of(values: Sequence[float]) -> Spread:
    """Summarise measurements; quartiles are inclusive, so two values have some, too.

    Raises:
        ValueError: without any value.
    """
    if not values:
        raise ValueError("a spread needs at least one value")
    quartiles = (values[0],) * 3
    if len(values) > 1:
        lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
        quartiles = (lower, middle, upper)
    return Spread(
        median=statistics.median(values),
        lower_quartile=quartiles[0],
        upper_quartile=quartiles[2],
        lowest=min(values),
        highest=max(values),
        count=len(values),
    )


def pair_ratios(pairs: Sequence[tuple[float, float]]) -> list[float]:
    """First over second of every pair, so that what slows both of a pair cancels.

    Raises:
        ValueError: when a second figure is not above 0.
    """
    if any(second <= 0 for _, second in pairs):
        raise ValueError("a ratio needs second figures above 0")
    return [first / second for first, second in pairs]


def ratio_row(
    benchmark: str,
    subject: str,
    pairs: Sequence[tuple[float, float]],
    aim: Aim | Within | None,
    names: tuple[str, str],
    unit: str = "FPS",
) -> Row:
    """A row of ratios, with the medians of both sides in the note.

    Args:
        pairs: figures of the first and of the second, measured next to each other.
        names: of the first and the second.
        unit: of the figures.
    """
    medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
    note = " against ".join(
        f"{name} {median:,.4g} {unit}" if median < 10_000 else f"{name} {median:,.0f} {unit}"
        for name, median in zip(names, medians, strict=True)
    )
    return Row(benchmark, subject, spread_of(pair_ratios(pairs)), "", aim, note)


def markdown_table(lines: Sequence[Row | Skipped]) -> str:
    """Draw the table; a line that could not be measured says why."""
    head = (
        "| benchmark | what | median | quartiles | min … max | n | aim | note |",
        "|---|---|---|---|---|---|---|---|",
    )
    return "\n".join((*head, *(_cells(line) for line in lines)))


def _cells(line: Row | Skipped) -> str:
    if isinstance(line, Skipped):
        cells = (line.benchmark, line.subject, "not measured", "", "", "", "", line.reason)
    else:
        spread, unit = line.spread, line.unit
        aim = ""
        if line.aim is not None:
            aim = f"{line.aim}{_with(unit)}: {'yes' if line.aim.is_met(spread.median) else 'NO'}"
        cells = (
            line.benchmark,
            line.subject,
            f"**{_figure(spread.median)}**{_with(unit)}",
            f"{_figure(spread.lower_quartile)} … {_figure(spread.upper_quartile)}",
            f"{_figure(spread.lowest)} … {_figure(spread.highest)}",
            str(spread.count),
            aim,
            line.note,
        )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"


def _with(unit: str) -> str:
    return f" {unit}" if unit else ""
