"""What is proposed for dynamic inputs runs as proposed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.shapes import NamedShapes, format_data_shape, parse_data_shape, parse_shape
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.errors import BadInputError
from tests.engine.language_models import HEAD_SIZE, HEADS, named, save_with_past

F32 = ov.Type.f32


def prepare(config: BenchmarkConfig, *, isolated: bool = False) -> PreparedModel:
    return Engine(allow_strings=isolated).prepare(config, None, lambda _: None)


def infer(prepared: PreparedModel) -> None:
    request = prepared.compiled.create_infer_request()
    for index, tensor in enumerate(prepared.feeds[0].tensors):
        request.set_input_tensor(index, tensor)
    request.infer()


def needed(path: Path) -> DataShapeNeeded:
    with pytest.raises(DataShapeNeeded) as error:
        prepare(BenchmarkConfig(model=str(path)))
    return error.value


def save(path: Path, outputs: list[ov.Node], inputs: list[ov.Node]) -> Path:
    ov.save_model(ov.Model(outputs, inputs, "m"), path)
    return path


def speech(path: Path) -> Path:
    features, mask = named("x", [1, -1, 64], F32), named("mask", [1, -1], F32)
    masked = op.multiply(features, op.unsqueeze(mask, op.constant(np.int64(2))))
    return save(path, [masked], [features, mask])


def two_of_one_length(path: Path) -> Path:
    """Nothing but the model tells that both dimensions are one."""
    first, second = named("a", [-1], F32), named("b", [-1, -1], F32)
    both = op.concat([op.unsqueeze(first, op.constant(np.int64(0))), second], 0)
    return save(path, [both], [first, second])


def fixed_picture(path: Path) -> Path:
    """Only pictures of 32 x 32 fit what follows."""
    image = named("x", [-1, 3, -1, -1], F32)
    flat = op.reshape(image, op.constant(np.array([0, -1])), True)
    mean = op.constant(np.ones((1, 3 * 32 * 32), np.float32))
    return save(path, [op.subtract(flat, mean)], [image])


def scores_alone(path: Path) -> Path:
    """A decoder that cannot generate, since it does not give its past back."""
    return save_with_past(path, gives_it_back=False)


@pytest.mark.parametrize("build", [speech, two_of_one_length, fixed_picture, scores_alone])
def test_a_proposal_runs(build: Callable[[Path], Path], tmp_path: Path) -> None:
    path = build(tmp_path / "m.xml")
    error = needed(path)
    text = format_data_shape(error.proposal)
    assert f'-data_shape "{text}".' in str(error)
    infer(prepare(BenchmarkConfig(model=str(path), data_shape=parse_data_shape(text))))


def test_one_length_for_ids_past_and_mask(tmp_path: Path) -> None:
    proposal = dict(needed(scores_alone(tmp_path / "m.xml")).proposal)
    length, past = proposal["input_ids"][1], proposal["past_key_values.0.key"][2]
    assert length == past == 128
    assert proposal["attention_mask"] == (1, past + length)


@pytest.mark.parametrize("length", [50, 128])
def test_what_is_given_is_kept(tmp_path: Path, length: int) -> None:
    path = speech(tmp_path / "m.xml")
    with pytest.raises(DataShapeNeeded) as error:
        prepare(BenchmarkConfig(model=str(path), data_shape=(("mask", (1, length)),)))
    assert dict(error.value.proposal) == {"x": (1, length, 64), "mask": (1, length)}


def test_a_given_length_is_that_of_the_others(tmp_path: Path) -> None:
    """Also where a length of 1 would do, since it is repeated for every token."""
    names = ("input_ids", "attention_mask", "token_type_ids")
    inputs = [named(name, [-1, -1], ov.Type.i64) for name in names]
    path = save(tmp_path / "m.xml", [op.add(op.add(*inputs[:2]), inputs[2])], inputs)
    with pytest.raises(DataShapeNeeded) as error:
        prepare(BenchmarkConfig(model=str(path), data_shape=(("input_ids", (2, 7)),)))
    assert dict(error.value.proposal) == dict.fromkeys(names, (2, 7))


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ((), "No shape was given: -data_shape"),
        ((("mask", (1, 50)),), "Only some shapes were given"),
    ],
)
def test_what_is_assumed_is_said(tmp_path: Path, given: NamedShapes, begins: str) -> None:
    path = speech(tmp_path / "m.xml")
    config = BenchmarkConfig(model=str(path), data_shape=given, assume_shapes=True)
    assert prepare(config).notice.startswith(begins)


@pytest.mark.parametrize(
    ("given", "ids", "past", "mask"),
    [
        ("input_ids[2,7]", (2, 7), 128, (2, 135)),
        (f"past_key_values.0.key[1,{HEADS},9,{HEAD_SIZE}]", (1, 128), 9, (1, 137)),
        ("attention_mask[1,200]", (1, 72), 128, (1, 200)),
    ],
)
def test_what_is_given_of_a_decoder_tells_the_rest(
    tmp_path: Path, given: str, ids: tuple[int, ...], past: int, mask: tuple[int, ...]
) -> None:
    path = scores_alone(tmp_path / "m.xml")
    with pytest.raises(DataShapeNeeded) as error:
        prepare(BenchmarkConfig(model=str(path), data_shape=parse_data_shape(given)))
    proposal = dict(error.value.proposal)
    assert proposal["input_ids"] == ids
    assert proposal["past_key_values.0.key"][2] == past
    assert proposal["attention_mask"] == mask


def convolution(image: ov.Node, *kernel: int) -> ov.Node:
    spatial = len(kernel) - 2
    ones, zeros = [1] * spatial, [0] * spatial
    weights = op.constant(np.ones(kernel, np.float32))
    return op.convolution(image, weights, ones, zeros, zeros, ones)


def product(rows: ov.Node, *weights: int, transposed: bool = False) -> ov.Node:
    return op.matmul(rows, op.constant(np.ones(weights, np.float32)), False, transposed)


@pytest.mark.parametrize(
    "of_any_rank",
    [
        op.relu,
        lambda x: convolution(x, 4, 3, 3, 3),
        lambda x: convolution(x, 4, 1, 3, 3),
        lambda x: convolution(x, 4, 80, 3),
        lambda x: product(x, 7, 4),
        lambda x: product(op.tanh(x), 4, 9, transposed=True),
    ],
)
def test_a_dynamic_rank_is_set_by_shape(
    tmp_path: Path, of_any_rank: Callable[[ov.Node], ov.Node]
) -> None:
    x = op.parameter(ov.PartialShape.dynamic(), F32, name="x")
    x.output(0).get_tensor().set_names({"x"})
    path = save(tmp_path / "m.xml", [of_any_rank(x)], [x])
    error = needed(path)
    assert error.option == "-shape"
    text = format_data_shape(error.proposal)
    assert f'-shape "{text}".' in str(error)
    infer(prepare(BenchmarkConfig(model=str(path), shape=parse_shape(text))))


def test_strings_and_shapes_are_stated_together(tmp_path: Path) -> None:
    words, numbers = named("s", [-1], ov.Type.string), named("x", [-1, 4], F32)
    path = save(tmp_path / "m.xml", [op.relu(numbers), op.shape_of(words)], [words, numbers])
    assert str(needed(path)).endswith(" --isolate.")


def test_nothing_is_proposed_where_nothing_fits(tmp_path: Path) -> None:
    """Both inputs must be 77 long, which nobody can guess."""
    inputs = [named(name, [-1, -1, -1], F32) for name in "ab"]
    fixed = op.constant(np.ones((77, 77, 77), np.float32))
    path = save(tmp_path / "m.xml", [op.concat([*inputs, fixed], 0)], inputs)
    error = needed(path)
    assert error.proposal == ()
    assert str(error).endswith("give their shape with -data_shape.")


# -- sizes of 0 -------------------------------------------------------------------------------


def test_an_empty_past_is_run(tmp_path: Path) -> None:
    path = save_with_past(tmp_path / "m.xml")
    shapes = "input_ids[1,8],attention_mask[1,8],past_key_values.0.key[1,2,0,8]"
    infer(prepare(BenchmarkConfig(model=str(path), data_shape=parse_data_shape(shapes))))


@pytest.mark.parametrize(
    "shapes",
    [
        "input_ids[1,0],attention_mask[1,8],past_key_values.0.key[1,2,8,8]",
        "input_ids[0,8],attention_mask[0,8],past_key_values.0.key[0,2,0,8]",
    ],
)
def test_other_axes_may_not_be_empty(shapes: str, tmp_path: Path) -> None:
    path = save_with_past(tmp_path / "m.xml")
    with pytest.raises(BadInputError, match="size of 0 there is nothing to infer"):
        prepare(BenchmarkConfig(model=str(path), data_shape=parse_data_shape(shapes)))
