"""A real program under what the screen asks of it."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ovbench_tui.application.alone import AloneMeasurement, AloneResult, why_not
from ovbench_tui.application.live import AppSnapshot, LiveProgram
from ovbench_tui.application.output import ProgramOutput
from ovbench_tui.application.program import RunningProgram
from ovbench_tui.application.report import alone_line
from ovbench_tui.application.trace import ModelNote
from ovbench_tui.errors import OvbenchError, RunFailedError
from tests.unit.application.recorded import NOTE

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def _begin(folder: Path, text: str) -> LiveProgram:
    script = folder / "script.py"
    script.write_text(text, encoding="utf-8")
    output = ProgramOutput((80, 24))
    running = RunningProgram([str(script)], *output.child_ends, is_apart=True)
    output.begin()
    return LiveProgram([str(script)], running, output, known_alone=_known)


def _known(note: ModelNote) -> AloneResult:
    return AloneResult(note.file, "CPU", 190.0, 9.5, 4, "2", (), 5.0, "run 7 of the history")


def _until(program: LiveProgram, is_so: Callable[[AppSnapshot], bool]) -> AppSnapshot:
    while True:
        snapshot = program.snapshot(10)
        if is_so(snapshot):
            return snapshot
        time.sleep(0.01)


def _has_printed(text: str) -> Callable[[AppSnapshot], bool]:
    return lambda snapshot: any(line.text == text for line in snapshot.output)


def test_a_program_ends_as_it_would_alone(tmp_path: Path) -> None:
    program = _begin(tmp_path, "print('hello')\nraise SystemExit(7)")
    snapshot = _until(program, lambda one: one.is_over)
    assert snapshot.exit_code == 7
    assert snapshot.analysis is None
    assert "no inference" in snapshot.verdict.summary
    assert program.close().exit_code == 7
    assert program.log_text() == "hello"


def test_the_first_end_is_that_of_ctrl_c_and_the_last_is_a_kill(tmp_path: Path) -> None:
    program = _begin(
        tmp_path,
        """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
""",
    )
    _until(program, _has_printed("ready"))
    program.end()
    snapshot = _until(program, _has_printed("interrupted"))
    assert snapshot.ending
    assert not snapshot.is_over
    program.end()
    program.end()
    assert _until(program, lambda one: one.is_over).exit_code == 128 + signal.SIGKILL


def test_a_program_that_reads_finds_the_end_and_that_is_noted(tmp_path: Path) -> None:
    program = _begin(tmp_path, "import sys\nprint(sys.stdin.isatty(), repr(sys.stdin.read()))")
    snapshot = _until(program, lambda one: one.is_over)
    program.close()
    assert snapshot.exit_code == 0
    assert snapshot.reads_keyboard
    assert program.log_text() == "False ''"


def test_a_program_that_does_not_read_is_not_blamed(tmp_path: Path) -> None:
    program = _begin(tmp_path, "import sys\nprint(sys.stdin.fileno(), sys.stdin.encoding)")
    snapshot = _until(program, lambda one: one.is_over)
    assert snapshot.exit_code == 0
    assert not snapshot.reads_keyboard


def test_only_what_has_run_can_be_measured_alone(tmp_path: Path) -> None:
    program = _begin(tmp_path, "input()")
    program.snapshot(10)
    _until(program, lambda one: one.is_over)
    with pytest.raises(OvbenchError, match="completed no inference"):
        program.measure_alone()
    assert "no inference" in why_not(None)


_INFERS = """
import sys
import numpy as np, openvino as ov
from openvino import opset13 as ops
x = ops.parameter([1, 16], np.float32, name="x")
ov.save_model(ov.Model([ops.relu(x)], [x], "tiny"), "tiny.xml")
request = ov.Core().compile_model("tiny.xml", "CPU").create_infer_request()
for _ in range(200):
    request.infer([np.zeros((1, 16), np.float32)])
"""


def test_what_is_known_of_the_model_alone_is_there_without_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = _begin(tmp_path, _INFERS)
    snapshot = _until(program, lambda one: one.is_over)
    program.close()
    assert snapshot.alone is not None
    assert (snapshot.alone.name, snapshot.alone.source) == ("tiny.xml", "run 7 of the history")
    assert snapshot.analysis is not None
    said = alone_line(snapshot.alone, snapshot.analysis)
    assert said.endswith("median 9.50 ms, run 7 of the history).")


# -- the model alone --------------------------------------------------------------------------

_RUN = {
    "figures": {"count": 500, "elapsed_s": 5.0, "p50_ms": 9.5},
    "effective": {"device": "CPU", "nireq": 4, "streams": "2"},
    "model": {"inputs": [{"element_type": "f32", "shape": ["1", "?"]}]},
}


def _alone(folder: Path, text: str) -> AloneMeasurement:
    script = folder / "measure.py"
    script.write_text(text, encoding="utf-8")
    return AloneMeasurement(NOTE, (sys.executable, str(script)))


def test_the_figures_of_a_model_alone_are_read(tmp_path: Path) -> None:
    text = json.dumps({"runs": [_RUN | {"more": "x" * 1_000_000}]})  # more than a pipe holds
    measurement = _alone(tmp_path, f"print({text!r})")
    while (result := measurement.poll()) is None:
        time.sleep(0.01)
    assert result == AloneResult(NOTE.file, "CPU", 100.0, 9.5, 4, "2", ("f32 [1,?]",), 5.0)


def test_a_model_that_cannot_be_measured_says_why(tmp_path: Path) -> None:
    failing = "import sys; print('more'); sys.exit('ovbench-tui: no such device')"
    with pytest.raises(RunFailedError, match="no such device"):
        _alone(tmp_path, failing).wait()
    with pytest.raises(OvbenchError, match="no figures came"):
        _alone(tmp_path, "print('[]')").wait()
    measurement = _alone(tmp_path, "import time; time.sleep(600)")
    assert measurement.poll() is None
    measurement.cancel()
