"""Stores records and notes into the shared memory."""

from __future__ import annotations

import json
import mmap
import os
import sys
import threading
from collections.abc import Callable
from itertools import count
from typing import Any

from ovbench_tui.application.recorder.layout import (
    HEADER,
    HEADER_BYTES,
    NOTE_BYTES,
    RECORD,
)

Store = Callable[[int, int, int, int, int, int, int, int, int, int, int, int], None]
"""Takes the fields of `layout.RECORD` but the last."""


class Writer:
    """The one process that writes into a shared memory, from any of its threads.

    A forked child goes on without being recorded: it would write over its parent's records.

    Args:
        memory: zeroed, of `layout.memory_bytes(capacity)`.
        capacity: of the ring; a power of two.

    Attributes:
        screen_pid: the process whose screen the program runs under, and which it is not to
            outlive; 0 = there is none.
    """

    def __init__(self, memory: mmap.mmap | bytearray, capacity: int) -> None:
        self.screen_pid = 0
        self._memory = memory
        self._note_end = 0
        self._lock = threading.Lock()
        self._is_recording = True
        self.store, self._stop = _ring(memory, capacity)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forked)

    def note(self, **words: Any) -> None:
        """Store what has no fixed size: a JSON object."""
        line = json.dumps(words, default=str).encode() + b"\n"
        with self._lock:
            begin = HEADER_BYTES + self._note_end
            if not self._is_recording or self._note_end + len(line) > NOTE_BYTES:
                return
            self._memory[begin : begin + len(line)] = line
            self._note_end += len(line)
            self._memory[8:16] = self._note_end.to_bytes(8, "little")

    def _forked(self) -> None:
        self._lock = threading.Lock()
        self._is_recording = False
        self._stop()


def _ring(memory: mmap.mmap | bytearray, capacity: int) -> tuple[Store, Callable[[], None]]:
    """What stores a record, and what makes it store nowhere from now on."""
    numbers = count(1)
    mask, first, size = capacity - 1, HEADER_BYTES + NOTE_BYTES, RECORD.size
    pack, total = RECORD.pack_into, memoryview(memory)[: HEADER.size].cast("q")
    target: mmap.mmap | bytearray = memory

    def store(
        begin_ns: int,
        end_ns: int,
        kind: int,
        thread: int,
        model: int,
        request: int,
        input_bytes: int,
        copy_ns: int,
        wait_ns: int,
        latency_ns: int,
        gap_cpu_ns: int,
        input_types: int,
    ) -> None:
        number = next(numbers)
        pack(
            target,
            first + ((number - 1) & mask) * size,
            begin_ns,
            end_ns,
            kind,
            thread,
            model,
            request,
            input_bytes,
            copy_ns,
            wait_ns,
            latency_ns,
            gap_cpu_ns,
            input_types,
            number,
        )
        # Of two threads the one with the lower number may come last: readers look further.
        total[0] = number

    def stop() -> None:
        nonlocal target, total
        target = bytearray(first + capacity * size)
        total = memoryview(target)[: HEADER.size].cast("q")

    return store, stop


def open_memory(handle: str) -> tuple[mmap.mmap, int]:
    """Open what the environment variable names, as ``HANDLE:BYTES:CAPACITY``.

    Returns:
        The memory and the capacity of its ring.
    """
    name, size, capacity = handle.split(":")
    if sys.platform == "win32":
        return mmap.mmap(-1, int(size), tagname=name), int(capacity)
    descriptor = int(name)
    memory = mmap.mmap(descriptor, int(size))
    os.close(descriptor)
    return memory, int(capacity)
