"""The shared ring buffer between the completion callback and whoever reads the figures."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from mmap import mmap
from time import perf_counter
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.load.counts import LOAD_WORDS, LoadCounts
from ovbench_tui.stats.sequences import phases_of

_WORD = 8
_TAG = 4
_SLOT = 2 * _WORD + 2 * _TAG
_HEADER_WORDS = 16
_TOTAL = 0
_MARKS = 1
_GOOD_UNTIL_NS = 2
_LOAD = 3

_GROUP_BITS = 20
_GROUP_MASK = (1 << _GROUP_BITS) - 1


def arrival_tag(group: int, waited_s: float) -> int:
    """What the arrival callback is given: the shape group, below 2**20, and the waiting."""
    return max(0, int(waited_s * 1e9)) << _GROUP_BITS | group


class CompletedRequest(Protocol):
    """The one thing the callback reads of an infer request."""

    @property
    def latency(self) -> float:
        """Milliseconds."""
        ...


@dataclass(frozen=True, slots=True)
class RingSlice:
    """Completions `first` to `end` (exclusive) of the ring, copied out.

    Attributes:
        latencies_ms: float64 [n]; `times_s`: float64 [n], `perf_counter` seconds;
            `groups`: uint32 [n], the shape group of each, or of a step of a sequence its tag (see
            `stats.sequences`).
        dropped: completions asked for that were overwritten before they could be read;
            they come before `first` and are in no array.
        others_ms: float64 [m], latencies of the completions of another phase, which are among
            the dropped.
        waits_ms: float32 [n], the part of each latency before the start, of an open loop; empty
            where it was not asked for.
    """

    first: int
    end: int
    latencies_ms: npt.NDArray[np.float64]
    times_s: npt.NDArray[np.float64]
    groups: npt.NDArray[np.uint32]
    dropped: int
    others_ms: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    waits_ms: npt.NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))

    def only_phase(self, phase: int | None) -> RingSlice:
        """The steps of one phase, with the others among those whose latency is not seen.

        Args:
            phase: None = these are no steps of sequences.
        """
        if phase is None:
            return self
        phases = phases_of(self.groups)
        chosen = phases == phase
        return RingSlice(
            first=self.first,
            end=self.end,
            latencies_ms=self.latencies_ms[chosen],
            times_s=self.times_s[chosen],
            groups=phases[chosen],
            dropped=self.dropped + int(chosen.size - chosen.sum()),
            others_ms=self.latencies_ms[~chosen],
        )

    def until(self, time_s: float) -> RingSlice:
        """The part that completed until then."""
        if not self.times_s.size or self.times_s[-1] <= time_s:
            return self
        count = int(self.times_s.searchsorted(time_s, side="right"))
        return RingSlice(
            first=self.first,
            end=self.first + count,
            latencies_ms=self.latencies_ms[:count],
            times_s=self.times_s[:count],
            groups=self.groups[:count],
            dropped=self.dropped,
            waits_ms=self.waits_ms[:count],
        )


class LatencyRing:
    """Latency and time of the newest completions, and the exact number of all.

    One thread writes; any thread or process reads without a lock: it copies, looks at the
    total again and gives up what the writer may have touched meanwhile. The slots are as
    many as fit into the buffer, rounded down to a power of two.

    Args:
        buffer: writable, zeroed, e.g. a bytearray or the buffer of a shared memory block.

    Attributes:
        load_words: the counts of an open loop, see `stats.load.counts`; its feeder writes them.
    """

    def __init__(self, buffer: bytearray | memoryview | mmap) -> None:
        view = memoryview(buffer)
        slots = (view.nbytes - _HEADER_WORDS * _WORD) // _SLOT
        if slots < 2:
            raise ValueError(f"a ring needs at least {self.bytes_for(2)} bytes")
        self.capacity = 1 << (slots.bit_length() - 1)
        header_end = _HEADER_WORDS * _WORD
        latencies_end = header_end + self.capacity * _WORD
        times_end = latencies_end + self.capacity * _WORD
        self._header = view[:header_end].cast("q")
        self._latencies = view[header_end:latencies_end].cast("d")
        self._times = view[latencies_end:times_end].cast("d")
        groups_end = times_end + self.capacity * _TAG
        self._groups = view[times_end:groups_end].cast("I")
        self._waits = view[groups_end : groups_end + self.capacity * _TAG].cast("f")
        self.load_words = self._header[_LOAD : _LOAD + LOAD_WORDS]
        self._view = view
        # The same memory for the reader: to make an array of it costs more than to copy a part.
        columns = (self._latencies, self._times, self._groups, self._waits)
        self._arrays: tuple[npt.NDArray[Any], ...] = tuple(map(np.asarray, columns))

    @staticmethod
    def bytes_for(capacity: int) -> int:
        """Buffer size for `capacity` slots."""
        return _HEADER_WORDS * _WORD + capacity * _SLOT

    @property
    def total(self) -> int:
        """Completions ever stored."""
        return self._header[_TOTAL]

    def progress(self) -> tuple[int, float]:
        """Completions ever stored, and the time of the last of them; (0, 0.0) before any."""
        total = self.total
        while total:
            last_s = self._times[(total - 1) & (self.capacity - 1)]
            if self.total - total < self.capacity:
                return total, last_s
            total = self.total
        return 0, 0.0

    @property
    def marks(self) -> int:
        """State changes ever announced."""
        return self._header[_MARKS]

    def announce_mark(self) -> int:
        """Announce a state change and return the total it applies from.

        The announcement is written before the total is read: a reader that takes the total
        first and `marks` second, and has had so many state changes, has had every one that
        applies below that total.
        """
        self._header[_MARKS] += 1
        return self._header[_TOTAL]

    @property
    def good_until_s(self) -> float:
        """Completions up to this time are known good, those after it not yet; infinity = all are.

        A reader takes it before `total`: what is announced later applies to later completions.
        """
        return (self._header[_GOOD_UNTIL_NS] or math.inf) / 1e9

    def note_good_until(self, time_s: float) -> None:
        """Note the time up to which completions are known good; infinity = always."""
        self._header[_GOOD_UNTIL_NS] = 0 if math.isinf(time_s) else int(time_s * 1e9)

    def count_until(self, time_s: float, since: int) -> int:
        """Completions ever stored until `time_s`, at least `since` of them."""
        return self.read(since).until(time_s).end

    def completion_callback(
        self, on_error: Callable[[BaseException], None]
    ) -> Callable[[CompletedRequest, int], None]:
        """Build the callback for one queue: it stores, and does nothing else.

        It takes the shape group as user data. No exception leaves it, because one that does
        can abort the process.
        """
        header, latencies, times = self._header, self._latencies, self._times
        groups = self._groups
        mask = self.capacity - 1
        clock = perf_counter

        def store(request: CompletedRequest, group: int) -> None:
            try:
                total = header[0]
                slot = total & mask
                latencies[slot] = request.latency
                times[slot] = clock()
                groups[slot] = group
                header[0] = total + 1
            except BaseException as error:  # noqa: BLE001
                on_error(error)

        return store

    def recorder(self) -> Callable[[float, int], None]:
        """Build the call that stores one completion that happened now: latency in ms, group.

        Only to be used where no callback stores, too.
        """
        header, latencies, times = self._header, self._latencies, self._times
        groups = self._groups
        mask = self.capacity - 1
        clock = perf_counter

        def store(latency_ms: float, group: int) -> None:
            total = header[0]
            slot = total & mask
            latencies[slot] = latency_ms
            times[slot] = clock()
            groups[slot] = group
            header[0] = total + 1

        return store

    def arrival_callback(
        self, on_error: Callable[[BaseException], None]
    ) -> Callable[[CompletedRequest, int], None]:
        """Build the same callback for an open loop: it takes an `arrival_tag` as user data.

        The latency counts from the arrival. A shape group alone says that nothing has waited.
        """
        store = self.arrival_recorder()

        def store_completed(request: CompletedRequest, tag: int) -> None:
            try:
                store(request.latency, tag)
            except BaseException as error:  # noqa: BLE001
                on_error(error)

        return store_completed

    def arrival_recorder(self) -> Callable[[float, int], None]:
        """Build the call that stores one completion of an open loop: service in ms, and its tag.

        Only to be used where no callback stores, too.
        """
        header, latencies, times = self._header, self._latencies, self._times
        groups, waits = self._groups, self._waits
        mask = self.capacity - 1
        clock = perf_counter

        def store(service_ms: float, tag: int) -> None:
            total = header[0]
            slot = total & mask
            wait_ms = (tag >> _GROUP_BITS) * 1e-6
            latencies[slot] = service_ms + wait_ms
            waits[slot] = wait_ms
            times[slot] = clock()
            groups[slot] = tag & _GROUP_MASK
            header[0] = total + 1

        return store

    def load_counts(self) -> LoadCounts:
        """What the open loop has counted."""
        return LoadCounts.of(self.load_words)

    def read(self, since: int, until: int | None = None, *, with_waits: bool = False) -> RingSlice:
        """Copy completions `since` to `until` (default: the total), oldest first.

        Never shows a slot that was overwritten or half-written while it was copied.

        Args:
            with_waits: of completions of an open loop, the waiting of each, too.
        """
        total = self.total
        end = total if until is None else min(until, total)
        first = min(max(since, total - self.capacity + 1, 0), end)
        arrays = self._arrays if with_waits else self._arrays[:3]
        latencies_ms, times_s, groups, *waits = [self._copy(array, first, end) for array in arrays]
        # The slot of the next completion may be half-written by now.
        intact = min(max(first, self.total - self.capacity + 1), end)
        return RingSlice(
            first=intact,
            end=end,
            latencies_ms=latencies_ms[intact - first :],
            times_s=times_s[intact - first :],
            groups=groups[intact - first :],
            dropped=max(0, intact - since),
            **({"waits_ms": waits[0][intact - first :]} if waits else {}),
        )

    def close(self) -> None:
        """Let go of the buffer, so that a shared memory block can be closed."""
        self._arrays = ()
        columns = (self._latencies, self._times, self._groups, self._waits)
        for view in (self.load_words, self._header, *columns, self._view):
            view.release()

    def _copy(self, array: npt.NDArray[Any], first: int, end: int) -> npt.NDArray[Any]:
        start = first & (self.capacity - 1)
        head = array[start : start + end - first]
        left = end - first - len(head)
        return np.concatenate((head, array[:left])) if left else head.copy()
