"""Looks at the layer times of a run, and counts of its model, beside what is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.engine.api.commands import Configure, DescribeModel, Shutdown, TakeProfile
from ovbench_tui.engine.api.events import Event, ModelDescribed, ProfileTaken, StateChanged
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.worker import background_tasks as tasks_module
from ovbench_tui.engine.worker.inbox import Inbox
from ovbench_tui.engine.worker.worker import InferenceWorker
from tests.engine.conftest import OpenSession, measured, wait_for


class _Watched:
    """A worker whose events come one by one."""

    def __init__(self) -> None:
        engine = Engine(allow_strings=False)
        self.events: SimpleQueue[Event] = SimpleQueue()
        self.inbox: Inbox = SimpleQueue()
        ring = LatencyRing(bytearray(LatencyRing.bytes_for(1 << 14)))
        worker = InferenceWorker(ring, self.inbox, self.events.put, engine.prepare, engine.discover)
        self._thread = Thread(target=worker.run, daemon=True)
        self._thread.start()

    def until(self, condition: Callable[[Event], bool]) -> list[Event]:
        """All events up to the first that fulfils the condition."""
        seen: list[Event] = []
        while not seen or not condition(seen[-1]):
            seen.append(self.events.get(timeout=120))
        return seen

    def end(self) -> None:
        self.inbox.put(Shutdown())
        self._thread.join(120)
        assert not self._thread.is_alive()


def _is_measuring(event: Event) -> bool:
    return isinstance(event, StateChanged) and event.measuring


def test_what_a_look_disturbs_is_not_measured(tiny_models: Path) -> None:
    worker = _Watched()
    model = str(tiny_models / "heavy.xml")
    worker.inbox.put(Configure(BenchmarkConfig(model=model, nireq=3, perf_counts=True)))
    worker.until(_is_measuring)
    worker.inbox.put(TakeProfile())
    seen = worker.until(_is_measuring)
    worker.end()
    changes = [event for event in seen if isinstance(event, StateChanged)]
    assert [(change.state, change.measuring) for change in changes] == [
        (WorkerState.RUNNING, False),
        (WorkerState.RUNNING, True),
    ]
    before, after = changes
    # What is drained, and the first inference of every request that is filled again.
    assert after.ring_count >= before.ring_count + 3
    places = [seen.index(change) for change in changes]
    (look,) = (event for event in seen if isinstance(event, ProfileTaken))
    assert places[0] < seen.index(look) < places[1]
    assert look.reason == ""


def test_nothing_is_measured_while_the_model_is_counted(tiny_models: Path) -> None:
    worker = _Watched()
    worker.inbox.put(Configure(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)))
    worker.until(_is_measuring)
    worker.inbox.put(DescribeModel())
    seen = worker.until(_is_measuring)
    worker.end()
    (reported,) = (event for event in seen if isinstance(event, ModelDescribed))
    assert reported.facts is not None
    assert ("Relu", 1) in reported.facts.operations
    assert [event.measuring for event in seen if isinstance(event, StateChanged)] == [False, True]


def test_looks_leave_the_run_as_it_is(open_session: OpenSession, tiny_models: Path) -> None:
    session = open_session(
        BenchmarkConfig(model=str(tiny_models / "heavy.xml"), nireq=2, perf_counts=True)
    )
    run = wait_for(session, measured(20)).run
    assert run is not None
    assert session.layer_times() is None
    session.layer_times(fresh=True)
    wait_for(session, lambda _: session.layer_times() is not None)
    first = session.layer_times()
    assert first is not None
    assert len(first.requests) == 2
    executed = [layer for layer in first.requests[0] if layer.status == "EXECUTED"]
    assert any(layer.name in layer.originals for layer in executed)
    session.layer_times(fresh=True)
    wait_for(session, lambda _: session.layer_times() is not first)
    snapshot = wait_for(session, measured(run.stats.count + 50, run.run_id))
    assert snapshot.state is WorkerState.RUNNING
    assert snapshot.notices == ()


def test_a_look_that_tells_nothing_makes_no_notice(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    session = open_thread(BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2))
    wait_for(session, measured(20))
    session.layer_times(fresh=True)
    snapshot = wait_for(session, lambda _: session.layer_times() is not None)
    profile = session.layer_times()
    assert profile is not None
    assert "give -pc" in profile.reason
    assert snapshot.notices == ()


def test_runs_with_layer_times_are_runs_of_their_own(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_thread(config)
    wait_for(session, measured(20))
    session.configure(replace(config, perf_counts=True))
    run = wait_for(session, measured(20, 2)).run
    assert run is not None
    assert run.change == "with layer times"
    assert session.layer_times() is None
    assert describe_change(run.config, config) == "without layer times"


def test_the_model_is_counted_once_for_all_its_runs(
    open_session: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = open_session(config)
    assert session.model_facts() is None
    wait_for(session, measured(20))
    wait_for(session, lambda _: session.model_facts() is not None)
    facts = session.model_facts()
    session.configure(replace(config, nireq=3))
    wait_for(session, measured(20, 2))
    assert session.model_facts() is facts
    session.configure(replace(config, model=str(tiny_models / "wide.xml")))
    wait_for(session, measured(20, 3))
    wait_for(session, lambda _: session.model_facts() not in (None, facts))


def test_a_model_that_cannot_be_counted_leaves_the_run_alone(
    monkeypatch: pytest.MonkeyPatch, tiny_models: Path
) -> None:
    def fail(_: object) -> ModelFacts:
        raise ValueError("no graph")

    monkeypatch.setattr(tasks_module, "describe_model", fail)
    worker = _Watched()
    worker.inbox.put(Configure(BenchmarkConfig(model=str(tiny_models / "relu.xml"))))
    worker.until(_is_measuring)
    worker.inbox.put(DescribeModel())
    seen = worker.until(_is_measuring)
    worker.end()
    (reported,) = (event for event in seen if isinstance(event, ModelDescribed))
    assert reported.facts == ModelFacts(unknown="The model cannot be counted: no graph.")
