"""Notes on how far a sample reaches: for a verdict, for a percentile, for the present."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.stability import FPS_TOLERANCE, WINDOW_COUNT, WINDOW_S, Finding
from ovbench_tui.stats.steadiness import LEAST_WINDOWS, Verdict

_SHOWN_PERCENTS = (90.0, 95.0, 99.0, 99.9)
_LONGEST_ADVISED_S = 3600.0


def sample_notes(finding: Finding, stats: RunStats, *, is_over: bool) -> Iterable[str]:
    """What the sample does not reach for, and of a run that is over, how long it must be."""
    if not stats.count:
        return
    wanted = {"a verdict": _seconds_for_verdict(finding, stats)} if is_over else {}
    if wanted.get("a verdict"):
        yield "Too short to say whether it was steady."
    yield from _small_sample(stats)
    if is_over:
        wanted |= _seconds_for_percentile(stats)
    known = {what: seconds for what, seconds in wanted.items() if seconds}
    if known:
        option = _duration_option(max(known.values()))
        yield f"{option} is long enough for {' and '.join(known)}."


def _seconds_for_verdict(finding: Finding, stats: RunStats) -> float:
    """How long a run must be for three windows, and the begin of the first; 0 = it was."""
    if finding.verdict is not Verdict.WARMING_UP:
        return 0.0
    rate = stats.count / stats.elapsed_s if stats.elapsed_s > 0 else math.nan
    window_s = finding.window_s
    if math.isnan(window_s):
        window_s = max(WINDOW_S, WINDOW_COUNT / rate)
    if not math.isfinite(window_s):
        return 0.0
    return max((LEAST_WINDOWS + 1) * window_s, 1.1 * stats.elapsed_s)


def _small_sample(stats: RunStats) -> Iterable[str]:
    """Name the percentiles that need more."""
    seen = stats.latency_count
    percents = {*_SHOWN_PERCENTS, *(percent for percent, _ in stats.percentiles_ms)}
    short = [
        f"p{percent:g} ({_rounded_up(inferences_needed(percent) - seen):,} short)"
        for percent in sorted(percents)
        if seen < inferences_needed(percent)
    ]
    if short:
        listed = f"{short[0]} to {short[-1]}" if len(short) > 2 else " and ".join(short)
        yield f"The sample is too small for {listed}."


def _seconds_for_percentile(stats: RunStats) -> dict[str, float]:
    """How long a run must be for the p99, or where it has that, for the p99.9."""
    seen = stats.latency_count
    percent = next((one for one in (99.0, 99.9) if seen < inferences_needed(one)), None)
    if percent is None or not seen:
        return {}
    wanted_s = 1.1 * stats.elapsed_s * inferences_needed(percent) / seen
    return {f"p{percent:g}": wanted_s} if wanted_s <= _LONGEST_ADVISED_S else {}


def _duration_option(seconds: float) -> str:
    """The option for so many seconds, rounded up to two digits at most."""
    step = max(5.0, 10.0 ** (math.floor(math.log10(max(seconds, 1.0))) - 1))
    return f"-t {math.ceil(seconds / step) * step:.0f}"


def old_mean(finding: Finding, stats: RunStats, unit: str, *, is_over: bool) -> Iterable[str]:
    """Say that the mean is not what goes on now."""
    lately, mean = finding.fps_lately, stats.fps_mean
    if abs(mean - lately) > FPS_TOLERANCE * lately:
        yield (
            f"The mean, {mean:.4g} {unit}, is not that of the last windows, {lately:.4g} {unit}."
            if is_over
            else f"The mean, {mean:.4g} {unit}, is not the present {lately:.4g} {unit}:"
            " reset the statistics."
        )


def _rounded_up(count: int) -> int:
    """To two digits, so that the sentence does not change with every inference."""
    step: int = 10 ** max(0, len(str(count)) - 2)
    return -(-count // step) * step
