"""Memory shared by two processes that nobody has to clean up."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
from multiprocessing import shared_memory
from typing import Any


class SharedBuffer:
    """Zeroed memory that a spawned process shares by being given this object.

    It has no name that could outlive its users: on POSIX it is an unlinked file, handed over
    by its file descriptor; on Windows the system frees a mapping with its last user. So
    whatever kills the processes, nothing is left behind.

    Only to be pickled while a `SpawnProcess` is started.
    """

    def __init__(self, size_bytes: int) -> None:
        self._size_bytes = size_bytes
        self._fd = -1
        self._windows_block: Any = None
        if sys.platform != "win32":
            self._fd = _unnamed_file()
            os.ftruncate(self._fd, size_bytes)
            self._map = mmap.mmap(self._fd, size_bytes)
        else:
            self._windows_block = shared_memory.SharedMemory(create=True, size=size_bytes)

    @property
    def memory(self) -> mmap.mmap | memoryview:
        """The writable memory."""
        if sys.platform != "win32":
            return self._map
        block: memoryview = self._windows_block.buf
        return block

    def __getstate__(self) -> dict[str, Any]:
        if sys.platform != "win32":
            from multiprocessing.reduction import DupFd

            return {"size_bytes": self._size_bytes, "fd": DupFd(self._fd)}
        return {"size_bytes": self._size_bytes, "name": self._windows_block.name}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._size_bytes = state["size_bytes"]
        self._fd, self._windows_block = -1, None
        if sys.platform != "win32":
            self._fd = state["fd"].detach()
            self._map = mmap.mmap(self._fd, self._size_bytes)
            self.close_handle()
        else:
            self._windows_block = shared_memory.SharedMemory(name=state["name"])

    def close_handle(self) -> None:
        """Give up what it is handed over by; the memory stays until its last view is gone."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def _unnamed_file() -> int:
    if sys.platform == "linux" and hasattr(os, "memfd_create"):  # not in every libc
        return os.memfd_create("ovbench-ring", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
