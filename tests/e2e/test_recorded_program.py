"""A program that is recorded runs, and ends, as it would alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from ovbench_tui.application.program import ProgramRun, run_program
from ovbench_tui.application.recorder.layout import NOT_CONTIGUOUS, UNKNOWN, Kind
from tests.engine.pipelines.tiny_llama import write_gguf

_MODEL = """
import sys
sys.modules["openvino_telemetry"] = None
import numpy as np
import openvino as ov
from openvino import opset13 as ops
def build():
    x = ops.parameter([1, 16], np.float32, name="x")
    return ov.Model([ops.relu(x)], [x], "tiny")
x = np.ones((1, 16), np.float32)
core = ov.Core()
"""


def _run(folder: Path, text: str, *arguments: str) -> ProgramRun:
    script = folder / "user_script.py"
    script.write_text(textwrap.dedent(text))
    return run_program([str(script), *arguments])


def _count(run: ProgramRun, kind: Kind) -> int:
    return int((run.trace.records["kind"] == kind).sum())


# -- as alone ---------------------------------------------------------------------------------

_PROGRAMS = {
    "its world": """
        import os, sys, json
        loaded = [name for name in sys.modules if "openvino" in name]
        print(__name__, sys.argv, sys.path, loaded, sys.modules["__main__"].__file__)
        print({k: v for k, v in os.environ.items() if "PYTHON" in k or "OVBENCH_TUI_R" in k})
        import beside
        print(beside.__file__)
    """,
    "an exception": "def f():\n    raise ValueError('no')\nf()\n",
    "a message at exit": "raise SystemExit('that was it')",
    "a code at exit": "raise SystemExit(7)",
    "os._exit": "import os\nprint('x', flush=True)\nos._exit(9)",
    "what runs at exit": "import atexit\natexit.register(print, 'bye')",
    "a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)",
    "an interrupt": "import os, signal\nos.kill(os.getpid(), signal.SIGINT)",
    "a syntax error": "def :",
    "a child": """
        import subprocess, sys
        names = "[getattr(one, '__name__', type(one).__name__) for one in sys.meta_path]"
        subprocess.run([sys.executable, "-c", f"import sys; print(sys.path, {names})"])
    """,
}


@pytest.mark.parametrize("name", _PROGRAMS)
def test_a_program_runs_and_ends_as_alone(
    name: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "beside.py").touch()
    script = tmp_path / "user_script.py"
    script.write_text(textwrap.dedent(_PROGRAMS[name]))
    words = [str(script), "-x", "two words"]
    alone = subprocess.run([sys.executable, *words], capture_output=True, text=True)
    capfd.readouterr()
    run = run_program(words)
    output = capfd.readouterr()
    assert output.out == alone.stdout
    assert output.err == alone.stderr
    code = alone.returncode
    assert run.exit_code == (code if code >= 0 else 128 - code)
    assert len(run.trace.records) == 0


def test_a_module_is_run_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("import sys\nprint(__name__, sys.argv[1:])")
    assert run_program(["-m", "package.module", "-m", "x"]).exit_code == 0
    assert capfd.readouterr().out == "__main__ ['-m', 'x']\n"


def test_the_path_of_the_user_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = os.pathsep.join([str(tmp_path / "one"), str(tmp_path / "two")])
    monkeypatch.setenv("PYTHONPATH", path)
    _run(tmp_path, "import os, sys\nprint(os.environ['PYTHONPATH'], sys.path[1:3])")
    assert capfd.readouterr().out == f"{path} {path.split(os.pathsep)}\n"


def test_what_the_machine_did_meanwhile_are_shares(tmp_path: Path) -> None:
    run = _run(tmp_path, "import time\nend = time.time() + 0.5\nwhile time.time() < end: pass")
    assert run.machine.cpus >= 1
    assert 0 <= run.machine.others_cpu <= 1
    assert 0 <= run.machine.idle_cpu <= 1
    assert run.machine.others_cpu + run.machine.idle_cpu <= 1.01


def test_the_machines_own_sitecustomize_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('customized', __file__)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    _run(tmp_path, "import sitecustomize\nprint(sitecustomize.__file__)")
    own = tmp_path / "sitecustomize.py"
    assert capfd.readouterr().out == f"customized {own}\n{own}\n"


def test_our_safe_path_is_not_the_programs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "1")  # as `cli.main.run` sets it
    (tmp_path / "beside.py").touch()
    run = _run(tmp_path, "import os, beside\nprint('PYTHONSAFEPATH' in os.environ)")
    assert run.exit_code == 0
    assert capfd.readouterr().out == "False\n"


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_signal_to_us_reaches_the_program(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        """
        import os, signal, sys
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
        os.kill(os.getppid(), signal.SIGTERM)
        while True:
            signal.pause()
        """,
    )
    assert run.exit_code == 5
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


# -- what is recorded -------------------------------------------------------------------------


def test_synchronous_calls_are_recorded(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        _MODEL
        + """
