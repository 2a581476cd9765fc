"""Seconds that are worked out one by one are those that are worked out of all at the end."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest

from ovbench_tui.application.analysis import analyse
from ovbench_tui.application.live_columns import LiveColumns
from ovbench_tui.application.recorder.layout import Kind
from ovbench_tui.application.trace import RECORD_TYPE, Records, Trace
from tests.unit.application.recorded import MS, NOTE, Recorded


class _Reader:
    """Hands out records by the time at which they ended, as a real reader finds them."""

    def __init__(self, trace: Trace) -> None:
        self.records = trace.records[np.argsort(trace.records["end_ns"], kind="stable")]
        self._next = 0

    def read(self, now_ns: int) -> Records:
        first = self._next
        self._next = int(np.searchsorted(self.records["end_ns"], now_ns, "right"))
        return self.records[first : self._next]

    def since(self, time_ns: int) -> Records:
        read = self.records[: self._next]
        return read[read["end_ns"] >= time_ns]


def _program() -> Trace:
    """Synchronous calls, a queue, a callback, a pause, and a compilation of four seconds."""
    recorded = Recorded(queues={1: 2})
    for number in range(300):
        begin = 100 + number * 10
        recorded.add(Kind.INFER, begin, begin + 9, copy_ms=1, latency_ms=7, gap_cpu_ms=1)
    recorded.add(Kind.COMPILE, 3110, 7200, thread=1)
    for number in range(400):
        begin = 7300 + number * 5
        recorded.add(Kind.START, begin, begin + 1, request=4096 + number % 2, latency_ms=8)
    recorded.add(Kind.CALLBACK, 9500, 9700, latency_ms=20)
    # Started here, and known to be done only much later.
    recorded.add(Kind.WAIT, 12_400, 12_500, request=4096, latency_ms=8)
    return recorded.trace


@pytest.mark.parametrize("step_ms", [100, 700, 2500])
def test_each_second_is_as_it_is_found_at_the_end(step_ms: int) -> None:
    trace = _program()
    reader = _Reader(trace)
    columns = LiveColumns(reader, 0)  # type: ignore[arg-type]
    for now_ms in (*range(0, 13_000, step_ms), 13_000):
        columns.take(reader.read(now_ms * MS), now_ms * MS)
    found = analyse(trace, 0, 13_000 * MS)
    assert found is not None
    assert len(columns.seconds) == len(found.seconds) == 13
    for live, final in zip(columns.seconds, found.seconds, strict=True):
        assert live.inferences == final.inferences
        assert (live.busy, live.in_flight, live.callbacks) == pytest.approx(
            (final.busy, final.in_flight, final.callbacks)
        )
        assert astuple(live.split) == pytest.approx(astuple(final.split), abs=0.02)


def test_columns_of_the_charts_are_halves_of_seconds() -> None:
    recorded = Recorded(NOTE)
    for number in range(100):
        latency_ms = 4 if number < 50 else 8
        begin = 1000 + number * 10
        recorded.add(Kind.INFER, begin, begin + 10, latency_ms=latency_ms)
    reader = _Reader(recorded.trace)
    columns = LiveColumns(reader, 0)  # type: ignore[arg-type]
    columns.take(reader.read(900 * MS), 1100 * MS)
    assert columns.history(10).fps != ()
    assert all(np.isnan(columns.history(10).fps))  # nothing has begun
    columns.take(reader.read(3000 * MS), 3000 * MS)
    history = columns.history(3)
    assert (history.first_column, len(history.fps), history.newest) == (3, 3, 5)
    assert history.fps == (100, 0, 0)
    assert (history.p50_ms[0], history.p99_ms[0]) == pytest.approx((8, 8))
    assert np.isnan(history.p50_ms[1:]).all()
    assert columns.history(99).fps[2:4] == (100, 100)


def test_nothing_that_is_recorded_makes_seconds_of_nothing() -> None:
    reader = _Reader(Trace(np.empty(0, RECORD_TYPE), {}, {}))
    columns = LiveColumns(reader, 0)  # type: ignore[arg-type]
    columns.take(reader.read(0), 2500 * MS)
    assert [second.split.total for second in columns.seconds] == [0, 0]
