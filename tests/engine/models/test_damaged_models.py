"""What a session and its sentences say of models that are damaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import openvino as ov
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import ConfigRejected, ShapeNeeded
from ovbench_tui.engine.models.models import load_model
from ovbench_tui.engine.session import Session
from ovbench_tui.errors import BadInputError
from tests.engine.conftest import wait_for


def test_why_the_last_one_does_not_run_and_not_the_one_before(
    open_thread: Callable[[BenchmarkConfig], Session], tiny_models: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(b"\x08\x08 no model at all")
    session = open_thread(BenchmarkConfig(model=str(damaged)))
    wait_for(session, lambda s: bool(s.notices))
    assert isinstance(session.rejection, ConfigRejected)
    session.configure(
        replace(BenchmarkConfig(), model=str(tiny_models / "dynamic.xml")),
    )
    seen = wait_for(session, lambda s: s.shape_needed is not None)
    assert isinstance(session.rejection, ShapeNeeded)
    assert session.rejection is seen.shape_needed


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'size="4"', b'size="-1"', 'attribute "size" = "-1"'),
        (b'precision="FP32"', b"", "missing mandatory attribute: precision"),
    ],
)
def test_the_sentence_names_the_damage(
    core: ov.Core, tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    from openvino import opset13

    parameter = opset13.parameter([1, 1], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    scaled = opset13.multiply(parameter, opset13.constant([2.0], ov.Type.f32))
    path = tmp_path / "m.xml"
    ov.save_model(ov.Model([scaled], [parameter], "m"), path, compress_to_fp16=False)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))
    with pytest.raises(BadInputError) as reported:
        load_model(core, str(path))
    assert words in str(reported.value)
    assert "input model" not in str(reported.value)
