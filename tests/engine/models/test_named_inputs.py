"""What is given by name, on real models whose names hold punctuation, and without any name."""

from __future__ import annotations

from pathlib import Path

import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.invocation import read_invocation


def save_sum(path: Path, *names: str) -> Path:
    inputs = [opset13.parameter([-1, -1], ov.Type.f32, name=f"p{i}") for i, _ in enumerate(names)]
    for parameter, name in zip(inputs, names, strict=True):
        parameter.output(0).set_names({name})
    total = inputs[0]
    for parameter in inputs[1:]:
        total = opset13.add(total, parameter)
    total.output(0).add_names({"the sum, (all)"})
    ov.save_model(ov.Model([opset13.result(total)], inputs, "sum"), path)
    return path


def fed(path: Path, *options: str) -> list[tuple[int, ...]]:
    config = read_invocation([str(path), *options]).config
    prepared = Engine(allow_strings=False).prepare(config, None, lambda _: None)
    return [shape for _, shape in prepared.effective.data_shape]


@pytest.mark.parametrize("option", ["-shape", "-data_shape"])
def test_shapes_without_a_name(tmp_path: Path, option: str) -> None:
    path = save_sum(tmp_path / "sum.xml", "ids", "mask")
    assert fed(path, option, "[1,128],[1,128]") == [(1, 128), (1, 128)]
    assert fed(path, option, "[1,128],[2,128]") == [(1, 128), (2, 128)]
    assert fed(path, option, "[1,64]") == [(1, 64), (1, 64)]
    with pytest.raises(BadInputError, match=r"3 (values|shapes) without a name for 2 inputs"):
        fed(path, option, "[1,8],[1,8],[1,8]")


def test_layouts_without_a_name(tmp_path: Path) -> None:
    path = save_sum(tmp_path / "sum.xml", "ids", "mask")
    config = read_invocation(
        [str(path), "-data_shape", "[4,8],[4,8]", "-layout", "[NC],[NC]"]
    ).config
    prepared = Engine(allow_strings=False).prepare(config, None, lambda _: None)
    assert [port.layout for port in prepared.info.inputs] == ["NC", "NC"]
    assert prepared.effective.batch == 4


def test_names_with_punctuation(tmp_path: Path) -> None:
    names = ("my input", "onnx::Add_0", "past[0].key", "f(x[1],2)", "a,b", "args[1]", "args")
    path = save_sum(tmp_path / "sum.xml", *names)
    shapes = ",".join(f"{name}[2,{8}]" for name in names)
    assert fed(path, "-shape", shapes) == [(2, 8)] * len(names)
    assert fed(path, "-data_shape", shapes) == [(2, 8)] * len(names)
    layouts = ",".join(f"{name}[NC]" for name in names)
    types = ",".join(f"{name}:f16" for name in (*names, "the sum, (all)"))
    config = read_invocation(
        [str(path), "-data_shape", shapes, "-layout", layouts, "-iop", types]
    ).config
    prepared = Engine(allow_strings=False).prepare(config, None, lambda _: None)
    assert {(port.layout, port.element_type) for port in prepared.info.inputs} == {("NC", "f16")}
    assert prepared.info.outputs[0].element_type == "f16"
    with pytest.raises(BadInputError, match="no input 'zz zz'"):
        fed(path, "-shape", "zz zz[1,2]", "-data_shape", shapes)


def test_the_layout_that_lets_the_batch_be_set_is_found_by_trying(tmp_path: Path) -> None:
    # The second input only joins the batch where its layout says so: both must have it.
    ids = opset13.parameter([1, 8], ov.Type.f32, name="ids")
    rows = opset13.parameter([1, 2, 8], ov.Type.f32, name="rows")
    scale = opset13.parameter([1, 8], ov.Type.f32, name="scale")
    for parameter in (ids, rows, scale):
        parameter.output(0).set_names({parameter.get_friendly_name()})
    # A concatenation along the second axis wants `scale` with one row, whatever the batch is.
    both = opset13.concat([opset13.unsqueeze(ids, opset13.constant(1)), rows], 1)
    fixed = opset13.reshape(scale, opset13.constant([8], ov.Type.i64), special_zero=False)
    inputs = [ids, rows, scale]
    path = tmp_path / "m.xml"
    ov.save_model(ov.Model([opset13.multiply(both, fixed)], inputs, "m"), path)
    with pytest.raises(BadInputError, match="cannot be reshaped") as error:
        fed(path, "-b", "4")
    layout = "ids[N...],rows[N...],scale[?...]"
    assert f'; -b works with -layout "{layout}".' in str(error.value)
    assert fed(path, "-b", "4", "-layout", layout) == [(4, 8), (4, 2, 8), (1, 8)]


def test_no_batch_is_advised_where_there_is_no_dimension(tmp_path: Path) -> None:
    scalar = opset13.parameter([], ov.Type.f32, name="x")
    scalar.output(0).set_names({"x"})
    path = tmp_path / "m.xml"
    ov.save_model(ov.Model([opset13.relu(scalar)], [scalar], "m"), path)
    with pytest.raises(BadInputError, match="no input has a dimension for it"):
        fed(path, "-b", "4")
    config = read_invocation([str(path)]).config
    effective = Engine(allow_strings=False).prepare(config, None, lambda _: None).effective
    assert not effective.is_batch_unknown
