"""The loop of an engine on a worker, around a session that follows a formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import EngineHangsError
from ovbench_tui.fleet.engine_task import Mailbox, _measure
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.tuning.shard import Shard
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.space import SearchSpace
from tests.unit.tuning.tuned_machine import BASE, Machine


class FailingSession(Machine):
    """An engine that is FAILED while it is asked for a single stream, and recovers."""

    rejection = None
    failure = ""

    def __init__(self, config: BenchmarkConfig, run_sink: object) -> None:
        super().__init__(poll_s=0.1)
        self.is_closed = False
        self.configure(config)

    def start(self) -> None:
        pass

    def snapshot(self, columns: int = 0) -> Snapshot:
        view = super().snapshot(columns)
        if view.run is not None and view.run.config.streams == "1":
            return replace(view, state=WorkerState.FAILED, measuring=False)
        return view

    def close(self, timeout_s: float) -> bool:
        self.is_closed = True
        return True


def test_a_configuration_that_fails_in_a_search_does_not_end_the_engine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ovbench_tui.engine.session.Session", FailingSession)
    reported: list[dict[str, Any]] = []
    box = Mailbox("fleet", "task")
    shares = [
        Shard(number, SearchSpace(streams=(streams,), nireq=(2, 4)), Objective())
        for number, streams in enumerate(("1", "2"), 1)
    ]
    box.commands.put(wire.Command(wire.TUNE, share=shares[0]))
    steps = 0

    def is_wanted() -> bool:
        nonlocal steps
        steps += 1
        assert steps < 5000, reported
        over = [message["share"] for message in reported if message["kind"] == wire.SHARE_OVER]
        if over == [1] and len(shares) > 1:
            box.commands.put(wire.Command(wire.TUNE, share=shares.pop()))
        return over != [1, 2]

    order = wire.Order("fleet", "task", "topic", replace(BASE, streams="2", nireq=2))
    _measure(order, box, reported.append, is_wanted)
    trials = [wire.tried_of(message) for message in reported if message["kind"] == wire.TRIED]
    assert [(number, trial.has_run) for number, trial in trials][:2] == [(1, False), (2, True)]
    assert [message["trouble"] for message in reported if message["kind"] == wire.SHARE_OVER] == [
        "",
        "",
    ]


def test_without_a_search_an_engine_that_fails_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovbench_tui.engine.session.Session", FailingSession)
    reported: list[dict[str, Any]] = []
    order = wire.Order("fleet", "task", "topic", replace(BASE, streams="1", nireq=2))
    _measure(order, Mailbox("fleet", "task"), reported.append, lambda: len(reported) < 500)
    assert reported[-1]["state"] == WorkerState.FAILED.value


def test_an_engine_that_hangs_ends_also_in_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    class HangingSession(FailingSession):
        def snapshot(self, columns: int = 0) -> Snapshot:
            return replace(super().snapshot(columns), stall="It hangs.", can_restart=True)

    monkeypatch.setattr("ovbench_tui.engine.session.Session", HangingSession)
    box = Mailbox("fleet", "task")
    box.commands.put(
        wire.Command(wire.TUNE, share=Shard(1, SearchSpace(streams=("2",)), Objective()))
    )
    order = wire.Order("fleet", "task", "topic", replace(BASE, streams="2", nireq=2))
    with pytest.raises(EngineHangsError, match="It hangs"):
        _measure(order, box, lambda _: None, lambda: True)
