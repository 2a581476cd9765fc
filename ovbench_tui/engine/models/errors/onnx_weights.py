"""The files beside an ONNX model that hold its weights, read without the onnx package."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.console.printable import printable
from ovbench_tui.files.safe_read import open_regular, size_of
from ovbench_tui.files.wire_format import Field, fields_within

# Field numbers of onnx.proto.
_EXTERNAL_DATA, _KEY, _VALUE = 13, 1, 2
_TENSOR = "TensorProto"
_PARTS: Mapping[str, Mapping[int, str]] = {
    "ModelProto": {7: "GraphProto", 25: "FunctionProto"},
    "GraphProto": {1: "NodeProto", 5: _TENSOR, 15: "SparseTensorProto"},
    "FunctionProto": {7: "NodeProto"},
    "NodeProto": {5: "AttributeProto"},
    "AttributeProto": {
        5: _TENSOR,
        6: "GraphProto",
        22: "SparseTensorProto",
        10: _TENSOR,
        11: "GraphProto",
        23: "SparseTensorProto",
    },
    "SparseTensorProto": {1: _TENSOR, 2: _TENSOR},
}
"""Where tensors are: initializers, constants, and the same in the bodies of loops and branches."""

_DEEPEST = 64
"""Messages within each other; protobuf itself reads no more than 100."""

_LONGEST_TEXT = 4096


def weights_damage(model: Path) -> str:
    """Which of the files that hold weights is missing or too short, in words; '' = none is.

    Raises:
        OSError: the model cannot be read.
    """
    for file, needed in _external_files(model).items():
        name, size = printable(file), size_of(model.parent / file)
        if size is None:
            return f"'{name}', which holds its weights, is missing beside it"
        if size < needed:
            return (
                f"'{name}', which holds its weights, is truncated, it has {size} of at least"
                f" {needed} bytes ({needed - size} are missing); copy it again"
            )
    return ""


def _external_files(model: Path) -> dict[str, int]:
    """Names of the files, and how many bytes each has at least."""
    needed: dict[str, int] = {}
    with open_regular(model) as file:
        end = file.seek(0, os.SEEK_END)
        for tensor in _tensors(file, (0, end), "ModelProto"):
            entries = dict(_external_entries(file, tensor))
            name = entries.get("location", "")
            if name:
                place, length = (_number(entries, key) for key in ("offset", "length"))
                needed[name] = max(needed.get(name, 0), place + max(length, 1))
    return needed


def _tensors(file: BinaryIO, span: tuple[int, int], kind: str, depth: int = 0) -> Iterator[Field]:
    """All tensors within a message, at whatever depth."""
    parts = _PARTS[kind]
    for part in fields_within(file, *span, parts):
        if parts[part.number] == _TENSOR:
            yield part
        elif depth < _DEEPEST:
            yield from _tensors(file, part.span, parts[part.number], depth + 1)


def _external_entries(file: BinaryIO, tensor: Field) -> Iterator[tuple[str, str]]:
    for entry in fields_within(file, *tensor.span, (_EXTERNAL_DATA,)):
        texts = {
            field.number: _text(file, field)
            for field in fields_within(file, *entry.span, (_KEY, _VALUE))
        }
        yield texts.get(_KEY, ""), texts.get(_VALUE, "")


def _text(file: BinaryIO, field: Field) -> str:
    file.seek(field.begin)
    return file.read(min(field.end - field.begin, _LONGEST_TEXT)).decode("utf-8", "replace")


def _number(entries: dict[str, str], key: str) -> int:
    text = entries.get(key, "")
    return int(text) if text.isascii() and text.isdigit() else 0
