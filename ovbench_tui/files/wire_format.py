"""A walk along the top-level fields of a protobuf file, to find where it breaks off."""

from __future__ import annotations

import os
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.files.safe_read import open_regular

_FIXED_SIZES = {1: 8, 5: 4}
_MAX_VARINT_BYTES = 10


@dataclass(frozen=True, slots=True)
class WireCheck:
    """What the walk found.

    Attributes:
        is_message: the fields walked over can belong to the expected message.
        missing_bytes: by how much the last field runs past the end, at least; 0 = complete.
    """

    is_message: bool
    missing_bytes: int


def check_wire_format(path: Path, known_fields: Collection[int]) -> WireCheck:
    """Walk the top-level fields of a message whose field numbers are `known_fields`.

    A file cut exactly between two fields looks complete.

    Raises:
        OSError: when the file cannot be read.
    """
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        while file.tell() < size:
            try:
                end = _end_of_field(file, known_fields)
            except EOFError:
                return WireCheck(is_message=True, missing_bytes=1)
            if end is None:
                return WireCheck(is_message=False, missing_bytes=0)
            if end > size:
                return WireCheck(is_message=True, missing_bytes=end - size)
            file.seek(end)
    return WireCheck(is_message=True, missing_bytes=0)


@dataclass(frozen=True, slots=True)
class Field:
    """Which number one field of bytes has, and where its content lies in its file."""

    number: int
    begin: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        """Both ends."""
        return self.begin, self.end


def fields_within(file: BinaryIO, begin: int, end: int, wanted: Container[int]) -> Iterator[Field]:
    """Find the fields of bytes with a number in `wanted` in the message from `begin` to `end`.

    Ends silently where the message breaks off. The file may be read elsewhere meanwhile.
    """
    while begin < end:
        file.seek(begin)
        try:
            tag = _read_varint(file)
            size = _read_varint(file) if tag is not None and tag & 7 == 2 else None
            content = file.tell()
            if tag is None:
                return
            if size is not None:
                begin = content + size
            elif tag & 7 in _FIXED_SIZES:
                begin = content + _FIXED_SIZES[tag & 7]
            elif tag & 7 != 0 or _read_varint(file) is None:
                return
            else:
                begin = file.tell()
        except EOFError:
            return
        if size is not None and tag >> 3 in wanted and begin <= end:
            yield Field(tag >> 3, content, begin)


def _end_of_field(file: BinaryIO, known_fields: Collection[int]) -> int | None:
    tag = _read_varint(file)
    if tag is None or tag >> 3 not in known_fields:
        return None
    kind = tag & 7
    if kind == 0:
        return None if _read_varint(file) is None else file.tell()
    if kind == 2:
        length = _read_varint(file)
        return None if length is None else file.tell() + length
    return file.tell() + _FIXED_SIZES[kind] if kind in _FIXED_SIZES else None


def _read_varint(file: BinaryIO) -> int | None:
    value = 0
    for position in range(_MAX_VARINT_BYTES):
        byte = file.read(1)
        if not byte:
            raise EOFError
        value |= (byte[0] & 0x7F) << (7 * position)
        if byte[0] < 0x80:
            return value
    return None
