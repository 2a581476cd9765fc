"""The machine and the versions that the figures belong to."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from tests.benchmarks.settings import REPOSITORY

_PACKAGES = ("openvino", "textual", "numpy")


def describe_machine() -> str:
    """Markdown lines: processor, system, versions, commit."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in _PACKAGES)
    return "\n".join(
        (
            f"- {_processor()}, {_usable_cpus()} CPUs, {_memory()}{platform.system()}"
            f" {platform.release()}",
            f"- Python {platform.python_version()}, {versions}, ovbench-tui at {_commit()}",
        )
    )


def load_average() -> str:
    """The 1-minute load, to tell a quiet machine from a busy one."""
    return f"{os.getloadavg()[0]:.2f}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _usable_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return ""
    return f"{size / 2**30:.0f} GiB, "


def _commit() -> str:
    try:
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        )
    except (OSError, subprocess.SubprocessError):
        return "an unknown commit"
    return found.stdout.strip()
