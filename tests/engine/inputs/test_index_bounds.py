"""Values of inputs that index, followed back through the graph, and what runs with them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.inputs.index_bounds import input_bounds
from ovbench_tui.engine.inputs.isolation import IsolationNeeded
from ovbench_tui.engine.inputs.random_tensors import make_inputs
from ovbench_tui.engine.inputs.value_bounds import Order, ValueBounds
from ovbench_tui.engine.models.ports import describe_ports
from ovbench_tui.engine.models.preparation import Engine

Build = Callable[[], ov.Model]


def parameter(name: str, shape: list[int], kind: str = "i64") -> ov.Node:
    node = op.parameter(shape, getattr(ov.Type, kind), name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def number(value: int) -> ov.Node:
    return op.constant(np.int64(value))


def table(*shape: int) -> ov.Node:
    return op.constant(np.zeros(shape, np.float32))


def looked_up(before: Callable[[ov.Node], ov.Node]) -> ov.Model:
    ids = parameter("x", [2, 3])
    return ov.Model([op.result(op.gather(table(8, 4), before(ids), number(0)))], [ids], "m")


def interval(bounds: ValueBounds | None) -> tuple[int, int] | None:
    return None if bounds is None else (bounds.low, bounds.high)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (lambda x: x, (0, 7)),
        (lambda x: op.convert(x, "i32"), (0, 7)),
        (lambda x: op.add(x, number(2)), (0, 5)),
        (lambda x: op.add(number(2), x), (0, 5)),
        (lambda x: op.add(x, number(-2)), (2, 9)),
        (lambda x: op.subtract(x, number(1)), (1, 8)),
        (lambda x: op.subtract(number(7), x), (0, 7)),
        (lambda x: op.multiply(x, number(2)), (0, 3)),
        (lambda x: op.divide(x, number(2)), (0, 14)),
        (lambda x: op.floor_mod(x, number(8)), None),
        (lambda x: op.floor_mod(x, number(9)), (0, 7)),
        (lambda x: op.clamp(op.convert(x, "i32"), 0, 7), None),
        (lambda x: op.concat([x, x], 1), (0, 7)),
        (lambda x: op.transpose(x, op.constant([1, 0])), (0, 7)),
        (lambda x: op.split(x, number(0), 2).output(1), (0, 7)),
        (lambda x: op.select(op.greater(x, number(3)), x, op.add(x, number(1))), (0, 6)),
        (lambda x: op.convert(op.greater(x, number(3)), "i64"), None),
        (lambda x: op.cum_sum(x, number(1)), (0, 2)),
    ],
)
def test_an_interval_is_followed_back_to_the_input(
    before: Callable[[ov.Node], ov.Node], expected: tuple[int, int] | None
) -> None:
    assert interval(input_bounds(looked_up(before))[0]) == expected


def test_the_smallest_table_counts() -> None:
    ids = parameter("x", [2, 3])
    results = [op.gather(table(size, 4), ids, number(axis)) for size, axis in ((50, 0), (7, -2))]
    assert interval(input_bounds(ov.Model(results, [ids], "m"))[0]) == (0, 6)


def test_a_size_that_the_data_shape_settles_bounds_too() -> None:
    data, ids = parameter("x", [-1, 5], "f32"), parameter("i", [2])
    model = ov.Model([op.gather(data, ids, number(0))], [data, ids], "m")
    (_, unknown) = input_bounds(model)
    assert unknown is not None
    assert (interval(unknown), unknown.is_unknown) == ((0, 0), True)
    assert interval(input_bounds(model, [(7, 5), (2,)])[1]) == (0, 6)


def test_bodies_are_looked_into() -> None:
    condition, ids = parameter("c", [], "boolean"), parameter("x", [3])
    bodies = []
    for size in (8, 5):
        inner = op.parameter([3], ov.Type.i64)
        bodies.append((inner, ov.Model([op.gather(table(size, 2), inner, number(0))], [inner], "")))
    node = op.if_op(condition)
    node.set_then_body(bodies[0][1])
    node.set_else_body(bodies[1][1])
    node.set_input(ids.output(0), bodies[0][0], bodies[1][0])
    result = node.set_output(bodies[0][1].results[0], bodies[1][1].results[0])
    model = ov.Model([result], [condition, ids], "m")
    assert [interval(bounds) for bounds in input_bounds(model)] == [None, (0, 4)]


def test_what_cannot_be_followed_is_not_bounded() -> None:
    ids = parameter("x", [3, 3])
    squared = op.matmul(ids, ids, False, False)
    model = ov.Model([op.gather(table(8, 2), squared, number(0))], [ids], "m")
    (bounds,) = input_bounds(model)
    assert bounds is not None
    assert bounds.is_unbounded
    assert bounds.may_crash


def test_pictures_and_detections_are_any_values() -> None:
    image = parameter("x", [1, 3, 8, 8], "f32")
    flat = op.reshape(image, op.constant([1, -1]), False)
    picked = op.topk(flat, number(5), 1, "max", "value")
    model = ov.Model([op.gather(flat, picked.output(1), number(1))], [image], "m")
    assert input_bounds(model) == (None,)


# -- every operation runs with what it gets --------------------------------------------------


def _gather_elements() -> ov.Model:
    ids = parameter("i", [2, 4], "i32")
    return ov.Model([op.gather_elements(table(8, 4), ids, 0)], [ids], "m")


def _gather_nd() -> ov.Model:
    ids = parameter("i", [5, 2], "i32")
    return ov.Model([op.gather_nd(table(8, 3, 4), ids)], [ids], "m")


def _scatter_update() -> ov.Model:
    data, ids, new = (
        parameter("x", [8, 4], "f32"),
        parameter("i", [2]),
        parameter("u", [2, 4], "f32"),
    )
    return ov.Model([op.scatter_update(data, ids, new, number(0))], [data, ids, new], "m")


def _scatter_elements() -> ov.Model:
    data, new = parameter("x", [8, 4], "f32"), parameter("u", [2, 4], "f32")
    ids = parameter("i", [2, 4])
    return ov.Model([op.scatter_elements_update(data, ids, new, number(0))], [data, ids, new], "m")


def _scatter_nd() -> ov.Model:
    data, ids, new = (
        parameter("x", [8, 4], "f32"),
        parameter("i", [3, 1]),
        parameter("u", [3, 4], "f32"),
    )
    return ov.Model([op.scatter_nd_update(data, ids, new)], [data, ids, new], "m")


def _embedding_bag() -> ov.Model:
    ids, offsets = parameter("i", [6], "i32"), parameter("o", [3], "i32")
    return ov.Model([op.embedding_bag_offsets_sum(table(9, 4), ids, offsets)], [ids, offsets], "m")


def _embedding_segments() -> ov.Model:
    ids, segments = parameter("i", [6], "i32"), parameter("s", [6], "i32")
    count = op.constant(np.int32(4))
    bag = op.embedding_segments_sum(table(9, 4), ids, segments, count)
    return ov.Model([bag], [ids, segments], "m")


def _reverse_sequence() -> ov.Model:
    data, lengths = parameter("x", [2, 8, 4], "f32"), parameter("n", [2], "i32")
    return ov.Model([op.reverse_sequence(data, lengths, 0, 1)], [data, lengths], "m")


def _top_k() -> ov.Model:
    data, count = parameter("x", [3, 6], "f32"), parameter("k", [])
    return ov.Model([op.topk(data, count, 1, "max", "value").output(0)], [data, count], "m")


def _one_hot() -> ov.Model:
    ids = parameter("i", [6])
    hot = op.one_hot(ids, number(4), op.constant(1.0), op.constant(0.0), -1)
    return ov.Model([hot], [ids], "m")


def _reshape() -> ov.Model:
    data, shape = parameter("x", [4, 6], "f32"), parameter("s", [3])
    return ov.Model([op.reshape(data, shape, False)], [data, shape], "m")


def _strided_slice() -> ov.Model:
    data = parameter("x", [4, 6], "f32")
    ends = [parameter(name, [2]) for name in "bes"]
    return ov.Model([op.strided_slice(data, *ends, [0, 0], [0, 0])], [data, *ends], "m")


def _slice() -> ov.Model:
    data = parameter("x", [4, 6], "f32")
    ends = [parameter(name, [2]) for name in "bes"]
    return ov.Model([op.slice(data, *ends)], [data, *ends], "m")


def _range() -> ov.Model:
    ends = [parameter(name, []) for name in "bes"]
    return ov.Model([op.range(*ends, "i64")], ends, "m")


def _broadcast() -> ov.Model:
    data, shape = parameter("x", [4, 6], "f32"), parameter("s", [3])
    return ov.Model([op.broadcast(data, shape)], [data, shape], "m")


def _tile() -> ov.Model:
    data, repeats = parameter("x", [4, 6], "f32"), parameter("r", [2])
    return ov.Model([op.tile(data, repeats)], [data, repeats], "m")


@pytest.mark.parametrize(
    "build",
    [
        *(_gather_elements, _gather_nd, _scatter_update, _scatter_elements, _scatter_nd),
        *(_embedding_bag, _embedding_segments, _reverse_sequence, _top_k, _one_hot, _reshape),
        *(_strided_slice, _slice, _range, _broadcast, _tile),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_every_operation_runs_with_the_values_it_gets(
    core: ov.Core, build: Build, seed: int
) -> None:
    model = build()
    ports = describe_ports(model.inputs)
    shapes = [tuple(int(size) for size in port.shape) for port in ports]
    tensors = make_inputs(ports, shapes, seed, input_bounds(model, shapes))
    results = core.compile_model(model, "CPU")(tensors)
    assert all(result.size for result in results.values())


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        (ValueBounds(3, 3, ""), [3, 3, 3, 3]),
        (ValueBounds(0, 9, "", Order.COUNTING), [0, 1, 2, 3]),
        (ValueBounds(0, 2, "", Order.COUNTING), [0, 1, 2, 2]),
        (ValueBounds(-1, 9, "", exact=(-1, 5)), [-1, 5, 5, 5]),
        (ValueBounds(0, 0, "", is_unbounded=True), [0, 0, 0, 0]),
    ],
)
@pytest.mark.parametrize("kind", ["i32", "i64"])
def test_values_in_an_order(bounds: ValueBounds, expected: list[int], kind: str) -> None:
    (port,) = describe_ports([parameter("x", [4], kind).output(0)])
    (tensor,) = make_inputs([port], [(4,)], 0, [bounds])
    assert tensor.data.tolist() == expected


def test_offsets_ascend_from_the_lowest() -> None:
    (port,) = describe_ports([parameter("x", [50]).output(0)])
    (tensor,) = make_inputs([port], [(50,)], 0, [ValueBounds(0, 20, "", Order.ASCENDING)])
    assert tensor.data[0] == 0
    assert (np.diff(tensor.data) >= 0).all()
    assert 10 < tensor.data.max() <= 20


# -- what nothing bounds ----------------------------------------------------------------------


@pytest.fixture
def unbounded(tmp_path: Path) -> str:
    ids = parameter("x", [3, 3])
    squared = op.matmul(ids, ids, False, False)
    model = ov.Model([op.gather(table(8, 2), squared, number(0))], [ids], "m")
    ov.save_model(model, tmp_path / "unbounded.xml")
    return str(tmp_path / "unbounded.xml")


def test_it_is_refused_in_this_process_unless_files_give_the_values(
    unbounded: str, tmp_path: Path
) -> None:
    engine = Engine(allow_strings=False)
    with pytest.raises(IsolationNeeded, match="Input 'x' may index out of range") as error:
        engine.prepare(BenchmarkConfig(model=unbounded), None, lambda _: None)
    assert "--isolate" in str(error.value)
    np.save(tmp_path / "x.npy", np.zeros((3, 3), np.int64))
    given = BenchmarkConfig(model=unbounded, sources=(("x", (str(tmp_path / "x.npy"),)),))
    assert engine.prepare(given, None, lambda _: None).feeds
