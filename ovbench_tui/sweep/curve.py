"""The curves of a sweep, and the knee of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.effective import p99_name
from ovbench_tui.tuning.search.space import Variant
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Trial
from ovbench_tui.tuning.why import variant_words

KNEE_MARGIN = 0.05
"""Less than the most FPS by so much is given up for the shorter latency of fewer requests."""

_WANTED = 1 - KNEE_MARGIN


@dataclass(frozen=True, slots=True)
class Curve:
    """What one compiled model reaches with each number of requests.

    Attributes:
        name: what sets it apart from the other curves, as in ``2 streams``; '' = it is alone.
        trials: those that ran, by ascending number of requests.
        failed: those that did not.
        is_whole: every number of requests was tried that was to be.
    """

    variant: Variant
    name: str
    trials: tuple[Trial, ...]
    failed: tuple[Trial, ...] = ()
    is_whole: bool = True

    @property
    def most(self) -> Trial | None:
        """The point with the most FPS; None where nothing ran."""
        return max(self.trials, key=lambda trial: trial.figures.fps.mid, default=None)

    @property
    def knee(self) -> Trial | None:
        """The fewest requests with nearly the most FPS; None where that is not known (yet)."""
        most = self.most
        if most is None or not self.is_whole:
            return None
        return next(trial for trial in self.trials if _share(trial, most)[1] >= _WANTED)

    @property
    def knee_range(self) -> tuple[int, int] | None:
        """The numbers of requests that the knee lies between, for all that the noise hides.

        The first may reach nearly the most FPS by the upper end of its interval, the last does
        so by the lower one. None where there is no knee.
        """
        most = self.most
        if most is None or not self.is_whole:
            return None
        first = next(trial for trial in self.trials if _share(trial, most)[2] >= _WANTED)
        last = next(trial for trial in self.trials if _share(trial, most)[0] >= _WANTED)
        return first.point.nireq, last.point.nireq


def _share(trial: Trial, most: Trial) -> tuple[float, float, float]:
    """The share of the most FPS that a point has, between the ends of its 95 % interval.

    The relative half-widths of two independent figures add up by their squares in their ratio.
    """
    if trial is most:
        return 1.0, 1.0, 1.0
    share = trial.figures.fps.mid / most.figures.fps.mid
    half = math.hypot(trial.figures.fps.half_width, most.figures.fps.half_width)
    return share * (1 - half), share, share * (1 + half)


def curves_of(board: TuningState) -> tuple[Curve, ...]:
    """The curves in the order in which they were begun."""
    variants = list(dict.fromkeys(trial.point.variant for trial in board.trials))
    is_open = board.is_cut or board.phase is not Phase.DONE
    unfinished = {*variants[-1:], *([board.current.variant] if board.current else [])}
    return tuple(
        _curve(
            variant,
            board.trials,
            set(variants),
            is_whole=not (is_open and variant in unfinished),
        )
        for variant in variants
    )


def best_of(curves: Sequence[Curve]) -> Curve | None:
    """The curve whose knee has the most FPS; None where nothing ran."""
    known = [(curve.knee.figures.fps.mid, curve) for curve in curves if curve.knee is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def knee_sentence(curve: Curve) -> str:
    """Say where more requests stop to pay; '' where nothing ran."""
    knee, most, between = curve.knee, curve.most, curve.knee_range
    if most is None:
        return ""
    name = f"{curve.name}: " if curve.name else ""
    figures = most.figures
    p99 = p99_name(figures.unit)
    reached = f"{figures.fps.mid:.4g} {figures.unit} at nireq {most.point.nireq}"
    if knee is None or between is None:
        return _begun(
            f"{name}not every point was measured, so no knee is named. The most is {reached}."
        )
    noise = "" if between[0] == between[1] else f" ({between[0]} to {between[1]} within the noise)"
    figures = knee.figures
    begin = _begun(
        f"{name}the knee is at nireq {knee.point.nireq}{noise}, with {figures.fps.mid:.4g}"
        f" {figures.unit} and a {p99} of {figures.p99_ms.mid:.3g} ms"
    )
    if most is knee:
        if any(trial.point.nireq > knee.point.nireq for trial in curve.trials):
            return f"{begin}. With more requests there was no gain."
        return f"{begin}. It is the largest number tried, so more may give more."
    share = figures.fps.mid / most.figures.fps.mid
    return (
        f"{begin}. That is {share:.0%} of the most, {reached} with a {p99} of"
        f" {most.figures.p99_ms.mid:.3g} ms."
    )


def _begun(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def _curve(
    variant: Variant, trials: Sequence[Trial], variants: set[Variant], *, is_whole: bool
) -> Curve:
    own = sorted(
        (trial for trial in trials if trial.point.variant == variant),
        key=lambda trial: trial.point.nireq,
    )
    return Curve(
        variant,
        ", ".join(variant_words(variant, variants)),
        tuple(trial for trial in own if trial.has_run),
        tuple(trial for trial in own if not trial.has_run),
        is_whole,
    )
