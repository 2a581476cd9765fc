"""When each inference of the user's program was on the device."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.trace import Records

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time: float64 [n] each, in seconds."""

    begin_s: Floats
    end_s: Floats

    @property
    def total_s(self) -> float:
        """The sum of their lengths."""
        return float((self.end_s - self.begin_s).sum())

    def clipped(self, begin_s: float, end_s: float) -> Spans:
        """What lies between two times."""
        begin = np.clip(self.begin_s, begin_s, end_s)
        end = np.clip(self.end_s, begin_s, end_s)
        inside = end > begin
        return Spans(begin[inside], end[inside])

    def union(self) -> Spans:
        """The stretches that at least one of them covers."""
        if not self.begin_s.size:
            return self
        order = np.argsort(self.begin_s, kind="stable")
        begin, end = self.begin_s[order], np.maximum.accumulate(self.end_s[order])
        is_first = np.concatenate(([True], begin[1:] > end[:-1]))
        firsts = np.flatnonzero(is_first)
        lasts = np.concatenate((firsts[1:] - 1, [begin.size - 1]))
        return Spans(begin[firsts], end[lasts])

    def within(self, edges_s: Floats) -> Floats:
        """How much of each stretch between two edges they cover: [edges - 1], in seconds."""
        begin, end = np.sort(self.begin_s), np.sort(self.end_s)
        covered = _passed(begin, edges_s) - _passed(end, edges_s)
        return np.diff(covered)


def _passed(times_s: Floats, edges_s: Floats) -> Floats:
    """For each edge the sum of the time since each of the sorted `times_s` before it."""
    sums = np.concatenate(([0.0], np.cumsum(times_s)))
    count = np.searchsorted(times_s, edges_s)
    result: Floats = edges_s * count - sums[count]
    return result


def seconds(nanoseconds: npt.NDArray[np.int64], origin_ns: int) -> Floats:
    """Times since `origin_ns`."""
    result: Floats = (nanoseconds - origin_ns) / 1e9
    return result


@dataclass(frozen=True, slots=True)
class Inferences:
    """Those that were completed, in the order in which they began.

    Attributes:
        spans: on the device, from the start until OpenVINO had the result.
        models: int64 [n], numbers of the models.
    """

    spans: Spans
    models: npt.NDArray[np.int64]


def inferences_of(records: Records, origin_ns: int) -> Inferences:
    """Find them.

    OpenVINO reports of a request how long its last inference took. That comes with the call
    itself (infer), with the callback, or, of one that was started asynchronously, with the next
    thing that is done to its request.
    """
    known = records[records["latency_ns"] != UNKNOWN]
    direct = known[known["kind"] == Kind.INFER]
    called = known[known["kind"] == Kind.CALLBACK]
    started, latency_ns = _started(records)
    begin_ns = np.concatenate(
        (
            direct["begin_ns"] + direct["copy_ns"],
            called["begin_ns"] - called["latency_ns"],
            started["end_ns"],
        )
    )
    length_ns = np.concatenate((direct["latency_ns"], called["latency_ns"], latency_ns))
    models = np.concatenate((direct["model"], called["model"], started["model"]))
    order = np.argsort(begin_ns, kind="stable")
    begin_s = seconds(begin_ns[order], origin_ns)
    return Inferences(Spans(begin_s, begin_s + length_ns[order] / 1e9), models[order])


def _started(records: Records) -> tuple[Records, npt.NDArray[np.int64]]:
    """Asynchronous starts of which the latency is known, and it."""
    if not (records["kind"] == Kind.START).any():  # sorting takes long
        return records[:0], records["latency_ns"][:0]
    kinds = (Kind.INFER, Kind.START, Kind.WAIT, Kind.DONE)
    of_requests = records[np.isin(records["kind"], kinds) & (records["request"] != UNKNOWN)]
    order = np.lexsort((of_requests["sequence"], of_requests["request"]))
    ordered = of_requests[order]
    before, after = ordered[:-1], ordered[1:]
    is_pair = (
        (before["request"] == after["request"])
        & (before["kind"] == Kind.START)
        & (after["kind"] != Kind.INFER)
        & (after["latency_ns"] != UNKNOWN)
    )
    return before[is_pair], after["latency_ns"][is_pair]
