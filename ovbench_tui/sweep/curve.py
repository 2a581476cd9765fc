"""The curves of a sweep, and the knee of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.effective import p99_name
from ovbench_tui.tuning.search.space import Variant
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Trial
from ovbench_tui.tuning.why import variant_words

KNEE_MARGIN = 0.05
"""Less than the most FPS by so much is given up for the shorter latency of fewer requests."""


@dataclass(frozen=True, slots=True)
class Curve:
    """What one compiled model reaches with each number of requests.

    Attributes:
        name: what sets it apart from the other curves, as in ``2 streams``; '' = it is alone.
        trials: those that ran, by ascending number of requests.
        failed: those that did not.
    """

    variant: Variant
    name: str
    trials: tuple[Trial, ...]
    failed: tuple[Trial, ...] = ()

    @property
    def most(self) -> Trial | None:
        """The point with the most FPS; None where nothing ran."""
        return max(self.trials, key=lambda trial: trial.figures.fps.mid, default=None)

    @property
    def knee(self) -> Trial | None:
        """The fewest requests with nearly the most FPS; None where nothing ran."""
        most = self.most
        if most is None:
            return None
        wanted = most.figures.fps.mid * (1 - KNEE_MARGIN)
        return next(trial for trial in self.trials if trial.figures.fps.mid >= wanted)


def curves_of(board: TuningState) -> tuple[Curve, ...]:
    """The curves in the order in which they were begun."""
    variants = list(dict.fromkeys(trial.point.variant for trial in board.trials))
    return tuple(_curve(variant, board.trials, set(variants)) for variant in variants)


def best_of(curves: Sequence[Curve]) -> Curve | None:
    """The curve whose knee has the most FPS; None where nothing ran."""
    known = [(curve.knee.figures.fps.mid, curve) for curve in curves if curve.knee is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def knee_sentence(curve: Curve) -> str:
    """Say where more requests stop to pay; '' where nothing ran."""
    knee, most = curve.knee, curve.most
    if knee is None or most is None:
        return ""
    name = f"{curve.name}: " if curve.name else ""
    figures = knee.figures
    p99 = p99_name(figures.unit)
    begin = (
        f"{name}the knee is at nireq {knee.point.nireq}, with {figures.fps.mid:.4g} {figures.unit}"
        f" and a {p99} of {figures.p99_ms.mid:.3g} ms"
    )
    begin = begin[0].upper() + begin[1:]
    if most is knee:
        if any(trial.point.nireq > knee.point.nireq for trial in curve.trials):
            return f"{begin}. With more requests there was no gain."
        return f"{begin}. It is the largest number tried, so more may give more."
    share = figures.fps.mid / most.figures.fps.mid
    return (
        f"{begin}. That is {share:.0%} of the most, {most.figures.fps.mid:.4g} {figures.unit} at"
        f" nireq {most.point.nireq} with a {p99} of {most.figures.p99_ms.mid:.3g} ms."
    )


def _curve(variant: Variant, trials: Sequence[Trial], variants: set[Variant]) -> Curve:
    own = sorted(
        (trial for trial in trials if trial.point.variant == variant),
        key=lambda trial: trial.point.nireq,
    )
    return Curve(
        variant,
        ", ".join(variant_words(variant, variants)),
        tuple(trial for trial in own if trial.has_run),
        tuple(trial for trial in own if not trial.has_run),
    )
