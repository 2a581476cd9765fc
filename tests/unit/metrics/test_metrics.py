"""What Prometheus is told, and where it may ask."""

from __future__ import annotations

import json
import math
import re
import threading
import urllib.request
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from ovbench_tui.engine.api.pipeline_use import PipelineUse
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import BadInputError
from ovbench_tui.metrics.dashboard import dashboard_text
from ovbench_tui.metrics.exchange import MetricsExchange
from ovbench_tui.metrics.families import BUCKETS_MS, cumulative
from ovbench_tui.metrics.server import Address, MetricsServer, parse_address
from ovbench_tui.stats.run_stats import GenerationStats, GroupStats
from ovbench_tui.ui.app.nothing_yet import nothing_yet
from tests.unit.load_figures import load_stats
from tests.unit.reported import NOTHING, RESULT, VIEW

PATIENCE_S = 60.0
IDLE = nothing_yet(VIEW.config)
RUNNING = replace(IDLE, state=WorkerState.RUNNING, run=VIEW, openvino_version="2026.4.1")


def latencies(count: int, p50_ms: float) -> GroupStats:
    percentiles = {"p50_ms": p50_ms, "p90_ms": 2 * p50_ms, "p99_ms": 3 * p50_ms}
    return GroupStats(count, p50_ms / 2, p50_ms, max_ms=9 * p50_ms, **percentiles)


RUN_OF_TOKENS = replace(
    VIEW,
    stats=replace(
        VIEW.stats,
        generation=GenerationStats(
            *(latencies(40, 310.0), latencies(2814, 21.0), latencies(40, 2900.0)),
            *(9000, 1234.0, 0.5),
        ),
    ),
    pipeline=PipelineUse(1, 4, 3, 25.0, 50.0, 1 << 24),
)
GENERATING = replace(RUNNING, run=RUN_OF_TOKENS)


def scrape(snapshot: Snapshot, bins: tuple[tuple[float, float, int], ...] = ()) -> str:
    """Ask over HTTP while another thread offers this snapshot, as the session's does."""
    board = MetricsExchange(PATIENCE_S)
    server = MetricsServer(Address("127.0.0.1", 0), board)
    over = threading.Event()

    def offer() -> None:
        while not over.wait(0.001):
            board.offer(snapshot, lambda: bins)

    offering = threading.Thread(target=offer)
    offering.start()
    try:
        url = f"http://127.0.0.1:{server.port}/metrics"
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:
            return str(answer.read().decode())
    finally:
        over.set()
        offering.join()
        server.close()


def samples(text: str) -> dict[str, float]:
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def test_a_scrape_tells_the_run() -> None:
    got = samples(scrape(RUNNING, RESULT.histogram))
    assert got["ovbench_throughput_mean_fps"] == VIEW.stats.fps_mean
    assert got["ovbench_inferences_total"] == 2817
    assert got["ovbench_frames_total"] == 5634
    assert got["ovbench_latency_quantile_seconds{quantile=0.99}"] == 0.00825
    assert got["ovbench_nireq"] == 2
    assert got["ovbench_state{ovbench_state=running}"] == 1
    assert got["ovbench_state{ovbench_state=paused}"] == 0
    assert got["ovbench_latency_seconds_bucket{le=0.005}"] == 0
    assert got["ovbench_latency_seconds_bucket{le=0.007}"] == 2800
    assert got["ovbench_latency_seconds_bucket{le=+Inf}"] == 2814
    assert got["ovbench_latency_seconds_count"] == 2814
    info = "api=async,device=CPU,hint=,model=m,precision=f32,run=1"
    assert got[f"ovbench_run_info{{{info}}}"] == 1


def test_a_run_that_generates_has_tokens_in_place_of_frames() -> None:
    got = samples(scrape(GENERATING, RESULT.histogram))
    stats = VIEW.stats
    assert got["ovbench_tokens_per_second"] == stats.fps_now
    assert got["ovbench_tokens_mean_per_second"] == stats.fps_mean
    assert got["ovbench_tokens_total"] == stats.frames
    assert got["ovbench_prompt_tokens_total"] == 9000
    assert got["ovbench_prompt_tokens_per_second"] == 1234.0
    assert (got["ovbench_requests_total"], got["ovbench_requests_per_second"]) == (40, 0.5)
    assert got["ovbench_time_to_first_token_quantile_seconds{quantile=0.9}"] == 0.62
    assert math.isnan(got["ovbench_time_to_first_token_quantile_seconds{quantile=0.99}"])
    assert got["ovbench_time_per_output_token_quantile_seconds{quantile=0.99}"] == 0.063
    assert got["ovbench_request_quantile_seconds{quantile=0.5}"] == 2.9
    assert got["ovbench_time_per_output_token_seconds_count"] == 2814
    assert (got["ovbench_requests_running"], got["ovbench_requests_waiting"]) == (3, 1)
    assert got["ovbench_kv_cache_usage_ratio"] == 0.25
    assert got["ovbench_kv_cache_usage_peak_ratio"] == 0.5
    assert got["ovbench_kv_cache_size_bytes"] == 1 << 24
    of_frames = [name for name in got if "fps" in name or "frames" in name or "latency" in name]
    assert of_frames == []
    alone = replace(GENERATING, run=replace(RUN_OF_TOKENS, pipeline=None))
    assert not any("kv_cache" in name for name in samples(scrape(alone)))


