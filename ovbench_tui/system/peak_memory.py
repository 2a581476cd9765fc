"""Resident memory: what a process has now, and the most that this one has ever had."""

from __future__ import annotations

import os
import sys

import psutil

from ovbench_tui.system.kernel_file import read_kernel_file

if sys.platform != "win32":
    import resource

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


def peak_rss_bytes() -> int:
    """Peak resident set size; 0 where the system does not tell.

    ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2) of either).
    """
    if sys.platform != "win32":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_BYTES
    return 0


def resident_bytes(pid: int | None = None) -> int:
    """Resident set size of a process, now; 0 where it has ended or may not be looked at.

    Args:
        pid: None = this process.
    """
    if sys.platform.startswith("linux"):
        # For psutil's answer it is found out first when the process began: four times the cost.
        words = (read_kernel_file(f"/proc/{pid or 'self'}/statm") or "").split()
        return int(words[1]) * os.sysconf("SC_PAGE_SIZE") if len(words) > 1 else 0
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
