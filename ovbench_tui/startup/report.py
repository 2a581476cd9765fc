"""What starts leave behind: a table with bars and sentences, one JSON document, a CSV file."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.columns import aligned, csv_text
from ovbench_tui.console.numbers import three_digits
from ovbench_tui.console.printable import printable
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.startup.series import TOTAL, Series, Spread, rows_of
from ovbench_tui.startup.start import Start
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.run_stats import PairedRatio

SCHEMA = "ovbench-tui/startup/1"
_BAR = 20
_MIB = 2**20
_DASH = "-"
_WARM = (
    "The operating system keeps the files in memory, also for cold starts: the first one after a"
    " reboot takes longer."
)


def startup_text(series: Sequence[Series], model: str, device: str) -> str:
    """The table, its bars, and what to make of it; '' where nothing was measured."""
    series = [one for one in series if one.starts]
    if not series:
        return ""
    kinds = " and ".join(f"{len(one.starts)} {one.name}" for one in series)
    phases = rows_of(series)
    longest_s = max(
        (seconds for one in series for phase in phases if (seconds := _median(one, phase)) > 0),
        default=1.0,
    )
    rows = [["Phase", *(cell for one in series for cell in (one.name, "quartiles")), "MiB"]]
    for phase in (*phases, TOTAL):
        spreads = [cell for one in series for cell in _cells(one.seconds(phase))]
        rows.append([phase, *spreads, _mib(series[0], phase)])
    bars = [["Phase", *(one.name for one in series)]]
    bars += [
        [phase, *("█" * round(_median(one, phase) / longest_s * _BAR) for one in series)]
        for phase in phases
    ]
    return "\n".join(
        [
            f"Start-up of {printable(model)} on {printable(device)}, {kinds} starts:",
            "",
            *aligned(rows),
            "",
            *aligned(bars, left=range(len(bars[0]))),
            "",
            *sentences(series),
        ]
    )


def sentences(series: Sequence[Series]) -> list[str]:
    """What the cache gains, why it does not, and what the figures leave out."""
    found: list[str] = []
    by_name = {one.name: one for one in series}
    cached = by_name.get("cached")
    if cached is not None and cached.starts:
        ratio = cached_ratio(series)
        if math.isnan(ratio.low):
            found.append(f"What the cache gains is not known yet: {ratio.reason}.")
        else:
            found.append(
                f"In pairs a cached start takes {ratio.ratio:.2f} of a cold one"
                f" ({ratio.confidence * 100:g} % interval {ratio.low:.2f} to {ratio.high:.2f})."
            )
        found.append(
            f"{cached.hits} of {len(cached.starts)} cached starts took the model out of the cache,"
            f" which holds {cached.cache_bytes / _MIB:.1f} MiB."
        )
        if cached.remark:
            found.append(cached.remark)
    return [*found, _WARM]


def cached_ratio(series: Sequence[Series]) -> PairedRatio:
    """The ratio of cached to cold starts, from pairs of neighbouring ones."""
    by_name = {one.name: [start.total_s for start in one.starts] for one in series}
    cold, cached = by_name.get("cold", []), by_name.get("cached", [])
    pairs = min(len(cold), len(cached))
    return paired_ratio("start_s", cold[:pairs], cached[:pairs])


def startup_document(
    series: Sequence[Series], config: BenchmarkConfig, *, exit_code: int, error: str = ""
) -> str:
    """The same as JSON; what is not known is null.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    ratio = cached_ratio(series)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        "config": config,
        "command": own_command(config),
        "cached_ratio": {
            "value": ratio.ratio,
            "low": ratio.low,
            "high": ratio.high,
            "confidence": ratio.confidence,
            "pairs": ratio.pairs,
        },
        "series": [_series(one) for one in series],
    }
    return json_text(document)


def startup_csv(series: Sequence[Series]) -> str:
    """A line for each start and phase."""
    rows = [
        (one.name, number, phase, seconds * 1e3, start.resident_bytes.get(phase, math.nan) / _MIB)
        for one in series
        for number, start in enumerate(one.starts, 1)
        for phase, seconds in start.phases_s.items()
    ]
    return csv_text(("series", "start", "phase", "milliseconds", "resident_mib"), rows)


def _series(series: Series) -> dict[str, Any]:
    return {
        "name": series.name,
        "hits": series.hits,
        "cache_bytes": series.cache_bytes,
        "remark": series.remark or None,
        "unaccounted": series.unaccounted,
        "phases": [
            {
                "name": phase,
                **_milliseconds(series.seconds(phase)),
                "resident_mib": series.resident_bytes(phase) / _MIB,
            }
            for phase in rows_of([series])
        ],
        "total": _milliseconds(series.seconds(TOTAL)),
        "starts": [_start(start) for start in series.starts],
    }


def _start(start: Start) -> dict[str, Any]:
    return {
        "phases_ms": {phase: seconds * 1e3 for phase, seconds in start.phases_s.items()},
        "wall_ms": start.wall_s * 1e3,
        "is_cached": start.is_cached,
    }


def _milliseconds(spread: Spread) -> dict[str, float]:
    return {
        "median_ms": spread.median * 1e3,
        "low_ms": spread.low * 1e3,
        "high_ms": spread.high * 1e3,
    }


def _median(series: Series, phase: str) -> float:
    return series.seconds(phase).median


def _cells(spread: Spread) -> tuple[str, str]:
    if math.isnan(spread.median):
        return _DASH, ""
    low, high = three_digits(spread.low * 1e3), three_digits(spread.high * 1e3)
    return f"{three_digits(spread.median * 1e3)} ms", f"{low} to {high}"


def _mib(series: Series, phase: str) -> str:
    if phase == TOTAL:
        return ""
    size = series.resident_bytes(phase)
    return _DASH if math.isnan(size) else f"{size / _MIB:.0f}"
