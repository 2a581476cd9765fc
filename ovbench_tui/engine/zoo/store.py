"""Built-in models on disk: built once into the user's cache, read from there afterwards."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from pathlib import Path

import openvino as ov
import platformdirs

from ovbench_tui.engine.zoo.builders import build
from ovbench_tui.files.safe_read import read_head

REVISION = 1
"""Part of every cache entry's name: raise it when any builder's weights or graph change."""

_MANIFEST = "complete.json"
_MANIFEST_BYTES = 4096
_STAGING_PREFIX = ".building-"
_ABANDONED_AFTER_S = 86_400.0


def load(core: ov.Core, name: str, cache_root: Path | None = None) -> ov.Model:
    """Read a built-in model from the cache, where it is built the first time.

    A cache that cannot be used (read-only home, full disk) costs the time of a build in
    memory and nothing else.

    Args:
        core: reads the model.
        name: as in `catalog.ZOO`.
        cache_root: instead of the user's cache folder.

    Raises:
        BadInputError: when there is no such model.
    """
    for _ in range(2):
        try:
            path = model_path(name, cache_root)
        except OSError:
            break
        try:
            return core.read_model(path)
        except RuntimeError:
            # Its sizes were right and still it cannot be read: the next turn builds it again.
            with contextlib.suppress(OSError):
                (path.parent / _MANIFEST).unlink()
    return build(name)


def model_path(name: str, cache_root: Path | None = None) -> Path:
    """Return the cached .xml of a built-in model (its .bin beside it), building it if needed.

    Any number of processes may do this at once: each builds in a folder of its own, and the
    first one to rename it wins.

    Raises:
        BadInputError: when there is no such model.
        OSError: when it cannot be written.
    """
    root = cache_root if cache_root is not None else platformdirs.user_cache_path("ovbench-tui")
    if not root.is_absolute():
        raise OSError("there is no home folder for it")
    entry = root / "zoo" / f"{name}-r{REVISION}"
    if not _is_intact(entry, name):
        entry.parent.mkdir(parents=True, exist_ok=True)
        _sweep(entry, name)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=entry.parent))
        try:
            _write(build(name), staging, name)
            _put_in_place(staging, entry, name)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return entry / f"{name}.xml"


def _files(name: str) -> tuple[str, str]:
    return f"{name}.xml", f"{name}.bin"


def _is_intact(entry: Path, name: str) -> bool:
    """Compare the files' sizes with the manifest, which is written last."""
    try:
        sizes = json.loads(read_head(entry / _MANIFEST, _MANIFEST_BYTES))
        return all((entry / file).stat().st_size == sizes[file] for file in _files(name))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _write(model: ov.Model, folder: Path, name: str) -> None:
    path = folder / f"{name}.xml"
    try:
        ov.save_model(model, path)
        # What a full disk loses as a file is closed goes unnoticed, until it is read back.
        ov.Core().read_model(path)
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written") from error
    sizes = {file: (folder / file).stat().st_size for file in _files(name)}
    (folder / _MANIFEST).write_text(json.dumps(sizes), encoding="utf-8")


def _put_in_place(staging: Path, entry: Path, name: str) -> None:
    """Rename `staging` to `entry`; give way to an intact one, move a damaged one aside."""
    try:
        staging.rename(entry)
    except OSError:
        if _is_intact(entry, name):
            return
        aside = Path(tempfile.mkdtemp(prefix=_STAGING_PREFIX, dir=entry.parent))
        try:
            # Another process may have replaced it just now; then both renames fail harmlessly.
            with contextlib.suppress(OSError):
                entry.rename(aside / "damaged")
            staging.rename(entry)
        except OSError:
            if not _is_intact(entry, name):
                raise
        finally:
            shutil.rmtree(aside, ignore_errors=True)


def _sweep(entry: Path, name: str) -> None:
    """Delete what older revisions and broken-off builds left behind; a leftover is no error."""
    for folder in entry.parent.iterdir():
        with contextlib.suppress(OSError, ValueError):
            if folder.name.startswith(_STAGING_PREFIX):
                unused = time.time() - folder.stat().st_mtime > _ABANDONED_AFTER_S
            else:
                stem, _, revision = folder.name.rpartition("-r")
                unused = stem == name and int(revision) < REVISION
            if unused:
                shutil.rmtree(folder, ignore_errors=True)
