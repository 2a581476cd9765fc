"""What the threads that call OpenVINO spend their time on."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ovbench_tui.application.inferences import Floats, Spans, seconds
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.trace import Records

SPLIT_WORDS = {
    "waiting": "waiting for results",
    "inputs": "copying and converting inputs",
    "other_calls": "other calls of OpenVINO, results",
    "compiling": "compiling, creating requests",
    "program": "the program's own code",
    "asleep": "asleep, or without a CPU",
}
"""Fields of `TimeSplit`, in words."""

_STARTS = (Kind.INFER, Kind.START)
_DRIVING = (*_STARTS, Kind.WAIT)
_PREPARING = (Kind.READ, Kind.COMPILE, Kind.IMPORT, Kind.CREATE_REQUEST)
_CALLS = (*_DRIVING, *_PREPARING, Kind.TENSOR)


@dataclass(frozen=True, slots=True)
class Phases:
    """Stretches of the threads that start inferences or wait for them; none overlap in a thread.

    Attributes:
        waiting: for a result, or for a request to become idle.
        inputs: being copied or converted.
        other_calls: of OpenVINO: results copied, tensors set, the calls themselves.
        compiling: reading, compiling and importing models, creating requests.
        program: the program's own code on the CPU.
        asleep: neither in OpenVINO nor on the CPU: a sleep, a camera, a disk, a lock.
    """

    waiting: Spans
    inputs: Spans
    other_calls: Spans
    compiling: Spans
    program: Spans
    asleep: Spans

    def clipped(self, begin_s: float, end_s: float) -> Phases:
        """What lies between two times."""
        return Phases(*(getattr(self, f.name).clipped(begin_s, end_s) for f in fields(self)))


@dataclass(frozen=True, slots=True)
class TimeSplit:
    """How long each of the `Phases` was, in seconds, or in shares of their sum."""

    waiting: float
    inputs: float
    other_calls: float
    compiling: float
    program: float
    asleep: float

    @property
    def total(self) -> float:
        """The sum."""
        return float(sum(getattr(self, field.name) for field in fields(self)))

    def shares(self) -> TimeSplit:
        """Each as a share of the sum; zeros where that is zero."""
        total = self.total or 1.0
        return TimeSplit(*(getattr(self, field.name) / total for field in fields(self)))


def split_of(phases: Phases) -> TimeSplit:
    """The length of each."""
    return TimeSplit(*(getattr(phases, field.name).total_s for field in fields(phases)))


def split_within(phases: Phases, edges_s: Floats) -> tuple[TimeSplit, ...]:
    """The length of each, between each two edges."""
    columns = [getattr(phases, field.name).within(edges_s).tolist() for field in fields(phases)]
    return tuple(TimeSplit(*row) for row in zip(*columns, strict=True))


def phases_of(records: Records, origin_ns: int) -> Phases:
    """Split the time of each thread from its first call of OpenVINO to its last."""
    calls = records[np.isin(records["kind"], _CALLS)]
    drivers = np.unique(calls["thread"][np.isin(calls["kind"], _DRIVING)])
    parts = [_of_thread(calls[calls["thread"] == thread], origin_ns) for thread in drivers]
    empty = Spans(np.empty(0), np.empty(0))
    return Phases(
        *(
            Spans(
                np.concatenate([empty.begin_s, *(part[place].begin_s for part in parts)]),
                np.concatenate([empty.end_s, *(part[place].end_s for part in parts)]),
            )
            for place in range(len(fields(Phases)))
        )
    )


def _of_thread(calls: Records, origin_ns: int) -> tuple[Spans, ...]:
    """The phases of one thread, in their order."""
    calls = calls[np.argsort(calls["begin_ns"], kind="stable")]
    begin_s, end_s = seconds(calls["begin_ns"], origin_ns), seconds(calls["end_ns"], origin_ns)
    is_wait = calls["kind"] == Kind.WAIT
    is_preparing = np.isin(calls["kind"], _PREPARING)
    is_infer = calls["kind"] == Kind.INFER
    # START: an idle request, inputs, the call. INFER: inputs, the device, results.
    idle_s = np.minimum(begin_s + calls["wait_ns"] / 1e9, end_s)
    copied_s = np.minimum(idle_s + calls["copy_ns"] / 1e9, end_s)
    latency_s = np.where(is_infer, np.maximum(calls["latency_ns"], 0), 0) / 1e9
    done_s = np.minimum(copied_s + latency_s, end_s)
    is_start = np.isin(calls["kind"], _STARTS)
    program, asleep = _between(calls, begin_s, end_s)
    waiting = _joined(
        Spans(begin_s[is_wait], end_s[is_wait]),
        Spans(begin_s[is_start], idle_s[is_start]),
        Spans(copied_s[is_infer], done_s[is_infer]),
    )
    inputs = Spans(idle_s[is_start], copied_s[is_start])
    is_other = ~is_wait & ~is_preparing
    other = Spans(done_s[is_other], end_s[is_other])
    compiling = Spans(begin_s[is_preparing], end_s[is_preparing])
    return waiting, inputs, other, compiling, program, asleep


def _between(calls: Records, begin_s: Floats, end_s: Floats) -> tuple[Spans, Spans]:
    """What is between the calls: on the CPU, and not.

    Of short gaps only some have their CPU time; the others have the same share of it.
    """
    before_s, after_s = end_s[:-1], np.maximum(begin_s[1:], end_s[:-1])
    gap_s = after_s - before_s
    cpu_ns = calls["gap_cpu_ns"][1:]
    is_known = (cpu_ns != UNKNOWN) & (cpu_ns >= 0)
    cpu_s = np.where(is_known, np.minimum(cpu_ns / 1e9, gap_s), 0.0)
    rest = ~is_known
    if rest.any():
        like = is_known & (gap_s <= max(gap_s[rest].max(), 0.0))
        known_s = float(gap_s[like].sum())
        share = float(cpu_s[like].sum()) / known_s if known_s > 0 else 1.0
        cpu_s[rest] = gap_s[rest] * share
    middle_s = before_s + cpu_s
    return Spans(before_s, middle_s), Spans(middle_s, after_s)


def _joined(*parts: Spans) -> Spans:
    return Spans(
        np.concatenate([part.begin_s for part in parts]),
        np.concatenate([part.end_s for part in parts]),
    )
