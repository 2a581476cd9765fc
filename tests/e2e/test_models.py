"""Choosing a model, and models that cannot be run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]

MEASURED = r"count +[1-9]"

_OLD_IR = '<?xml version="1.0"?>\n<net name="old" version="7"></net>\n'
_IR_WITH_WEIGHTS = """<?xml version="1.0"?>
<net name="net" version="11"><layers>
<layer id="0" name="c" type="Const" version="opset1">
<data element_type="f32" shape="4" offset="0" size="16"/>
<output><port id="0" precision="FP32"><dim>4</dim></port></output></layer>
</layers></net>
"""
_LFS_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    "size 12345\n"
)


def test_without_a_model_the_picker_opens(start: Start) -> None:
    terminal = start()
    terminal.wait_for_text("mobilenet-v2", "face-detection-0200", "yolo-v3-tf", "enter chooses")
    terminal.type("\r")
    terminal.wait_for_match(r"Model +mobilenet-v2 +⏎")
    terminal.wait_for_match(MEASURED)
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "mobilenet-v2 (built-in)" in ended.main_screen


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.onnx", "", "is empty (0 bytes)"),
        ("pointer.pb", _LFS_POINTER, "is a Git LFS pointer"),
        ("net.xml", _IR_WITH_WEIGHTS, "'net.bin' (16 bytes) is missing beside it"),
        ("old.xml", _OLD_IR, "is an IR of version 7, too old"),
        ("notes.txt", "hello", "has an ending that cannot be read (.txt)"),
    ],
)
def test_a_bad_file_is_refused_before_the_screen_opens(
    start: Start, tmp_path: Path, name: str, content: str, words: str
) -> None:
    (tmp_path / name).write_text(content)
    ended = start(str(tmp_path / name), columns=500).ended()
    assert ended.code == 2
    assert b"\x1b" not in ended.raw
    (line,) = ended.main_screen.splitlines()
    assert line.startswith("ovbench-tui: ")
    assert words in line
    assert ended.left_behind == frozenset()


def test_a_model_that_cannot_be_read_leaves_the_screen_up(
    start: Start, shared_models: Path
) -> None:
    terminal = start(str(shared_models / "awkward" / "truncated-onnx" / "version-RFB-320.onnx"))
    terminal.wait_for_text("it is truncated, at least", "○ idle")

    terminal.type("m")
    terminal.wait_for_text("enter chooses")
    terminal.type("mobilenet")
    terminal.wait_for(lambda text: "googlenet" not in text, "the filtered list")
    terminal.type("\r")
    terminal.wait_for_match(r"Model +mobilenet-v2 +⏎")
    terminal.wait_for_match(MEASURED)
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "mobilenet-v2 (built-in)" in ended.main_screen
    assert ended.left_behind == frozenset()


def test_quitting_without_any_run_says_why(start: Start, tmp_path: Path) -> None:
    (tmp_path / "broken.tflite").write_bytes(b"no flat buffer at all")
    terminal = start(str(tmp_path / "broken.tflite"))
    terminal.wait_for_text("it is not a TFLite model")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 2
    assert ended.left_behind == frozenset()
    (line,) = ended.main_screen.splitlines()
    assert line.startswith("ovbench-tui: Model 'broken.tflite' cannot be read: it is not a TFLite")


def test_a_dynamic_model_asks_for_its_shape(start: Start, dynamic_model: Path) -> None:
    terminal = start(str(dynamic_model))
    terminal.wait_for_text("Data shape", "f32 [?,1..16]", "x[1,16]", "enter runs it")
    terminal.type("\r")
    terminal.wait_for_match(MEASURED)
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "dynamic.xml (IR)" in ended.main_screen


def test_a_dynamic_model_left_without_a_shape(start: Start, dynamic_model: Path) -> None:
    terminal = start(str(dynamic_model))
    terminal.wait_for_text("enter runs it")
    terminal.type("\x1b")
    terminal.wait_for_text("No data shape was given: nothing runs; press enter in the Model tab")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 2
    assert "-data_shape" in ended.main_screen
