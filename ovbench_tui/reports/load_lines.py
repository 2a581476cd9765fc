"""The lines of the summary, and the fields of the report, that only an open loop has."""

from __future__ import annotations

import math
from collections.abc import Callable

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.reports.generation_lines import percentiles_ms
from ovbench_tui.stats.run_stats import LoadStats

Lines = tuple[tuple[str, str], ...]


def load_lines(load: LoadStats, config: BenchmarkConfig, write_ms: Callable[[float], str]) -> Lines:
    """Label and text of each line.

    Args:
        write_ms: writes milliseconds.
    """
    return (
        ("Arrivals", f"{config.arrivals}: {load.offered} came, {_fate(load)}"),
        ("Rates", rates_text(load)),
        *(
            (name, ", ".join(f"{part} {write_ms(ms)}" for part, ms in percentiles_ms(stats)))
            for name, stats in (("Waiting", load.waiting), ("Service", load.service))
        ),
        (
            "Queue",
            f"{load.queue_mean:.2f} on average, at most {load.queue_max} of {config.queue_limit}",
        ),
        *(
            ()
            if math.isnan(load.late_mean_ms)
            else (
                (
                    "Sleep error",
                    f"{write_ms(load.late_mean_ms)} on average, at most"
                    f" {write_ms(load.late_max_ms)}:"
                    " how late the feeder woke, a part of the waiting",
                ),
            )
        ),
    )


def load_fields(load: LoadStats, write: Callable[[float], str]) -> Lines:
    """Name and value of each field that benchmark_app does not know.

    Args:
        write: makes the text of a number that is no count.
    """
    return (
        *(
            (f"{name} ({part}) (ms)", write(ms))
            for name, stats in (("waiting", load.waiting), ("service", load.service))
            for part, ms in percentiles_ms(stats)
        ),
        ("arrivals offered per second", write(load.offered_per_s)),
        ("arrivals served per second", write(load.served_per_s)),
        ("arrivals dropped per second", write(load.dropped_per_s)),
        ("arrivals dropped by the queue limit", str(load.refused)),
        ("arrivals dropped by the timeout", str(load.expired)),
        ("arrivals unserved at the end", str(load.unserved)),
        ("mean queue length", write(load.queue_mean)),
        ("longest queue", str(load.queue_max)),
    )


def rates_text(load: LoadStats) -> str:
    """What came, what was served and what was dropped in a second."""
    return (
        f"{load.offered_per_s:.2f}/s offered, {load.served_per_s:.2f}/s served,"
        f" {load.dropped_per_s:.2f}/s dropped"
    )


def _fate(load: LoadStats) -> str:
    parts = [f"{load.served} served"]
    if load.refused:
        parts.append(f"{load.refused} dropped by the queue limit")
    if load.expired:
        parts.append(f"{load.expired} dropped by the timeout")
    if not load.dropped:
        parts.append("none dropped")
    if load.unserved:
        parts.append(f"{load.unserved} not served when it ended")
    return ", ".join(parts)
