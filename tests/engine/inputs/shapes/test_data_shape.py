from __future__ import annotations

import pickle
from pathlib import Path

import openvino as ov
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.shapes import NamedShapes, Shape, format_data_shape, parse_data_shape
from ovbench_tui.console.messages import message_line
from ovbench_tui.engine.api.batch import effective_batch
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.inputs.shapes.data_shape import (
    DataShapeNeeded,
    ignored_shapes,
    resolve,
    resolve_rotation,
)
from ovbench_tui.engine.inputs.shapes.shape_guess import propose
from ovbench_tui.engine.models.models import load_model
from ovbench_tui.errors import BadInputError


def model(
    *shapes: tuple[str, ...],
    layouts: tuple[str, ...] = (),
    format_: str = "ONNX",
    kind: str = "f32",
) -> ModelInfo:
    layouts = layouts or ("",) * len(shapes)
    ports = tuple(
        PortInfo(index, "abcdef"[index], shape, kind, layout)
        for index, (shape, layout) in enumerate(zip(shapes, layouts, strict=True))
    )
    return ModelInfo("m", "m", format_, ports, ())


IMAGE_LIKE = "first dimension of an image-like shape, a guess"


def dims(text: str) -> tuple[str, ...]:
    return tuple(text.split()) if text else ()


@pytest.mark.parametrize(
    ("shape", "layout", "format_", "expected"),
    [
        ("? 3 ? ?", "", "ONNX", (1, 3, 224, 224)),
        ("? ? ? 3", "", "ONNX", (1, 224, 224, 3)),
        ("? ? ? ?", "", "ONNX", (1, 3, 224, 224)),
        ("? ? ? ?", "", "TensorFlow", (1, 224, 224, 3)),
        ("? ? ? ?", "NHWC", "ONNX", (1, 224, 224, 3)),
        ("? 1 32 100", "", "ONNX", (1, 1, 32, 100)),
        ("? 32 32 3", "", "SavedModel", (1, 32, 32, 3)),
        ("? 256 ? ?", "", "TensorFlow", (1, 256, 224, 224)),
        ("? 3 320..640 ..200", "", "ONNX", (1, 3, 320, 200)),
        ("2.. 3 ? ?", "", "ONNX", (2, 3, 224, 224)),
        ("? ?", "", "ONNX", (1, 128)),
        ("? 0..64", "", "ONNX", (1, 64)),
        ("? ? 768", "", "ONNX", (1, 128, 768)),
        ("3 ? ?", "", "ONNX", (3, 224, 224)),
        ("1 ? 64", "", "ONNX", (1, 128, 64)),  # a sequence, no image of one channel
        ("1 ? ?", "", "ONNX", (1, 128, 128)),
        ("? ? 1", "", "ONNX", (1, 128, 1)),
        ("? ? 3", "", "ONNX", (224, 224, 3)),
        ("? 3 ? ? ?", "", "ONNX", (1, 3, 16, 224, 224)),
        ("?", "", "ONNX", (1,)),
    ],
)
def test_a_proposal_by_rank_fixed_sizes_and_layout(
    shape: str, layout: str, format_: str, expected: Shape
) -> None:
    info = model(dims(shape), layouts=(layout,), format_=format_)
    assert propose(info) == (("a", expected),)
    assert resolve(info, propose(info)) == (expected,)


def test_only_dynamic_inputs_of_known_rank_are_proposed() -> None:
    assert propose(model(dims("1 3"), dims("..."), dims("? 2"))) == (("c", (1, 2)),)


_DIMENSIONS = st.one_of(
    st.integers(1, 600).map(str),
    st.just("?"),
    st.tuples(st.integers(0, 300), st.integers(300, 600)).map(lambda b: f"{b[0]}..{b[1]}"),
    st.integers(1, 300).map(lambda low: f"{low}.."),
)


@given(st.lists(st.lists(_DIMENSIONS, max_size=6).map(tuple), min_size=1, max_size=4))
def test_a_proposal_always_fits_and_can_be_typed(shapes: list[tuple[str, ...]]) -> None:
    info = model(*shapes)
    proposal = propose(info)
    if proposal:
        proposal = parse_data_shape(format_data_shape(proposal))
    resolved = resolve(info, proposal)
    assert [len(shape) for shape in resolved] == [len(shape) for shape in shapes]


