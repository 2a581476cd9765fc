"""Two configurations in turn, on the real engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from ovbench_tui.ab.invocation import AbInvocation, read_ab_invocation
from ovbench_tui.cli.commands.ab import drive
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.commands import Command
from ovbench_tui.engine.api.events import Event, RunStarted, SliceEnded, StateChanged
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.hosts.host import Host
from ovbench_tui.engine.hosts.opening import open_host
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.session import Session
from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.steadiness import Verdict
from tests.engine.conftest import OpenSession, in_state, measured, wait_for
from tests.engine.worker.test_worker_faults import RiggedHost

SLICE_S = 0.1


class ListeningHost:
    """A host that keeps what it was told."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.heard: list[Event] = []

    @property
    def ring(self) -> LatencyRing:
        return self._host.ring

    @property
    def pid(self) -> int | None:
        return self._host.pid

    @property
    def is_halted(self) -> bool:
        return self._host.is_halted

    @property
    def alive(self) -> bool:
        return self._host.alive

    def start(self) -> None:
        self._host.start()

    def send(self, command: Command) -> None:
        self._host.send(command)

    def poll(self) -> list[Event]:
        events = self._host.poll()
        self.heard += events
        return events

    def stop(self) -> None:
        self._host.stop()

    def kill(self) -> None:
        self._host.kill()

    def join(self, timeout_s: float) -> bool:
        return self._host.join(timeout_s)


def begin(session: Session, b: BenchmarkConfig) -> None:
    wait_for(session, measured(20))
    session.begin_ab(b, SLICE_S)


def until(session: Session, condition: Callable[[AbView], bool]) -> AbView:
    """Wait until the A/B is so far."""

    def is_so_far(_: Snapshot) -> bool:
        view = session.ab()
        return view is not None and condition(view)

    wait_for(session, is_so_far)
    view = session.ab()
    assert view is not None
    return view


def pairs(count: int) -> Callable[[AbView], bool]:
    return lambda view: view.pairs >= count


def is_over(view: AbView) -> bool:
    return view.phase is AbPhase.OVER


def relu(tiny_models: Path, **requested: object) -> BenchmarkConfig:
    return BenchmarkConfig(model=str(tiny_models / "relu.xml"), nireq=2, **requested)


