"""Small ONNX models, written as protobuf without the onnx package."""

from __future__ import annotations

import math
from collections.abc import Sequence

_F32, _BOOL = 1, 9
_EXTERNAL = 1
_TENSOR_ATTRIBUTE, _GRAPH_ATTRIBUTE = 4, 5


def onnx_sum(
    first: Sequence[int],
    second: Sequence[int],
    *,
    weights_in: str = "",
    kept_as: str = "initializer",
) -> bytes:
    """``y = x + w``, the node called ``add``.

    Args:
        first: shape of the input x.
        second: shape of w: another input, or weights where `weights_in` names their file.
        kept_as: ``initializer``, or ``constant`` for the attribute of a node, or ``branch`` for
            the initializer of a branch, of which the input c chooses one.
    """
    node = _node("Add", ("x", "w"), "y", name="add")
    x, y = _field(11, _value("x", first)), _field(12, _value("y", first))
    if not weights_in:
        return _model(node + _field(2, "g") + x + _field(11, _value("w", second)) + y)
    weights = _external("w", second, weights_in)
    if kept_as == "constant":
        constant = _field(1, "value") + _field(5, weights) + _field(20, _TENSOR_ATTRIBUTE)
        return _model(_node("Constant", (), "w", constant) + node + _field(2, "g") + x + y)
    inner = node + _field(5, weights)
    if kept_as == "initializer":
        return _model(inner + _field(2, "g") + x + y)
    branches = (
        _field(1, name) + _field(6, inner + _field(2, name) + y) + _field(20, _GRAPH_ATTRIBUTE)
        for name in ("then_branch", "else_branch")
    )
    chosen = _field(11, _value("c", (1,), _BOOL))
    return _model(_node("If", ("c",), "y", *branches) + _field(2, "g") + chosen + x + y)


def _model(graph: bytes) -> bytes:
    return _field(1, 8) + _field(7, graph) + _field(8, _field(1, "") + _field(2, 13))


def _node(
    kind: str, inputs: Sequence[str], output: str, *attributes: bytes, name: str = ""
) -> bytes:
    """A node of a graph."""
    node = b"".join(_field(1, each) for each in inputs) + _field(2, output)
    node += _field(3, name) + _field(4, kind)
    return _field(1, node + b"".join(_field(5, each) for each in attributes))


def _external(name: str, shape: Sequence[int], file: str) -> bytes:
    """A tensor whose values are in a file beside the model."""
    place = {"location": file, "offset": "0", "length": str(4 * math.prod(shape))}
    tensor = b"".join(_field(1, size) for size in shape)
    tensor += _field(2, _F32) + _field(8, name) + _field(14, _EXTERNAL)
    return tensor + b"".join(
        _field(13, _field(1, key) + _field(2, value)) for key, value in place.items()
    )


def _value(name: str, shape: Sequence[int], element_type: int = _F32) -> bytes:
    sizes = b"".join(_field(1, _field(1, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, element_type) + _field(2, sizes)))


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
