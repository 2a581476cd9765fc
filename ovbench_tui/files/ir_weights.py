"""What the tags of an OpenVINO IR say before it is read: its weights and its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.files.safe_read import open_regular, read_tail

# No "<" inside, or a hostile file of "<data<data..." would take hours.
_DATA_TAG = re.compile(rb"<data\b[^<>]*>")
_OFFSET = re.compile(rb"\boffset=\"(\d{1,18})\"")
_SIZE = re.compile(rb"\bsize=\"(\d{1,18})\"")
_SHAPE = re.compile(rb"\bshape=\"([^\"<>]{0,400})\"")
_ELEMENT_TYPE = re.compile(rb"\belement_type=\"(\w{1,20})\"")
_MOST_PARAMETERS = 1000
_BLOCK_BYTES = 1 << 20
_TAIL_BYTES = 1 << 16
_END_TAG = re.compile(rb"</net\s*>")


def weights_path(xml: Path) -> Path:
    """Where the weights of an IR lie: beside the .xml, with the same stem."""
    return xml.with_suffix(".bin")


def is_cut_off(xml: Path) -> bool:
    """Whether the end of an IR is missing.

    Raises:
        OSError: when the .xml cannot be read.
    """
    return _END_TAG.search(read_tail(xml, _TAIL_BYTES)) is None


def expected_weight_bytes(xml: Path) -> int:
    """Size the .bin must at least have; 0 when the model has no stored constants.

    Raises:
        OSError: when the .xml cannot be read.
    """
    with open_regular(xml) as file:
        return max((_end_of_constant(tag) for tag in _data_tags(file)), default=0)


def parameter_shapes(xml: Path) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Shape and element type of each input, in the order of the file, at most 1,000.

    A shape has one string a dimension, as in ``'3'``, ``'?'`` or ``'1..8'``, and is
    ``('...',)`` where even the rank is dynamic.

    Raises:
        OSError: when the .xml cannot be read.
    """
    found = []
    with open_regular(xml) as file:
        for tag in _data_tags(file):
            shape, kind = _SHAPE.search(tag), _ELEMENT_TYPE.search(tag)
            if shape is None or kind is None or _OFFSET.search(tag):  # constants have an offset
                continue
            text = shape[1].decode("ascii", "replace").strip()
            sizes = tuple(size.strip() for size in text.split(",")) if text else ()
            found.append((sizes, kind[1].decode("ascii")))
            if len(found) == _MOST_PARAMETERS:
                break
    return tuple(found)


def _end_of_constant(tag: bytes) -> int:
    offset, size = _OFFSET.search(tag), _SIZE.search(tag)
    if offset is None or size is None or b"element_type=" not in tag:
        return 0
    return int(offset[1]) + int(size[1])


def _data_tags(file: BinaryIO) -> Iterator[bytes]:
    """Every <data> tag, read in blocks: an .xml may be large, and may be hostile."""
    pending = b""
    while block := file.read(_BLOCK_BYTES):
        pending += block
        yield from _DATA_TAG.findall(pending)
        unfinished = pending.rfind(b"<")
        is_open = unfinished >= 0 and b">" not in pending[unfinished:]
        pending = pending[unfinished:][:_BLOCK_BYTES] if is_open else b""
