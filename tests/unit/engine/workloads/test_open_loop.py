"""The open loop against queueing theory, and what waits, is dropped and is on record."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.config.load.pattern import parse_arrivals
from ovbench_tui.engine.workloads.open_loop import OpenLoop
from ovbench_tui.engine.workloads.schedule import schedule
from ovbench_tui.stats.load.counts import LATEST_NS, LOAD_WORDS, MOST_WAITING
from tests.unit.engine.workloads.rigged import Clock, Engine, counts, words

FOREVER = 10**9


def loop_of(
    pattern: str,
    clock: Clock,
    counted: list[int],
    limit: int = FOREVER,
    timeout_s: float = math.inf,
) -> OpenLoop:
    parsed = parse_arrivals(pattern)
    return OpenLoop(lambda: schedule(parsed), limit, timeout_s, counted, clock, clock)


def run(
    pattern: str,
    engine: Engine,
    count: int,
    limit: int = FOREVER,
    timeout_s: float = math.inf,
) -> list[int]:
    """Serve so many arrivals; returns what was counted."""
    counted = words()
    loop = loop_of(pattern, engine.clock, counted, limit, timeout_s)
    assert loop.feed(engine, lambda: True, wanted=count) == count
    return counted


def md1_wait_s(utilisation: float, service_s: float) -> float:
    """Mean wait of M/D/1 (Pollaczek 1930, Khinchine 1932)."""
    return utilisation * service_s / (2 * (1 - utilisation))


@pytest.mark.parametrize(
    ("utilisation", "count"), [(0.3, 100_000), (0.6, 100_000), (0.8, 300_000), (0.9, 600_000)]
)
def test_random_arrivals_at_one_server_wait_as_theory_says(utilisation: float, count: int) -> None:
    service_s = 0.01
    engine = Engine(Clock(), (service_s,))
    run(f"poisson:{utilisation / service_s}", engine, count)
    wait_s = np.mean(engine.waits_s)
    assert wait_s == pytest.approx(md1_wait_s(utilisation, service_s), rel=0.05)
    # Little's law: those who wait are on average the rate times the wait.
    idle_share = np.mean(np.array(engine.waits_s) == 0)
    assert idle_share == pytest.approx(1 - utilisation, rel=0.05)


@pytest.mark.parametrize("utilisation", [0.3, 0.6, 0.8, 0.9, 1.0])
def test_regular_arrivals_at_a_regular_server_never_wait(utilisation: float) -> None:
    engine = Engine(Clock(), (1 / 128,))
    counted = run(f"constant:{128 * utilisation}", engine, 10_000)
    assert max(engine.waits_s) == pytest.approx(0.0, abs=1e-9)
    assert counts(counted).refused == counts(counted).expired == 0


def test_a_standstill_puts_all_that_arrived_meanwhile_on_record_with_its_wait() -> None:
    # Coordinated omission: a closed loop would show a single latency of 1 s.
    engine = Engine(Clock(), (*[0.001] * 100, 1.0, *[0.001] * 899))
    run("constant:100", engine, 1000)
    latencies_s = np.array(engine.latencies_s)
    late_s = np.sort(latencies_s[latencies_s > 0.0015])
    # Whoever is behind takes 1 ms instead of 10 ms, so it is made up for in 1.11 s.
    assert late_s.size == pytest.approx(111, abs=2)
    assert late_s[-1] == pytest.approx(1.0)
    during = (np.array(engine.arrived_s) >= 1.0) & (np.array(engine.arrived_s) < 2.0)
    assert during.sum() == 100
    assert np.mean(latencies_s[during]) == pytest.approx(0.55, abs=0.02)
    assert (np.diff(latencies_s[during]) < 0).all()


def test_with_more_requests_as_many_are_served_at_once() -> None:
    engine = Engine(Clock(), (0.02,), nireq=2)
    run("constant:100", engine, 1000)
    assert max(engine.waits_s) == pytest.approx(0.0, abs=1e-9)
    single = Engine(Clock(), (0.02,))
    run("constant:100", single, 1000)
    # Twice as many come as can be served: each waits 10 ms longer than the one before it.
    assert single.waits_s[-1] == pytest.approx(999 * 0.01)


def test_a_full_queue_drops_what_comes_and_counts_it() -> None:
    engine = Engine(Clock(), (0.02,))
    counted = counts(run("constant:100", engine, 500, limit=10))
    # Half of them are served, and of the rest at most ten still wait.
    assert counted.offered == pytest.approx(1000, abs=15)
    assert counted.refused == counted.offered - 500 - counted.waiting
    assert counted.waiting <= counted.most_waiting == 10
    assert counted.expired == 0
    assert max(engine.waits_s) == pytest.approx(0.2, abs=0.021)


def test_without_a_queue_only_who_finds_an_idle_request_is_served() -> None:
    engine = Engine(Clock(), (0.025,))
    counted = counts(run("constant:100", engine, 100, limit=0))
    assert max(engine.waits_s) == pytest.approx(0.0, abs=1e-9)
    assert counted.most_waiting == 0
    # One of three: at 0, 30, 60, ... ms.
    assert np.diff(engine.arrived_s) == pytest.approx(0.03)
    assert counted.refused == counted.offered - 100


def test_erlangs_loss_without_a_queue() -> None:
    # M/D/1/1 loses as M/M/1/1, by Erlang's B formula: a / (1 + a), whatever the service.
    engine = Engine(Clock(), (0.01,))
    counted = counts(run("poisson:50", engine, 50_000, limit=0))
    assert counted.refused / counted.offered == pytest.approx(0.5 / 1.5, rel=0.03)


def test_who_has_waited_too_long_is_dropped_and_makes_room() -> None:
    engine = Engine(Clock(), (0.02,))
    counted = counts(run("constant:100", engine, 500, limit=10, timeout_s=0.05))
    assert max(engine.waits_s) < 0.05
    assert counted.refused == 0
    assert counted.expired == counted.offered - 500 - counted.waiting
    assert counted.expired == pytest.approx(500, abs=10)


def test_what_waits_is_as_long_on_record_as_it_waited() -> None:
    engine = Engine(Clock(), (0.02,))
    counted = counts(run("constant:100", engine, 300))
    assert counted.waited_ns == pytest.approx(1e9 * sum(engine.waits_s), rel=1e-6)


def test_a_message_ends_a_call_and_arrivals_go_on_in_the_next() -> None:
    clock = Clock()
    engine = Engine(clock, (0.001,))
    loop = loop_of("constant:10", clock, words())
    loop.feed(engine, lambda: len(engine.started_s) < 3)
    clock.now_s += 1.0  # whatever was done meanwhile
    loop.feed(engine, lambda: len(engine.started_s) < 20)
    assert np.diff(engine.arrived_s) == pytest.approx(0.1)
    assert max(engine.latencies_s) > 0.5


def test_after_a_pause_nobody_is_late_and_the_schedule_goes_on() -> None:
    clock, counted = Clock(), words()
    engine = Engine(clock, (0.001,))
    loop = loop_of("poisson:10,seed=1", clock, counted)
    loop.feed(engine, lambda: True, wanted=5)
    clock.now_s += 100.0
    loop.restart(anew=False)
    loop.feed(engine, lambda: True, wanted=5)
    assert max(engine.waits_s) < 0.002
    assert counts(counted).offered == 10
    whole = schedule(parse_arrivals("poisson:10,seed=1"))
    gaps = np.diff([next(whole) for _ in range(10)])
    assert np.delete(np.diff(engine.arrived_s), 4) == pytest.approx(np.delete(gaps, 4))


def test_a_run_that_begins_anew_has_the_same_arrivals_again() -> None:
    clock = Clock()
    engine = Engine(clock, (0.001,))
    loop = loop_of("poisson:10,seed=1", clock, words())
    loop.feed(engine, lambda: True, wanted=5)
    begin_s = clock.now_s = 50.0
    loop.restart(anew=True)
    loop.feed(engine, lambda: True, wanted=5)
    first, second = np.array(engine.arrived_s[:5]), np.array(engine.arrived_s[5:])
    assert second - begin_s == pytest.approx(first)


def test_what_came_during_the_last_inference_is_counted_when_a_message_ends_the_call() -> None:
    clock, counted = Clock(), words()
    engine = Engine(clock, (1.05,))
    loop = loop_of("constant:10", clock, counted)
    loop.feed(engine, lambda: len(engine.started_s) < 2)
    assert engine.started_s == [0.0, 1.05]
    assert counts(counted).offered == 11
    assert counts(counted).waiting == 9


def test_what_was_scheduled_while_the_program_was_stopped_can_be_left_out() -> None:
    clock, counted = Clock(), words()
    engine = Engine(clock, (0.005,))
    loop = loop_of("constant:100", clock, counted, limit=10)
    loop.feed(engine, lambda: len(engine.started_s) < 50)
    stopped_s, before = clock.now_s, counts(counted)
    clock.now_s += 60.0
    loop.feed(engine, lambda: len(engine.started_s) < 52)
    assert counts(counted).refused > 5000
    assert loop.counts_at(stopped_s) == before
    assert loop.counts_at(clock.now_s) == counts(counted)


def test_a_loop_that_is_made_leaves_the_counts_of_the_one_that_goes_on() -> None:
    words = [0] * LOAD_WORDS
    words[MOST_WAITING], words[LATEST_NS] = 37, 5
    loop = loop_of("constant:10", Clock(), words)
    assert (words[MOST_WAITING], words[LATEST_NS]) == (37, 5)
    loop.restart(anew=False)
    assert (words[MOST_WAITING], words[LATEST_NS]) == (0, 0)
