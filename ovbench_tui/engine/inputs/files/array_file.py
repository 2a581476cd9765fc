"""Arrays and raw bytes read from files: bounded by the file's own size, and never pickles."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from ovbench_tui.config.shapes import Shape
from ovbench_tui.engine.inputs.files.file_errors import file_error, refusing
from ovbench_tui.files.safe_read import open_regular


@dataclass(frozen=True, slots=True)
class ArrayHead:
    """What an .npy file says of itself."""

    shape: Shape
    dtype: np.dtype[np.generic]


def read_array_head(path: Path, label: str) -> ArrayHead:
    """Read the head of an .npy file, and check that the file holds what it promises.

    Raises:
        BadInputError: no such array, a pickle, or a truncated file; `label` names the input.
    """
    with refusing(path, label), open_regular(path) as file:
        return _head(file, path, label)


def read_array(path: Path, label: str) -> npt.NDArray[np.generic]:
    """Read an .npy file.

    Raises:
        BadInputError: as `read_array_head`.
    """
    with refusing(path, label), open_regular(path) as file:
        _head(file, path, label)
        file.seek(0)
        array: npt.NDArray[np.generic] = np.load(file, allow_pickle=False)
        return array


def read_bytes(path: Path, label: str, sizes: tuple[int, ...]) -> bytes:
    """Read a file of raw bytes that has one of `sizes`.

    Raises:
        BadInputError: it has another size.
    """
    with refusing(path, label), open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size not in sizes:
            wanted = " or ".join(str(size) for size in dict.fromkeys(sizes))
            raise file_error(path, label, f"it has {size} bytes, and the input takes {wanted}")
        return file.read(size)


def _head(file: BinaryIO, path: Path, label: str) -> ArrayHead:
    version = np.lib.format.read_magic(file)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    if version not in readers:
        raise file_error(path, label, f".npy version {version[0]}.{version[1]} is not read")
    shape, _, dtype = readers[version](file)
    if dtype.hasobject:
        raise file_error(path, label, "it holds Python objects, which are never read")
    if any(size < 0 for size in shape):
        raise file_error(path, label, f"its shape {shape} has a negative size")
    has, needs = os.fstat(file.fileno()).st_size - file.tell(), math.prod(shape) * dtype.itemsize
    if has < needs:
        raise file_error(
            path, label, f"it is truncated, {needs - has} of {needs} bytes are missing"
        )
    return ArrayHead(tuple(int(size) for size in shape), dtype)
