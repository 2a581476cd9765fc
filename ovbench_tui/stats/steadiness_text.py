"""How steady a run is, in the same words wherever it is shown."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ovbench_tui.console.numbers import DASH
from ovbench_tui.stats.steadiness import LEAST_WINDOWS, Steady, Verdict

if TYPE_CHECKING:
    from ovbench_tui.stats.run_stats import Stability

_WORDS = {
    Verdict.WARMING_UP.value: Verdict.TOO_SHORT.value,
    Verdict.SETTLING.value: Verdict.TOO_SHORT.value,
    Verdict.STABLE.value: Steady.STEADY.value,
    Verdict.UNSTABLE.value: Steady.UNSTEADY.value,
}
_MOST_CV = 0.995


def steadiness_text(stability: Stability, unit: str = "FPS") -> str:
    """All that is known, as in ``FPS ±4.0 % steady · p99 ±97 % unsteady`` or ``settling 2/3``.

    Args:
        unit: of the rate.
    """
    if waiting := waiting_text(stability):
        return waiting
    if (
        stability.fps is None and stability.p99 is None
    ):  # kept by a version that knew the whole run only
        varies = "" if math.isnan(stability.fps_cv) else f", {unit} ±{format_cv(stability.fps_cv)}"
        return verdict_word(stability.verdict) + varies
    of_fps = fps_text(stability)
    return " · ".join(filter(None, (f"{unit} {of_fps}" if of_fps else "", p99_text(stability))))


def waiting_text(stability: Stability) -> str:
    """What is missing for a verdict, as in ``settling 2/3``; '' = nothing."""
    if stability.verdict is Verdict.SETTLING:
        return f"settling {min(stability.windows, LEAST_WINDOWS)}/{LEAST_WINDOWS}"
    if stability.verdict in (Verdict.WARMING_UP, Verdict.TOO_SHORT):
        return str(stability.verdict.value)
    return ""


def fps_text(stability: Stability) -> str:
    """As in ``±4.0 % steady``; '' while it is not known."""
    return _figure_text(stability.fps_cv, stability.fps)


def p99_text(stability: Stability) -> str:
    """As in ``p99 ±97 % unsteady``; '' while it is not known."""
    text = _figure_text(stability.p99_cv, stability.p99)
    return f"p99 {text}" if text else ""


def short_text(stability: Stability) -> str:
    """The verdict in a word or two, for a column: as in ``p99 unsteady``."""
    if waiting := waiting_text(stability):
        return waiting
    if stability.fps in (None, Steady.STEADY) and stability.p99 not in (None, Steady.STEADY):
        return f"p99 {stability.p99.value}"
    return stability.fps.value if stability.fps is not None else verdict_word(stability.verdict)


def verdict_word(verdict: Verdict | str) -> str:
    """The verdict on a run that is over in the words of `Steady`, also of one kept long ago."""
    value = verdict.value if isinstance(verdict, Verdict) else verdict
    return _WORDS.get(value, value)


def format_cv(cv: float) -> str:
    """Write a coefficient of variation in percent, with two digits; NaN is a dash."""
    if math.isnan(cv):
        return DASH
    return f"{cv * 100:.1f} %" if cv < 0.0995 else f"{cv * 100:.0f} %"


def _figure_text(cv: float, steady: Steady | None) -> str:
    if steady is None:
        return ""
    if math.isnan(cv):
        return steady.value
    varies = f"±{format_cv(cv)}" if cv < _MOST_CV else ">99 %"
    return f"{varies} {steady.value}"
