"""What a recorded program gives its models, and what is done to that."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter_ns

import numpy as np

from ovbench_tui.application.recorder.layout import NOT_CONTIGUOUS, SHARED_RESULTS, Kind
from ovbench_tui.application.trace import Trace

_STARTS = (Kind.INFER, Kind.START)
_FEWEST_TRIED, _MOST_TRIED = 10_000, 20_000_000
_TRIALS = 5


@dataclass(frozen=True, slots=True)
class InputUse:
    """What was done to the inputs.

    Attributes:
        converted: inferences with an array of another type than its model takes, and `converted_s`
            the time for their inputs; `scattered` and `scattered_s`: with an array that is not
            contiguous.
        types: numpy type numbers, a bit each, of the arrays that were converted.
        mean_bytes: of the arrays of an inference; `copied_s`: the time for all inputs.
        byte_values: '' = unknown or no; ``whole`` = floats that are whole numbers of a byte, as of
            an image; ``scaled`` = these divided by 255.
    """

    converted: int
    converted_s: float
    scattered: int
    scattered_s: float
    types: int
    mean_bytes: float = 0.0
    copied_s: float = 0.0
    byte_values: str = ""


def inputs_of(trace: Trace) -> InputUse:
    """Work it out."""
    records, notes = trace.records, trace.models
    starts = records[np.isin(records["kind"], _STARTS)]
    given = starts["input_types"] & ~np.int64(NOT_CONTIGUOUS | SHARED_RESULTS)
    taken = np.zeros(starts.size, np.int64)
    for number, note in notes.items():
        taken[starts["model"] == number] = note.numpy_types
    other = np.where(taken != 0, given & ~taken, 0)
    is_converted = other != 0
    is_scattered = ~is_converted & ((starts["input_types"] & NOT_CONTIGUOUS) != 0)
    return InputUse(
        converted=int(is_converted.sum()),
        converted_s=float(starts["copy_ns"][is_converted].sum()) / 1e9,
        scattered=int(is_scattered.sum()),
        scattered_s=float(starts["copy_ns"][is_scattered].sum()) / 1e9,
        types=int(np.bitwise_or.reduce(other)) if other.size else 0,
        mean_bytes=float(starts["input_bytes"].mean()) if starts.size else 0.0,
        copied_s=float(starts["copy_ns"].sum()) / 1e9,
        byte_values=trace.byte_values,
    )


def convert_ns(inputs: InputUse) -> float:
    """What numpy takes here to make a float of a byte as they are, in nanoseconds; best of some.

    Args:
        inputs: with `byte_values`.
    """
    values = int(min(max(inputs.mean_bytes / 4, _FEWEST_TRIED), _MOST_TRIED))
    image = np.zeros(values, np.uint8)
    times_ns = []
    for _ in range(_TRIALS):
        begin_ns = perf_counter_ns()
        made = image.astype(np.float32)
        if inputs.byte_values == "scaled":
            made = made / np.float32(255)
        times_ns.append(perf_counter_ns() - begin_ns)
    return min(times_ns) / values
