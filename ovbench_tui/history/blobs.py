"""Plain data in few bytes: JSON, packed with zlib; never more than `MAX_BYTES` when unpacked."""

from __future__ import annotations

import json
import zlib
from typing import Any

from ovbench_tui.reports.plain_data import Plain

MAX_BYTES = 16 << 20


class NotABlobError(ValueError):
    """What was stored is damaged or too large."""


def to_text(plain: Plain) -> str:
    """Write JSON in one line of ASCII."""
    return json.dumps(plain, allow_nan=False, separators=(",", ":"))


def from_text(text: object) -> Any:
    """Read JSON.

    Raises:
        NotABlobError: it is none, or too large.
    """
    if not isinstance(text, (str, bytes)):
        raise NotABlobError("it is not text")
    if len(text) > MAX_BYTES:
        raise NotABlobError(f"it is larger than {MAX_BYTES >> 20} MiB")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NotABlobError("it is not valid JSON") from None


def pack(plain: Plain) -> bytes:
    """Make a blob."""
    return zlib.compress(to_text(plain).encode("ascii"), 6)


def unpack(blob: object) -> Any:
    """Read a blob.

    Raises:
        NotABlobError: it is none, or holds too much.
    """
    if not isinstance(blob, bytes):
        raise NotABlobError("it is not a blob")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(blob, MAX_BYTES + 1)
    except zlib.error:
        raise NotABlobError("it cannot be unpacked") from None
    if len(data) > MAX_BYTES:
        raise NotABlobError(f"it is larger than {MAX_BYTES >> 20} MiB")
    if not unpacker.eof:
        raise NotABlobError("its end is missing")
    return from_text(data)
