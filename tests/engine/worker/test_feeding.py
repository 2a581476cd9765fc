"""How inferences are started and ended: counted, capped, one by one, profiled."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import openvino as ov
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import DEFAULT_NAME
from ovbench_tui.config.iterations import aligned_iterations
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import Feed
from ovbench_tui.engine.requests.queue_options import QueueOptions
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.worker.profile import read_profile
from tests.engine.conftest import OpenSession, in_state, measured, wait_for
from tests.engine.hosts.test_stall import Clock


def finish(session: Session) -> Session:
    wait_for(session, lambda snapshot: snapshot.finished)
    return session


def test_a_counted_run_ends_after_exactly_so_many(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=4, iterations=1002)
    (run,) = finish(open_session(config)).runs
    assert run.stats.count == 1004  # whole rounds of four requests
    assert run.stats.dropped == 0


def test_with_time_and_count_both_must_be_reached(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    model = str(tiny_models / "relu.xml")
    long = BenchmarkConfig(model=model, nireq=2, iterations=2, duration_s=0.5)
    (run,) = finish(open_thread(long)).runs
    assert run.stats.elapsed_s >= 0.5
    assert run.stats.count > 2
    many = BenchmarkConfig(model=model, nireq=2, iterations=3000, duration_s=0.01)
    (run,) = finish(open_thread(many)).runs
    assert run.stats.count == 3000


def test_no_iterations_compile_and_run_nothing(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), iterations=0)
    session = finish(open_session(config))
    (run,) = session.runs
    assert run.stats.count == 0
    assert run.compile_ms > 0
    assert math.isnan(run.first_inference_ms)
    assert session._host.ring.total == 0


def test_a_rate_cap_holds_and_can_be_lifted(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, max_fps=100.0)
    session = open_thread(config)
    capped = wait_for(
        session, lambda s: measured(60)(s) and s.run is not None and s.run.stats.elapsed_s > 1
    ).run
    assert capped is not None
    # A machine that stalls loses what it missed; it never runs faster than asked.
    assert 20 < capped.stats.fps_mean < 112
    session.configure(replace(config, max_fps=0.0))
    free = wait_for(session, measured(2000, run_id=2)).run
    assert free is not None
    assert free.stats.fps_mean > 3 * capped.stats.fps_mean
    assert free.compile_ms == capped.compile_ms


def test_the_synchronous_api_runs_one_after_the_other(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=4)
    session = open_thread(config)
    wait_for(session, measured(100))
    session.configure(replace(config, api="sync"))
    run = wait_for(session, measured(500, run_id=2)).run
    assert run is not None
    assert (run.effective.api, run.effective.nireq) == ("sync", 1)
    # Never more than one in flight.
    assert run.stats.fps_mean * run.stats.mean_ms / 1000 < 1.0


def test_without_a_first_inference_everything_is_measured(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), nireq=2, first_inference=False, iterations=10
    )
    session = finish(open_thread(config))
    (run,) = session.runs
    assert run.stats.count == 10
    assert session._host.ring.total == 10


@pytest.mark.usefixtures("whole_waits")
def test_the_feeder_stores_where_a_callback_would_cost_more_than_the_model(
    open_session: OpenSession, tiny_models: Path
) -> None:
    session = open_session(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2))
    tiny = wait_for(session, measured(1000)).run
    assert tiny is not None
    assert tiny.effective.collected_by == "feeder"
    session.configure(BenchmarkConfig(model=DEFAULT_NAME, nireq=2))
    larger = wait_for(session, measured(20, run_id=2)).run
    assert larger is not None
    assert larger.effective.collected_by == "callback"


@pytest.mark.parametrize("by_feeder", [True, False], ids=["feeder", "callback"])
@pytest.mark.parametrize("refills", [True, False], ids=["refilled", "fixed"])
def test_every_inference_is_stored_once_with_its_group(
    tiny_models: Path, by_feeder: bool, refills: bool
) -> None:
    compiled = ov.Core().compile_model(tiny_models / "dynamic.xml", "CPU")
    feeds = [Feed((ov.Tensor(ov.Type.f32, ov.Shape([rows, 16])),), rows - 1) for rows in (1, 2, 3)]
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(1024)))
    errors: list[BaseException] = []
    queue = RequestQueue(compiled, QueueOptions(3, refills=refills), feeds, ring, errors.append)
    queue.record(by_feeder=by_feeder)
    assert queue.collected_by == ("feeder" if by_feeder else "callback")
    start = queue.starter()
    for rounds in (30, 12):
        for _ in range(rounds):
            start()
        queue.drain()
    piece = ring.read(0)
    queue.release()
    assert errors == []
    assert ring.total == 42
    assert (piece.latencies_ms > 0).all()
    expected = [14, 14, 14] if refills else [42, 0, 0]
    assert [int((piece.groups == group).sum()) for group in range(3)] == expected


def tiny_queue(tiny_models: Path, ring: LatencyRing) -> RequestQueue:
    compiled = ov.Core().compile_model(tiny_models / "relu.xml", "CPU")
    feed = Feed((ov.Tensor(ov.Type.f32, ov.Shape([1, 16])),), 0)
    return RequestQueue(
        compiled, QueueOptions(2), [feed], ring, lambda error: pytest.fail(repr(error))
    )


@pytest.mark.parametrize("spins", [True, False])
@pytest.mark.parametrize("by_feeder", [True, False])
def test_trials_are_real_and_the_feeder_stores_nothing_of_them(
    tiny_models: Path, by_feeder: bool, spins: bool
) -> None:
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(64)))
    queue = tiny_queue(tiny_models, ring)
    assert queue.fastest_ms() > 0
    queue.record(by_feeder=by_feeder)
    # On a busy machine a single trial may get no more than one inference done.
    assert any(queue.trial_rate(0.05, spins=spins) > 20 for _ in range(20))
    assert (ring.total == 0) is by_feeder
    queue.release()


def test_a_spinning_feeder_stores_every_inference(tiny_models: Path) -> None:
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(1 << 16)))
    queue = tiny_queue(tiny_models, ring)
    queue.record(by_feeder=True)
    queue.spins = True
    queue.feed_while(lambda: ring.total < 500)
    queue.drain()
    assert ring.total in (500, 501, 502)
    assert (ring.read(0).latencies_ms > 0).all()
    queue.release()


def test_a_profile_tells_every_layer_and_the_run_goes_on(
    open_session: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=2, perf_counts=True)
    session = open_session(config)
    wait_for(session, measured(100))
    graph = tmp_path / "graph.xml"
    session.take_profile(str(graph))
    wait_for(session, lambda _: not session.profile_pending)
    result = session.results[-1]
    assert result.profile is not None
    assert result.profile.reason == ""
    assert len(result.profile.requests) == 2
    kinds = {layer.node_type for layer in result.profile.requests[0]}
    assert {"Parameter", "Result"} <= kinds
    assert result.profile.graph_path == str(graph)
    assert "execTimeMcs" in graph.read_text()
    count = result.view.stats.count
    wait_for(session, measured(count + 100))


def test_without_counters_a_profile_says_what_to_do(
    open_thread: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2))
    wait_for(session, measured(100))
    session.take_profile(str(tmp_path / "nowhere" / "graph.xml"))
    snapshot = wait_for(session, lambda _: not session.profile_pending)
    assert "there is no folder" in snapshot.notices[-1].text
    session.take_profile()
    snapshot = wait_for(session, lambda _: not session.profile_pending)
    assert "give -pc" in snapshot.notices[-1].text


def test_results_hold_the_histogram_of_every_run(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, percentiles=(42.0,))
    session = open_thread(config)
    wait_for(session, measured(500))
    session.configure(replace(config, nireq=3))
    wait_for(session, measured(500, run_id=2))
    session.toggle_pause()
    wait_for(session, lambda snapshot: not snapshot.measuring)
    results = session.results
    assert len(results) == 2
    for result in results:
        assert sum(count for _, _, count in result.histogram) == result.view.stats.count
        assert result.view.stats.percentiles_ms[0][0] == 42.0


@pytest.mark.parametrize(
    ("iterations", "nireq", "groups", "is_sync", "expected"),
    [(10, 4, 1, False, 12), (12, 4, 1, False, 12), (10, 2, 3, False, 12), (10, 4, 3, True, 10)],
)
def test_iterations_are_aligned_as_benchmark_app_does(
    iterations: int, nireq: int, groups: int, is_sync: bool, expected: int
) -> None:
    assert aligned_iterations(iterations, nireq, groups, is_sync=is_sync) == expected


def test_a_capped_run_measures_no_latency_of_its_warm_up(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=8, max_fps=50.0)
    run = wait_for(open_thread(config), measured(5)).run
    assert run is not None
    assert run.effective.collected_by == "callback"


def test_a_rate_cap_counts_the_frames_of_every_shape(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "dynamic.xml"),
        data_shape=(("x", (1, 16)), ("x", (16, 16))),
        layout=(("", "NC"),),
        max_fps=85.0,
        nireq=2,
    )
    run = wait_for(
        open_thread(config), lambda s: s.run is not None and s.run.stats.elapsed_s > 2
    ).run
    assert run is not None
    assert run.stats.fps_mean < 1.3 * 85


def test_layers_too_short_to_have_a_time_are_not_blamed_on_the_command_line() -> None:
    class Info:
        node_name = node_type = exec_type = "x"
        status = "Status.NOT_RUN"
        real_time = cpu_time = timedelta()

    assert (
        "less than a microsecond" in read_profile([[Info()]], was_requested=True, originals={})[1]
    )
    assert "give -pc" in read_profile([[Info()]], was_requested=False, originals={})[1]


def test_a_rate_cap_counts_nothing_that_was_started_before_it_held(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "heavy.xml"), nireq=16, max_fps=20.0, duration_s=1.0
    )
    (run,) = finish(open_thread(config)).runs
    assert run.stats.warmup_count >= 16
    # One at the begin, one each 50 ms, and what a machine that stalls may catch up with.
    assert run.stats.count <= 1 + 20 * run.stats.elapsed_s + 2


@pytest.mark.parametrize("api", ["async", "sync"])
def test_a_run_of_a_time_counts_what_is_in_flight_at_its_end(
    open_thread: OpenSession, tiny_models: Path, api: str
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=8, duration_s=0.5, api=api)
    session = finish(open_thread(config))
    (run,) = session.runs
    stats = run.stats
    assert stats.elapsed_s >= 0.5
    # The last ones that were ever stored are those that count, and all of them were started
    # and have completed within the time that is reported.
    ring = session._host.ring
    counted = ring.read(ring.total - stats.count)
    assert counted.latencies_ms.size == stats.count
    started_s = counted.times_s - counted.latencies_ms / 1e3
    assert counted.times_s[-1] - started_s.min() <= stats.elapsed_s
    assert stats.fps_mean == pytest.approx(stats.frames / stats.elapsed_s, rel=1e-9)


@pytest.fixture
def slow_search(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A search for devices that lasts until the test says so."""
    found = threading.Event()
    search = Engine.discover

    def discover(engine: Engine) -> object:
        found.wait()
        return search(engine)

    monkeypatch.setattr(Engine, "discover", discover)
    yield found
    found.set()


def test_a_counted_run_warms_up_after_a_slow_search_for_devices(
    tiny_models: Path, slow_search: threading.Event
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=4, iterations=100)
    clock = Clock()
    session = Session(config, clock=clock)
    session.start()
    try:
        wait_for(session, in_state(WorkerState.WAITING, run_id=1))
        clock.let_pass(600.0)
        while clock.is_rushing:
            assert session.snapshot(0).stall == ""
        slow_search.set()
        (run,) = finish(session).runs
        assert run.stats.count == 100
        assert run.stats.warmup_count >= 2 * 4
        assert run.stats.warmup_s < 600.0
    finally:
        slow_search.set()
        assert session.close(60.0)


def test_a_pause_in_the_warm_up_warms_nothing(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_thread(config)
    wait_for(session, measured(100))
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    session.configure(replace(config, nireq=5))
    wait_for(session, in_state(WorkerState.PAUSED, run_id=2))
    begin_s = perf_counter()
    wait_for(session, lambda _: perf_counter() - begin_s > 2.5)  # longer than any warm-up
    session.toggle_pause()
    run = wait_for(session, measured(100, run_id=2)).run
    assert run is not None
    assert run.stats.warmup_count >= 2 * 5
