"""Who collects completions: settled by trials, remembered, and as it was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.requests import feeder_choice
from ovbench_tui.engine.requests.feeder_choice import (
    FeederMemory,
    choose_way,
    is_worth_trials,
    may_choose,
)
from ovbench_tui.engine.session import Session
from tests.engine.conftest import OpenSession, measured, wait_for


class FakeQueue:
    """A queue of which every trial has the next of these rates."""

    def __init__(self, waiting: tuple[float, ...], spinning: tuple[float, ...] = (1.0,)) -> None:
        self._rates: dict[bool, Iterator[float]] = {False: cycle(waiting), True: cycle(spinning)}
        self.trials = 0

    def trial_rate(self, seconds: float, *, spins: bool = False) -> float:
        assert 0 < seconds < 1
        self.trials += 1
        return next(self._rates[spins])


@pytest.fixture(autouse=True)
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials cost nothing here, so there is no need to rest between them."""
    monkeypatch.setattr(feeder_choice, "_APART_S", 0.0)


def way(feeder: FakeQueue, callback: float, fastest_ms: float = 0.03, *, spin: bool = True) -> str:
    return choose_way(feeder, FakeQueue((callback,)), fastest_ms, lambda: True, may_spin=spin)


def test_the_fastest_way_is_chosen() -> None:
    assert way(FakeQueue((100.0,), (150.0,)), callback=60.0) == "spin"
    assert way(FakeQueue((100.0,), (70.0,)), callback=60.0) == "collect"
    assert way(FakeQueue((100.0,), (150.0,)), callback=120.0) == "callback"


def test_two_percent_are_taken_and_equals_do_not_toss() -> None:
    assert way(FakeQueue((100.0,)), callback=98.0, fastest_ms=1.0) == "collect"
    wavering = FakeQueue((100.0, 103.0, 97.0, 101.0), (100.0, 106.0, 95.0, 104.0))
    assert way(wavering, callback=100.5) == "collect"


def test_some_lost_rounds_do_not_change_the_choice() -> None:
    # Now and then the system puts feeder and inference on one core: one round in ten is lost.
    often = (150.0,) * 9 + (20.0,)
    for start in range(10):
        rotated = often[start:] + often[:start]
        assert way(FakeQueue((100.0,), rotated), callback=60.0) == "spin"


def test_where_rounds_are_won_and_lost_alike_nobody_spins() -> None:
    for wins in ((150.0, 20.0), (20.0, 150.0), (150.0, 150.0, 20.0, 20.0)):
        assert way(FakeQueue((100.0,), wins), callback=60.0) == "collect"


def test_spinning_is_tried_only_where_it_can_be_worth_a_core() -> None:
    assert way(FakeQueue((100.0,), (150.0,)), callback=60.0, fastest_ms=0.9) == "collect"
    assert way(FakeQueue((100.0,), (150.0,)), callback=60.0, spin=False) == "collect"


def test_what_was_interrupted_is_not_settled() -> None:
    feeder = FakeQueue((100.0,))
    assert choose_way(feeder, FakeQueue((60.0,)), 0.03, lambda: False, may_spin=True) == ""
    assert feeder.trials == 0


def test_a_callback_that_costs_less_than_noise_needs_no_trials() -> None:
    assert is_worth_trials(0.03, 1)
    assert is_worth_trials(1.0, 1)
    assert not is_worth_trials(100.0, 4096)  # no more complete at once than there are CPUs
    assert not is_worth_trials(8.0, 1)


def test_what_collects_late_is_never_chosen() -> None:
    assert may_choose(BenchmarkConfig())
    assert not may_choose(BenchmarkConfig(max_fps=5.0))
    assert not may_choose(BenchmarkConfig(api="sync"))
    assert not may_choose(BenchmarkConfig(first_inference=False))


def test_a_choice_is_remembered_by_all_that_it_depends_on() -> None:
    memory, config = FeederMemory(), BenchmarkConfig(model="m.xml")
    memory.keep(config, 2, "spin")
    assert memory.recall(config, 2) == "spin"
    assert memory.recall(replace(config, duration_s=9.0, feeder="collect"), 2) == "spin"
    assert memory.recall(config, 3) == ""
    for change in ({"model": "n.xml"}, {"device": "GPU"}, {"precision": "bf16"}):
        assert memory.recall(replace(config, **change), 2) == ""


def settled(session: Session, run_id: int = 1) -> str:
    run = wait_for(session, measured(100, run_id=run_id)).run
    assert run is not None
    return run.effective.feeder_way


@pytest.mark.parametrize("feeder", ["callback", "collect", "spin"])
def test_the_feeder_is_the_one_that_was_asked_for(
    open_thread: OpenSession, tiny_models: Path, feeder: str
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, feeder=feeder)
    assert settled(open_thread(config)) == feeder


def test_counted_runs_are_collected_and_never_spin(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    model = str(tiny_models / "relu.xml")
    config = BenchmarkConfig(model=model, nireq=2, feeder="spin", iterations=1000)
    session = open_thread(config)
    wait_for(session, lambda snapshot: snapshot.finished)
    (run,) = session.runs
    assert (run.effective.feeder_way, run.stats.count) == ("collect", 1000)


@pytest.mark.usefixtures("whole_waits")
def test_the_feeder_is_a_run_of_its_own_and_back_again_the_same(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_session(config)
    first = settled(session)
    assert first in ("collect", "spin")  # a callback takes more than half of such a model's FPS
    session.configure(replace(config, feeder="callback"))
    assert settled(session, 2) == "callback"
    session.configure(config)
    assert settled(session, 3) == first
    assert session.runs[1].change == "feeder callback"
    assert session.runs[1].compile_ms == session.runs[0].compile_ms