@pytest.mark.parametrize("name", ["", "a,b", "x[", "[0]", " spaced"])
def test_a_name_that_cannot_be_typed_is_replaced_by_its_index(name: str) -> None:
    info = ModelInfo("m", "m", "IR", (PortInfo(0, name, ("?",), "f32"),), ())
    assert propose(info) == (("#0", (1,)),)
    assert resolve(info, (("#0", (5,)),)) == ((5,),)


def test_a_static_model_needs_nothing() -> None:
    assert resolve(model(dims("1 3"), ()), ()) == ((1, 3), ())


def test_an_unnamed_shape_is_for_every_dynamic_input() -> None:
    info = model(dims("? ?"), dims("1 4"), dims("? ?"))
    given_: NamedShapes = (("", (1, 8)), ("c", (1, 9)))
    assert resolve(info, given_) == ((1, 8), (1, 4), (1, 9))


def test_an_input_is_found_by_each_of_its_names() -> None:
    info = model(dims("? ?"))
    aliases = (frozenset({"a", "a:0", "node"}),)
    for name in ("a", "a:0", "node", "#0"):
        assert resolve(info, ((name, (2, 3)),), aliases) == ((2, 3),)
    with pytest.raises(BadInputError, match="twice"):
        resolve(info, (("a", (2, 3)), ("node", (2, 3))), aliases)


@pytest.mark.parametrize(
    ("shape", "given_", "words"),
    [
        ("? 3 ? ?", (("a", (1, 3, 224)),), "input 'a' takes [?,3,?,?], not [1,3,224]"),
        ("? 3 ? ?", (("", (1, 4, 9, 9)),), "input 'a' takes [?,3,?,?], not [1,4,9,9]"),
        ("1..8 4..", (("a", (9, 4)),), "takes [1..8,4..], not [9,4]"),
        ("1..8 4..", (("a", (8, 3)),), "not [8,3]"),
        ("? 3", (("z", (1, 3)),), "no input 'z'; its inputs are a"),
        ("0 3", (), "size of 0"),
        ("...", (("a", (2, 0)),), "size of 0"),
    ],
)
def test_a_shape_that_does_not_fit(shape: str, given_: NamedShapes, words: str) -> None:
    with pytest.raises(BadInputError) as error:
        resolve(model(dims(shape)), given_)
    assert words in str(error.value)
    assert not isinstance(error.value, DataShapeNeeded)


@pytest.mark.parametrize(
    ("given_", "sentence"),
    [
        ((), ""),
        ((("a", (1, 3)), ("b", (5,))), ""),
        (
            (("a", (1, 4)), ("b", (5,))),
            "Input 'a' [1,3] is static: its -data_shape is ignored, only -shape changes it.",
        ),
        (
            (("a", (1, 3)), ("a", (7,)), ("c", (1, 4)), ("b", (5,))),
            "Inputs 'a' [1,3], 'c' [4] are static: their -data_shape is ignored, only -shape"
            " changes them.",
        ),
        ((("", (5,)),), ""),  # for the dynamic input, and no other
    ],
)
def test_a_static_input_keeps_its_shape_and_that_is_told(
    given_: NamedShapes, sentence: str
) -> None:
    info = model(dims("1 3"), dims("?"), dims("4"))
    assert ignored_shapes(info, given_) == sentence
    if given_:
        assert resolve_rotation(info, given_).shapes == (((1, 3),), ((5,),), ((4,),))


def test_an_unnamed_shape_of_a_static_model_is_told() -> None:
    info = model(dims("1 3"))
    assert resolve(info, (("", (1, 4)),)) == ((1, 3),)
    assert "'a' [1,3]" in ignored_shapes(info, (("", (1, 4)),))


def test_a_missing_shape_is_asked_for_with_an_example() -> None:
    info = model(dims("? 128"), dims("1 4"), dims("..."))
    with pytest.raises(DataShapeNeeded) as error:
        resolve(info, (("b", (1, 4)),))
    assert [port.name for port in error.value.inputs] == ["a", "c"]
    assert error.value.proposal == (("a", (1, 128)),)
    assert "a[?,128], c[...]" in str(error.value)
    assert '-data_shape "a[1,128]"' in str(error.value)
    copied = pickle.loads(pickle.dumps(error.value))  # noqa: S301 - our own bytes
    assert (copied.inputs, str(copied)) == (error.value.inputs, str(error.value))


