"""What a process holds: threads, processes, open files, blocks of shared memory."""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

_PATIENCE_S = 30.0
_SHARED = ("psm_", "ovbench")
"""What Python and we call a block; others' programs have theirs in the same place."""


@contextmanager
def nothing_left() -> Iterator[None]:
    """Assert that what was begun inside is gone soon after."""
    _start_what_stays()
    before = held()
    yield
    end_s = time.monotonic() + _PATIENCE_S
    while left := held() - before:
        assert time.monotonic() < end_s, f"left behind: {sorted(left)}"
        gc.collect()
        time.sleep(0.01)


def held() -> set[str]:
    """Return a word for each thing this process holds."""
    words = {f"thread {thread.name} {thread.ident}" for thread in threading.enumerate()}
    words |= {f"process {child.pid}" for child in psutil.Process().children(recursive=True)}
    for path in _entries("/dev/shm"):
        if path.name.startswith(_SHARED):
            words.add(f"memory {path}")
    for path in _entries("/proc/self/fd"):
        with suppress(OSError):  # the one that this very look opened
            words.add(f"file {path.name} {path.readlink()}")
    return words


def _entries(folder: str) -> list[Path]:
    return list(Path(folder).iterdir()) if Path(folder).is_dir() else []


def _start_what_stays() -> None:
    """Helper processes and OpenVINO's own files live as long as the process."""
    if os.name == "posix":
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
    if sys.platform == "linux":
        from tests.e2e.warm import server

        server()
    import openvino as ov

    ov.Core()
