from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13

from ovbench_tui.config.shapes import Shape
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.index_bounds import input_bounds
from ovbench_tui.engine.inputs.random_tensors import MAX_INPUT_BYTES, make_inputs
from ovbench_tui.engine.inputs.value_bounds import ValueBounds
from ovbench_tui.engine.models.models import load_model
from ovbench_tui.errors import BadInputError


def make(kind: str, shape: Shape = (40, 50), seed: int = 0, vocabulary: int = 0) -> ov.Tensor:
    port = PortInfo(0, "x", tuple(map(str, shape)), kind)
    bounds = ValueBounds(0, vocabulary - 1, "Gather") if vocabulary else None
    (tensor,) = make_inputs([port], [shape], seed, [bounds])
    return tensor


@pytest.mark.parametrize("kind", ["f16", "f32", "f64"])
def test_floats_fill_benchmark_apps_range(kind: str) -> None:
    tensor = make(kind)
    assert tensor.element_type.get_type_name() == kind
    assert tuple(tensor.shape) == (40, 50)
    assert tensor.data.min() >= 0
    assert 250 < tensor.data.max() <= 255
    assert abs(float(tensor.data.astype(np.float64).mean()) - 127.5) < 8


@pytest.mark.parametrize(
    ("kind", "most"),
    [("i8", 127), *((kind, 255) for kind in ("u8", "i16", "u16", "i32", "u32", "i64", "u64"))],
)
def test_integers_stay_within_their_type(kind: str, most: int) -> None:
    data = make(kind).data
    assert (data.min(), data.max()) == (0, most)


def test_booleans_are_both() -> None:
    assert 800 < make("boolean").data.sum() < 1200


def test_bf16_values_are_what_openvino_reads(core: ov.Core) -> None:
    tensor = make("bf16", (1, 500))
    parameter = opset13.parameter([1, 500], ov.Type.bf16, name="x")
    model = ov.Model([opset13.convert(parameter, "f32")], [parameter], "m")
    values = core.compile_model(model, "CPU")([tensor])[0]
    assert values.min() >= 0
    assert 240 < values.max() <= 256
    reference = make("f32", (1, 500)).data
    assert np.abs(values - reference).max() <= 0.5


@pytest.mark.parametrize("kind", ["u4", "i4", "u2", "nf4", "f8e4m3", "f8e5m2", "f4e2m1"])
def test_small_types_hold_finite_values(core: ov.Core, kind: str) -> None:
    tensor = make(kind, (1, 64))
    parameter = opset13.parameter([1, 64], getattr(ov.Type, kind), name="x")
    model = ov.Model([opset13.convert(parameter, "f32")], [parameter], "m")
    values = core.compile_model(model, "CPU")([tensor])[0]
    assert np.isfinite(values).all()
    assert len(np.unique(values)) > 3


@pytest.mark.parametrize("kind", ["f32", "bf16", "i64", "boolean", "u8"])
def test_rank_0_and_empty_vocabulary(kind: str) -> None:
    assert tuple(make(kind, ()).shape) == ()


def test_the_same_seed_gives_the_same_values() -> None:
    assert np.array_equal(make("f32", seed=3).data, make("f32", seed=3).data)
    assert not np.array_equal(make("f32", seed=3).data, make("f32", seed=4).data)


def test_seed_0_gives_benchmark_apps_values() -> None:
    filling = pytest.importorskip("openvino.tools.benchmark.utils.inputs_filling")
    utils = pytest.importorskip("openvino.tools.benchmark.utils.utils")
    for kind in ("f32", "u8", "i32"):
        info = utils.AppInputInfo()
        info.element_type = getattr(ov.Type, kind)
        info.partial_shape = ov.PartialShape([1, 3, 40, 50])
        (theirs,) = filling.fill_tensors_with_random(info)
        assert np.array_equal(make(kind, (1, 3, 40, 50)).data, theirs.data), kind


def test_chunks_continue_the_same_random_sequence() -> None:
    random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(0)))
    count = (1 << 20) + 3
    assert np.array_equal(
        make("f32", (count,)).data, random.uniform(0, 255, count).astype(np.float32)
    )


@pytest.mark.parametrize(("kind", "vocabulary"), [("i64", 99), ("i32", 16), ("i64", 30_000)])
def test_token_ids_use_the_whole_vocabulary_and_no_more(kind: str, vocabulary: int) -> None:
    data = make(kind, (100, 100), vocabulary=vocabulary).data
    assert data.min() >= 0
    assert data.max() < vocabulary
    assert len(np.unique(data)) > 0.2 * min(vocabulary, 10_000)


def test_a_vocabulary_beyond_the_type_is_capped() -> None:
    assert make("i8", vocabulary=30_000).data.max() == 127


def test_the_toy_bert_gets_ids_within_its_tables(core: ov.Core, shared_models: Path) -> None:
    bert = load_model(core, str(shared_models / "ort-tests/bert_toy_optimized.onnx"))
    assert bert.model is not None
    ids, types, mask = make_inputs(bert.info.inputs, [(8, 128)] * 3, 0, input_bounds(bert.model))
    assert 90 < ids.data.max() < 99
    assert types.data.max() == 15
    assert mask.data.max() == 255


@pytest.mark.parametrize("kind", ["dynamic", "f8e8m0", "something_new"])
def test_a_type_that_cannot_be_filled_is_refused(kind: str) -> None:
    with pytest.raises(BadInputError, match=f"'x' has the element type {kind}"):
        make(kind, (1,))


def test_inputs_beyond_the_memorys_reach_are_refused_before_they_are_made() -> None:
    with pytest.raises(BadInputError) as error:
        make("f32", (MAX_INPUT_BYTES, 1000))
    assert "GiB" in str(error.value)
    assert "-shape" in str(error.value)


def test_strings_are_refused_where_a_crash_would_hurt() -> None:
    with pytest.raises(BadInputError, match="takes strings"):
        make("string", (4,))


STRING_PROGRAM = """
import sys
import openvino as ov
from ovbench_tui.engine.inputs.shapes.data_shape import resolve
from ovbench_tui.engine.inputs.random_tensors import make_inputs
from ovbench_tui.engine.inputs.shapes.shape_guess import propose
from ovbench_tui.engine.models.models import load_model
core = ov.Core()
loaded = load_model(core, sys.argv[1])
shapes = resolve(loaded.info, propose(loaded.info))
inputs = make_inputs(loaded.info.inputs, shapes, 0, allow_strings=True)
request = core.compile_model(loaded.model, "CPU").create_infer_request()
request.set_input_tensor(0, inputs[0])
request.infer()
same = inputs[0].str_data.tolist() == request.get_output_tensor(0).str_data.tolist()
print("inferred", same, all(inputs[0].str_data.ravel()), flush=True)
"""


@pytest.mark.parametrize(
    "path", ["ovms-tests/passthrough_string/passthrough.xml", "ort-tests/identity_string.onnx"]
)
def test_an_isolated_process_may_infer_strings(shared_models: Path, path: str) -> None:
    # The second model kills its process when it is released; that is why it must be isolated.
    done = subprocess.run(
        [sys.executable, "-c", STRING_PROGRAM, str(shared_models / path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "inferred True True" in done.stdout, done.stderr
