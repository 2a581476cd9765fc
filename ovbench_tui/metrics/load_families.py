"""The figures of an open loop as Prometheus metric families."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ovbench_tui.metrics.generation_families import quantiles
from ovbench_tui.stats.run_stats import LoadStats

_PREFIX = "ovbench"


def load_families(load: LoadStats) -> Iterator[Metric]:
    """Yield what such a run has beside frames a second and the latency from the arrival."""
    yield CounterMetricFamily(
        f"{_PREFIX}_arrivals", "Requests that arrived during the run", load.offered
    )
    dropped = CounterMetricFamily(
        f"{_PREFIX}_arrivals_dropped", "Arrivals that nobody served", labels=["reason"]
    )
    dropped.add_metric(["queue limit"], load.refused)
    dropped.add_metric(["timeout"], load.expired)
    yield dropped
    for name, text, value in (
        ("arrivals_offered_per_second", "Arrivals a second over the run", load.offered_per_s),
        ("arrivals_served_per_second", "Served arrivals a second", load.served_per_s),
        ("arrivals_dropped_per_second", "Dropped arrivals a second", load.dropped_per_s),
        ("queue_length", "Arrivals that wait", float(load.queue_now)),
        ("queue_length_max", "Arrivals that waited at once at most", float(load.queue_max)),
    ):
        yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, value)
    yield quantiles("waiting", "Time from the arrival to the start", load.waiting)
    yield quantiles("service", "Time from the start to the completion", load.service)
