"""A model's files on their way to another machine: packed, checked, unpacked."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ovbench_tui.config.model_file import ModelFormat, Source
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.ir_weights import weights_path
from ovbench_tui.files.safe_read import open_regular

MOST_BYTES = 1 << 30
"""A model is held in memory once on each side while it travels."""

_FILES_AT_MOST = 1000
_PREFIX = "ovbench-fleet-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a parcel holds, in the order of its bytes.

    Attributes:
        model: the path that OpenVINO reads, inside the parcel; '.' = its folder.
        files: path inside the parcel, and bytes.
        sha256: of all bytes, in hexadecimal.
    """

    model: str
    files: tuple[tuple[str, int], ...]
    sha256: str

    @property
    def text(self) -> str:
        """As JSON."""
        return json.dumps([self.model, self.files, self.sha256])


def pack(source: Source) -> tuple[Manifest, bytes]:
    """Read a model with what belongs to it.

    Args:
        source: of a file or a folder, not of a built-in model.

    Raises:
        BadInputError: it is too large, or cannot be read.
    """
    if source.path is None:
        raise ValueError("a built-in model needs no parcel")
    files = _files_of(source)
    check_size(source)
    parts: list[bytes] = []
    try:
        for _, path in files:
            with open_regular(path) as file:
                parts.append(file.read(MOST_BYTES + 1))
    except OSError as error:
        cause = error.strerror or error
        raise BadInputError(f"Model '{source.name}' cannot be read: {cause}.") from None
    blob = b"".join(parts)
    manifest = Manifest(
        model="." if source.path.is_dir() else source.path.name,
        files=tuple((name, len(part)) for (name, _), part in zip(files, parts, strict=True)),
        sha256=hashlib.sha256(blob).hexdigest(),
    )
    return manifest, blob


def check_size(source: Source) -> None:
    """Refuse a model that is too large to be sent.

    Raises:
        BadInputError: it is.
    """
    size = sum(path.stat().st_size for _, path in _files_of(source))
    if size > MOST_BYTES:
        raise BadInputError(
            f"Model '{source.name}' has {size / 2**30:.1f} GiB, and at most"
            f" {MOST_BYTES >> 30} GiB is sent to a fleet: put it on every machine, give its path"
            " there, and add --no-ship."
        )


def unpack(manifest_text: str, blob: bytes, parent: str | None = None) -> str:
    """Write a parcel into a private folder of its own; returns the folder.

    Args:
        parent: where to make it; None = the system's place for such.

    Raises:
        BadInputError: the parcel is damaged, or cannot be written; nothing is left then.
    """
    model, files, sha256 = _read_manifest(manifest_text)
    if hashlib.sha256(blob).hexdigest() != sha256:
        raise BadInputError("The model arrived damaged: its checksum differs.")
    if sum(size for _, size in files) != len(blob):
        raise BadInputError("The model arrived damaged: it has another size.")
    try:
        # Only its owner may look into such a folder.
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    except OSError as error:
        raise BadInputError(f"The model cannot be written: {error.strerror or error}.") from None
    start = 0
    try:
        for name, size in files:
            path = folder.joinpath(*PurePosixPath(name).parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(memoryview(blob)[start : start + size])
            start += size
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise BadInputError(f"The model cannot be written: {error.strerror or error}.") from None
    if model != "." and not (folder / model).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        raise BadInputError("The model arrived without its main file.")
    return str(folder)


def _files_of(source: Source) -> Sequence[tuple[str, Path]]:
    path = source.path or Path()
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.is_file())
        if len(found) > _FILES_AT_MOST:
            raise BadInputError(
                f"Folder '{source.name}' has {len(found)} files: at most {_FILES_AT_MOST} are sent."
            )
        return [(file.relative_to(path).as_posix(), file) for file in found]
    beside = {
        ModelFormat.IR: weights_path(path),
        ModelFormat.PADDLE: path.with_suffix(".pdiparams"),
    }.get(source.format)
    files = [path, *([beside] if beside is not None and beside.is_file() else [])]
    return [(file.name, file) for file in files]


def _read_manifest(text: str) -> tuple[str, list[tuple[str, int]], str]:
    try:
        model, files, sha256 = json.loads(text)
        pairs = [(str(name), int(size)) for name, size in files]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadInputError("The model arrived without a list of its files.") from None
    for name in (model, *(name for name, _ in pairs)):
        if not _is_inside(name):
            raise BadInputError(f"The model has a file that leads elsewhere: {printable(name)!r}.")
    return model, pairs, sha256


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    is_plain = "\\" not in name and ":" not in name and "\0" not in name
    return is_plain and bool(name) and not path.is_absolute() and ".." not in path.parts
