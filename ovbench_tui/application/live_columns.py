"""The seconds and the chart columns of a program that runs, each worked out as it closes."""

from __future__ import annotations

import math

import numpy as np

from ovbench_tui.application.inferences import Floats, Spans, inferences_of
from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.seconds import Second, callbacks_of, seconds_within
from ovbench_tui.application.time_split import phases_of
from ovbench_tui.application.trace import Records, TraceReader
from ovbench_tui.engine.api.snapshot import History
from ovbench_tui.stats.sample_size import nearest_rank

COLUMN_S = 0.5
"""A chart's column; two are a second."""

_PER_SECOND = round(1 / COLUMN_S)
_SECOND_NS = 1_000_000_000
_MOST_REMEMBERED = 10_000
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
        self._first = 0
        self._needs: dict[int, int] = {}
        self._ended: dict[int, int] = {}
        self._begun: dict[int, int] = {}
        self.seconds: list[Second] = []

    def take(self, new: Records, now_ns: int) -> None:
        """Take over what was read, and close the seconds that are over.

        Args:
            new: may be empty.
            now_ns: of `perf_counter_ns`.
        """
        if new.size:
            self._look_back(new)
        over = self._second_of(now_ns)
        if over > len(self.seconds):
            self._work_out(min(len(self.seconds), self._first), over)
            self._first = over

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
        needed_ns = [self._needs[second] for second in range(first, over) if second in self._needs]
        records = self._reader.since(min([self._begin_ns + first * _SECOND_NS, *needed_ns]))
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

    def _look_back(self, new: Records) -> None:
        """Find the seconds that new records say something of."""
        latency_ns = np.maximum(new["latency_ns"], 0)
        # The latency of a START is that of another inference, see below.
        is_start = new["kind"] == Kind.START
        begin_ns = int(np.where(is_start, new["begin_ns"], new["begin_ns"] - latency_ns).min())
        self._first = min(self._first, self._second_of(begin_ns))
        # Of a thread: what it did between its calls.
        self._need_pairs(new, "thread", "end_ns", "begin_ns", self._ended)
        # Of a request: its inference, which is known to be done by what comes next.
        is_of_request = np.isin(new["kind"], _OF_REQUESTS) & (new["request"] != UNKNOWN)
        self._need_pairs(new[is_of_request], "request", "begin_ns", "end_ns", self._begun)

    def _need_pairs(
        self, new: Records, key: str, before: str, after: str, last: dict[int, int]
    ) -> None:
        """Note the stretches from each record of a thread or request to the next one.

        Args:
            before, after: the times of the one and of the next that are the ends of a stretch.
            last: the former, of the last record of each; is brought up to date.
        """
        order = np.argsort(new[key], kind="stable")
        keys, begins_ns, ends_ns = new[key][order], new[before][order], new[after][order]
        is_first = np.concatenate(([True], keys[1:] != keys[:-1]))[: keys.size]
        for place in np.flatnonzero(is_first).tolist():
            self._need(last.get(int(keys[place])), int(ends_ns[place]))
        since_ns = begins_ns[:-1] - self._begin_ns
        until_ns = ends_ns[1:] - self._begin_ns
        crosses = ~is_first[1:] & (since_ns // _SECOND_NS != until_ns // _SECOND_NS)
        for place in np.flatnonzero(crosses).tolist():
            self._need(int(begins_ns[place]), int(ends_ns[place + 1]))
        is_last = np.concatenate((is_first[1:], [True]))[: keys.size]
        if len(last) > _MOST_REMEMBERED:  # of a program that makes a request for each inference
            last.clear()
        last.update(zip(keys[is_last].tolist(), begins_ns[is_last].tolist(), strict=True))

    def _need(self, begin_ns: int | None, end_ns: int) -> None:
        """Remember that the seconds between two times can be worked out only with the first."""
        if begin_ns is None:
            return
        first = self._second_of(begin_ns)
        self._first = min(self._first, first)
        for second in range(first + 1, self._second_of(end_ns) + 1):
            self._needs[second] = min(self._needs.get(second, begin_ns), begin_ns)

    def _second_of(self, time_ns: int) -> int:
        return max(0, int(time_ns - self._begin_ns) // _SECOND_NS)
