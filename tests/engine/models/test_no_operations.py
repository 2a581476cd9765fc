"""A graph that does nothing, inputs that are too large, and memory that is not there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.engine.inputs.random_tensors import checked_bytes
from ovbench_tui.engine.models.models import load_model
from ovbench_tui.engine.models.ports import describe_ports
from ovbench_tui.errors import BadInputError
from tests.e2e.conftest import cache_home, environment
from tests.e2e.piped import run_piped

__all__ = ["cache_home", "environment"]

_EMPTY = '<?xml version="1.0"?>\n<net name="e" version="11"><layers></layers><edges></edges></net>'


def straight() -> ov.Model:
    given = op.parameter([1, 3], np.float32, name="p")
    return ov.Model([op.result(given)], [given], "straight")


def constant() -> ov.Model:
    return ov.Model([op.result(op.constant(np.ones((1, 3), np.float32)))], [], "constant")


def doing(shape: list[int]) -> ov.Model:
    given = op.parameter(shape, np.float32, name="p")
    return ov.Model([op.result(op.relu(given))], [given], "doing")


def test_a_graph_that_does_nothing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    ov.save_model(constant(), path, compress_to_fp16=False)
    with pytest.raises(BadInputError, match=r"'model\.xml' has no operations"):
        load_model(ov.Core(), str(path))


def test_a_graph_that_passes_its_inputs_on_runs_and_says_so(
    environment: dict[str, str], tmp_path: Path
) -> None:
    ov.save_model(straight(), tmp_path / "model.xml", compress_to_fp16=False)
    result = run_piped(environment, str(tmp_path / "model.xml"), "-niter", "10", "--no-tui")
    assert result.returncode == 0
    assert "computes nothing, its outputs are its inputs" in result.stderr


def test_an_ir_without_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.xml"
    path.write_text(_EMPTY)
    path.with_suffix(".bin").touch()
    with pytest.raises(BadInputError, match="has no operations, so there is nothing to measure"):
        load_model(ov.Core(), str(path))


def test_a_single_operation_is_enough(tmp_path: Path) -> None:
    path = tmp_path / "model.xml"
    ov.save_model(doing([1, 3]), path)
    assert load_model(ov.Core(), str(path)).model is not None


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ([40000, 40000], "give a smaller -shape, for this input is static"),
        ([-1, 40000], "give a smaller -data_shape"),
    ],
)
def test_an_input_that_is_too_large_is_told_what_changes_it(shape: list[int], words: str) -> None:
    (port,) = describe_ports(doing(shape).inputs)
    with pytest.raises(BadInputError) as caught:
        checked_bytes(port, (40000, 40000))
    assert words in str(caught.value)
    assert "6.0 GiB" in str(caught.value)


def test_memory_that_is_not_there_is_one_sentence(
    environment: dict[str, str], tmp_path: Path
) -> None:
    x, y = (
        op.parameter(shape, np.float32, name=n) for n, shape in (("x", [-1, 1]), ("y", [1, -1]))
    )
    ov.save_model(ov.Model([op.add(x, y)], [x, y], "outer"), tmp_path / "outer.xml")
    arguments = ("-data_shape", "x[3000000,1],y[1,3000000]", "-t", "1", "--no-tui")
    result = run_piped(environment, str(tmp_path / "outer.xml"), *arguments)
    assert result.returncode == 3
    assert "there is not enough memory" in result.stderr
    assert "Exception" not in result.stderr
