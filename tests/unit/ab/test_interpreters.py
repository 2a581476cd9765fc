"""Two versions of OpenVINO: their environments, their processes, and what is said of them."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ovbench_tui.ab.interpreters import environment
from ovbench_tui.ab.interpreters.comparison import VersionsInTurn
from ovbench_tui.ab.interpreters.environment import environment_for, interpreter_with
from ovbench_tui.ab.interpreters.report import format_versions, versions_document
from ovbench_tui.ab.interpreters.sliced_process import Announcement, Layer, Slice, SlicedProcess
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.stats.comparison.difference import Difference

_PATIENCE_S = 120.0


class FakeProcess:
    """Answers at once, with a constant latency; what it is asked for is kept."""

    def __init__(self, fps: float, version: str, precision: str) -> None:
        self.asked: list[float] = []
        self.is_closed = False
        self._fps = fps
        self._announcement = Announcement(
            f"{version}-123-releases",
            {"NUM_STREAMS": "2", "SUPPORTED_PROPERTIES": version, "ONLY_" + precision: "1"},
            {"conv": Layer("Convolution", precision, "jit"), "w": Layer("Const", precision, "x")},
        )

    def take_announcement(self) -> Announcement:
        return self._announcement

    def begin_slice(self, seconds: float) -> None:
        self.asked.append(seconds)

    def take_slice(self) -> Slice:
        seconds = self.asked[-1]
        count = round(self._fps * seconds)
        return Slice(count, count, seconds, np.full(count, 1000 / self._fps))

    def close(self) -> None:
        self.is_closed = True


def in_turn(a: object, b: object, duration_s: float = 10.0) -> VersionsInTurn:
    return VersionsInTurn(a, b, duration_s=duration_s, slice_s=0.5)  # type: ignore[arg-type]


def test_each_warms_up_and_the_ratio_is_that_of_their_rates() -> None:
    a, b = FakeProcess(100.0, "2026.4", "f32"), FakeProcess(200.0, "2025.4", "f16")
    turns = in_turn(a, b)
    while not turns.is_over:
        turns.poll()
    assert a.asked == [1.0, *[0.5] * 10]
    assert b.asked == [1.0, *[0.5] * 10]
    view = turns.view()
    assert view.pairs == 10
    assert view.fps.ratio == pytest.approx(2.0)
    assert view.p50.ratio == pytest.approx(0.5)
    assert view.a is not None
    assert (view.a.count, view.a.fps, view.a.p99_ms) == (500, 100.0, 10.0)
    assert view.properties == (Difference("ONLY_f32", "1", ""), Difference("ONLY_f16", "", "1"))
    assert view.layers == (Difference("conv", "Convolution f32 jit", "Convolution f16 jit"),)
    turns.close()
    assert (a.is_closed, b.is_closed) == (True, True)


def test_the_table_and_the_document() -> None:
    turns = in_turn(FakeProcess(100.0, "2026.4", "f32"), FakeProcess(200.0, "2025.4", "f16"))
    assert format_versions(turns.view()) == ""
    while not turns.is_over:
        turns.poll()
    view = turns.view()
    lines = [line.split() for line in format_versions(view).splitlines()]
    assert ["OpenVINO", "2026.4", "2025.4"] in lines
    assert ["FPS", "100.00", "200.00", "2.000", "2.000", "to", "2.000"] in lines
    assert ["ONLY_f32", "1", "-"] in lines
    assert ["conv", "Convolution", "f32", "jit", "Convolution", "f16", "jit"] in lines
    assert lines[-1][:4] == ["B", "is", "100.0", "%"]
    document = json.loads(versions_document(view, BenchmarkConfig(model="m.xml"), exit_code=0))
    assert document["ratio"]["fps"]["value"] == pytest.approx(2.0)
    assert document["b"]["openvino"] == "2025.4-123-releases"
    assert document["layers"] == [
        {"name": "conv", "a": "Convolution f32 jit", "b": "Convolution f16 jit"}
    ]
    assert len(document["slices"]) == 20


def test_of_long_texts_the_words_that_differ_are_shown() -> None:
    turns = in_turn(FakeProcess(100.0, "2026.4", "f32"), FakeProcess(200.0, "2025.4", "f16"))
    while not turns.is_over:
        turns.poll()
    layers = (
        Difference("conv1", "Convolution f16 brgconv_avx2_f32", "Convolution f32 brgconv_avx2_f32"),
        Difference("a" * 40, "", "Reorder f32 jit_uni_and_so_on_and_so_on"),
    )
    text = format_versions(replace(turns.view(), layers=layers))
    lines = [line.split() for line in text.splitlines()]
    assert ["conv1", "f16", "f32"] in lines
    assert any(
        line[0].startswith("aaa") and line[1] == "-" and "…" in line[-1] for line in lines if line
    )
    table = text[text.index("Layers in which") : text.index("OpenVINO  ")]
    assert max(map(len, table.splitlines())) <= 80


def test_before_anything_is_known_the_document_has_the_error() -> None:
    text = versions_document(None, BenchmarkConfig(model="m.xml"), exit_code=3, error="No.")
    document = json.loads(text)
    assert (document["error"], document["a"]["fps"], document["ratio"]) == ("No.", None, None)


# --- processes ---------------------------------------------------------------------------------


def announced(process: SlicedProcess) -> Announcement:
    end_s = time.monotonic() + _PATIENCE_S
    while (found := process.take_announcement()) is None:
        assert time.monotonic() < end_s
        time.sleep(0.01)
    return found


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("import a_package_of_nobody", "B has no package a_package_of_nobody: install it there."),
        ("raise SystemExit('no device')", "B has ended: no device"),
        ("import os; os._exit(3)", "B has ended: exit code 3"),
    ],
)
def test_a_process_that_ends_is_reported_in_a_sentence(program: str, sentence: str) -> None:
    process = SlicedProcess("B", Path(sys.executable), program, dict(os.environ))
    with pytest.raises(RunFailedError) as failure:
        announced(process)
    assert str(failure.value) == sentence
    process.close()


def test_what_a_library_prints_is_no_reply() -> None:
    announcement = {"openvino": "1", "properties": {}, "layers": {"l": ["Relu", "f32", "jit"]}}
    program = f"import sys; print('loading'); print({json.dumps(announcement)!r}, flush=True)"
    process = SlicedProcess("A", Path(sys.executable), f"{program}; sys.stdin.read()", {})
    assert announced(process).layers == {"l": Layer("Relu", "f32", "jit")}
    process.close()


# --- environments ------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["", "latest", "2025", "2025.4; rm -rf", "../2025.4.1"])
def test_what_is_no_version_is_refused(version: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is no version of OpenVINO"):
        interpreter_with(version, print, tmp_path)


def installer(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """What runs instead of pip."""

    def commands(_version: str, folder: Path) -> list[list[str]]:
        return [[sys.executable, "-c", program, str(environment._interpreter_in(folder))]]

    monkeypatch.setattr(environment, "_commands", commands)


def test_it_is_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make = (
        "import sys, pathlib; path = pathlib.Path(sys.argv[1]);"
        "path.parent.mkdir(parents=True); path.touch()"
    )
    installer(monkeypatch, make)
    said: list[str] = []
    paths = {interpreter_with("2025.4.1", said.append, tmp_path) for _ in range(2)}
    assert said == ["Installing OpenVINO 2025.4.1, once ..."]
    (path,) = paths
    assert path.is_file()
    assert path.is_relative_to(tmp_path / "openvino")


@pytest.mark.parametrize(
    ("output", "error", "sentence"),
    [
        ("ERROR: No matching distribution found for openvino==1999.1", BadInputError,
         "has no OpenVINO 1999.1 for Python"),
        ("Because there is no version of openvino==1999.1 ...", BadInputError,
         "has no OpenVINO 1999.1 for Python"),
        ("The virtual environment was not created: ensurepip is not available", RunFailedError,
         "install its venv package, or uv"),
        ("Connection refused", RunFailedError, "the log has what the installer printed"),
    ],
)  # fmt: skip
def test_what_the_installer_says_becomes_a_sentence(
    output: str,
    error: type[OvbenchError],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    installer(monkeypatch, f"raise SystemExit({output!r})")
    with pytest.raises(error, match=sentence):
        interpreter_with("1999.1", print, tmp_path)
    assert list((tmp_path / "openvino").iterdir()) == []


def test_an_interpreter_of_ours_takes_no_modules_of_another_installation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYTHONPATH", "LD_LIBRARY_PATH"):
        monkeypatch.setenv(name, "/opt/openvino")
    assert not {"PYTHONPATH", "LD_LIBRARY_PATH"} & set(environment_for(is_own=True))
    assert environment_for(is_own=False)["PYTHONPATH"] == "/opt/openvino"


def test_whatever_is_printed_between_replies_is_skipped() -> None:
    announcement = {"openvino": "1", "properties": {}, "layers": {}}
    program = (
        "import sys; sys.stdout.buffer.write(b'\\xff noise\\n5\\n' * 3000);"
        f"print({json.dumps(announcement)!r}, flush=True); sys.stdin.read()"
    )
    process = SlicedProcess("A", Path(sys.executable), program, dict(os.environ))
    assert announced(process).openvino == "1"
    process.close()


def test_a_process_that_closes_its_output_alone_is_ended() -> None:
    program = "import os, sys; os.close(1); sys.stdin.read()"
    process = SlicedProcess("B", Path(sys.executable), program, dict(os.environ))
    with pytest.raises(RunFailedError, match="B has ended"):
        announced(process)
    process.close()
