"""The mark that the trials of a search carry, and the runs of one search put together."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

TUNE, SWEEP, LOAD, MIX = "tune", "sweep", "load", "mix"
_UNITS = {TUNE: "trial", SWEEP: "point", LOAD: "round"}

T = TypeVar("T")


def new_mark(kind: str) -> str:
    """Make the mark of a search that begins, as in ``sweep 3f9a2c41``.

    Args:
        kind: `TUNE`, `SWEEP`, `LOAD` or `MIX`.
    """
    return f"{kind} {secrets.token_hex(4)}"


@dataclass(frozen=True, slots=True)
class SearchTrials(Generic[T]):
    """The runs of one search, in the order in which they came.

    Attributes:
        mark: as `new_mark` made it, or as a history has it.
    """

    mark: str
    runs: tuple[T, ...]

    @property
    def kind(self) -> str:
        """`TUNE`, `SWEEP`, `LOAD`, `MIX`, or what a history of another version has."""
        return self.mark.partition(" ")[0]

    def title(self, count: int) -> str:
        """Name the search with the number of its trials, as in ``sweep (6 points)``."""
        unit = _UNITS.get(self.kind, "run")
        return f"{self.kind} ({count} {unit}{'' if count == 1 else 's'})"


def gathered(runs: Iterable[T], mark_of: Callable[[T], str]) -> list[T | SearchTrials[T]]:
    """Put the runs of each search together, in the place of its first; others stay by themselves.

    Args:
        mark_of: '' = of no search.
    """
    of_search: dict[str, list[T]] = {}
    found: list[T | str] = []
    for run in runs:
        mark = mark_of(run)
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
