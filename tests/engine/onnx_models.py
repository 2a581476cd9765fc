"""Small ONNX models, written as protobuf without the onnx package."""

from __future__ import annotations

import math
from collections.abc import Sequence

_F32 = 1
_EXTERNAL = 1


def onnx_sum(first: Sequence[int], second: Sequence[int], *, weights_in: str = "") -> bytes:
    """``y = x + w``, the node called ``add``.

    Args:
        first: shape of the input x.
        second: shape of w: another input, or weights where `weights_in` names their file.
    """
    node = _field(1, "x") + _field(1, "w") + _field(2, "y") + _field(3, "add") + _field(4, "Add")
    graph = _field(1, node) + _field(2, "g") + _field(11, _value("x", first))
    if weights_in:
        place = {"location": weights_in, "offset": "0", "length": str(4 * math.prod(second))}
        weights = b"".join(_field(1, size) for size in second)
        weights += _field(2, _F32) + _field(8, "w") + _field(14, _EXTERNAL)
        weights += b"".join(
            _field(13, _field(1, key) + _field(2, value)) for key, value in place.items()
        )
        graph += _field(5, weights)
    else:
        graph += _field(11, _value("w", second))
    graph += _field(12, _value("y", first))
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))


def _value(name: str, shape: Sequence[int]) -> bytes:
    sizes = b"".join(_field(1, _field(1, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _F32) + _field(2, sizes)))


def _field(number: int, value: bytes | str | int) -> bytes:
    """One field of a protobuf message (protobuf.dev, Encoding)."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*digits, value))
