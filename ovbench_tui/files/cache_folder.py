"""Whether a compiled model has reached the cache: OpenVINO does not say when it has not."""

from __future__ import annotations

import os
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.files.safe_write import create_beside

_PROBE_BYTES = 64 * 1024


class CacheFolder:
    """The folder of -cdir as it is before a model is compiled.

    Args:
        path: '' = no cache.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._before = _content(path) if path else frozenset()

    def why_nothing_new(self, *, writes_late: bool) -> str:
        """Return why a model that was compiled since is not in the folder, in a sentence.

        Args:
            writes_late: the device may still be writing, so that nothing new means nothing.

        Returns:
            '' where it is there, or where that cannot be known.
        """
        cause = _why_not_writable(Path(self._path))
        if not cause and (writes_late or _content(self._path) != self._before):
            return ""
        cause = cause or "OpenVINO wrote nothing, perhaps for lack of room"
        return f"The compiled model is not in the cache '{printable(self._path)}' (-cdir): {cause}."


def _content(path: str) -> frozenset[tuple[str, int, int]]:
    try:
        with os.scandir(path) as entries:
            found = [(entry.name, entry.stat()) for entry in entries]
    except (OSError, ValueError):
        return frozenset()
    return frozenset((name, stat.st_mtime_ns, stat.st_size) for name, stat in found)


def _why_not_writable(folder: Path) -> str:
    """Try to write there, since only trying tells; '' = it can be written."""
    try:
        file, part = create_beside(folder / "probe")
    except (OSError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error)
    try:
        with file:
            file.write(bytes(_PROBE_BYTES))
    except OSError as error:
        return error.strerror or str(error)
    finally:
        part.unlink(missing_ok=True)
    return ""