compiled = core.compile_model(build(), "CPU")
compiled(x)
compiled.infer_new_request(x.astype(np.float64))
request = compiled.create_infer_request()
request.infer({"x": np.ones((16, 1), np.float32).T.repeat(1, axis=0)})
request.infer([np.ones((16, 2), np.float32)[:, :1].T])
request.results
""",
    )
    assert run.exit_code == 0
    records = run.trace.records
    assert _count(run, Kind.COMPILE) == 1
    assert _count(run, Kind.CREATE_REQUEST) == 3
    assert _count(run, Kind.TENSOR) == 1
    inferences = records[records["kind"] == Kind.INFER]
    assert len(inferences) == 4
    assert inferences["input_bytes"].tolist() == [64, 128, 64, 64]
    f32, f64 = 1 << np.dtype(np.float32).num, 1 << np.dtype(np.float64).num
    types = inferences["input_types"].tolist()
    assert types[:2] == [f32, f64]
    assert types[3] == f32 | NOT_CONTIGUOUS
    assert (inferences["latency_ns"] > 0).all()
    assert (inferences["copy_ns"] > 0).all()
    spent = inferences["end_ns"] - inferences["begin_ns"]
    assert (inferences["copy_ns"] + inferences["latency_ns"] <= spent).all()
    assert set(inferences["model"]) == {0}
    model = run.trace.models[0]
    assert (model.name, model.devices) == ("tiny", ("CPU",))
    assert model.optimal >= 1
    assert model.numpy_types == f32


def test_asynchronous_requests_are_recorded(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        _MODEL
        + """
requests = [ov.compile_model(build(), "CPU").create_infer_request() for _ in range(2)]
for _ in range(3):
    for request in requests:
        request.start_async(x)
    for request in requests:
        request.wait()
seen = []
requests[0].set_callback(seen.append, "me")
requests[0].start_async(x)
requests[0].wait()
assert seen == ["me"], seen
""",
    )
    assert run.exit_code == 0
    records = run.trace.records
    assert _count(run, Kind.COMPILE) == 2
    assert len(run.trace.models) == 1  # compiled twice
    waits = records[records["kind"] == Kind.WAIT]
    assert len(waits) == 7
    assert (waits["latency_ns"] > 0).all()
    assert set(waits["request"]) == set(records[records["kind"] == Kind.START]["request"])
    assert len(set(waits["request"])) == 2
    assert _count(run, Kind.CALLBACK) == 1


@pytest.mark.parametrize("has_callback", [False, True])
def test_a_queue_is_recorded(tmp_path: Path, has_callback: bool) -> None:
    run = _run(
        tmp_path,
        _MODEL
        + f"""
queue = ov.AsyncInferQueue(core.compile_model(build(), "CPU"), 2)
seen = []
if {has_callback}:
    queue.set_callback(lambda request, data: seen.append((request.get_output_tensor(), data)))
for number in range(10):
    queue.start_async({{"x": x}}, userdata=number)
queue.wait_all()
assert len(seen) == (10 if {has_callback} else 0)
assert queue[0].results
""",
    )
    assert run.exit_code == 0
    assert run.trace.queues == {1: 2}
    records = run.trace.records
    starts = records[records["kind"] == Kind.START]
    assert len(starts) == 10
    assert len(set(starts["request"])) == 2
    assert (starts["wait_ns"] > 0).all()
    known = int((records["latency_ns"] != UNKNOWN).sum())
    assert known == 10
    assert _count(run, Kind.CALLBACK) == (10 if has_callback else 0)


def test_errors_reach_the_program_unchanged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = (
        _MODEL
        + """
