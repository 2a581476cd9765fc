"""Requests that arrive by themselves, served by the real engine: counted, changed, refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from ovbench_tui.stats.run_stats import LoadStats
from tests.engine.conftest import OpenSession, measured, wait_for
from tests.engine.language_models import save_stateful

_UNDISTURBED_WITHIN = 10
"""Runs of which one is surely not held up by the machine."""


def load_of(run: RunView | None) -> LoadStats:
    assert run is not None
    assert run.stats.load is not None
    return run.stats.load


def finished(session: Session) -> RunView:
    run = wait_for(session, lambda snapshot: snapshot.finished).run
    assert run is not None
    return run


@pytest.mark.parametrize("api", ["async", "sync"])
def test_each_latency_is_waiting_and_service_and_every_arrival_is_accounted_for(
    open_session: OpenSession, tiny_models: Path, api: str
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"),
        api=api,
        nireq=2,
        arrivals="poisson:300",
        iterations=150,
    )
    run = finished(open_session(config))
    load, stats = load_of(run), run.stats
    assert load.served == stats.count == load.waiting.count == load.service.count
    assert load.offered == load.served + load.dropped + load.unserved
    assert load.dropped == 0
    assert load.waiting.mean_ms + load.service.mean_ms == pytest.approx(stats.mean_ms, rel=1e-3)
    assert load.waiting.min_ms >= 0
    assert 0 <= load.late_mean_ms <= load.late_max_ms
    assert run.effective.collected_by == ("callback" if api == "async" else "feeder")
    # A machine that stalls makes up for it, so the rate holds over the run.
    assert load.served_per_s < 450


def test_more_than_can_be_served_fills_the_queue_and_drops_the_rest(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"),
        nireq=1,
        arrivals="constant:50000",
        queue_limit=50,
        iterations=500,
    )
    run = finished(open_session(config))
    load = load_of(run)
    assert load.served == 500
    assert load.refused > 500
    assert load.queue_max == 50
    assert load.offered == load.served + load.dropped + load.unserved
    assert 0 < load.queue_mean <= 50
    # Who is served has waited for those before it, which the closed loop would not show.
    assert load.waiting.p50_ms > 5 * load.service.p50_ms


def test_who_has_waited_too_long_is_dropped(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"),
        nireq=1,
        arrivals="constant:50000",
        timeout_ms=2.0,
        iterations=300,
    )
    for _ in range(_UNDISTURBED_WITHIN):
        load = load_of(finished(open_thread(config)))
        assert load.expired > 300
        # On a busy machine a thread may be held up between its decision and the start.
        if load.waiting.max_ms < 2.5:
            return
    raise AssertionError(load.waiting)


def test_another_rate_is_another_run_of_the_same_compiled_model(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), arrivals="constant:100")
    session = open_thread(config)
    first = wait_for(session, measured(20)).run
    session.configure(replace(config, arrivals="constant:400"))
    second = wait_for(session, measured(40, run_id=2)).run
    assert first is not None
    assert second is not None
    assert second.change == "constant:400"
    assert second.compile_ms == first.compile_ms
    assert load_of(second).waiting.count == second.stats.count
    session.configure(replace(config, arrivals=""))
    closed = wait_for(session, measured(1000, run_id=3)).run
    assert closed is not None
    assert closed.stats.load is None
    assert closed.change == "no arrivals"


def test_a_pause_makes_nobody_late(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, arrivals="constant:200")
    session = open_thread(config)
    before = wait_for(session, measured(20)).run
    session.toggle_pause()
    paused = wait_for(session, lambda snapshot: snapshot.state.value == "paused").run
    session.toggle_pause()
    assert before is not None
    assert paused is not None
    run = wait_for(session, measured(paused.stats.count + 40)).run
    load = load_of(run)
    # All that is neither served nor dropped is what was on its way at the pause, or is now.
    assert load.unserved <= 2 * (2 + load.queue_max)
    assert load.offered - load.unserved == load.served


def test_statistics_that_begin_again_count_from_there(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), arrivals="constant:200")
    session = open_thread(config)
    wait_for(session, measured(100))
    session.reset_stats()
    run = wait_for(
        session, lambda snapshot: snapshot.run is not None and 10 < snapshot.run.stats.count < 100
    ).run
    load = load_of(run)
    assert load.offered < 100
    assert load.waiting.count == load.served


def test_a_trace_is_served_again_and_again(
    open_thread: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("time_s\n0\n0.001\n0.002\n0.01\n")
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), nireq=2, arrivals=str(trace), iterations=40
    )
    assert load_of(finished(open_thread(config))).served == 40


def test_a_trace_that_cannot_be_read_is_refused_and_what_ran_goes_on(
    open_thread: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    wait_for(session, measured(10))
    session.configure(replace(config, arrivals=str(tmp_path / "missing.csv")))
    refused = wait_for(session, lambda snapshot: bool(snapshot.notices))
    assert "missing.csv' was not found" in refused.notices[-1].text
    wait_for(session, measured((refused.run.stats.count if refused.run else 0) + 10))


def test_a_model_that_generates_tokens_takes_none(open_thread: OpenSession, tmp_path: Path) -> None:
    config = BenchmarkConfig(
        model=str(save_stateful(tmp_path / "decoder.xml", has_mask=True)),
        prompt_tokens="4",
        new_tokens="4",
    )
    session = open_thread(config)
    wait_for(session, measured(10))
    session.configure(replace(config, arrivals="poisson:100"))
    refused = wait_for(session, lambda snapshot: any(one.is_error for one in snapshot.notices))
    assert "--arrivals is for single inferences, and" in refused.notices[-1].text
    assert refused.run is not None
    assert refused.run.config.arrivals == ""


def test_two_rates_run_in_turn(open_thread: OpenSession, tiny_models: Path) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), nireq=2, arrivals="constant:60000", queue_limit=40
    )
    session = open_thread(config)
    wait_for(session, measured(20))
    session.begin_ab(replace(config, arrivals="constant:300", queue_limit=5), 0.2)

    def has_pairs(_: Snapshot) -> bool:
        view = session.ab()
        return view is not None and view.pairs >= 2

    wait_for(session, has_pairs)
    view = session.ab()
    assert view is not None
    a, b = load_of(view.a), load_of(view.b)
    for load in (a, b):
        assert load.served > 0
        assert load.waiting.count == load.served
        # Of each slice no more than what was on its way at its end is left over.
        assert load.offered - load.unserved - load.dropped == load.served
    assert a.queue_max == 40  # and what one side keeps waiting is not the other's
    assert b.queue_max <= 5


def test_limits_of_a_queue_that_is_not_there_are_named(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), queue_limit=3)
    snapshot = wait_for(open_thread(config), lambda snapshot: bool(snapshot.notices))
    assert "without --arrivals nothing waits" in snapshot.notices[-1].text
