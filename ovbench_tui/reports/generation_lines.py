"""The lines of the summary that only a model that generates tokens has."""

from __future__ import annotations

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats
from ovbench_tui.stats.sample_size import measured_percentile


def lengths_text(effective: EffectiveConfig) -> str:
    """How long the sequences are, as in ``512 prompt tokens, 32..128 new ones``."""
    return f"{effective.prompt_text} prompt tokens, {effective.new_text} new ones"


def rates_text(generation: GenerationStats) -> str:
    """What is read and answered in a second, beside the tokens that are given."""
    return (
        f"{generation.input_tokens_per_s:.2f} input tokens/s,"
        f" {generation.requests_per_s:.2f} requests/s"
    )


def series_of(generation: GenerationStats) -> tuple[tuple[str, str, GroupStats], ...]:
    """Short name, long name and latencies of each kind, in the order of a request's life."""
    return (
        ("TTFT", "time to first token", generation.ttft),
        ("TPOT", "time per output token", generation.tpot),
        ("Request", "first to last token of a request", generation.request),
    )


def percentiles_ms(stats: GroupStats) -> tuple[tuple[str, float], ...]:
    """Mean and percentiles; NaN where a percentile would be no more than the maximum."""
    return (
        ("average", stats.mean_ms),
        *(
            (f"p{percent}", measured_percentile(value_ms, percent, stats.count))
            for percent, value_ms in ((50, stats.p50_ms), (90, stats.p90_ms), (99, stats.p99_ms))
        ),
    )