compiled = core.compile_model(build(), "CPU")
queue = ov.AsyncInferQueue(compiled, 1)
for call in (
    lambda: compiled(np.ones((3, 3, 3), np.float32)),
    lambda: core.compile_model("no_such_model.xml", "CPU"),
    lambda: core.read_model("no_such_model.xml"),
    lambda: queue.start_async(object()),
    lambda: compiled(wrong=1),
    lambda: queue.set_callback(None),
    lambda: compiled.create_infer_request().set_callback(None, 1),
    lambda: ov.AsyncInferQueue(),
    lambda: ov.AsyncInferQueue("no model"),
    lambda: compiled.create_infer_request().wait_for("long"),
):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, str(error).split("\\n")[0])
print(compiled(x)[0].sum())
"""
    )
    script = tmp_path / "user_script.py"
    script.write_text(text)
    alone = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert run_program([str(script)]).exit_code == alone.returncode == 0
    assert capfd.readouterr().out == alone.stdout
    assert "TypeError" in alone.stdout


def test_the_programs_own_functions_are_sampled_outside_of_openvino(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        _MODEL
        + """
import time
class Camera:
    def read(self):
        time.sleep(0.05)
        return x
compiled = core.compile_model(build(), "CPU")
camera = Camera()
for _ in range(40):
    compiled(camera.read())
""",
    )
    assert run.exit_code == 0
    sampled = run.trace.records["model"][run.trace.records["kind"] == Kind.SAMPLE]
    functions = [run.trace.functions[number] for number in sampled.tolist()]
    names = {function.name.rpartition(".")[2] for function in functions}
    assert "read" in names
    assert names <= {"read", "<module>"}
    assert {Path(function.file).name for function in functions} == {"user_script.py"}


def test_an_openvino_that_cannot_be_wrapped_runs_all_the_same(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "openvino"
    package.mkdir()
    (package / "__init__.py").write_text("from openvino._ov_api import Core")
    (package / "_ov_api.py").write_text("class Core:\n    read_model = print")
    (tmp_path / "openvino_genai").mkdir()
    for name in ("__init__.py", "py_openvino_genai.py"):
        (tmp_path / "openvino_genai" / name).touch()
    run = _run(
        tmp_path,
        """
        import sys, openvino
        openvino.Core.read_model("works")
        module = sys.modules["openvino._ov_api"]
        print(type(module.__loader__).__name__, module.__spec__.loader is module.__loader__)
        import openvino_genai.py_openvino_genai
        print([finder for finder in sys.meta_path if "ovbench" in repr(finder)])
        """,
    )
    assert run.exit_code == 0
    assert capfd.readouterr().out == "works\nSourceFileLoader True\n[]\n"
    assert "CompiledModel" in run.trace.failure


@pytest.mark.parametrize(
    "call",
    [
        "compiled(np.ones((3, 3, 3), np.float32))",
        "ov.AsyncInferQueue(compiled, 1).start_async(object())",
        "core.read_model('no_such_model.xml')",
        "nested()",
    ],
)
def test_a_traceback_has_no_frames_of_ours(
    call: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "user_script.py"
    script.write_text(
        _MODEL
        + f"""
compiled = core.compile_model(build(), "CPU")
def nested():
    try:
        compiled(object())
    except TypeError as error:
        raise ValueError("cannot go on") from error
{call}
"""
    )
    alone = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert run_program([str(script)]).exit_code == alone.returncode == 1
    assert capfd.readouterr().err == alone.stderr
    assert "Traceback" in alone.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_of_the_program_is_not_recorded(tmp_path: Path) -> None:
    run = _run(
        tmp_path,
        # Before OpenVINO has threads, which a child would lack.
        _MODEL.replace("core = ", "import os\npid = os.fork()\ncore = ")
        + """
compiled = core.compile_model(build(), "CPU")
if not pid:
    compiled(x)
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
""",
    )
    assert run.exit_code == 0
    assert _count(run, Kind.INFER) == 0
    assert _count(run, Kind.COMPILE) == 1


def test_a_pipeline_of_openvino_genai_is_recorded_by_its_calls(tmp_path: Path) -> None:
    pytest.importorskip("openvino_genai")
    model = write_gguf(tmp_path / "tiny.gguf")
    run = _run(
        tmp_path,
        f"""
        import sys
        sys.modules["openvino_telemetry"] = None
        import openvino_genai
        pipeline = openvino_genai.LLMPipeline({str(model)!r}, "CPU")
        for _ in range(12):
            pipeline.generate("ab", max_new_tokens=3)
        """,
    )
    assert run.exit_code == 0
    analysis = run.analysis
    assert analysis is not None
    assert analysis.inferences == 12
    (use,) = [use for use in analysis.models if use.inferences]
    assert use.note.name == "tiny.gguf (LLMPipeline)"
    assert use.note.is_pipeline
    assert use.compiled == 1
    assert analysis.busy > 0.5