def test_any_rank_fits_a_dynamic_rank() -> None:
    assert resolve(model(dims("...")), (("a", (2, 3, 4)),)) == ((2, 3, 4),)


@pytest.mark.parametrize(
    ("shapes", "layouts", "given_", "batch", "rule"),
    [
        ("4 3 8 8", ("NCHW",), (), 4, "N of the layout"),
        ("3 8 8 4", ("CHWN",), (), 4, "N of the layout"),
        ("8 8 5", ("...N",), (), 5, "N of the layout"),
        ("6 8 5", ("N...",), (), 6, "N of the layout"),
        ("4 3 8 8", ("",), (), 4, IMAGE_LIKE),
        ("4 8 8 3", ("",), (), 4, IMAGE_LIKE),
        (
            "? 3 ? ?",
            ("",),
            (("", (7, 3, 8, 8)),),
            7,
            IMAGE_LIKE,
        ),
        ("4 16 8 8", ("",), (), 1, "batch unknown, taken as 1"),
        ("3 8 8", ("CHW",), (), 1, "no N in the layout"),
        ("3 8 8; 4 8", ("CHW", "CW"), (), 1, "no N in the layout"),
        ("3 8 8; 4 8", ("CHW", ""), (), 1, "batch unknown, taken as 1"),
        ("3 8 8", ("C...",), (), 1, "batch unknown, taken as 1"),
        ("1 128", ("",), (), 1, "as every input begins with 1"),
        ("1 128; ; 1", ("", "", ""), (), 1, "as every input begins with 1"),
        ("1 128; 2", ("", ""), (), 1, "batch unknown, taken as 1"),
        ("? 8; 1 8", ("", ""), (("", (1, 8)),), 1, "as every input begins with 1"),
        ("? 128", ("",), (("", (5, 128)),), 5, "dynamic first dimension"),
        ("? 8; ? 8", ("", ""), (("", (5, 8)),), 5, "dynamic first dimension"),
        ("? 8; 1 8", ("", ""), (("", (5, 8)),), 1, "batch unknown, taken as 1"),
        ("2 8; 3 8", ("NC", "NC"), (), 1, "N of the layout differs between the inputs, taken as 1"),
        ("4 10", ("",), (), 1, "batch unknown, taken as 1"),
        ("", ("",), (), 1, "as no input has a dimension"),
    ],
)
def test_the_batch_and_its_rule(
    shapes: str, layouts: tuple[str, ...], given_: NamedShapes, batch: int, rule: str
) -> None:
    info = model(*(dims(shape.strip()) for shape in shapes.split(";")), layouts=layouts)
    assert effective_batch(info, resolve(info, given_)) == (batch, rule)


def test_a_model_without_inputs_has_batch_1() -> None:
    assert effective_batch(model(), ()) == (1, "as no input has a dimension")


def test_real_models_are_asked_for_and_take_a_shape(core: ov.Core, shared_models: Path) -> None:
    bert = load_model(core, str(shared_models / "ort-tests/bert_toy_optimized.onnx"))
    with pytest.raises(DataShapeNeeded) as error:
        resolve(bert.info, (), bert.aliases)
    assert len(error.value.inputs) == 3
    shapes = resolve(bert.info, (("", (4, 16)),), bert.aliases)
    assert shapes == ((4, 16),) * 3
    assert effective_batch(bert.info, shapes) == (4, "dynamic first dimension")
    passthrough = load_model(core, str(shared_models / "ovms-tests/passthrough/passthrough.xml"))
    for name in ("input", "input:0"):
        assert resolve(passthrough.info, ((name, (1, 5)),), passthrough.aliases) == ((1, 5),)


def test_the_proposal_for_many_inputs_is_printed_whole() -> None:
    ports = tuple(
        PortInfo(number, f"past_key_values.{number}.value", ("?", "2", "?", "64"), "f32", "")
        for number in range(49)
    )
    proposal = tuple((port.name, (1, 2, 128, 64)) for port in ports)
    line = message_line(str(DataShapeNeeded(ports, proposal)))
    assert 'past_key_values.48.value[1,2,128,64]".\n' in line
    assert (
        "past_key_values.5.value[?,2,?,64] and 43 more: give their shape (or --assume-shapes), for"
        in line
    )
