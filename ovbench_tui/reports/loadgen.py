"""A run judged by the rules of MLPerf LoadGen for its scenario.

Durations, numbers of queries and percentiles are those of the MLPerf Inference Rules, section
"Scenarios" (github.com/mlcommons/inference_policies, inference_rules.adoc), and of LoadGen's
mlperf.conf and test_settings.h (github.com/mlcommons/inference, loadgen/): 600 s in every scenario;
the 90th percentile in a single stream, the 99th in a multi-stream and on a server; 662 queries
of 8 samples in a multi-stream, 24,576 samples offline, and LoadGen's default of 100 queries
elsewhere. Data sets, accuracy and audits, which a submission needs as well, are not judged here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ovbench_tui.config.benchmark import OPTIONS
from ovbench_tui.config.load.scenario import (
    MULTI_STREAM,
    OFFLINE,
    SERVER,
    SINGLE_STREAM,
    Scenario,
    parse_scenario,
)
from ovbench_tui.console.units import format_duration
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.stats.load.early_stopping import allowed_beyond, estimate_ms

LEAST_S = 600.0
_LEAST_QUERIES = {SINGLE_STREAM: 100, MULTI_STREAM: 662, SERVER: 100, OFFLINE: 24_576}
_PERCENTS = {SINGLE_STREAM: 90.0, MULTI_STREAM: 99.0, SERVER: 99.0}
_SAMPLES_OF_MULTI_STREAM = 8


@dataclass(frozen=True, slots=True)
class ScenarioVerdict:
    """Whether a run is valid by LoadGen's rules.

    Attributes:
        name: of the scenario, as in ``server:200``.
        missing: what it lacks, each in a few words; empty = it is valid.
        queries: that were issued; offline the samples.
        percent: of the latency; None = the scenario has no such figure.
        early_stopping_ms: LoadGen's estimate of this percentile; NaN = too few queries.
    """

    name: str
    is_valid: bool
    missing: tuple[str, ...]
    queries: int
    percent: float | None = None
    early_stopping_ms: float = math.nan

    @property
    def text(self) -> str:
        """The verdict in a line."""
        if self.is_valid:
            return f"{self.name}: valid by LoadGen's rules"
        return f"{self.name}: not valid by LoadGen's rules: {'; '.join(self.missing)}"

    @property
    def estimate_text(self) -> str:
        """LoadGen's figure of the latency; '' = there is none."""
        if self.percent is None or math.isnan(self.early_stopping_ms):
            return ""
        return f"p{self.percent:g} {format_duration(self.early_stopping_ms)}"


def judge_scenario(result: RunResult) -> ScenarioVerdict | None:
    """Judge a run; None = it was begun by no scenario."""
    view = result.view
    name = view.config.scenario
    if not name:
        return None
    scenario = parse_scenario(name)
    missing = (*_other_settings(result, scenario), *_too_little(result, scenario))
    if scenario.kind == SERVER:
        missing += tuple(_of_server(result))
    percent = _PERCENTS.get(scenario.kind)
    return ScenarioVerdict(
        name,
        not missing,
        missing,
        _queries(result, scenario),
        percent,
        _estimate_ms(result, percent) if percent else math.nan,
    )


def scenario_lines(result: RunResult) -> list[tuple[str, str]]:
    """Label and text of each line of the summary."""
    verdict = judge_scenario(result)
    if verdict is None:
        return []
    lines = [("Scenario", verdict.text)]
    if estimate := verdict.estimate_text:
        lines.append(("Early stopping", f"{estimate}, LoadGen's estimate with 99 % confidence"))
    return lines


def _other_settings(result: RunResult, scenario: Scenario) -> Iterator[str]:
    """What was changed on the screen, or is otherwise by the model."""
    view = result.view
    if view.effective.generates:
        yield "models that generate tokens have rules of their own, which are not judged here"
    for field, value in scenario.options.items():
        found = getattr(view.config, field)
        if found != value:
            yield f"{OPTIONS[field].name} is {found or 'not given'}, not {value}"
    samples = view.effective.batch
    if scenario.kind in (SINGLE_STREAM, SERVER) and samples != 1:
        yield f"1 sample a query, not {samples}"
    if scenario.kind == MULTI_STREAM and scenario.number != _SAMPLES_OF_MULTI_STREAM:
        yield f"{_SAMPLES_OF_MULTI_STREAM} samples a query, not {scenario.number:g}"


def _too_little(result: RunResult, scenario: Scenario) -> Iterator[str]:
    elapsed_s = result.view.stats.elapsed_s
    if elapsed_s < LEAST_S:
        yield f"duration {math.floor(elapsed_s)} of {LEAST_S:.0f} s"
    queries, least = _queries(result, scenario), _LEAST_QUERIES[scenario.kind]
    if queries < least:
        noun = "samples" if scenario.kind == OFFLINE else "queries"
        yield f"{queries:,} of {least:,} {noun}"


def _queries(result: RunResult, scenario: Scenario) -> int:
    stats = result.view.stats
    if scenario.kind == OFFLINE:
        return stats.frames
    return stats.count if stats.load is None else stats.load.offered


def _estimate_ms(result: RunResult, percent: float) -> float:
    """Early stopping's; what has waited no longer than the slowest answer took is left out."""
    unanswered = _unanswered(result, result.view.stats.max_ms)
    return estimate_ms(result.histogram, percent, unanswered)


def _unanswered(result: RunResult, limit_ms: float) -> int:
    """Queries that were dropped, or had waited longer than `limit_ms` when the run ended.

    LoadGen waits for every answer, a run of a given length does not. What came within the last
    `limit_ms` may still be on time, and is no query yet; the oldest are answered first, so what
    is unanswered beyond as many as come in that time is late.
    """
    load = result.view.stats.load
    if load is None:
        return 0
    on_time = load.offered_per_s * limit_ms / 1000
    on_time = math.ceil(on_time) if math.isfinite(on_time) else 0
    return load.dropped + max(0, load.unserved - on_time)


def _of_server(result: RunResult) -> Iterator[str]:
    """Whether the latency limit is kept, by the figure itself and by early stopping."""
    view = result.view
    limit_ms = view.config.p99_under_ms
    if not limit_ms:
        yield "a limit of the latency: give --p99-under"
        return
    late = _unanswered(result, limit_ms) + sum(
        count for low_ms, high_ms, count in result.histogram if low_ms * high_ms > limit_ms**2
    )
    queries = late + sum(
        count for low_ms, high_ms, count in result.histogram if low_ms * high_ms <= limit_ms**2
    )
    allowed = allowed_beyond(queries, _PERCENTS[SERVER])
    if allowed < 0:
        yield f"{queries:,} queries, too few to be sure of the limit of {limit_ms:g} ms"
    elif late > allowed:
        yield (
            f"{late:,} of {queries:,} queries took longer than {limit_ms:g} ms or had no answer,"
            f" and {allowed:,} may"
        )
