"""What the worker does when OpenVINO or memory lets it down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import Command, Shutdown
from ovbench_tui.engine.api.events import Event
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel, Progress
from ovbench_tui.engine.requests.queue_builder import QueueBuilder
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.worker.inbox import Inbox
from ovbench_tui.engine.worker.worker import InferenceWorker
from tests.engine.conftest import in_state, measured, wait_for


class RiggedHost:
    """A thread host whose engine and memory the test can bend."""

    pid = None

    def __init__(self, memory_bytes: int = 2**60) -> None:
        self.ring = LatencyRing(bytearray(LatencyRing.bytes_for(1 << 14)))
        self.engine = Engine(allow_strings=False)
        self.compiled: list[BenchmarkConfig] = []
        self.gate = threading.Event()
        self.gate.set()
        self._inbox: Inbox = SimpleQueue()
        self._events: list[Event] = []
        self._worker = InferenceWorker(
            self.ring,
            self._inbox,
            self._events.append,
            self._prepare,
            self.engine.discover,
            memory_bytes=lambda: memory_bytes,
        )
        self._thread = threading.Thread(target=self._worker.run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, command: Command) -> None:
        self._inbox.put(command)

    def poll(self) -> list[Event]:
        events: list[Event] = []
        while self._events:
            events.append(self._events.pop(0))
        return events

    @property
    def is_halted(self) -> bool:
        return False

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        self._inbox.put(Shutdown())

    def kill(self) -> None:
        self.stop()

    def join(self, timeout_s: float) -> bool:
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _prepare(
        self, config: BenchmarkConfig, reuse: PreparedModel | None, progress: Progress
    ) -> PreparedModel:
        prepared = self.engine.prepare(config, reuse, progress)
        self.gate.wait()
        self.compiled.append(config)
        return prepared


OpenRigged = Callable[..., tuple[Session, RiggedHost]]


@pytest.fixture
def open_rigged() -> Iterator[OpenRigged]:
    opened: list[tuple[Session, RiggedHost]] = []

    def open_one(config: BenchmarkConfig, **bent: int) -> tuple[Session, RiggedHost]:
        host = RiggedHost(**bent)

        def open_host(*, isolated: bool) -> RiggedHost:
            assert not isolated
            return host

        session = Session(config, open_host=open_host)
        opened.append((session, host))
        session.start()
        return session, host

    yield open_one
    for session, host in opened:
        host.gate.set()
        assert session.close(120.0), "the worker did not end"


def test_without_memory_for_two_the_old_model_makes_room(
    open_rigged: OpenRigged, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session, host = open_rigged(config, memory_bytes=-1)
    wait_for(session, measured(10))
    host.gate.clear()
    session.configure(replace(config, hint="latency"))
    compiling = wait_for(session, in_state(WorkerState.COMPILING))
    assert not compiling.measuring
    host.gate.set()
    wait_for(session, measured(10, run_id=2))
    assert [run.config.hint for run in session.runs] == ["throughput", "latency"]


def test_the_model_that_made_room_comes_back_when_the_other_fails(
    open_rigged: OpenRigged, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session, host = open_rigged(config, memory_bytes=-1)
    wait_for(session, measured(10))
    session.configure(replace(config, device="GPU"))
    snapshot = wait_for(session, measured(10, run_id=2))
    assert snapshot.run is not None
    assert snapshot.run.config == config
    assert snapshot.requested == config
    assert [notice.is_error for notice in snapshot.notices] == [True]
    assert host.compiled == [config, config]


def test_shutting_down_waits_for_a_compile_no_longer_than_asked(
    open_rigged: OpenRigged, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session, host = open_rigged(config)
    wait_for(session, measured(10))
    host.gate.clear()
    session.configure(replace(config, hint="latency"))
    wait_for(session, lambda s: s.background.startswith("compiling"))
    assert session.close(0.05) is False
    host.gate.set()
    assert session.close(120.0) is True


def test_what_runs_beside_a_compile_is_not_measured(
    open_rigged: OpenRigged, tiny_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session, host = open_rigged(config)
    wait_for(session, measured(10))
    host.gate.clear()
    session.configure(replace(config, hint="latency"))
    during = wait_for(session, lambda s: bool(s.background) and not s.measuring)
    assert during.state is WorkerState.RUNNING
    assert during.run is not None
    total = host.ring.total
    later = wait_for(session, lambda _: host.ring.total > total + 500)
    assert later.run is not None
    assert later.run.stats.count == during.run.stats.count
    assert later.run.stats.elapsed_s == during.run.stats.elapsed_s
    host.gate.set()
    wait_for(session, measured(10, run_id=2))


@pytest.mark.parametrize(
    ("has_first", "begins"),
    [
        (True, "sum.xml compiled, but its first inference failed: Add '"),
        (False, "Inference failed: Add '"),
    ],
)
def test_what_failed_and_why_is_one_sentence(
    open_thread: Callable[[BenchmarkConfig], Session],
    tmp_path: Path,
    has_first: bool,
    begins: str,
) -> None:
    inputs = [opset13.parameter([1, -1], ov.Type.f32, name=name) for name in "ab"]
    for parameter in inputs:
        parameter.output(0).set_names({parameter.get_friendly_name()})
    path = tmp_path / "sum.xml"
    ov.save_model(ov.Model([opset13.add(*inputs)], inputs, "sum"), path)
    shapes = (("a", (1, 8)), ("b", (1, 6)))
    session = open_thread(
        BenchmarkConfig(model=str(path), data_shape=shapes, first_inference=has_first)
    )
    wait_for(session, lambda s: any(notice.is_error for notice in s.notices))
    rejection = session.rejection
    text = rejection.reason if rejection else session.failure
    assert text.startswith(begins)
    assert text.endswith("Eltwise shape infer input shapes dim index: 1 mismatch.")


@pytest.mark.parametrize(
    ("change", "begins"),
    [({"nireq": 3}, "nireq 3"), ({"max_fps": 50.0}, "at most 50 FPS")],
)
def test_a_change_without_a_recompile_that_fails_is_named(
    open_thread: Callable[[BenchmarkConfig], Session],
    tiny_models: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, Any],
    begins: str,
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(config)
    wait_for(session, measured(10))

    def fail(*_: object) -> object:
        raise RuntimeError("Exception from src/a.cpp:1:\nthe device is gone\n")

    monkeypatch.setattr(QueueBuilder, "build", fail)
    session.configure(replace(config, **change))
    wait_for(session, lambda s: any(notice.is_error for notice in s.notices))
    assert session.rejection is not None
    assert session.rejection.reason == f"{begins} cannot be run: the device is gone."
