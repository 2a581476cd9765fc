"""How far one output of a model is from the same output of a reference.

The reference answers the same inputs, usually in f32 on the CPU. An error is relative to the
reference's largest magnitude, not to each element: an element that should be 1e-9 and is 2e-9 in
a tensor of probabilities is no wrong answer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.comparison.output_figures import OutputError

FEWEST_CLASSES = 10
"""A last axis that is shorter does not look like the scores of classes."""
TOP_MANY = 5


def output_error(name: str, output: npt.NDArray[Any], reference: npt.NDArray[Any]) -> OutputError:
    """Compare two numeric tensors of any type and shape."""
    nan_count = int(np.count_nonzero(np.isnan(output)))
    infinite_count = int(np.count_nonzero(np.isinf(output)))
    if output.shape != reference.shape:
        return OutputError(name, output.shape, reference.shape, nan_count, infinite_count, 0, None)
    # Two 64-bit integers may differ by one and be the same float64; such outputs are rare.
    got = output.astype(np.float64)
    expected = reference.astype(np.float64)
    finite = np.isfinite(got) & np.isfinite(expected)
    is_finite, mismatches = bool(finite.all()), 0
    got_finite, expected_finite = got, expected
    if not is_finite:
        same = (got == expected) | (np.isnan(got) & np.isnan(expected))
        mismatches = int(np.count_nonzero(~finite & ~same))
        got_finite, expected_finite = got[finite], expected[finite]
    if not got_finite.size:
        return OutputError(
            name, output.shape, reference.shape, nan_count, infinite_count, mismatches, None
        )
    got_finite, expected_finite = got_finite.ravel(), expected_finite.ravel()
    errors = np.abs(got_finite - expected_finite)
    magnitude = float(np.max(np.abs(expected_finite)))
    max_error, mean_error = float(errors.max()), float(errors.mean())
    top1, top5 = _class_agreement(got, expected) if is_finite else (None, None)
    return OutputError(
        name=name,
        shape=output.shape,
        reference_shape=reference.shape,
        nan_count=nan_count,
        infinite_count=infinite_count,
        nonfinite_mismatches=mismatches,
        max_absolute_error=max_error,
        mean_absolute_error=mean_error,
        max_relative_error=_relative(max_error, magnitude),
        mean_relative_error=_relative(mean_error, magnitude),
        cosine=_cosine(got_finite, expected_finite),
        top1_agreement=top1,
        top5_agreement=top5,
    )


def _relative(error: float, magnitude: float) -> float | None:
    if magnitude:
        return error / magnitude
    return None if error else 0.0


def _cosine(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float | None:
    # Scaled first: the squares of huge values would overflow, those of tiny ones vanish.
    largest_one, largest_other = np.abs(one).max(), np.abs(other).max()
    if not largest_one or not largest_other:
        return None
    one, other = one / largest_one, other / largest_other
    product = float(one @ other)
    cosine = product / float(np.linalg.norm(one) * np.linalg.norm(other))
    return min(1.0, max(-1.0, cosine))


def _class_agreement(
    got: npt.NDArray[np.float64], expected: npt.NDArray[np.float64]
) -> tuple[float | None, float | None]:
    """Agreement of rows of class scores [N, classes], also [N, classes, 1, 1]."""
    shape = got.shape
    while len(shape) > 2 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 2 or shape[1] < FEWEST_CLASSES:
        return None, None
    # Stable, so that scores that are equal in both are ordered alike.
    got_order = np.argsort(-got.reshape(shape), axis=1, kind="stable")[:, :TOP_MANY]
    expected_order = np.argsort(-expected.reshape(shape), axis=1, kind="stable")[:, :TOP_MANY]
    top1 = float(np.mean(got_order[:, 0] == expected_order[:, 0]))
    shared = (expected_order[:, :, None] == got_order[:, None, :]).any(axis=2)
    return top1, float(np.mean(shared))
