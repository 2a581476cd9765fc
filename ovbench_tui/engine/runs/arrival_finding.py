"""What the windows of a run show where its completions come as requests arrive."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.stability import Finding
from ovbench_tui.stats.stalls import Stalls
from ovbench_tui.stats.steadiness import Verdict


def judged_by_latency(finding: Finding, stats: RunStats) -> Finding:
    """The same, with a verdict from the p99 alone.

    Arrivals at random or in bursts make FPS go up and down, and leave gaps, which says nothing of
    the device; what does is the latency, which has all of the waiting in it.
    """
    verdict = Verdict.WARMING_UP
    if finding.is_p99_steady is not None:
        verdict = Verdict.STABLE if finding.is_p99_steady else Verdict.UNSTABLE
    rate = stats.count / stats.elapsed_s if stats.elapsed_s > 0 else 0.0
    least_s = inferences_needed(99) / rate if rate else math.nan
    return replace(
        finding,
        verdict=verdict,
        fps_cv=math.nan,
        fps_change=math.nan,
        fps_lately=math.nan,
        is_fps_steady=None,
        windows=finding.p99_windows,
        window_s=least_s if math.isnan(finding.window_s) else max(finding.window_s, least_s),
        silent_s=0.0,
        stalls=Stalls(),
        step=None,
    )
