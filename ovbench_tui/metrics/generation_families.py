"""The figures of a run that generates tokens as Prometheus metric families."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats, RunStats
from ovbench_tui.stats.sample_size import measured_percentile

_PREFIX = "ovbench"


def generation_families(
    stats: RunStats, generation: GenerationStats, pipeline: PipelineUse | None
) -> Iterator[Metric]:
    """Yield what such a run has in place of frames a second.

    Args:
        pipeline: of openvino-genai; None = the model runs without it.
    """
    for name, text, value in (
        ("tokens_per_second", "Output tokens a second over about the last second", stats.fps_now),
        ("tokens_mean_per_second", "Output tokens a second over the run", stats.fps_mean),
        ("tokens_peak_per_second", "Highest output tokens a second of the run", stats.fps_peak),
        (
            "prompt_tokens_per_second",
            "Tokens of the prompts read, a second over the run",
            generation.input_tokens_per_s,
        ),
        (
            "requests_per_second",
            "Whole requests a second over the run",
            generation.requests_per_s,
        ),
    ):
        yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, value)
    for name, text, total in (
        ("tokens", "Output tokens of the run", stats.frames),
        ("prompt_tokens", "Tokens of the prompts read", generation.prompt_tokens),
        ("requests", "Requests measured from start to end", generation.request.count),
    ):
        yield CounterMetricFamily(f"{_PREFIX}_{name}", text, total)
    yield quantiles("time_to_first_token", "Time to the first token", generation.ttft)
    yield quantiles("time_per_output_token", "Time per output token", generation.tpot)
    yield quantiles("request", "Time of whole requests", generation.request)
    if pipeline is not None:
        yield from _of_pipeline(pipeline)


def quantiles(name: str, text: str, group: GroupStats) -> Metric:
    """Percentiles in seconds; NaN where one would be no more than the maximum."""
    family = GaugeMetricFamily(
        f"{_PREFIX}_{name}_quantile_seconds", f"{text}, percentiles of the run", labels=["quantile"]
    )
    for percent, value_ms in ((50, group.p50_ms), (90, group.p90_ms), (99, group.p99_ms)):
        known_ms = measured_percentile(value_ms, percent, group.count)
        family.add_metric([f"{percent / 100:g}"], known_ms / 1e3)
    family.add_metric(["1"], group.max_ms / 1e3)
    return family


def _of_pipeline(pipeline: PipelineUse) -> Iterator[Metric]:
    for name, text, value in (
        ("requests_running", "Requests that took part in the last step", pipeline.running),
        ("requests_waiting", "Requests that the last step left out", pipeline.waiting),
        ("kv_cache_usage_ratio", "KV cache in use, 0 to 1", pipeline.cache_percent / 100),
        (
            "kv_cache_usage_peak_ratio",
            "KV cache in use at most so far, 0 to 1",
            pipeline.cache_peak_percent / 100,
        ),
        ("kv_cache_size_bytes", "Size of the KV cache", pipeline.cache_bytes),
    ):
        yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, float(value))
