"""Tuning on the real engine: the tuner over a session, and the command in a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load_config import load_settings
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from ovbench_tui.tuning.request import apply
from ovbench_tui.tuning.search.objective import Objective
from ovbench_tui.tuning.search.pace import Pace
from ovbench_tui.tuning.search.racing import ladder_search
from ovbench_tui.tuning.search.space import SearchSpace
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Ending
from ovbench_tui.tuning.tuner import Tuner
from tests.engine.conftest import OpenSession, wait_for

_QUICK = Pace(precision=0.5, least_s=0.2, most_s=0.8, race_s=0.2, final_s=0.2, rounds=1)
_ROOT = Path(__file__).resolve().parents[3]
_TIMEOUT_S = 120.0


def _tune(
    session: Session, base: BenchmarkConfig, space: SearchSpace, objective: Objective | None = None
) -> TuningState:
    objective = objective or Objective()
    tuner = Tuner(
        *(base, ladder_search(space, objective.goal, cpus=2), objective),
        size=space.size,
        pace=_QUICK,
    )

    def is_done(snapshot: Snapshot) -> bool:
        ask = tuner.step(snapshot)
        if ask is not None:
            apply(session, ask)
        return tuner.is_done

    wait_for(session, is_done)
    return tuner.board


def test_it_measures_finds_a_winner_and_compiles_once_a_variant(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    base = BenchmarkConfig(model=str(tiny_models / "wide.xml"))
    session = open_thread(replace(base, model=""))
    space = SearchSpace(streams=("1", "2"), nireq=(1, 2, 4))
    board = _tune(session, base, space)
    assert board.reason == ""
    assert board.winner is not None
    assert board.winner.figures.fps.mid > 0
    assert board.winner.figures.p99_ms.mid > 0
    measured = [trial for trial in board.trials if trial.run is not None]
    assert {trial.point.nireq for trial in measured} >= {2, 4}
    # Every number of requests of a variant ran on one compiled model.
    for variant in {trial.point.variant for trial in measured}:
        own = [t.run for t in measured if t.point.variant == variant and not t.finals]
        assert len({run.compile_ms for run in own if run is not None}) <= 1
    for trial in measured:
        assert trial.run is not None
        assert trial.run.effective.nireq == trial.point.nireq


def test_more_streams_than_the_device_gives_are_measured_once(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    base = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(replace(base, model=""))
    most = str(4096)
    board = _tune(session, base, SearchSpace(streams=(most, "8192"), nireq=(2,)))
    endings = [trial.ending for trial in board.trials]
    assert endings.count(Ending.SAME) == 1
    assert board.winner is not None


def test_what_the_engine_refuses_is_noted_with_its_reason(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    base = BenchmarkConfig(model=str(tiny_models / "relu.xml"))
    session = open_thread(replace(base, model=""))
    space = SearchSpace(precisions=("", "u4"), streams=("1",), nireq=(1, 2))
    board = _tune(session, base, space)
    failed = [trial for trial in board.trials if trial.ending is Ending.FAILED]
    assert [trial.point.variant.precision for trial in failed] == ["u4"]
    assert failed[0].reason
    assert board.winner is not None


def test_a_dynamic_model_without_a_shape_ends_with_what_to_do(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    base = BenchmarkConfig(model=str(tiny_models / "dynamic.xml"))
    session = open_thread(replace(base, model=""))
    board = _tune(session, base, SearchSpace(nireq=(1,)))
    assert board.winner is None
    assert "-data_shape" in board.reason


# --- the command ---------------------------------------------------------------------------------


def _command(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "XDG_STATE_HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "ovbench_tui", "tune", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_command_prints_one_document_and_writes_the_winner(
    tiny_models: Path, tmp_path: Path
) -> None:
    process = _command(
        tmp_path,
        str(tiny_models / "wide.xml"),
        *("--streams", "1", "--nireq", "1,2", "--max-time", "8s"),
        *("--json", "--save", "best.json", "--snippet", "best.py"),
    )
    out, err = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 0, err
    document = json.loads(out)
    winner = document["winner"]
    assert winner["streams"] == "1"
    assert load_settings(tmp_path / "best.json", "CPU")["streams"] == "1"
    compile((tmp_path / "best.py").read_text(), "best.py", "exec")
    assert "FPS, median" in err


def test_an_interrupt_prints_what_is_known_and_exits_130(tiny_models: Path, tmp_path: Path) -> None:
    process = _command(tmp_path, str(tiny_models / "wide.xml"), "--nireq", "1..64")
    assert process.stderr is not None
    # The second line tells of a measurement that has ended.
    reported = [process.stderr.readline(), process.stderr.readline()]
    assert all("FPS" in line for line in reported), reported
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 130, err
    assert "interrupted" in err
    assert " best" in out
    assert "ovbench-tui " in out.splitlines()[-1]


def test_a_dynamic_model_is_bad_input_for_the_command(tiny_models: Path, tmp_path: Path) -> None:
    begin_s = time.monotonic()
    process = _command(tmp_path, str(tiny_models / "dynamic.xml"))
    out, err = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 2
    assert "-data_shape" in err
    assert out == ""
    assert time.monotonic() - begin_s < _TIMEOUT_S
