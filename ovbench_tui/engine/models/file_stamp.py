"""Tells whether a model's files are still those that were read."""

from __future__ import annotations

from pathlib import Path

from ovbench_tui.files.ir_weights import weights_path

FileStamp = tuple[tuple[int, int], ...]
"""Modification time in ns and size of each file; () where there is none."""


def stamp_of(path: Path | None) -> FileStamp:
    """Look at a model's files: an IR has its weights beside it, a SavedModel is a folder."""
    if path is None:
        return ()
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    if path.suffix.lower() == ".xml":
        files.append(weights_path(path))
    stamps: list[tuple[int, int]] = []
    for file in files:
        try:
            found = file.stat()
        except OSError:
            continue
        stamps.append((found.st_mtime_ns, found.st_size))
    return tuple(stamps)
