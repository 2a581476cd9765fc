"""Parameters and multiply-accumulates of graphs small enough to count by hand."""

from __future__ import annotations

import numpy as np
import openvino as ov
import openvino.opset13 as opset
import pytest
from openvino import Node

from ovbench_tui.engine.models.graph_cost import count_macs, count_parameters


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
