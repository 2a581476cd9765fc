"""Notes on how far a sample reaches: for a verdict, for a percentile, for the present."""

from __future__ import annotations

import math
from collections.abc import Iterable

from ovbench_tui.stats.run_stats import RunStats, Verdict
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.stability import FPS_TOLERANCE, WINDOW_COUNT, WINDOW_S, Finding
from ovbench_tui.stats.steadiness import LEAST_WINDOWS

_SHOWN_PERCENTS = (90.0, 95.0, 99.0, 99.9)
_LONGEST_ADVISED_S = 3600.0


def too_short(finding: Finding, stats: RunStats) -> Iterable[str]:
    """How long the next run must be for a verdict: three windows, and the begin of the first."""
    if finding.verdict is not Verdict.WARMING_UP or not stats.count:
        return
    rate = stats.count / stats.elapsed_s if stats.elapsed_s > 0 else math.nan
    window_s = finding.window_s
    if math.isnan(window_s):
        window_s = max(WINDOW_S, WINDOW_COUNT / rate)
    if math.isfinite(window_s):
        wanted_s = max((LEAST_WINDOWS + 1) * window_s, 1.1 * stats.elapsed_s)
        option = _duration_option(wanted_s)
        yield f"Too short to say whether it was steady: {option} is long enough."


def small_sample(stats: RunStats, *, is_over: bool) -> Iterable[str]:
    """Name the percentiles that need more, and of a run that is over, how much longer."""
    if not stats.count:
        return
    seen = stats.latency_count
    percents = {*_SHOWN_PERCENTS, *(percent for percent, _ in stats.percentiles_ms)}
    short = [
        f"p{percent:g} ({_rounded_up(inferences_needed(percent) - seen):,} short)"
        for percent in sorted(percents)
        if seen < inferences_needed(percent)
    ]
    if not short:
        return
    listed = f"{short[0]} to {short[-1]}" if len(short) > 2 else " and ".join(short)
    yield f"The sample is too small for {listed}{_longer(stats, seen) if is_over else ''}."


def _longer(stats: RunStats, seen: int) -> str:
    """How long a run must be for the p99, or where it has that, for the p99.9."""
    percent = next((one for one in (99.0, 99.9) if seen < inferences_needed(one)), None)
    if percent is None or not seen:
        return ""
    wanted_s = 1.1 * stats.elapsed_s * inferences_needed(percent) / seen
    if wanted_s > _LONGEST_ADVISED_S:
        return ""
    return f": {_duration_option(wanted_s)} is long enough for p{percent:g}"


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
