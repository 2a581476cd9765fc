"""The inputs of the Python program: the very tensors that the run is fed with."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13
from PIL import Image

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.export import python_snippet, snippet_remark
from ovbench_tui.export.snippet_inputs import input_part
from tests.engine.run_views import make_view


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(allow_strings=True)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of their own sizes, arrays and raw bytes, all of them different."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "images").mkdir()
    (folder / "images" / "notes.txt").write_text("no input")
    random = np.random.default_rng(1)
    for number in range(7):
        pixels = random.integers(0, 256, (5 + number % 2, 7, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "images" / f"{number}.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned by 90 degrees
    turned = Image.fromarray(random.integers(0, 256, (4, 9, 3), np.uint8))
    turned.save(folder / "turned.png", exif=exif)
    Image.fromarray(random.integers(0, 60000, (6, 8), np.uint16)).save(folder / "grey.png")
    for number in range(5):
        np.save(folder / f"frame{number}.npy", random.random(10, np.float32))
        np.save(folder / f"row{number}.npy", random.random((1, 10), np.float32))
        np.save(folder / f"rows{number}.npy", random.random((number + 1, 10), np.float32))
        random.random((1, 10), np.float32).tofile(folder / f"row{number}.bin")
    random.random((2, 10), np.float32).tofile(folder / "whole.bin")
    np.save(folder / "bits.npy", random.integers(0, 2**15, (2, 10), np.uint16))
    np.save(folder / "words.npy", np.array(["one", "two words"]))
    return folder


def save(path: Path, *ports: tuple[list[int], str, ov.Type]) -> str:
    """The shape of each input; the layout may be ''."""
    parameters = []
    for number, (shape, layout, kind) in enumerate(ports):
        parameter = opset13.parameter(shape, kind, name="xyz"[number])
        parameter.output(0).set_names({"xyz"[number], f"xyz{number}:0"})
        if layout:
            parameter.set_layout(ov.Layout(layout))
        parameters.append(parameter)
    # Without an operation there would be nothing to measure.
    results = [opset13.result(opset13.shape_of(parameter)) for parameter in parameters]
    ov.save_model(ov.Model(results, parameters, path.stem), path)
    return str(path)


F32, U8 = ov.Type.f32, ov.Type.u8

CASES: dict[str, tuple[list[tuple[list[int], str, ov.Type]], dict[str, Any]]] = {
    "images": ([([1, 3, 8, 6], "NCHW", F32)], {"sources": (("", ("images",)),)}),
    "batches of images": (
        [([2, 8, 6, 3], "NHWC", F32)],
        {"sources": (("x", ("images", "turned.png")),), "nireq": 3},
    ),
    "all images": (
        [([2, 3, 8, 6], "NCHW", F32)],
        {"sources": (("", ("images",)),), "inference_only": False},
    ),
    "grey": ([([1, 1, 8, 6], "NCHW", F32)], {"sources": (("", ("grey.png", "turned.png")),)}),
    "no channels": ([([2, 8, 6], "NHW", F32)], {"sources": (("", ("images",)),)}),
    "bf16 pixels": ([([2, 1, 8, 6], "NCHW", ov.Type.bf16)], {"sources": (("", ("images",)),)}),
    "images of their own size": (
        [([-1, 3, -1, -1], "NCHW", F32)],
        {"sources": (("", ("images", "turned.png")),)},
    ),
    "arrays": ([([1, 10], "", F32)], {"sources": (("", ("row1.npy", "row0.npy")),), "nireq": 4}),
    "frames": (
        [([2, 10], "NC", F32)],
        {"sources": (("", ("frame0.npy", "row1.npy", "frame2.npy")),), "inference_only": False},
    ),
    "arrays of their own shape": (
        [([-1, 10], "", F32)],
        {"sources": (("", ("rows0.npy", "frame1.npy", "rows3.npy")),)},
    ),
    "bf16 bits": ([([2, 10], "", ov.Type.bf16)], {"sources": (("", ("bits.npy",)),)}),
    "strings": ([([2], "", ov.Type.string)], {"sources": (("", ("words.npy",)),)}),
    "a binary": ([([2, 10], "", F32)], {"sources": (("", ("whole.bin",)),)}),
    "binary frames": (
        [([2, 10], "NC", F32)],
        {"sources": (("", tuple(f"row{number}.bin" for number in range(5))),), "nireq": 3},
    ),
    "rotating shapes": (
        [([-1, 10], "NC", F32)],
        {
            "sources": (("", tuple(f"frame{number}.npy" for number in range(5))),),
            "data_shape": (("x", (2, 10)), ("x", (1, 10)), ("x", (2, 10))),
        },
    ),
    "drawn shapes": (
        [([-1, 10], "NC", F32)],
        {
            "sources": (("", tuple(f"frame{number}.npy" for number in range(5))),),
            "data_shape": (("x", ("1..2:zipf", 10)),),
            "seed": 3,
        },
    ),
    "several inputs": (
        [([1, 10], "", F32), ([2, 10], "", F32)],
        {"sources": (("x", ("row0.bin", "row1.bin", "row2.bin")), ("y", ("whole.bin",)))},
    ),
    "dealt out": (
        [([1, 10], "", F32), ([1, 10], "", F32)],
        {"sources": (("", tuple(f"row{number}.bin" for number in range(4))),)},
    ),
    "by another name": ([([1, 10], "", F32)], {"sources": (("xyz0:0", ("row3.npy",)),)}),
}  # fmt: skip


def prepare(
    engine: Engine, model: str, files: Path, values: dict[str, Any]
) -> tuple[RunView, PreparedModel]:
    sources = tuple(
        (name, tuple(str(files / text) for text in texts)) for name, texts in values["sources"]
    )
    config = BenchmarkConfig(model=model, **values | {"sources": sources})
    prepared = engine.prepare(config, None, lambda _: None)
    return make_view(config, prepared, config.nireq or 2), prepared


def made_by(text: str, imports: tuple[str, ...]) -> dict[str, Any]:
    made: dict[str, Any] = {"np": np, "ov": ov}
    exec("\n".join(imports), made)  # noqa: S102 - our own program
    exec(text, made)  # noqa: S102
    return made


def contents(tensor: ov.Tensor) -> object:
    if tensor.element_type == ov.Type.string:
        return tensor.str_data.tolist()
    return tuple(tensor.shape), str(tensor.element_type), tensor.data.tobytes()


@pytest.mark.parametrize("name", CASES)
def test_the_program_feeds_what_the_run_is_fed(
    engine: Engine, files: Path, tmp_path: Path, name: str
) -> None:
    ports, values = CASES[name]
    run, prepared = prepare(engine, save(tmp_path / "m.xml", *ports), files, values)
    part = input_part(run)
    assert part.remark == ""
    made = made_by(part.text, part.imports)
    groups = run.effective.shape_groups
    for number in range(run.effective.nireq if run.effective.inference_only else 50):
        ours = prepared.feeds[number % len(prepared.feeds)]
        theirs = made["feeds"][number % len(made["feeds"])]
        assert [contents(tensor) for tensor in theirs] == [
            contents(tensor) for tensor in ours.tensors
        ]
        assert made["batches"][number % len(made["batches"])] == groups[ours.shape_group].batch
    if not run.effective.inference_only:
        assert len(made["feeds"]) == len(prepared.feeds)


@pytest.mark.parametrize("name", ["batches of images", "arrays of their own shape"])
def test_the_whole_program_runs(engine: Engine, files: Path, tmp_path: Path, name: str) -> None:
    ports, values = CASES[name]
    values = values | {"duration_s": 0.1}
    run, _ = prepare(engine, save(tmp_path / "m.xml", *ports), files, values)
    program = tmp_path / "program.py"
    program.write_text(python_snippet(run), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert re.search(r"Throughput: [1-9][\d.]* FPS, [1-9]\d* inferences", result.stdout)


def test_random_inputs_beside_files(engine: Engine, files: Path, tmp_path: Path) -> None:
    model = save(tmp_path / "m.xml", ([1, 10], "", F32), ([3, 4], "", F32))
    values = {"sources": (("x", ("row0.npy", "row1.npy")),), "inference_only": False}
    run, prepared = prepare(engine, model, files, values)
    made = made_by(input_part(run).text, input_part(run).imports)
    assert len(made["feeds"]) == 2
    for ours, theirs in zip(prepared.feeds, made["feeds"], strict=True):
        assert contents(ours.tensors[0]) == contents(theirs[0])
        assert tuple(theirs[1].shape) == (3, 4)
        assert theirs[1].data.any()


def test_only_the_files_that_are_used_are_named(
    engine: Engine, files: Path, tmp_path: Path
) -> None:
    ports, values = CASES["images"]
    run, _ = prepare(engine, save(tmp_path / "m.xml", *ports), files, values)
    text = input_part(run).text
    assert "'1.png'" in text
    assert "'2.png'" not in text
    assert "# Input 'x'. More of the 7 files the infer requests do not use." in text


def test_where_files_cannot_be_read_again_it_is_said(
    engine: Engine, files: Path, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.npy"
    np.save(gone, np.zeros((1, 10), np.float32))
    model = save(tmp_path / "m.xml", ([1, 10], "", F32))
    run, _ = prepare(engine, model, tmp_path, {"sources": (("", ("gone.npy",)),)})
    gone.unlink()
    remark = snippet_remark(run)
    assert remark.startswith("The inputs came from files; these are random, because -i: '")
    program = python_snippet(run)
    assert f"# {remark}\n" in program
    compile(program, "program", "exec")


def test_image_sizes_are_said_to_be_random(engine: Engine, files: Path, tmp_path: Path) -> None:
    model = save(tmp_path / "m.xml", ([1, 3, 8, 6], "NCHW", F32), ([1, 3], "NC", F32))
    run, _ = prepare(engine, model, files, {"sources": (("x", ("images",)),)})
    size = run.model.inputs[1].label
    assert snippet_remark(run) == f"The sizes of images, as in {size}, are random values here."
    assert f"# {snippet_remark(run)}\n" in python_snippet(run)


def test_a_name_that_could_be_of_two_inputs_is_not_guessed(
    engine: Engine, files: Path, tmp_path: Path
) -> None:
    model = save(tmp_path / "m.xml", *[([1, 10], "", F32)] * 3)
    run, _ = prepare(engine, model, files, {"sources": (("y", ("row0.npy",)),)})
    assert "no input 'y'" in snippet_remark(run)
