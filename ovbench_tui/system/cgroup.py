"""The CPU time and the memory that Linux control groups leave this process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.system.kernel_file import read_kernel_file, read_kernel_number

_NS, _US = 1e9, 1e6
_NO_LIMIT = 2**60
"""Version 1 writes no limit as the largest number of pages."""


@dataclass(frozen=True, slots=True)
class CgroupCpu:
    """Where to read the limits of the groups this process is in, the innermost first.

    Attributes:
        v2_files: ``cpu.max``: quota and period in one file.
        v1_folders: with ``cpu.cfs_quota_us`` and ``cpu.cfs_period_us``.
        stat_file: of the innermost group; '' = there is none.
    """

    v2_files: tuple[str, ...] = ()
    v1_folders: tuple[str, ...] = ()
    stat_file: str = ""

    def quota_cpus(self) -> float | None:
        """CPUs' worth of time that may be used; None = no limit, or none that can be read."""
        quotas = [_v2_quota(path) for path in self.v2_files]
        quotas += [_v1_quota(folder) for folder in self.v1_folders]
        return min((quota for quota in quotas if quota is not None), default=None)

    def throttled_s(self) -> float | None:
        """Seconds, summed over all CPUs, for which the group had to wait; None = unreadable."""
        for line in (read_kernel_file(self.stat_file) or "").splitlines():
            name, _, value = line.partition(" ")
            if name in ("throttled_usec", "throttled_time") and value.isdigit():
                return int(value) / (_US if name == "throttled_usec" else _NS)
        return None


@dataclass(frozen=True, slots=True)
class CgroupMemory:
    """Where to read the memory limits of the groups this process is in, the innermost first.

    Attributes:
        files: for each group its limit and what it uses; ``memory.max`` and ``memory.current``,
            in version 1 ``memory.limit_in_bytes`` and ``memory.usage_in_bytes``.
    """

    files: tuple[tuple[str, str], ...] = ()

    def limit_bytes(self) -> int | None:
        """Bytes that the group with the least left may use; None = no limit, or none readable."""
        tightest = self._tightest()
        return tightest[0] if tightest else None

    def used_bytes(self) -> int | None:
        """Bytes in use by that group; None where there is no limit, or use is unreadable."""
        tightest = self._tightest()
        return tightest[1] if tightest else None

    def left_bytes(self) -> int | None:
        """Bytes that may still be taken before a group is full; None = no limit."""
        tightest = self._tightest()
        return _left(tightest) if tightest else None

    def _tightest(self) -> _Limited | None:
        """The group with the least left: what else is in a group around ours counts, too."""
        limited = [
            (limit, read_kernel_number(used), _cache_bytes(used))
            for path, used in self.files
            if (limit := _limit(path)) is not None
        ]
        return min(limited, key=_left, default=None)


def find_cgroup(root: Path = Path("/")) -> CgroupCpu:
    """Find the groups of this process; empty where the system has none.

    Inside a container the path that the kernel tells may not exist; then the mount itself
    is the container's group.

    Args:
        root: of the file system, for tests.
    """
    mount = root / "sys/fs/cgroup"
    v2: list[Path] = []
    v1: list[Path] = []
    for line in (read_kernel_file(str(root / "proc/self/cgroup")) or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            for base in (mount, mount / "unified"):
                groups = _from_inside_out(base, group)
                v2 += [path for path in groups if (path / "cpu.max").is_file()]
        elif "cpu" in controllers.split(","):
            for base in (mount / "cpu", mount / controllers):
                groups = _from_inside_out(base, group)
                found = [path for path in groups if (path / "cpu.cfs_quota_us").is_file()]
                if found:
                    v1 += found
                    break
    return CgroupCpu(
        v2_files=tuple(str(folder / "cpu.max") for folder in v2),
        v1_folders=tuple(str(folder) for folder in v1),
        stat_file=next((str(folder / "cpu.stat") for folder in (*v2, *v1)), ""),
    )


def find_cgroup_memory(root: Path = Path("/")) -> CgroupMemory:
    """Find the memory limits of this process's groups, as `find_cgroup` finds the CPU's."""
    mount = root / "sys/fs/cgroup"
    found: list[tuple[str, str]] = []
    for line in (read_kernel_file(str(root / "proc/self/cgroup")) or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            bases, names = (mount, mount / "unified"), ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            bases = (mount / "memory", mount / controllers)
            names = ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        for base in dict.fromkeys(bases):
            for folder in _from_inside_out(base, group):
                limit, used = (str(folder / name) for name in names)
                if (folder / names[0]).is_file():
                    found.append((limit, used))
    return CgroupMemory(tuple(dict.fromkeys(found)))


def _from_inside_out(base: Path, group: str) -> list[Path]:
    """Folders from the group up to the mount; those that do not exist are left out."""
    parts = [part for part in group.split("/") if part not in ("", ".", "..")]
    folders = [base.joinpath(*parts[:count]) for count in range(len(parts), -1, -1)]
    return [folder for folder in folders if folder.is_dir()]


_Limited = tuple[int, int | None, int]
"""Of a group with a limit: the limit, what is used, and the file cache in it, in bytes."""


def _left(group: _Limited) -> int:
    limit, used, cache = group
    return max(0, limit - max(0, (used or 0) - cache))


def _cache_bytes(used_file: str) -> int:
    """File pages that nobody has used lately: the kernel drops them before a group is full.

    `inactive_file` of ``memory.stat``, in version 1 that of all groups below as well (the
    kernel's Documentation/admin-guide/cgroup-v2.rst and cgroup-v1/memory.rst).
    """
    found = 0
    stat_file = Path(used_file).with_name("memory.stat")
    for line in (read_kernel_file(str(stat_file)) or "").splitlines():
        name, _, value = line.partition(" ")
        if name in ("inactive_file", "total_inactive_file") and value.isdigit():
            found = max(found, int(value))
    return found


def _limit(path: str) -> int | None:
    limit = read_kernel_number(path)
    return limit if limit is not None and 0 < limit < _NO_LIMIT else None


def _v2_quota(path: str) -> float | None:
    words = (read_kernel_file(path) or "").split()
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None  # 'max' is not a number: no limit
    return int(words[0]) / int(words[1])


def _v1_quota(folder: str) -> float | None:
    quota_us = read_kernel_number(f"{folder}/cpu.cfs_quota_us")
    if quota_us is None or quota_us < 0:
        return None  # -1: no limit
    period_us = read_kernel_number(f"{folder}/cpu.cfs_period_us")
    return quota_us / period_us if period_us else None
