"""Memory that the user's program inherits, and that nobody has to clean up."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
import uuid

from ovbench_tui.application.recorder.layout import memory_bytes


class RecordMemory:
    """The shared memory, zeroed.

    On POSIX it is a file without a name, handed over by its descriptor; on Windows the system
    frees it with its last user.

    Args:
        capacity: records; a power of two.
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        size = memory_bytes(capacity)
        self.descriptors: tuple[int, ...] = ()
        if sys.platform == "win32":
            name = f"ovbench-tui-{uuid.uuid4().hex}"
            self.memory = mmap.mmap(-1, size, tagname=name)
        else:
            descriptor = _unnamed_file()
            os.ftruncate(descriptor, size)
            self.descriptors += (descriptor,)
            self.memory = mmap.mmap(descriptor, size)
            name = str(descriptor)
        self.handle = f"{name}:{size}:{capacity}"
        """What `recorder.writer.open_memory` takes."""

    def close_descriptors(self) -> None:
        """Give up what it was handed over by; the memory stays."""
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = ()


def _unnamed_file() -> int:
    if sys.platform == "linux" and hasattr(os, "memfd_create"):  # not in every libc
        return os.memfd_create("ovbench-records", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
