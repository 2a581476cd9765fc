"""Whether inputs are the bytes of images, in arrays of floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ovbench_tui.application.recorder.byte_values import ByteValues
from ovbench_tui.application.recorder.layout import memory_bytes
from ovbench_tui.application.recorder.writer import Writer
from ovbench_tui.application.trace import TraceReader

_IMAGE = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
_WHOLE = _IMAGE.astype(np.float32).transpose(2, 0, 1)[None]


def _noted(*inputs: Any) -> str:
    memory = bytearray(memory_bytes(64))
    values = ByteValues(Writer(memory, 64))
    for given in inputs:
        values.look(given, np.ndarray)
    return TraceReader(memory, 64).trace().byte_values


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (_WHOLE, "whole"),
        ([_WHOLE], "whole"),
        ({"image": _WHOLE, "scale": np.ones(2, np.float32)}, "whole"),
        ({0: _IMAGE.astype(np.float64)}, "whole"),
        (_WHOLE / np.float32(255), "scaled"),
        (_WHOLE.astype(np.float16), "whole"),
        ((_WHOLE - 127.5) / 58.4, ""),
        (_IMAGE[None], ""),  # bytes already
        (np.ones((1, 3, 64, 64), np.float32), ""),  # too much alike
        (_WHOLE.reshape(1, -1), ""),  # no image
        (None, ""),
    ],
)
def test_several_looks_decide(given: Any, expected: str) -> None:
    assert _noted(*[given] * 4) == expected
    assert _noted(given) == ""


def test_a_warm_up_with_ones_decides_nothing() -> None:
    ones = np.ones((1, 3, 64, 64), np.float32)
    assert _noted(ones, *[_WHOLE] * 8) == "whole"


def test_inputs_that_are_not_all_bytes_are_not_blamed() -> None:
    assert _noted(_WHOLE / 3, *[_WHOLE] * 20) == ""
