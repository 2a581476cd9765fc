"""The overhead check: how fast a run is while the screen is drawn and while it is not, in pairs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

PHASE_S = 2.0
PAIRS = 6
"""Even, so that what drifts favours as many pairs as it harms: see `OverheadCheck`."""

FEWEST_PAIRS = 2
SHORTEST_S = 0.5
LONGEST_S = 60.0
_LONGEST_BY_ITSELF_S = 10.0
_SETTLING_S = 0.25
_FEWEST_INFERENCES = 8
_WANTED_INFERENCES = 20
_WANTED_FRAMES = 4
_COSTLY_BELOW = 0.99
_EARLY_S = 0.005


class Phase(Enum):
    """What the screen does in a phase."""

    DRAWN = "drawn"
    BLIND = "blind"


class ProgressLike(Protocol):
    """Completions ever stored, and when the last one was."""

    @property
    def count(self) -> int:
        """Completions."""
        ...

    @property
    def last_s(self) -> float:
        """Seconds."""
        ...


@dataclass(frozen=True, slots=True)
class DisplayOverhead:
    """What watching costs: FPS while the screen is drawn over FPS while it is not.

    Attributes:
        pairs: of a drawn and a blind phase, behind `ratio`.
        ratio: the median of the pairs; `low` and `high` are their quartiles.
        phase_s: seconds of one phase.
    """

    pairs: int
    ratio: float
    low: float
    high: float
    phase_s: float


class OverheadCheck:
    """Drawn and blind phases in turn, and the rate of completions in each.

    It has no clock and draws nothing: the caller does what `phase` says and comes with a
    `look` at `next_look_s`. The order within pairs is ABBA (drawn, blind, blind, drawn, and so
    on), so that a steady drift of the machine makes one pair look better by as much as it
    makes the next look worse. The beginning of each phase, where the last frame is still on
    its way or what nobody saw is folded, is left out of the rate.

    Args:
        now_s: begin of the first phase.
        run_id: of the run that is checked.
        phase_s: seconds of one phase.
        pairs: of a drawn and a blind phase.

    Attributes:
        reason: why it ended before all pairs were complete; '' when it did not.
    """

    def __init__(
        self, now_s: float, run_id: int, *, phase_s: float = PHASE_S, pairs: int = PAIRS
    ) -> None:
        self.run_id = run_id
        self.pairs = pairs
        self.phase_s = phase_s
        self.reason = ""
        self._settling_s = min(_SETTLING_S, phase_s / 4)
        self._rates: list[float] = []
        self._settled: tuple[int, float] | None = None
        self._begin_s = now_s

    @property
    def phase(self) -> Phase:
        """What the screen is to do now."""
        return _phase_of(len(self._rates))

    @property
    def pair(self) -> int:
        """Number of the pair that is measured now, from 1."""
        return len(self._rates) // 2 + 1

    @property
    def is_over(self) -> bool:
        """Whether there is nothing more to look at."""
        return bool(self.reason) or len(self._rates) >= 2 * self.pairs

    @property
    def next_look_s(self) -> float:
        """When to look next."""
        return self._begin_s + (self._settling_s if self._settled is None else self.phase_s)

    def ends_phase(self, now_s: float) -> bool:
        """Whether a look at this moment would be the last one of the phase."""
        return self._settled is not None and now_s >= self.next_look_s - _EARLY_S

    def look(self, now_s: float, progress: ProgressLike, *, measuring: bool, run_id: int) -> bool:
        """Take in how far the run is; tell whether the phase is over.

        Args:
            measuring, run_id: as of this moment, or as last known within a phase.
        """
        if self.is_over or now_s < self.next_look_s - _EARLY_S:
            return False
        if self._settled is None:
            self._settled = progress.count, progress.last_s
            return False
        count = progress.count - self._settled[0]
        seconds = progress.last_s - self._settled[1]
        if run_id != self.run_id or not measuring:
            self.reason = "the run is no longer measured"
        elif count < _FEWEST_INFERENCES or seconds <= 0:
            self.reason = (
                f"{max(count, 0)} inferences in a phase of {self.phase_s:g} s are too few,"
                f" --blind {_long_enough_s(count, self.phase_s):g} gives it more"
            )
        else:
            self._rates.append(count / seconds)
            self._begin_s = now_s
            self._settled = None
        return True

    def stop(self, why: str) -> None:
        """End it early; complete pairs stay."""
        if not self.is_over:
            self.reason = why

    @property
    def complete_pairs(self) -> int:
        """Pairs of which both phases were measured."""
        return len(self._rates) // 2

    @property
    def effect(self) -> DisplayOverhead | None:
        """The result of the complete pairs; None while there are fewer than `FEWEST_PAIRS`."""
        ratios = []
        for first in range(0, 2 * self.complete_pairs, 2):
            drawn, blind = self._rates[first : first + 2]
            if _phase_of(first) is Phase.BLIND:
                drawn, blind = blind, drawn
            ratios.append(drawn / blind)
        if len(ratios) < FEWEST_PAIRS:
            return None
        # Loaded late: it would take its time before the first frame.
        from statistics import quantiles

        low, ratio, high = quantiles(ratios, n=4, method="inclusive")
        return DisplayOverhead(len(ratios), ratio, low, high, self.phase_s)


def phase_long_enough_s(fps: float, frame_s: float) -> float:
    """Return a phase, in seconds, with a fair number of inferences and of frames in it.

    Args:
        fps: inferences a second; NaN or 0 where that is not known.
        frame_s: seconds from one frame to the next.
    """
    inferences_s = _WANTED_INFERENCES / fps if fps > 0 else 0.0
    wanted_s = max(PHASE_S, inferences_s, _WANTED_FRAMES * frame_s)
    return min(_LONGEST_BY_ITSELF_S, math.ceil(wanted_s))


def is_costly(effect: DisplayOverhead) -> bool:
    """Whether watching costs more than 1 %, told by three quarters of the pairs.

    With six pairs of pure noise of 10 % this is true in 10 of 100 checks; a true cost of 5 %
    among noise of 3 % is found in 94.
    """
    return effect.high < _COSTLY_BELOW


def _phase_of(number: int) -> Phase:
    pair, half = divmod(number, 2)
    return Phase.DRAWN if pair % 2 == half else Phase.BLIND


def _long_enough_s(count: int, phase_s: float) -> float:
    return min(LONGEST_S, math.ceil(phase_s * _WANTED_INFERENCES / max(count, 1)))
