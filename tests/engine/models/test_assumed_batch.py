"""Models of which only the batch is open run with the smallest; all others ask."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.engine.models.assumed_batch import assumed_batch
from ovbench_tui.engine.models.preparation import Engine

CONFIG = BenchmarkConfig(model="m.xml")


def port(index: int, *shape: str, layout: str = "") -> PortInfo:
    return PortInfo(index, f"x{index}", shape, "f32", layout)


@pytest.mark.parametrize(
    ("ports", "batch"),
    [
        ([port(0, "?", "3", "224", "224")], 1),
        ([port(0, "?", "3", "224", "224"), port(1, "?", "10"), port(2, "5")], 1),
        ([port(0, "2..8", "10")], 2),
        ([port(0, "..8", "10"), port(1, "4..", "10")], 4),
        ([port(0, "3", "224", "224", "?", layout="CHWN")], 1),
        ([port(0, "1", "10")], 0),  # nothing is open
        ([port(0, "?")], 0),  # a length as often as a batch
        ([port(0, "?", "?")], 0),
        ([port(0, "1", "?")], 0),
        ([port(0, "?", "10"), port(1, "1", "?")], 0),
        ([port(0, "?", "3", "224", layout="HCW")], 0),
        ([port(0, "?", "3", "224", layout="HCN")], 0),
        ([port(0, "...")], 0),
    ],
)
def test_only_an_open_batch_is_assumed(ports: list[PortInfo], batch: int) -> None:
    assert assumed_batch(ports, CONFIG, [frozenset()] * len(ports)) == batch


@pytest.mark.parametrize(
    "given",
    [
        {"batch": 4},
        {"shape": (("", ("2", "10")),)},
        {"data_shape": (("", (2, 10)),)},
        {"sources": (("", ("a.npy",)),)},
        {"iterations": 0},
    ],
    ids=str,
)
def test_nothing_is_assumed_where_it_is_given(given: dict[str, object]) -> None:
    config = replace(CONFIG, **given)  # type: ignore[arg-type]
    assert assumed_batch([port(0, "?", "10")], config, [frozenset()]) == 0


def test_a_model_that_takes_no_batch_of_1_asks(tmp_path: Path) -> None:
    """Its rows go in pairs."""
    rows = op.parameter([-1, 10], ov.Type.f32, name="x")
    rows.output(0).set_names({"x"})
    pairs = op.reshape(rows, op.constant(np.array([-1, 2, 10], np.int64)), special_zero=False)
    path = tmp_path / "pairs.xml"
    ov.save_model(ov.Model([op.relu(pairs)], [rows], "pairs"), path)
    engine = Engine(allow_strings=False)
    config = BenchmarkConfig(model=str(path))
    with pytest.raises(DataShapeNeeded) as error:
        engine.prepare(config, None, lambda _: None)
    assert dict(error.value.proposal) == {"x": (128, 10)}
    assert "--assume-shapes" in str(error.value)
    prepared = engine.prepare(replace(config, assume_shapes=True), None, lambda _: None)
    assert prepared.effective.assumed_shape == (("x", (128, 10)),)
    assert "-data_shape x[128,10] is used" in prepared.notice
