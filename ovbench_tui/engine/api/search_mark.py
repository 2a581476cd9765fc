"""The mark that the trials of a search carry, and the runs of one search put together."""

from __future__ import annotations

import math
import secrets
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

TUNE, SWEEP, LOAD, MIX = "tune", "sweep", "load", "mix"
_UNITS = {TUNE: "trial", SWEEP: "point", LOAD: "round"}


@dataclass(frozen=True, slots=True)
class TrialFacts:
    """What a search says of one of its runs.

    Attributes:
        mark: as `new_mark` made it, or as a history has it; '' = the run is of no search.
        config: the same for runs of the same requested configuration.
        rate: frames or tokens a second; NaN = not known.
        setting: what it ran with, as in ``nireq 4, streams 2``.
    """

    mark: str
    config: Hashable
    rate: float
    setting: str


class HasTrial(Protocol):
    """A run of a session, or of a history."""

    @property
    def trial(self) -> TrialFacts:
        """What a search says of it."""
        ...

    @property
    def may_win(self) -> bool:
        """Whether it answers what the search asks, as by keeping its limit; else it is no best."""
        ...


T = TypeVar("T", bound=HasTrial)


def new_mark(kind: str) -> str:
    """Make the mark of a search that begins, as in ``sweep 3f9a2c41``.

    Args:
        kind: `TUNE`, `SWEEP`, `LOAD` or `MIX`.
    """
    return f"{kind} {secrets.token_hex(4)}"


def kind_of(mark: str) -> str:
    """`TUNE`, `SWEEP`, `LOAD`, `MIX`, or what a history of another version has."""
    return mark.partition(" ")[0]


def setting_of(nireq: int, streams: str) -> str:
    """What a trial ran with, in words."""
    return f"nireq {nireq}, streams {streams}" if streams else f"nireq {nireq}"


@dataclass(frozen=True, slots=True)
class SearchTrials(Generic[T]):
    """The runs of one search, in the order in which they came.

    Attributes:
        mark: as in `TrialFacts`.
    """

    mark: str
    runs: tuple[T, ...]

    @property
    def kind(self) -> str:
        """See `kind_of`."""
        return kind_of(self.mark)

    @property
    def best(self) -> T:
        """The run with the highest rate, of those that can win where any can."""

        def rate(run: T) -> float:
            known = run.trial.rate
            return -math.inf if math.isnan(known) else known

        return max([run for run in self.runs if run.may_win] or self.runs, key=rate)

    @property
    def count(self) -> int:
        """Its trials; one that was measured again, as in the finals, counts once."""
        return len({run.trial.config for run in self.runs})

    @property
    def title(self) -> str:
        """The search with the number of its trials, as in ``sweep (6 points)``."""
        count, unit = self.count, _UNITS.get(self.kind, "run")
        return f"{self.kind} ({count} {unit}{'' if count == 1 else 's'})"

    @property
    def short_title(self) -> str:
        """The same where there is little room, as in ``sweep (6)``."""
        return f"{self.kind} ({self.count})"


def gathered(runs: Iterable[T]) -> Sequence[T | SearchTrials[T]]:
    """Put the runs of each search together, in the place of its first; others stay alone."""
    of_search: dict[str, list[T]] = {}
    found: list[T | str] = []
    for run in runs:
        mark = run.trial.mark
        if not mark:
            found.append(run)
            continue
        if mark not in of_search:
            found.append(mark)
        of_search.setdefault(mark, []).append(run)
    return [
        SearchTrials(entry, tuple(of_search[entry])) if isinstance(entry, str) else entry
        for entry in found
    ]
