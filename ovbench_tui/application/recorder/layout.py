"""The memory that the user's program and this one share: its records, and notes in words."""

from __future__ import annotations

import struct
from enum import IntEnum

MEMORY_VARIABLE = "OVBENCH_TUI_RECORDER"
"""Environment variable with the handle of the shared memory and the ring's capacity."""

APART_VARIABLE = "OVBENCH_TUI_APART"
"""Environment variable that is set where the terminal and its keyboard are not the program's."""

RECORD = struct.Struct("<13q")
"""begin_ns, end_ns, kind, thread, model, request, input_bytes, copy_ns, wait_ns, latency_ns,
gap_cpu_ns, input_types, sequence.

- Times are of `perf_counter_ns`; what is not known is -1.
- ``thread``: 0 is the first that called OpenVINO, and so on.
- ``model``, ``request``: numbers of notes; a queue's requests are ``queue << 12 | index``.
- ``copy_ns``, ``wait_ns``: parts of the interval: copying and converting inputs, and waiting for
  an idle request of a queue.
- ``latency_ns``: as OpenVINO reports it; of a START that of the inference before on that request.
- ``gap_cpu_ns``: CPU time of the thread since its call before; of short gaps only a sample has it.
- ``input_types``: a bit for each numpy type number among the inputs; bit 62 = one was not
  contiguous, bit 60 = the results of this call are not copied.
- ``sequence``: number of the record from 1; it is written last.
"""

HEADER = struct.Struct("<qq")
"""Records ever stored; bytes of notes ever stored."""

HEADER_BYTES = 64
NOTE_BYTES = 256 * 1024
"""Room for notes: JSON, a line each. What comes when it is full is lost."""

NOT_CONTIGUOUS = 1 << 62
SHARED_RESULTS = 1 << 60
UNKNOWN = -1
QUEUE_SHIFT = 12
"""Bits of the index of a request in its queue."""


class Kind(IntEnum):
    """What a record is about."""

    READ = 1
    COMPILE = 2
    IMPORT = 3
    CREATE_REQUEST = 4
    INFER = 5
    """A synchronous inference, with its inputs and results."""
    START = 6
    WAIT = 7
    DONE = 8
    """No call: an inference is known to be over; only its latency counts."""
    CALLBACK = 9
    TENSOR = 10
    """set_*_tensor, get_output_tensor, results."""
    SAMPLE = 11
    """No call: ``model`` is the number of the program's function that the thread was in."""


def memory_bytes(capacity: int) -> int:
    """Size of the shared memory for a ring of `capacity` records."""
    return HEADER_BYTES + NOTE_BYTES + capacity * RECORD.size