def test_an_open_loop_has_its_arrivals_queue_and_drops() -> None:
    arrived = replace(VIEW, stats=replace(VIEW.stats, load=load_stats()))
    got = samples(scrape(replace(RUNNING, run=arrived)))
    assert got["ovbench_arrivals_total"] == 11_112
    assert got["ovbench_arrivals_dropped_total{reason=queue limit}"] == 1_000
    assert got["ovbench_arrivals_dropped_total{reason=timeout}"] == 109
    assert got["ovbench_arrivals_offered_per_second"] == 111.12
    assert got["ovbench_arrivals_served_per_second"] == 100.0
    assert got["ovbench_arrivals_dropped_per_second"] == 11.09
    assert (got["ovbench_queue_length"], got["ovbench_queue_length_max"]) == (4, 17)
    assert got["ovbench_waiting_quantile_seconds{quantile=0.99}"] == 0.021
    assert got["ovbench_service_quantile_seconds{quantile=0.99}"] == 0.00975
    assert got["ovbench_throughput_mean_fps"] == VIEW.stats.fps_mean
    assert not any("arrivals" in name for name in samples(scrape(RUNNING)))


def test_before_the_first_run_and_before_the_first_completion() -> None:
    assert "ovbench_throughput_fps" not in samples(scrape(IDLE))
    got = samples(scrape(replace(RUNNING, run=replace(VIEW, stats=NOTHING))))
    assert got["ovbench_inferences_total"] == 0
    assert got["ovbench_latency_seconds_sum"] == 0


def test_nothing_is_made_while_nobody_asks() -> None:
    board = MetricsExchange()
    board.offer(RUNNING, lambda: pytest.fail("the histogram was made"))


def test_when_no_snapshot_comes_the_last_one_is_told() -> None:
    board = MetricsExchange(patience_s=0.01)
    assert board.ask() is None
    board.offer(RUNNING, lambda: RESULT.histogram)
    posting = board.ask()
    assert posting is not None
    assert posting.snapshot is RUNNING


bins = st.lists(
    st.tuples(st.floats(1e-4, 1e6), st.integers(1, 10**9)), max_size=40, unique_by=lambda x: x[0]
)


@given(bins)
def test_buckets_grow_and_hold_every_latency(found: list[tuple[float, int]]) -> None:
    edges = tuple((low, low * 1.009, count) for low, count in sorted(found))
    counts = [count for _, count in cumulative(edges)]
    assert counts == sorted(counts)
    assert counts[-1] == sum(count for _, count in found)
    for edge_ms, count in zip(BUCKETS_MS, counts, strict=False):
        assert count >= sum(n for low, n in found if low * 1.009 <= edge_ms)
        assert count <= sum(n for low, n in found if low <= edge_ms)


@pytest.mark.parametrize(
    ("text", "address", "is_loopback"),
    [
        ("9100", Address("127.0.0.1", 9100), True),
        ("0", Address("127.0.0.1", 0), True),
        ("localhost:9100", Address("localhost", 9100), True),
        ("[::1]:9100", Address("::1", 9100), True),
        ("0.0.0.0:9100", Address("0.0.0.0", 9100), False),  # noqa: S104
        ("box:9100", Address("box", 9100), False),
    ],
)
def test_addresses(text: str, address: Address, is_loopback: bool) -> None:
    assert parse_address(text) == address
    assert address.is_loopback is is_loopback


@pytest.mark.parametrize("text", ["", "port", "65536", "-1", "host:", "9100x", "٣"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(BadInputError, match="--metrics"):
        parse_address(text)


def test_a_port_that_is_taken_is_told() -> None:
    server = MetricsServer(Address("127.0.0.1", 0), MetricsExchange())
    try:
        with pytest.raises(BadInputError, match=f"cannot listen on 127.0.0.1:{server.port}"):
            MetricsServer(Address("127.0.0.1", server.port), MetricsExchange())
    finally:
        server.close()


def test_the_dashboard_asks_for_what_is_served() -> None:
    both = (samples(scrape(shown, RESULT.histogram)) for shown in (RUNNING, GENERATING))
    served = {key.partition("{")[0] for found in both for key in found}
    text = dashboard_text()
    requested = set(re.findall(r"\b(?:ovbench|process)_\w+", text)) - {"ovbench_state"}
    requested -= {"ovbench_stability"}  # both are label names, too
    assert {"ovbench_throughput_fps", "ovbench_latency_seconds_bucket"} <= requested <= served
    assert {"ovbench_state", "ovbench_stability"} <= served
    dashboard = json.loads(text)
    assert dashboard["title"] == "ovbench-tui"
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    for panel in dashboard["panels"]:
        assert all(target["expr"] for target in panel["targets"])
