"""Every way in which an engine can fail, in a thread where that can be outlived, and in a child.

After each: one sentence, what was measured is kept, another run can be had, and nothing leaks
(see conftest).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.session import Session
from tests.engine.conftest import OpenSession, measured, wait_for
from tests.engine.hosts.test_stall import Clock
from tests.faults.rigged import obey


@dataclass(frozen=True)
class Rigged:
    """A session whose engine fails as it is told to."""

    session: Session
    clock: Clock
    order: Path

    def fail(self, word: str) -> RunView:
        """Let it fail; returns what was measured before."""
        before = wait_for(self.session, measured(100)).run
        assert before is not None
        self.order.write_text(word)
        return before

    def heal(self) -> None:
        self.order.unlink()


def _rigged(config: BenchmarkConfig, order: Path, *, isolated: bool) -> Rigged:
    clock = Clock()
    session = Session(config, isolated=isolated, clock=clock)
    session.start()
    return Rigged(session, clock, order)


@pytest.fixture
def config(tiny_models: Path) -> BenchmarkConfig:
    # With a cap inferences are started one by one, and completions stored by a callback.
    return BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, max_fps=500.0)


@pytest.fixture
def order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "order"
    obey(path, monkeypatch)
    return path


@pytest.fixture(params=[False, True], ids=["thread", "process"])
def rigged(
    request: pytest.FixtureRequest, config: BenchmarkConfig, order: Path
) -> Iterator[Rigged]:
    opened = _rigged(config, order, isolated=request.param)
    yield opened
    assert opened.session.close(60.0)


@pytest.fixture
def child(config: BenchmarkConfig, order: Path) -> Iterator[Rigged]:
    opened = _rigged(config, order, isolated=True)
    yield opened
    assert opened.session.close(60.0)


_ENDS_EARLIER_S = 0.1


def errors(snapshot: Snapshot) -> list[str]:
    texts = [notice.text for notice in snapshot.notices if notice.is_error]
    assert not any("\n" in text for text in texts)
    return texts


def assert_kept(session: Session, before: RunView) -> None:
    """The figures of a run that came to a bad end."""
    kept = session.results[before.run_id - 1].view.stats
    assert kept.count >= before.stats.count
    # Until a run is over its time goes on to now; then it ends with its last completion.
    assert kept.elapsed_s >= before.stats.elapsed_s - _ENDS_EARLIER_S
    assert math.isfinite(kept.p50_ms)
    assert kept.fps_mean > 0


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("inference", "Inference failed: the device is gone."),
        ("callback", "A completion could not be recorded: MemoryError('no memory left')."),
    ],
)
def test_a_run_fails_in_the_middle(rigged: Rigged, word: str, sentence: str) -> None:
    session = rigged.session
    before = rigged.fail(word)
    wait_for(session, lambda s: s.state is WorkerState.FAILED and bool(s.notices))
    # Whatever was in flight fails, too, and that is no news.
    session.take_profile()
    failed = wait_for(session, lambda _: not session.profile_pending)
    assert errors(failed)[0] == session.failure == sentence
    assert errors(failed).count(sentence) == 1
    assert not failed.can_restart, "the engine is alive"
    assert failed.run is not None
    later = session.snapshot(10)
    assert later.run is not None
    assert later.run.stats.count == failed.run.stats.count
    assert_kept(session, before)
    rigged.heal()
    session.configure(replace(failed.requested, nireq=3))
    revived = wait_for(session, measured(10, run_id=2))
    assert revived.state is WorkerState.RUNNING
    assert session.failure == ""
    assert_kept(session, before)


def test_an_inference_that_openvino_refuses(open_thread: OpenSession, tiny_models: Path) -> None:
    halves = BenchmarkConfig(
        model=str(tiny_models / "halves.xml"), data_shape=(("x", (1, 4)),), nireq=1
    )
    session = open_thread(halves)
    before = wait_for(session, measured(100)).run
    assert before is not None
    # The first inference of this one goes well, and every other fails: it never gets to run.
    session.configure(replace(halves, data_shape=(("x", (1, 4)), ("x", (1, 7)))))
    refused = wait_for(session, lambda _: session.rejection is not None)
    (sentence,) = errors(refused)
    assert "an inference after the first one failed: Reshape '" in sentence
    assert "conflicts with the reshape pattern" in sentence
    assert_kept(session, before)
    wait_for(session, measured(before.stats.count + 100, run_id=1))


@pytest.mark.parametrize(
    ("word", "sentence"),
    [("memory", "There is not enough memory for "), ("error", "LookupError: nobody foresaw")],
)
def test_a_preparation_fails_as_nobody_foresaw(rigged: Rigged, word: str, sentence: str) -> None:
    session = rigged.session
    before = rigged.fail(word)
    requested = session.snapshot(0).requested
    session.configure(replace(requested, hint="latency"))
    reported = wait_for(session, lambda s: bool(s.notices) and s.background == "")
    (text,) = errors(reported)
    assert sentence in text
    assert "relu.xml" in text
    assert reported.requested == requested
    on = wait_for(session, measured(before.stats.count + 100)).run
    assert on is not None
    assert on.run_id == 1
    rigged.heal()
    session.configure(replace(requested, hint="latency"))
    wait_for(session, measured(10, run_id=2))


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("segfault", "crashed (SIGSEGV)"),
        ("abort", "aborted (SIGABRT)"),
        ("exit", "ended by itself (exit code 7)"),
    ],
)
def test_native_code_ends_the_child(child: Rigged, word: str, words: str) -> None:
    before = child.fail(word)
    dead = wait_for(child.session, lambda s: s.can_restart)
    assert errors(dead) == [f"The engine's process {words} while it ran relu.xml."]
    assert dead.state is WorkerState.FAILED
    assert_kept(child.session, before)
    child.heal()
    child.session.restart()
    wait_for(child.session, measured(100, run_id=2))
    assert_kept(child.session, before)


def test_native_code_holds_the_child_for_ever(child: Rigged) -> None:
    before = child.fail("hang")
    session = child.session
    total = -1
    while total != (total := session.progress().count):
        session.snapshot(10)
    child.clock.let_pass(30.0)
    stalled = wait_for(session, lambda s: s.can_restart)
    assert "No inference has completed for" in errors(stalled)[-1]
    assert_kept(session, before)
    child.heal()
    session.restart()
    wait_for(session, measured(100, run_id=2))
    assert_kept(session, before)


def test_a_child_that_hangs_is_left(child: Rigged) -> None:
    child.fail("hang")
    assert child.session.close(0.5)


def test_a_model_that_would_abort_is_refused_in_a_thread(
    tiny_models: Path, shared_models: Path
) -> None:
    config = BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2)
    session = Session(config)
    session.start()
    try:
        before = wait_for(session, measured(100)).run
        assert before is not None
        strings = shared_models / "ort-tests" / "identity_string.onnx"
        session.configure(replace(config, model=str(strings)))
        (sentence,) = errors(wait_for(session, lambda s: bool(s.notices)))
        assert "takes strings" in sentence
        assert "--isolate" in sentence
        on = wait_for(session, measured(before.stats.count + 100)).run
        assert on is not None
        assert on.run_id == 1
    finally:
        assert session.close(60.0)


def test_a_child_that_aborts_while_it_is_left(shared_models: Path) -> None:
    strings = shared_models / "ort-tests" / "identity_string.onnx"
    session = Session(BenchmarkConfig(model=str(strings), nireq=2), isolated=True)
    session.start()
    before = wait_for(session, measured(10)).run
    assert before is not None
    assert session.close(60.0)
    assert_kept(session, before)
