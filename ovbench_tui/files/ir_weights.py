"""How many bytes of weights an OpenVINO IR expects in its .bin file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ovbench_tui.files.safe_read import open_regular

# No "<" inside, or a hostile file of "<data<data..." would take hours.
_DATA_TAG = re.compile(rb"<data\b[^<>]*>")
_OFFSET = re.compile(rb"\boffset=\"(\d{1,18})\"")
_SIZE = re.compile(rb"\bsize=\"(\d{1,18})\"")
_BLOCK_BYTES = 1 << 20


def weights_path(xml: Path) -> Path:
    """Where the weights of an IR lie: beside the .xml, with the same stem."""
    return xml.with_suffix(".bin")


def expected_weight_bytes(xml: Path) -> int:
    """Size the .bin must at least have; 0 when the model has no stored constants.

    Raises:
        OSError: when the .xml cannot be read.
    """
    with open_regular(xml) as file:
        return max((_end_of_constant(tag) for tag in _data_tags(file)), default=0)


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
