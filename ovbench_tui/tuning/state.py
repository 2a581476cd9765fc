"""What is known of a search, and its trials in the order of their rank."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ovbench_tui.stats.rate import TOKENS
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.space import Point
from ovbench_tui.tuning.trial_result import Figures, Trial


class Phase(Enum):
    """How far the tuner is."""

    SEARCH = "searching"
    FINALS = "measuring the best again"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TuningState:
    """Everything that is seen of a tuner.

    Attributes:
        trials: in the order in which they were measured; ranked by `ranked`.
        current: what is measured now; None = nothing yet.
        current_figures: its figures so far.
        size: configurations in the whole space.
        reason: why it ended before its end, in a sentence; '' = it did not.
        misfit: why it was no search for this model, in a sentence; '' = it was.
        is_cut: it ended before everything was tried: by the user, or as its time was over.
        where: as in ``on 3 machines``, where more than one measures; `current` is then None.
    """

    objective: Objective
    phase: Phase
    trials: tuple[Trial, ...]
    current: Point | None
    current_figures: Figures
    size: int
    elapsed_s: float
    reason: str = ""
    where: str = ""
    misfit: str = ""
    is_cut: bool = False

    @property
    def unit(self) -> str:
        """What the rates count: ``tokens/s`` or ``FPS``."""
        known = (trial.figures.unit for trial in self.trials if trial.has_run)
        return next(known, self.current_figures.unit)

    @property
    def of_tokens(self) -> bool:
        """Whether the model generates tokens."""
        return self.unit == TOKENS

    @property
    def ranked(self) -> tuple[Trial, ...]:
        """The best first; finalists before all others, what never ran last."""
        return tuple(sorted(self.trials, key=_rank, reverse=True))

    @property
    def winner(self) -> Trial | None:
        """The best that surely keeps the limit; None while there is none."""
        best = next(iter(self.ranked), None)
        return best if best is not None and best.is_within_limit else None


def _rank(trial: Trial) -> tuple[bool, bool, bool, bool, float]:
    if not trial.has_run:
        return False, False, False, False, 0.0
    is_sure, may_keep = trial.is_within_limit, trial.may_keep_limit
    return True, is_sure, may_keep, bool(trial.finals), trial.score.mid
