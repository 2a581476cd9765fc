"""The figures of a run as Prometheus metric families."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
    StateSetMetricFamily,
)

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.metrics.exchange import Bins, MetricsSnapshot
from ovbench_tui.metrics.generation_families import generation_families
from ovbench_tui.metrics.load_families import load_families
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.steadiness import Verdict

BUCKETS_MS = tuple(
    mantissa * 10.0**exponent
    for exponent in range(-2, 5)
    for mantissa in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
)
"""Upper edges from 10 us to 70 s; the bins behind them are 0.9 % wide, so a latency within
0.9 % of an edge may be counted on its other side."""

_PREFIX = "ovbench"


def families(posting: MetricsSnapshot) -> Iterator[Metric]:
    """Yield every family for one scrape; those of a run only once there is one."""
    snapshot = posting.snapshot
    yield StateSetMetricFamily(
        f"{_PREFIX}_state",
        "What the engine does",
        {state.value: state is snapshot.state for state in WorkerState},
    )
    yield InfoMetricFamily(
        f"{_PREFIX}_openvino", "The runtime", {"version": snapshot.openvino_version}
    )
    if snapshot.run is not None:
        yield from _of_run(snapshot.run, posting.bins)


def _of_run(run: RunView, bins: Bins) -> Iterator[Metric]:
    effective, stats = run.effective, run.stats
    yield InfoMetricFamily(
        f"{_PREFIX}_run",
        "What runs",
        {
            "run": str(run.run_id),
            "model": run.model.name,
            "device": effective.device,
            "hint": effective.hint,
            "precision": effective.precision,
            "api": effective.api,
        },
    )
    if stats.generation is None:
        yield from _of_frames(stats)
    else:
        yield from generation_families(stats, stats.generation, run.pipeline)
    if stats.load is not None:
        yield from load_families(stats.load)
    for name, text, value in (
        ("measured_seconds", "Time that counts in the run", stats.elapsed_s),
        ("warmup_seconds", "Time before it counted", stats.warmup_s),
        ("compile_seconds", "Compiling the model", run.compile_ms / 1e3),
        ("nireq", "Infer requests", float(effective.nireq)),
        ("streams", "Streams; 0 = the device does not report it", float(effective.stream_count)),
        ("threads", "Threads; 0 = the device does not report it", float(effective.thread_count)),
        ("batch", "Frames of one inference", float(effective.batch)),
    ):
        yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, value)
    yield CounterMetricFamily(
        f"{_PREFIX}_inferences", "Completed inferences of the run", stats.count
    )
    yield StateSetMetricFamily(
        f"{_PREFIX}_stability",
        "Whether the figures can be trusted yet",
        {verdict.value: verdict is run.stability.verdict for verdict in Verdict},
    )
    count = sum(number for _, _, number in bins)
    # Of tokens, the latencies are those of the tokens after the first.
    name = "latency" if stats.generation is None else "time_per_output_token"
    yield HistogramMetricFamily(
        f"{_PREFIX}_{name}_seconds",
        "Latencies of the run",
        buckets=cumulative(bins),
        sum_value=stats.mean_ms * count / 1e3 if count else 0.0,
    )


def _of_frames(stats: RunStats) -> Iterator[Metric]:
    for name, text, value in (
        ("throughput_fps", "Frames a second over about the last second", stats.fps_now),
        ("throughput_mean_fps", "Frames a second over the whole run", stats.fps_mean),
        ("throughput_peak_fps", "Highest frames a second of the run", stats.fps_peak),
    ):
        yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, value)
    yield CounterMetricFamily(
        f"{_PREFIX}_frames", "Frames of the completed inferences", stats.frames
    )
    quantiles = GaugeMetricFamily(
        f"{_PREFIX}_latency_quantile_seconds", "Latency percentiles of the run", labels=["quantile"]
    )
    for quantile, value_ms in (
        ("0.5", stats.p50_ms),
        ("0.9", stats.p90_ms),
        ("0.95", stats.p95_ms),
        ("0.99", stats.p99_ms),
        ("0.999", stats.p999_ms),
        ("1", stats.max_ms),
    ):
        quantiles.add_metric([quantile], value_ms / 1e3)
    yield quantiles


def cumulative(bins: Bins) -> list[tuple[str, float]]:
    """Return how many latencies are at most each upper edge, in seconds, and in all."""
    buckets: list[tuple[str, float]] = []
    rest = list(bins)
    total = 0
    for edge_ms in BUCKETS_MS:
        while rest and (rest[0][0] * rest[0][1]) ** 0.5 <= edge_ms:
            total += rest.pop(0)[2]
        buckets.append((f"{edge_ms / 1e3:g}", float(total)))
    total += sum(number for _, _, number in rest)
    buckets.append(("+Inf", float(total)))
    return buckets
