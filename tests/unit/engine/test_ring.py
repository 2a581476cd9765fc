"""The ring: wrap-around, overwritten and torn stretches, exact totals."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.engine.requests.ring import CompletedRequest, LatencyRing, arrival_tag
from ovbench_tui.stats.load.counts import LOAD_WORDS, LoadCounts


@dataclass
class Request:
    latency: float


def make_ring(capacity: int) -> LatencyRing:
    return LatencyRing(bytearray(LatencyRing.bytes_for(capacity)))


def fail(error: BaseException) -> None:
    raise AssertionError("the callback failed") from error


def write(ring: LatencyRing, count: int) -> None:
    """Store completions whose latency is their own number."""
    store = ring.completion_callback(fail)
    for _ in range(count):
        store(Request(float(ring.total)), ring.total % 256)


@given(slot_bytes=st.integers(48, 48_000))
def test_capacity_is_the_largest_power_of_two_that_fits(slot_bytes: int) -> None:
    ring = LatencyRing(bytearray(128 + slot_bytes))
    assert ring.capacity & (ring.capacity - 1) == 0
    assert 24 * ring.capacity <= slot_bytes < 48 * ring.capacity


def test_a_buffer_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 176 bytes"):
        LatencyRing(bytearray(175))


@given(
    log_capacity=st.integers(1, 6),
    steps=st.lists(st.tuples(st.integers(0, 200), st.booleans()), max_size=12),
)
def test_reading_in_any_rhythm_sees_each_completion_once_or_counts_it_dropped(
    log_capacity: int, steps: list[tuple[int, bool]]
) -> None:
    ring = make_ring(1 << log_capacity)
    cursor = seen = dropped = written = 0
    for count, read_now in [*steps, (0, True)]:
        write(ring, count)
        written += count
        assert ring.total == written
        if not read_now:
            continue
        piece = ring.read(cursor)
        assert piece.end == written
        assert piece.latencies_ms.tolist() == [float(n) for n in range(piece.first, piece.end)]
        assert (np.diff(piece.times_s) >= 0).all()
        assert len(piece.times_s) == len(piece.latencies_ms)
        assert piece.dropped == piece.first - cursor
        # One slot is never trusted: the writer may be in it.
        assert len(piece.latencies_ms) == min(written - cursor, ring.capacity - 1)
        seen += len(piece.latencies_ms)
        dropped += piece.dropped
        cursor = piece.end
    assert seen + dropped == written


@given(
    capacity=st.sampled_from([4, 8, 64]),
    before=st.integers(0, 200),
    during=st.integers(0, 200),
    until=st.integers(0, 250),
)
def test_what_is_overwritten_while_it_is_copied_is_dropped(
    capacity: int, before: int, during: int, until: int
) -> None:
    class RacingRing(LatencyRing):
        """Writes `during` completions between copying the latencies and the times."""

        copies = 0

        def _copy(self, source: memoryview, first: int, end: int) -> np.ndarray:
            self.copies += 1
            if self.copies == 2:
                write(self, during)
            return super()._copy(source, first, end)

    ring = RacingRing(bytearray(LatencyRing.bytes_for(capacity)))
    write(ring, before)
    piece = ring.read(0, until)
    assert piece.end == min(until, before)
    assert piece.latencies_ms.tolist() == [float(n) for n in range(piece.first, piece.end)]
    assert piece.dropped == piece.first
    assert piece.first >= min(piece.end, before + during - capacity + 1)
    assert ring.total == before + during


def test_a_half_written_slot_is_not_shown() -> None:
    ring = make_ring(4)
    write(ring, 6)
    seen: list[list[float]] = []

    class Interrupted:
        """Read while the callback has stored the latency, but neither time nor total."""

        @property
        def latency(self) -> float:
            seen.append(ring.read(0).latencies_ms.tolist())
            return 99.0

    store = ring.completion_callback(fail)
    store(Interrupted(), 0)
    assert seen == [[3.0, 4.0, 5.0]]
    assert ring.read(0).latencies_ms.tolist() == [4.0, 5.0, 99.0]


def test_no_exception_leaves_the_callback() -> None:
    class Broken:
        @property
        def latency(self) -> float:
            raise RuntimeError("no latency")

    errors: list[BaseException] = []
    ring = make_ring(4)
    broken: CompletedRequest = Broken()
    ring.completion_callback(errors.append)(broken, 0)
    assert [str(error) for error in errors] == ["no latency"]
    assert ring.total == 0


def test_marks_are_announced_before_the_total_is_read() -> None:
    ring = make_ring(4)
    write(ring, 3)
    assert ring.marks == 0
    assert ring.announce_mark() == 3
    assert ring.marks == 1


def test_two_rings_over_one_buffer_share_everything_and_closing_frees_it() -> None:
    buffer = bytearray(LatencyRing.bytes_for(8))
    writer, reader = LatencyRing(buffer), LatencyRing(buffer)
    write(writer, 5)
    assert reader.total == 5
    assert reader.read(2).latencies_ms.tolist() == [2.0, 3.0, 4.0]
    writer.close()
    reader.close()
    buffer.clear()  # raises BufferError while any view is left
    assert not buffer


def test_of_an_open_loop_the_latency_counts_from_the_arrival_and_the_waiting_is_kept() -> None:
    ring = make_ring(8)
    ring.arrival_callback(fail)(Request(5.0), arrival_tag(3, 0.0025))
    ring.arrival_recorder()(6.0, arrival_tag(0, -1.0))  # nobody waits for less than nothing
    ring.arrival_callback(fail)(Request(7.0), 2)  # as in a warm-up
    piece = ring.read(0, with_waits=True)
    assert piece.latencies_ms.tolist() == [7.5, 6.0, 7.0]
    assert piece.waits_ms.tolist() == [2.5, 0.0, 0.0]
    assert piece.groups.tolist() == [3, 0, 2]
    assert piece.until(piece.times_s[0]).waits_ms.tolist() == [2.5]
    assert ring.read(0).waits_ms.size == 0


def test_a_failure_within_an_arrivals_completion_is_reported_and_not_raised() -> None:
    errors: list[BaseException] = []
    ring = make_ring(8)
    ring.arrival_callback(errors.append)(Request(5.0), None)  # type: ignore[arg-type]
    assert isinstance(errors[0], TypeError)
    assert ring.total == 0


def test_the_counts_of_an_open_loop_are_apart_from_the_other_words() -> None:
    ring = make_ring(8)
    for place in range(LOAD_WORDS):
        ring.load_words[place] = place + 1
    assert ring.load_counts() == LoadCounts(1, 2, 3, 4, 5, 6, 7, 8, 9)
    assert (ring.total, ring.marks) == (0, 0)
    assert math.isinf(ring.good_until_s)
    write(ring, 8)
    assert ring.load_counts() == LoadCounts(1, 2, 3, 4, 5, 6, 7, 8, 9)
    ring.close()
