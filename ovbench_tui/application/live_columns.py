"""The seconds and the chart columns of a program that runs, each worked out as it closes."""

from __future__ import annotations

import math

import numpy as np

from ovbench_tui.application.inferences import Floats, Spans, inferences_of
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.seconds import (
    Second,
    callbacks_of,
    nearest_rank,
    seconds_within,
)
from ovbench_tui.application.time_split import phases_of
from ovbench_tui.application.trace import Records, TraceReader
from ovbench_tui.engine.api.snapshot import History

COLUMN_S = 0.5
"""A chart's column; two are a second."""

_PER_SECOND = round(1 / COLUMN_S)
_OF_REQUESTS = (Kind.INFER, Kind.START, Kind.WAIT, Kind.DONE)


class LiveColumns:
    """What `analyse` would say of each second so far, without going through all again.

    A call is recorded when it ends, and of some inferences it is known only later that they are
    done: the seconds that what is new reaches back to are worked out again.

    Args:
        begin_ns: of `perf_counter_ns`, when the program was started.
    """

    def __init__(self, reader: TraceReader, begin_ns: int) -> None:
        self._reader = reader
        self._begin_ns = begin_ns
        self._fps: list[float] = []
        self._p50_ms: list[float] = []
        self._p99_ms: list[float] = []
        self._has_begun = False
        self._pending_ns: int | None = None
        self._started: dict[int, int] = {}
        self.seconds: list[Second] = []

    def take(self, new: Records, now_ns: int) -> None:
        """Take over what was read, and close the seconds that are over.

        Args:
            new: may be empty.
            now_ns: of `perf_counter_ns`.
        """
        reached_ns = self._reach_of(new)
        if reached_ns is not None:
            self._pending_ns = min(reached_ns, self._pending_ns or reached_ns)
        over = (now_ns - self._begin_ns) // 1_000_000_000
        if over <= len(self.seconds):
            return
        first = len(self.seconds)
        if self._pending_ns is not None:
            first = min(first, max(0, (self._pending_ns - self._begin_ns) // 1_000_000_000))
        self._pending_ns = None
        self._work_out(int(first), int(over))

    def history(self, columns: int) -> History:
        """The newest columns, for the charts."""
        first = max(0, len(self._fps) - columns)
        return History(
            COLUMN_S,
            first,
            tuple(self._fps[first:]),
            tuple(self._p50_ms[first:]),
            tuple(self._p99_ms[first:]),
            (),
        )

    def _work_out(self, first: int, over: int) -> None:
        """Work out the seconds from `first` on that are over."""
        records = self._reader.since(self._begin_ns + (first - 1) * 1_000_000_000)
        origin_ns = self._begin_ns
        spans = inferences_of(records, origin_ns).spans
        edges_s = np.arange(first, over + 1, dtype=np.float64)
        self.seconds[first:] = seconds_within(
            spans, callbacks_of(records, origin_ns), phases_of(records, origin_ns), edges_s
        )
        self._has_begun = self._has_begun or bool(spans.end_s.size)
        for place in range(first * _PER_SECOND, over * _PER_SECOND):
            self._set_column(place, spans)

    def _set_column(self, place: int, spans: Spans) -> None:
        ended = (spans.end_s >= place * COLUMN_S) & (spans.end_s < (place + 1) * COLUMN_S)
        latencies_ms: Floats = np.sort((spans.end_s - spans.begin_s)[ended] * 1e3)
        fps = latencies_ms.size / COLUMN_S if self._has_begun else math.nan
        figures = (fps, nearest_rank(latencies_ms, 50), nearest_rank(latencies_ms, 99))
        for values, figure in zip((self._fps, self._p50_ms, self._p99_ms), figures, strict=True):
            values[place : place + 1] = [figure]

    def _reach_of(self, new: Records) -> int | None:
        """The begin of what is told by new records; None = nothing is."""
        if not new.size:
            return None
        latency_ns = np.maximum(new["latency_ns"], 0)
        is_start = new["kind"] == Kind.START  # the latency of another inference, see below
        begin_ns = np.where(is_start, new["begin_ns"], new["begin_ns"] - latency_ns)
        reached_ns = int(begin_ns.min())
        # The inference before on the same request, which is done by now.
        of_requests = new[np.isin(new["kind"], _OF_REQUESTS) & (new["request"] != UNKNOWN)]
        for request in np.unique(of_requests["request"]).tolist():
            reached_ns = min(reached_ns, self._started.pop(request, reached_ns))
        starts = of_requests[of_requests["kind"] == Kind.START]
        self._started.update(
            zip(starts["request"].tolist(), starts["begin_ns"].tolist(), strict=True)
        )
        return reached_ns
