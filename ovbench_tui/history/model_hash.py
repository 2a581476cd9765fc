"""A model's hash, by which runs of the same model are told from runs of another of its name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.files.ir_weights import weights_path
from ovbench_tui.files.safe_read import open_regular

_BLOCK_BYTES = 1 << 20
_FILES_AT_MOST = 1000

Signature = tuple[tuple[str, int, int], ...]
"""Path, bytes and modification time in ns of each of a model's files, in a fixed order."""


def signature_of(model: ModelInfo) -> Signature:
    """Look at the model's files; () for a built-in model, and where they are gone.

    A weights file belongs to the .xml of an IR and the .pdmodel of PaddlePaddle; of a folder
    all files count.
    """
    if model.format == "built-in":
        return ()
    try:
        return tuple(_entry(path) for path in _files_of(Path(model.source).absolute()))
    except (OSError, ValueError):  # no file can have such a name
        return ()


def signature_text(signature: Signature) -> str:
    """Write a signature as the database holds it; '' for ()."""
    return json.dumps(signature, separators=(",", ":")) if signature else ""


class ModelHash:
    """Hashes the files of a model block by block, so that it can be done little by little.

    The hash is the SHA-256 of the file; of several files, that of their SHA-256s in hexadecimal,
    one a line.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.text = ""
        """The hash once it is known; '' where a file has changed or cannot be read."""
        self._blocks = self._hash()

    def step(self) -> bool:
        """Hash the next block; False when there is none left."""
        return next(self._blocks, None) is not None

    def _hash(self) -> Iterator[int]:
        digests = []
        for name, size, mtime_ns in self.signature:
            digest = hashlib.sha256()
            try:
                with open_regular(Path(name)) as file:
                    while block := file.read(_BLOCK_BYTES):
                        digest.update(block)
                        yield len(block)
                is_the_same = _entry(Path(name)) == (name, size, mtime_ns)
            except OSError:
                return
            if not is_the_same:
                return
            digests.append(digest.hexdigest())
        if len(digests) > 1:
            lines = "".join(f"{digest}\n" for digest in digests)
            digests = [hashlib.sha256(lines.encode("ascii")).hexdigest()]
        self.text = "".join(digests)


def _entry(path: Path) -> tuple[str, int, int]:
    found = path.stat()
    return str(path), found.st_size, found.st_mtime_ns


def _files_of(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return files if len(files) <= _FILES_AT_MOST else []
    suffix = path.suffix.lower()
    if suffix == ".xml":
        weights = weights_path(path)
    elif suffix == ".pdmodel":
        weights = path.with_suffix(".pdiparams")
    else:
        return [path]
    return [path, weights] if weights.is_file() else [path]
