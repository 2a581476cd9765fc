"""How much memory this process may still take, and the most that it ever had."""

from __future__ import annotations

import sys
from pathlib import Path

from ovbench_tui.system.cgroup import CgroupMemory, find_cgroup_memory
from ovbench_tui.system.kernel_file import read_kernel_file

_UNKNOWN = 2**62


def available_bytes(root: Path = Path("/")) -> int:
    """Bytes free to take: the system's, and no more than any control group around us leaves.

    Where the system reports neither, a number that never stops anything.

    Args:
        root: of the file system, for tests.
    """
    return AvailableMemory(root)()


class AvailableMemory:
    """As `available_bytes`, for one who asks often: the control groups are looked up once."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root
        is_linux = sys.platform.startswith("linux")
        self._groups = find_cgroup_memory(root) if is_linux else CgroupMemory()

    def __call__(self) -> int:
        """Bytes free to take."""
        left, free = self._groups.left_bytes(), _system_bytes(self._root)
        return free if left is None else min(free, left)


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


def _system_bytes(root: Path) -> int:
    for line in (read_kernel_file(str(root / "proc/meminfo")) or "").splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if name == "MemAvailable" and words and words[0].isdigit():
            return int(words[0]) * 1024
    return _UNKNOWN
