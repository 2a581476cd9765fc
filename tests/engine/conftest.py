"""Sessions on the real engine, and waiting for what they come to."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import openvino as ov
import pytest
from _pytest.mark import ParameterSet
from openvino import opset13

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.hosts import process_host
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.worker.background_tasks import Discover
from tests.engine.short_waits import SHORT_WAITS, run_short_child

OpenSession = Callable[[BenchmarkConfig], Session]

_PATIENCE_S = 120.0
"""Long enough for the slowest machine; a test that hangs is to fail, not to be slow."""


def wait_for(session: Session, condition: Callable[[Snapshot], bool]) -> Snapshot:
    """Pull snapshots until one fulfils the condition."""
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        snapshot = session.snapshot(100)
        if condition(snapshot):
            return snapshot
        time.sleep(0.005)
    raise AssertionError(f"the session never came to it; last: {session.snapshot(0)}")


def measured(count: int, run_id: int | None = None) -> Callable[[Snapshot], bool]:
    """A run (this one, if named) is measuring and has counted so many."""

    def condition(snapshot: Snapshot) -> bool:
        run = snapshot.run
        return (
            run is not None
            and snapshot.measuring
            and run.stats.count >= count
            and run_id in (None, run.run_id)
        )

    return condition


def in_state(state: WorkerState, run_id: int = 0) -> Callable[[Snapshot], bool]:
    """The engine is in this state and, if named, at this run.

    A run begins, fails or is refused before the state that follows is announced: a snapshot
    may show the one without the other.
    """

    def condition(snapshot: Snapshot) -> bool:
        run = snapshot.run
        return snapshot.state is state and (
            not run_id or (run is not None and run.run_id == run_id)
        )

    return condition


@pytest.fixture(scope="session")
def devices_found_once() -> Discover:
    """The search for devices, whose result is the same for all sessions of this process."""
    discover = Engine.discover
    return functools.cache(lambda: discover(Engine(allow_strings=False)))


@pytest.fixture
def whole_waits() -> None:
    """Let the engines of this test take their time, as they do for a user."""


@pytest.fixture(autouse=True)
def _short_waits(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    devices_found_once: Discover,
) -> None:
    """Shorten what an engine does before it measures, here and in a process of its own.

    Devices, warm-up and trials take seconds on every core, and few tests are about them; those
    use `whole_waits`.
    """
    if "whole_waits" in request.fixturenames:
        return
    monkeypatch.setattr(Engine, "discover", lambda _: devices_found_once())
    for module, name, value in SHORT_WAITS:
        monkeypatch.setattr(module, name, value)
    short_child = functools.partial(run_short_child, devices_found_once())
    monkeypatch.setattr(process_host, "run_child", short_child)


@contextmanager
def _opened(*, isolated: bool) -> Iterator[OpenSession]:
    """Start sessions; every one of them must shut down in order when the test is over."""
    sessions: list[Session] = []

    def open_one(config: BenchmarkConfig) -> Session:
        session = Session(config, isolated=isolated)
        sessions.append(session)
        session.start()
        return session

    yield open_one
    for session in sessions:
        assert session.close(_PATIENCE_S), "the worker did not end"


@pytest.fixture(params=["thread", "process"])
def open_session(request: pytest.FixtureRequest) -> Iterator[OpenSession]:
    """Sessions on both hosts: for what passes between the session and its engine."""
    with _opened(isolated=request.param == "process") as open_one:
        yield open_one


@pytest.fixture
def open_thread() -> Iterator[OpenSession]:
    """Sessions in this process: for what is alike wherever the worker lives."""
    with _opened(isolated=False) as open_one:
        yield open_one


def on_hosts(cases: Mapping[str, object], *isolated: str) -> list[ParameterSet]:
    """Parameters for `open_session`: every case in a thread, those named also in a process."""
    hosts = [("thread", name) for name in cases] + [("process", name) for name in isolated]
    return [pytest.param(host, cases[name], id=f"{host}-{name}") for host, name in hosts]


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small IR files, each for one thing that can happen to it."""
    folder = tmp_path_factory.mktemp("models")
    _save_relu(folder / "relu.xml", [1, 16])
    _save_relu(folder / "wide.xml", [1, 4096])
    # Long enough that no CPU does its one layer in less than the microsecond that profiling sees.
    _save_relu(folder / "heavy.xml", [64, 4096])
    _save_relu(folder / "dynamic.xml", "[?,1..16]")
    _save_relu(folder / "open_batch.xml", [-1, 16])
    # Compiles with any length, but only an even number of elements can be inferred.
    ids = opset13.parameter([1, -1], ov.Type.f32, name="x")
    ids.output(0).set_names({"x"})
    halves = opset13.reshape(ids, opset13.constant([2, -1], ov.Type.i64), special_zero=False)
    ov.save_model(ov.Model([opset13.relu(halves)], [ids], "halves"), folder / "halves.xml")
    return folder


def _save_relu(path: Path, shape: list[int] | str) -> None:
    parameter = opset13.parameter(ov.PartialShape(shape), ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    model = ov.Model([opset13.relu(parameter)], [parameter], path.stem)
    ov.save_model(model, path)