def test_alike_sides_are_not_told_apart(open_thread: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    begin(session, a)
    view = until(session, pairs(12))
    order = "".join(piece.side for piece in view.slices)
    assert {order[place : place + 2] for place in range(0, len(order), 2)} <= {"AB", "BA"}
    fps = {side: [s.fps for s in view.slices if s.side == side] for side in "AB"}
    ratio = paired_ratio("fps", fps["A"], fps["B"], confidence=0.9999)
    assert ratio.low < 1 < ratio.high
    assert view.fps.low <= view.fps.ratio <= view.fps.high


def test_both_sides_get_the_verdict_of_what_they_measured(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    a = relu(tiny_models, max_fps=400.0)
    session = open_thread(a)
    begin(session, a)

    def are_judged(view: AbView) -> bool:
        runs = [run for run in (view.a, view.b) if run is not None]
        return len(runs) == 2 and all(
            run.stability.verdict not in (Verdict.WARMING_UP, Verdict.SETTLING) for run in runs
        )

    view = until(session, are_judged)
    assert view.a is not None
    assert not math.isnan(view.a.stability.fps_cv)
    assert view.a.stats.fps_peak >= view.a.stats.fps_now


def test_a_capped_side_is_clearly_slower(open_thread: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    fps = wait_for(session, measured(200)).run.stats.fps_mean
    begin(session, replace(a, max_fps=fps / 20))
    view = until(session, pairs(6))
    assert view.fps.ratio < 0.8
    assert view.b is not None
    assert view.b.config.max_fps == pytest.approx(fps / 20)
    assert view.a is not None
    assert view.a.config.max_fps == 0


@pytest.mark.parametrize("is_isolated", [False, True], ids=["thread", "process"])
def test_every_completion_counts_for_its_own_side(is_isolated: bool, tiny_models: Path) -> None:
    hosts: list[ListeningHost] = []

    def listening(*, isolated: bool) -> Host:
        hosts.append(ListeningHost(open_host(isolated=isolated)))
        return hosts[-1]

    a = relu(tiny_models)
    session = Session(a, isolated=is_isolated, open_host=listening)
    session.start()
    try:
        begin(session, replace(a, nireq=3))
        until(session, pairs(4))
        session.end_ab()
        wait_for(session, measured(10, run_id=4))
        session.toggle_pause()
        wait_for(session, in_state(WorkerState.PAUSED))
        total = session.progress().count
        runs = {run.run_id: run for run in session.runs}
        view = session.ab()
    finally:
        assert session.close(60)
    assert view is not None
    changes = [event for event in hosts[0].heard if isinstance(event, StateChanged)]
    counted: dict[int, int] = {}
    left_out = changes[0].ring_count
    for now, after in pairwise(changes):
        count = after.ring_count - now.ring_count
        if now.measuring:
            counted[now.run_id] = counted.get(now.run_id, 0) + count
        else:
            left_out += count
        if after.state is WorkerState.PAUSED:
            break
    # The worker numbers A before B; in the session A, the current one, comes last.
    assert {number: runs[number].stats.count for number in (1, 2, 3, 4)} == {
        1: counted[1],
        2: counted[3],
        3: counted[2],
        4: counted[4],
    }
    assert sum(counted.values()) + left_out == total
    assert (runs[2].effective.nireq, runs[3].effective.nireq) == (3, 2)
    slices = _slices(hosts[0].heard)
    assert [(s.pair, s.side, s.count) for s in view.slices] == slices[: len(view.slices)]
    for piece in view.slices:  # whole rounds of the infer requests
        assert piece.count >= 10


def _slices(events: list[Event]) -> list[tuple[int, str, int]]:
    """Pair, side and count of each whole slice, from the events alone."""
    found = []
    begun = 0
    count = 0
    for event in events:
        if isinstance(event, StateChanged):
            if event.measuring:
                begun = event.ring_count
            else:
                count = event.ring_count - begun
        elif isinstance(event, SliceEnded):
            found.append((event.pair, {2: "A", 3: "B"}[event.run_id], count))
    return found


def test_the_filling_queue_is_left_out(tiny_models: Path) -> None:
    a = replace(relu(tiny_models), nireq=7)
    hosts: list[ListeningHost] = []

    def listening(*, isolated: bool) -> Host:
        hosts.append(ListeningHost(open_host(isolated=isolated)))
        return hosts[-1]

    session = Session(a, open_host=listening)
    session.start()
    try:
        begin(session, a)
        until(session, pairs(3))
    finally:
        assert session.close(60)
    changes = [event for event in hosts[0].heard if isinstance(event, StateChanged)]
    filled = [
        after.ring_count - now.ring_count
        for now, after in pairwise(changes)
        if after.measuring and after.run_id > 1
    ]
    assert len(filled) >= 6
    assert min(filled) >= 7


def test_two_models_and_the_one_that_is_kept(open_session: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    b = replace(a, model=str(tiny_models / "heavy.xml"))
    session = open_session(replace(a, duration_s=1e6))
    begin(session, b)
    view = until(session, pairs(2))
    assert view.a is not None
    assert view.b is not None
    assert (view.a.model.name, view.b.model.name) == ("relu.xml", "heavy.xml")
    session.end_ab(keep_b=True)
    snapshot = wait_for(session, measured(10, run_id=4))
    assert snapshot.run is not None
    assert snapshot.run.model.name == "heavy.xml"
    assert snapshot.requested == replace(b, duration_s=1e6) == snapshot.run.config
    assert [run.model.name for run in snapshot.runs] == [
        *("relu.xml", "heavy.xml", "relu.xml", "heavy.xml")
    ]
    over = session.ab()
    assert over is not None
    assert over.phase is AbPhase.OVER
    assert over.pairs >= 2


def test_a_side_that_cannot_be_compiled_leaves_the_other_alone(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    for model, words in (("none.xml", "was not found"), ("dynamic.xml", "has dynamic inputs")):
        begin(session, replace(a, model=str(tiny_models / model)))
        view = until(session, is_over)
        assert words in view.reason
        assert view.reason.startswith("B: ")
        snapshot = wait_for(session, measured(1))
        assert snapshot.run is not None
        assert (snapshot.run.run_id, snapshot.requested) == (1, a)
        assert snapshot.notices[-1].text == view.reason
        assert snapshot.shape_needed is None
        before = snapshot.run.stats.count
        wait_for(session, measured(before + 10, run_id=1))


@pytest.mark.parametrize("shapes", [((1, 3),), ((1, 4), (1, 3))])
def test_a_side_whose_first_inference_with_a_shape_fails_leaves_the_other_alone(
    shapes: tuple[tuple[int, int], ...], open_thread: OpenSession, tiny_models: Path
) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    odd = BenchmarkConfig(
        model=str(tiny_models / "halves.xml"), data_shape=tuple(("x", shape) for shape in shapes)
    )
    begin(session, odd)
    view = until(session, is_over)
    assert "halves" in view.reason
    count = session.snapshot(0).run.stats.count
    wait_for(session, measured(count + 10, run_id=1))


def test_a_pause_spoils_the_slice_and_not_the_pairs(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    begin(session, a)
    for number in range(1, 4):
        until(session, pairs(number))
        session.toggle_pause()
        wait_for(session, in_state(WorkerState.PAUSED))
        session.toggle_pause()
    view = until(session, pairs(6))
    assert [piece.pair for piece in view.slices[:12]] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert min(piece.seconds for piece in view.slices) >= SLICE_S


def test_another_configuration_ends_it(open_thread: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    begin(session, replace(a, nireq=3))
    until(session, pairs(1))
    session.configure(replace(a, nireq=5))
    snapshot = wait_for(session, lambda now: now.run is not None and now.run.effective.nireq == 5)
    assert is_over(until(session, is_over))
    assert snapshot.run is not None
    wait_for(session, measured(10, snapshot.run.run_id))


def test_when_it_ends_may_be_changed_meanwhile(open_thread: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    begin(session, replace(a, nireq=3))
    until(session, pairs(1))
    session.configure(replace(a, duration_s=0.3))
    until(session, pairs(3))
    session.end_ab()
    assert wait_for(session, lambda now: now.finished).run.config.duration_s == 0.3


def test_reset_begins_the_pairs_again(open_thread: OpenSession, tiny_models: Path) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    begin(session, a)
    before = until(session, pairs(3))
    session.reset_stats()
    assert session.ab().pairs == 0
    after = until(session, pairs(1))
    assert after.slices[0].pair >= before.slices[-1].pair


def test_it_can_be_called_off_and_asked_for_again(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    a = relu(tiny_models)
    session = open_thread(a)
    wide = replace(a, model=str(tiny_models / "wide.xml"))
    begin(session, wide)
    session.end_ab()
    assert is_over(until(session, is_over))
    begin(session, replace(a, nireq=4))
    until(session, pairs(1))
    session.begin_ab(wide, SLICE_S)
    view = until(session, lambda view: view.b is not None and view.b.model.name == "wide.xml")
    assert view.a is not None
    assert view.a.config.nireq == 2
    until(session, pairs(1))


class Sink:
    def __init__(self) -> None:
        self.taken: list[FinishedRun] = []

    def take(self, run: FinishedRun) -> None:
        self.taken.append(run)

    def sentences(self) -> tuple[str, ...]:
        return ()


def test_both_runs_are_handed_over(tiny_models: Path) -> None:
    sink = Sink()
    a = relu(tiny_models)
    session = Session(a, run_sink=sink)
    session.start()
    try:
        begin(session, replace(a, nireq=3))
        until(session, pairs(1))
        session.end_ab()
        wait_for(session, measured(5, run_id=4))
    finally:
        assert session.close(60)
    changes = [run.result.view.change for run in sink.taken]
    assert changes == ["", "B of an A/B: nireq 3", "A of an A/B", "A alone again"]


@pytest.fixture
def rigged() -> Iterator[Callable[[int], RiggedHost]]:
    hosts: list[RiggedHost] = []

    def make(memory_bytes: int) -> RiggedHost:
        hosts.append(RiggedHost(memory_bytes))
        return hosts[-1]

    yield make
    for host in hosts:
        host.stop()
        assert host.join(60)


def test_both_must_fit_into_memory(rigged: Callable[[int], RiggedHost], tiny_models: Path) -> None:
    host = rigged(0)
    a = relu(tiny_models)
    session = Session(a, open_host=lambda *, isolated: host)
    session.start()
    begin(session, replace(a, model=str(tiny_models / "wide.xml")))
    assert "does not fit into memory beside A" in until(session, is_over).reason
    session.begin_ab(replace(a, nireq=3), SLICE_S)  # the same compiled model takes no more
    until(session, pairs(1))


@pytest.mark.parametrize("failing", ["A", "B"])
def test_of_two_sides_one_may_fail(
    failing: str,
    rigged: Callable[[int], RiggedHost],
    tiny_models: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = rigged(2**60)
    a = relu(tiny_models)
    session = Session(a, open_host=lambda *, isolated: host)
    session.start()
    begin(session, replace(a, nireq=5))
    until(session, pairs(1))
    drain = RequestQueue.drain
    fails_with = {"A": 2, "B": 5}[failing]

    def failing_drain(queue: RequestQueue) -> None:
        drain(queue)
        if queue.nireq == fails_with:
            monkeypatch.setattr(RequestQueue, "drain", drain)
            raise RuntimeError("the device is gone")

    monkeypatch.setattr(RequestQueue, "drain", failing_drain)
    until(session, is_over)
    if failing == "B":
        snapshot = wait_for(session, measured(10, run_id=4))
        assert snapshot.run is not None
        assert snapshot.run.config == a
        assert snapshot.notices[-1].text == "B: Inference failed: the device is gone."
    else:
        wait_for(session, lambda _: bool(session.failure))
        assert session.failure == "Inference failed: the device is gone."
        assert session.snapshot(0).state is WorkerState.FAILED
        session.configure(replace(a, nireq=4))  # revives it, as always
        wait_for(session, measured(10))


def test_a_worker_alone_tells_two_runs_at_once(tiny_models: Path) -> None:
    # What a reader of the events may rely on: RunStarted ends what alternates.
    hosts: list[ListeningHost] = []

    def listening(*, isolated: bool) -> Host:
        hosts.append(ListeningHost(open_host(isolated=isolated)))
        return hosts[-1]

    a = relu(tiny_models)
    session = Session(a, open_host=listening)
    session.start()
    try:
        begin(session, replace(a, nireq=3))
        until(session, pairs(1))
        session.end_ab()
        wait_for(session, measured(5, run_id=4))
    finally:
        assert session.close(60)
    started = [event.run_id for event in hosts[0].heard if isinstance(event, RunStarted)]
    assert started == [1, 4]


# --- without a screen --------------------------------------------------------------------------


def _invocation(*words: str) -> AbInvocation:
    return read_ab_invocation(words)


def test_without_a_screen_it_runs_for_its_time(tiny_models: Path) -> None:
    model = str(tiny_models / "relu.xml")
    invocation = _invocation(model, "-nireq", "2", "--b", "-nireq 4", "-t", "1.5", "--slice", "0.1")
    session = Session(invocation.a)
    try:
        drive(session, invocation)
        view = session.ab()
    finally:
        assert session.close(60)
    assert view is not None
    assert view.phase is AbPhase.RUNNING
    assert view.b is not None
    assert view.b.effective.nireq == 4


def test_without_a_screen_what_cannot_run_is_raised(tiny_models: Path) -> None:
    model = str(tiny_models / "relu.xml")
    invocation = _invocation(model, "--b", str(tiny_models / "dynamic.xml"), "-t", "1")
    session = Session(invocation.a)
    try:
        with pytest.raises(BadInputError, match=r"^B: The model has dynamic inputs"):
            drive(session, invocation)
    finally:
        assert session.close(60)
