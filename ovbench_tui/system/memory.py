"""How much memory this process may still take, and the most that it ever had."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.platform != "win32":
    import resource

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024
_UNKNOWN = 2**62


def available_bytes() -> int:
    """Bytes free to take: the system's, and no more than the cgroup leaves.

    Where the system does not tell, a number that never stops anything.
    """
    return min(_system_bytes(), _cgroup_bytes())


def bytes_on_disk(model: str) -> int:
    """Size of a model's file and the weights beside it; 0 where it is none of its own."""
    try:
        path = Path(model).expanduser()
    except (RuntimeError, ValueError):  # '~someone' with no home directory, or no such name
        return 0
    if not path.name:
        return 0
    return sum(map(_size, {path, path.with_suffix(".bin")}))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0  # whoever reads the model says what is wrong


def _system_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return _UNKNOWN
    for line in lines:
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return _UNKNOWN


def _cgroup_bytes() -> int:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = int((folder / "memory.current").read_text(encoding="ascii"))
        return max(0, int(limit) - used) if limit != "max" else _UNKNOWN
    except (OSError, ValueError):
        return _UNKNOWN


def peak_rss_bytes() -> int:
    """Peak resident set size of this process; 0 where the system does not tell.

    ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2) of either).
    """
    if sys.platform != "win32":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_BYTES
    return 0
