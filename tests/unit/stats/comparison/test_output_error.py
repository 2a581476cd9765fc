"""The error of an output, on cases whose figures are known beforehand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.comparison.output_error import output_error


def test_figures_of_a_known_difference() -> None:
    reference = np.array([[3.0, -4.0, 0.0, 0.0]], np.float32)
    output = np.array([[3.0, -4.0, 1.0, 0.0]], np.float32)

    error = output_error("y", output, reference)

    assert error.max_absolute_error == 1.0
    assert error.mean_absolute_error == 0.25
    assert error.max_relative_error == 0.25  # of 4, the largest magnitude
    assert error.mean_relative_error == 0.0625
    assert error.cosine == pytest.approx(25 / (5 * math.sqrt(26)))
    assert error.top1_agreement is None  # four values are no classes
    assert error.within(0.25)
    assert not error.within(0.2499)


def test_equal_outputs_have_no_error() -> None:
    tensor = np.array([1, 2, 250], np.uint8)

    error = output_error("y", tensor, tensor)

    assert (error.max_absolute_error, error.max_relative_error) == (0.0, 0.0)
    assert error.cosine == pytest.approx(1.0)
    assert error.within(0.0)


def test_unsigned_integers_do_not_wrap_around() -> None:
    error = output_error("y", np.array([1], np.uint8), np.array([2], np.uint8))

    assert error.max_absolute_error == 1.0


def test_opposite_and_huge_vectors_have_their_cosine() -> None:
    reference = np.array([1e300, 1e300])

    assert output_error("y", -reference, reference).cosine == pytest.approx(-1.0)
    assert output_error("y", reference, reference).cosine == pytest.approx(1.0)


def test_a_reference_of_zeros_has_no_scale() -> None:
    zeros = np.zeros(3)

    assert output_error("y", zeros, zeros).within(0.0)
    wrong = output_error("y", np.array([0.0, 1e-9, 0.0]), zeros)
    assert wrong.max_relative_error is None
    assert wrong.severity == math.inf
    assert wrong.cosine is None
    assert not wrong.within(1e6)


@pytest.mark.parametrize("shape", [(2, 12), (2, 12, 1, 1)])
def test_agreement_of_classes(shape: tuple[int, ...]) -> None:
    reference = np.array([np.arange(12), np.arange(12)], np.float32)
    output = reference.copy()
    output[1, 11] = -1.0  # row 1: class 6 comes into the first five, and 10 becomes the first

    error = output_error("y", output.reshape(shape), reference.reshape(shape))

    assert error.top1_agreement == 0.5
    assert error.top5_agreement == pytest.approx(0.9)


def test_a_map_is_not_classes() -> None:
    tensor = np.ones((1, 3, 20))

    assert output_error("y", tensor, tensor).top1_agreement is None


def test_nan_and_infinity_are_counted_and_wrong_where_the_reference_is_finite() -> None:
    reference = np.array([1.0, 2.0, 3.0, np.inf, np.nan])
    output = np.array([np.nan, 2.0, np.inf, np.inf, np.nan])

    error = output_error("y", output, reference)

    assert (error.nan_count, error.infinite_count) == (2, 2)
    assert error.nonfinite_mismatches == 2
    assert error.max_absolute_error == 0.0  # of the one element that is finite in both
    assert not error.within(1e6)
    assert output_error("y", reference, reference).within(0.0)


def test_an_infinity_of_the_other_sign_or_a_finite_value_is_a_mismatch() -> None:
    reference = np.array([np.inf, np.inf])

    error = output_error("y", np.array([-np.inf, 1.0]), reference)

    assert error.nonfinite_mismatches == 2
    assert error.max_absolute_error is None
    assert not error.within(1.0)


def test_another_shape_is_wrong_and_has_no_figures() -> None:
    error = output_error("y", np.ones((1, 3)), np.ones((1, 4)))

    assert (error.shape, error.reference_shape) == ((1, 3), (1, 4))
    assert error.max_absolute_error is None
    assert not error.within(1e6)


def test_an_empty_output_is_right() -> None:
    empty = np.ones((0, 4))

    error = output_error("y", empty, empty)

    assert error.max_relative_error is None
    assert error.within(0.0)
