"""Parameters and multiply-accumulates of graphs small enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import openvino as ov
import openvino.opset13 as opset
import pytest
from openvino import Node

from ovbench_tui.engine.models.graph_cost import (
    count_macs,
    count_parameters,
    uncounted_operations,
)


def parameter(*shape: int, dtype: type = np.float32) -> Node:
    return opset.parameter(list(shape), dtype)


def ones(*shape: int, dtype: type = np.float32) -> np.ndarray:
    return np.ones(shape, dtype)


def model(output: Node, *inputs: Node) -> ov.Model:
    return ov.Model([opset.result(output)], list(inputs), "tiny")


def convolution(data: Node, filters: Node | np.ndarray, stride: int = 1) -> Node:
    return opset.convolution(data, filters, [stride] * 2, [1, 1], [1, 1], [1, 1])


def test_convolution_and_its_bias() -> None:
    data = parameter(1, 3, 8, 8)
    output = opset.add(convolution(data, ones(4, 3, 3, 3), stride=2), ones(1, 4, 1, 1))
    graph = model(output, data)
    assert count_macs(graph) == (4 * 4 * 4) * (3 * 3 * 3)
    assert count_parameters(graph) == 4 * 3 * 3 * 3 + 4


def test_the_batch_multiplies_macs_and_not_parameters() -> None:
    data = parameter(5, 3, 8, 8)
    graph = model(convolution(data, ones(4, 3, 3, 3)), data)
    assert count_macs(graph) == 5 * (4 * 8 * 8) * 27
    assert count_parameters(graph) == 108


def test_grouped_convolution() -> None:
    data = parameter(1, 6, 5, 5)
    filters = ones(3, 4, 2, 3, 3)
    graph = model(
        opset.group_convolution(data, filters, [1, 1], [1, 1], [1, 1], [1, 1]),
        data,
    )
    assert count_macs(graph) == (12 * 5 * 5) * (2 * 3 * 3)
    assert count_parameters(graph) == 3 * 4 * 2 * 3 * 3


def test_transposed_convolutions_count_per_input_value() -> None:
    data = parameter(1, 6, 5, 5)
    plain = opset.convolution_backprop_data(data, ones(6, 4, 2, 2), [2, 2])
    assert count_macs(model(plain, data)) == (6 * 5 * 5) * (4 * 2 * 2)
    grouped = opset.group_convolution_backprop_data(data, ones(3, 2, 7, 2, 2), [2, 2])
    assert count_macs(model(grouped, data)) == (6 * 5 * 5) * (7 * 2 * 2)


@pytest.mark.parametrize(
    ("data_shape", "weight_shape", "transpose_a", "transpose_b", "macs"),
    [
        ((2, 10), (10, 7), False, False, 2 * 7 * 10),
        ((2, 10), (7, 10), False, True, 2 * 7 * 10),
        ((10, 2), (10, 7), True, False, 2 * 7 * 10),
        ((3, 2, 10), (10, 7), False, False, 3 * 2 * 7 * 10),
        ((10,), (10,), False, False, 10),
        ((10,), (10, 7), True, False, 7 * 10),
    ],
)
def test_matrix_product(
    data_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    transpose_a: bool,
    transpose_b: bool,
    macs: int,
) -> None:
    data = parameter(*data_shape)
    graph = model(opset.matmul(data, ones(*weight_shape), transpose_a, transpose_b), data)
    assert count_macs(graph) == macs
    assert count_parameters(graph) == np.prod(weight_shape)


def test_product_of_two_activations_costs_but_has_no_parameters() -> None:
    left, right = parameter(1, 4, 8), parameter(1, 8, 4)
    graph = model(opset.matmul(left, right, False, False), left, right)
    assert count_macs(graph) == 4 * 4 * 8
    assert count_parameters(graph) == 0


def test_dynamic_shapes_give_no_macs_but_parameters() -> None:
    data = opset.parameter([-1, 3, 8, 8], np.float32)
    graph = model(convolution(data, ones(4, 3, 3, 3)), data)
    assert count_macs(graph) is None
    assert count_parameters(graph) == 108


def test_dynamic_shapes_of_other_layers_do_not_matter() -> None:
    data = opset.parameter([-1, 3], np.float32)
    assert count_macs(model(opset.relu(data), data)) == 0


def test_shapes_indices_and_ranges_are_no_parameters() -> None:
    data = parameter(1, 2, 3)
    x = opset.reshape(data, np.array([3, 2], np.int64), special_zero=False)
    x = opset.transpose(x, np.array([1, 0], np.int64))
    x = opset.gather(x, np.array([0, 1], np.int64), np.array(0, np.int64))
    low, high = np.float32(0), np.float32(1)
    x = opset.fake_quantize(x, low, high, low, high, 256)
    assert count_parameters(model(x, data)) == 0


def test_integer_arithmetic_is_no_parameter() -> None:
    data = parameter(4, dtype=np.int64)
    graph = model(opset.add(data, ones(4, dtype=np.int64)), data)
    assert count_parameters(graph) == 0


def test_weights_stored_as_f16_count_once() -> None:
    data = parameter(2, 10)
    weights = opset.convert(opset.constant(ones(10, 7, dtype=np.float16)), "f32")
    assert count_parameters(model(opset.matmul(data, weights, False, False), data)) == 70


@pytest.mark.parametrize("weights_first", [True, False])
def test_scales_and_zero_points_of_compressed_weights_are_left_out(weights_first: bool) -> None:
    data = parameter(2, 12)
    stored = opset.convert(opset.constant(ones(5, 4, 3, dtype=np.uint8)), "f32")
    zero_point = opset.convert(opset.constant(ones(5, 4, 1, dtype=np.uint8)), "f32")
    centred, factor = opset.subtract(stored, zero_point), opset.constant(ones(5, 4, 1))
    scaled = opset.multiply(*((centred, factor) if weights_first else (factor, centred)))
    weights = opset.reshape(scaled, np.array([5, 12], np.int64), special_zero=False)
    graph = model(opset.matmul(data, weights, False, True), data)
    assert count_parameters(graph) == 60
    assert count_macs(graph) == 2 * 5 * 12


def test_shared_weights_count_once() -> None:
    data = parameter(3, 3)
    weights = opset.constant(ones(3, 3))
    x = opset.matmul(data, weights, False, False)
    graph = model(opset.matmul(x, weights, False, False), data)
    assert count_parameters(graph) == 9
    assert count_macs(graph) == 2 * 27


def test_generated_weights_count_with_their_full_size() -> None:
    data = parameter(2, 10)
    weights = opset.broadcast(opset.constant(np.float32(0.5)), np.array([10, 7], np.int64))
    assert count_parameters(model(opset.matmul(data, weights, False, False), data)) == 70


def test_embedding_table_is_a_parameter() -> None:
    ids = parameter(1, 16, dtype=np.int64)
    graph = model(opset.gather(opset.constant(ones(100, 8)), ids, np.array(0, np.int64)), ids)
    assert count_parameters(graph) == 800
    assert count_macs(graph) == 0


# --- recurrent cells and attention, against the matrix products that they are made of -----------

B, T, F, H = 2, 7, 5, 3
"""Batch, steps, features and hidden values; all different, so that none can stand for another."""

CELL = {gates: B * gates * H * (F + H) for gates in (4, 3, 1)}


def state(*shape: int) -> Node:
    return opset.constant(ones(*shape))


def sequence_lengths() -> Node:
    return opset.constant(np.full(B, T, np.int64))


def lstm_cell(x: Node) -> Node:
    return opset.lstm_cell(
        x, state(B, H), state(B, H), ones(4 * H, F), ones(4 * H, H), ones(4 * H), H
    )


def gru_cell(x: Node) -> Node:
    return opset.gru_cell(x, state(B, H), ones(3 * H, F), ones(3 * H, H), ones(3 * H), H)


def rnn_cell(x: Node) -> Node:
    return opset.rnn_cell(x, state(B, H), ones(H, F), ones(H, H), ones(H), H, ["tanh"], [], [], 0.0)


@pytest.mark.parametrize(("cell", "gates"), [(lstm_cell, 4), (gru_cell, 3), (rnn_cell, 1)])
def test_a_recurrent_cell_is_two_products_for_each_gate(
    cell: Callable[[Node], Node], gates: int
) -> None:
    x = parameter(B, F)
    graph = ov.Model([opset.result(cell(x).output(0))], [x], "cell")
    assert count_macs(graph) == CELL[gates] == B * gates * (H * F + H * H)
    assert uncounted_operations(graph) == ()


def lstm_sequence(x: Node, directions: int, direction: str) -> Node:
    shape = (directions, 4 * H)
    return opset.lstm_sequence(
        *(x, state(B, directions, H), state(B, directions, H), sequence_lengths()),
        *(ones(*shape, F), ones(*shape, H), ones(*shape), H, direction),
    )


def gru_sequence(x: Node, directions: int, direction: str) -> Node:
    shape = (directions, 3 * H)
    return opset.gru_sequence(
        *(x, state(B, directions, H), sequence_lengths()),
        *(ones(*shape, F), ones(*shape, H), ones(*shape), H, direction),
    )


def rnn_sequence(x: Node, directions: int, direction: str) -> Node:
    shape = (directions, H)
    return opset.rnn_sequence(
        *(x, state(B, directions, H), sequence_lengths()),
        *(ones(*shape, F), ones(*shape, H), ones(*shape), H, direction),
    )


@pytest.mark.parametrize(
    ("sequence", "gates"), [(lstm_sequence, 4), (gru_sequence, 3), (rnn_sequence, 1)]
)
@pytest.mark.parametrize(("directions", "direction"), [(1, "forward"), (2, "bidirectional")])
def test_a_sequence_is_a_cell_for_each_step_and_direction(
    sequence: Callable[[Node, int, str], Node], gates: int, directions: int, direction: str
) -> None:
    x = parameter(B, T, F)
    graph = ov.Model([opset.result(sequence(x, directions, direction).output(0))], [x], "sequence")
    assert count_macs(graph) == CELL[gates] * T * directions
    dynamic = parameter(B, -1, F)
    output = sequence(dynamic, directions, direction).output(0)
    assert count_macs(ov.Model([opset.result(output)], [dynamic], "dynamic")) is None


@pytest.mark.parametrize("heads", [(4,), (2, 4)])
def test_attention_is_two_products(heads: tuple[int, ...]) -> None:
    query, key, value = parameter(*heads, 6, 8), parameter(*heads, 10, 8), parameter(*heads, 10, 9)
    attention = opset.scaled_dot_product_attention(query, key, value)
    scores = opset.matmul(query, key, transpose_a=False, transpose_b=True)
    products = opset.matmul(opset.softmax(scores, -1), value, transpose_a=False, transpose_b=False)
    inputs = (query, key, value)
    expected = int(np.prod(heads)) * 6 * 10 * (8 + 9)
    assert count_macs(model(products, *inputs)) == expected
    assert count_macs(model(attention, *inputs)) == expected


@pytest.mark.parametrize(
    ("equation", "shapes", "macs"),
    [
        ("ij,jk->ik", ((2, 3), (3, 5)), 2 * 3 * 5),
        ("ij,jk", ((2, 3), (3, 5)), 2 * 3 * 5),
        ("bij,bkj->bik", ((4, 2, 3), (4, 5, 3)), 4 * 2 * 3 * 5),
        ("...ij,...jk->...ik", ((7, 4, 2, 3), (4, 3, 5)), 7 * 4 * 2 * 3 * 5),
        ("bq...,b...k->bqk", ((2, 3, 5), (2, 5, 7)), 2 * 3 * 5 * 7),
        ("i,i->", ((9,), (9,)), 9),
        ("i,j->ij", ((9,), (4,)), 36),
        ("ijk->ki", ((2, 3, 4),), 0),
        # The sum over j is done before k comes in, unless the output still has it.
        ("ij,jk,kl->il", ((2, 3), (3, 5), (5, 7)), 2 * 3 * 5 + 2 * 5 * 7),
        ("ij,jk,kl->ijl", ((2, 3), (3, 5), (5, 7)), 2 * 3 * 5 + 2 * 3 * 5 * 7),
    ],
)
def test_einsum_multiplies_pairs_over_all_their_labels(
    equation: str, shapes: tuple[tuple[int, ...], ...], macs: int
) -> None:
    inputs = [parameter(*shape) for shape in shapes]
    assert count_macs(model(opset.einsum(inputs, equation), *inputs)) == macs


def test_the_weights_of_an_einsum_are_parameters() -> None:
    data = parameter(2, 3)
    graph = model(opset.einsum([data, opset.constant(ones(3, 5))], "ij,jk->ik"), data)
    assert count_parameters(graph) == 15


def test_a_deformable_convolution_counts_as_the_plain_one() -> None:
    data, offsets = parameter(1, 6, 5, 5), parameter(1, 18, 5, 5)
    deformable = opset.deformable_convolution(
        data, offsets, ones(4, 6, 3, 3), [1, 1], [1, 1], [1, 1], [1, 1]
    )
    graph = model(deformable, data, offsets)
    assert count_macs(graph) == (4 * 5 * 5) * (6 * 3 * 3)
    assert count_parameters(graph) == 4 * 6 * 3 * 3


def test_what_is_not_counted_is_named_most_first() -> None:
    data = parameter(4, 8, 2)
    transformed = opset.idft(opset.dft(opset.dft(data, [0]), [1]), [0])
    condition = parameter(dtype=np.bool_)
    branches = []
    for _ in range(2):
        inner = parameter(4, 8, 2)
        branches.append(ov.Model([opset.result(opset.relu(inner))], [inner], "branch"))
    branch = opset.if_op(condition)
    branch.set_then_body(branches[0])
    branch.set_else_body(branches[1])
    branch.set_input(
        transformed.output(0), branches[0].get_parameters()[0], branches[1].get_parameters()[0]
    )
    output = branch.set_output(branches[0].get_results()[0], branches[1].get_results()[0])
    graph = ov.Model([opset.result(opset.relu(output.get_node()))], [data, condition], "named")
    assert uncounted_operations(graph) == (("DFT", 2), ("IDFT", 1), ("If", 1))
    assert count_macs(graph) == 0


class Unheard(ov.Op):
    """An operation of somebody's own."""

    def __init__(self, inputs: list[Node] | None = None) -> None:
        super().__init__(self, inputs)

    def validate_and_infer_types(self) -> None:
        self.set_output_type(0, self.get_input_element_type(0), self.get_input_partial_shape(0))


def test_an_unknown_operation_is_named_and_known_light_ones_are_not() -> None:
    data = parameter(1, 3, 8, 8)
    light = opset.softmax(opset.relu(opset.add(data, ones(1, 3, 8, 8))), 1)
    assert uncounted_operations(model(light, data)) == ()
    assert uncounted_operations(model(Unheard([light]), data)) == (("Unheard", 1),)
