"""Damaged model files: read, refused, or the death of the child is told; then the next one runs."""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from ovbench_tui.system.attended_clock import AttendedClock
from tests.engine.hosts.test_stall import Clock
from tests.fuzz.models import ModelFuzzer, Seed, all_seeds, own_seeds


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelFuzzer]:
    with ModelFuzzer(tmp_path_factory.mktemp("damaged")) as fuzzer:
        yield fuzzer


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Seed]:
    folder = tmp_path_factory.mktemp("seeds")
    return {seed.name: seed for seed in all_seeds(folder)}


@pytest.mark.parametrize(
    ("name", "count"), [("IR", 20), ("ONNX", 20), ("ONNX, symbolic", 10), ("TFLite", 4)]
)
def test_damaged_files(fuzzer: ModelFuzzer, seeds: dict[str, Seed], name: str, count: int) -> None:
    if name not in seeds:
        pytest.skip("the models made by others (../shared/models) are not on this machine")
    numbers = random.Random(7)  # noqa: S311
    for _ in range(count):
        fuzzer.try_one(seeds[name], numbers)
        assert not fuzzer.found
    tally, _ = fuzzer.take()
    assert tally.tried == count
    assert tally.refused + tally.died > 0, "nothing was damaged"


def test_the_models_themselves_are_good(tmp_path: Path) -> None:
    import openvino as ov

    for seed in own_seeds(tmp_path):
        compiled = ov.Core().compile_model(seed.files[0], "CPU")
        assert len(compiled.outputs) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="sends POSIX signals")
def test_an_engine_that_hangs_is_given_up_and_has_not_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ModelFuzzer(tmp_path) as fuzzer:
        session, clock = fuzzer._session, Clock()
        monkeypatch.setattr(session._health._watchdog, "_clock", AttendedClock(clock))
        take = Session.snapshot

        def snapshot(looked_at: Session, columns: int) -> Snapshot:
            seen = take(looked_at, columns)
            pid = looked_at._host.pid
            # It stops as it begins to run, so that nothing of it completes any more.
            if seen.run is not None and pid is not None and not clock.is_rushing:
                os.kill(pid, signal.SIGSTOP)
                clock.let_pass(300.0)
            return replace(seen, run=None)

        monkeypatch.setattr(Session, "snapshot", snapshot)
        model = own_seeds(tmp_path)[0].files[0]
        fuzzer._measure(BenchmarkConfig(model=str(model), nireq=1, threads=1))
        tally, found = fuzzer.take()
        assert found == ""
        assert (tally.given_up, tally.died) == (1, 0)
