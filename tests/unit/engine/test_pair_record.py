"""Stretches become slices, slices become pairs, and what was disturbed becomes neither."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import SliceEnded, StateChanged
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.ring import RingSlice
from ovbench_tui.engine.runs.pair_record import PairRecord

A, B = 7, 8


class Feed:
    """Alternates by hand."""

    def __init__(self, batches: tuple[tuple[int, ...], tuple[int, ...]] = ((1,), (2,))) -> None:
        self.record = PairRecord(BenchmarkConfig(model="b"), (A, B), batches)
        self.time_s = 100.0

    def state(self, run_id: int, *, measuring: bool) -> None:
        self.record.change(StateChanged(WorkerState.RUNNING, measuring, run_id, 0, self.time_s))

    def piece(self, count: int, latency_ms: float, *, group: int = 0, dropped: int = 0) -> None:
        self.record.add(
            RingSlice(
                first=0,
                end=count,
                latencies_ms=np.full(count, latency_ms),
                times_s=np.full(count, self.time_s),
                groups=np.full(count, group, dtype=np.uint8),
                dropped=dropped,
            )
        )

    def slice(self, pair: int, run_id: int, count: int, latency_ms: float = 1.0) -> None:
        self.piece(5, 99.0)  # the queue fills
        self.state(run_id, measuring=True)
        self.piece(count // 2, latency_ms)
        self.piece(count - count // 2, latency_ms)
        self.time_s += 0.5
        self.state(run_id, measuring=False)
        self.piece(5, 99.0)  # the queue empties
        self.record.end_slice(SliceEnded(run_id, pair))

    @property
    def view(self) -> AbView:
        return self.record.view(lambda: None)


def test_pairs_of_slices_make_ratios() -> None:
    feed = Feed()
    feed.slice(0, A, 100, 2.0)
    assert (feed.view.pairs, feed.view.slices) == (0, ())
    feed.slice(0, B, 40, 5.0)
    feed.slice(1, B, 40, 5.0)
    feed.slice(1, A, 100, 2.0)
    view = feed.view
    assert (view.pairs, view.phase) == (2, AbPhase.RUNNING)
    assert [(piece.pair, piece.side, piece.count) for piece in view.slices] == [
        (0, "A", 100),
        (0, "B", 40),
        (1, "B", 40),
        (1, "A", 100),
    ]
    assert view.slices[1].fps == pytest.approx(40 * 2 / 0.5)
    assert view.fps.ratio == pytest.approx(80 / 100)
    assert view.p50.ratio == pytest.approx(2.5)


def test_a_disturbed_stretch_is_in_no_slice() -> None:
    feed = Feed()
    feed.slice(0, A, 100)
    feed.state(B, measuring=True)
    feed.piece(3, 1.0)
    feed.time_s += 0.1
    feed.state(B, measuring=False)  # a pause: the worker tells of no slice
    feed.slice(0, A, 90)
    feed.slice(0, B, 50)
    assert [(piece.side, piece.count) for piece in feed.view.slices] == [("A", 90), ("B", 50)]
    assert feed.view.pairs == 1


def test_what_was_not_seen_counts_too() -> None:
    feed = Feed(((1, 3), (2,)))
    feed.state(A, measuring=True)
    feed.piece(10, 1.0, group=1, dropped=4)
    feed.time_s += 1.0
    feed.state(A, measuring=False)
    feed.record.end_slice(SliceEnded(A, 0))
    feed.slice(0, B, 20)
    taken = feed.view.slices[0]
    assert (taken.count, taken.frames) == (14, pytest.approx(10 * 3 + 4 * 2))


def test_a_view_stays_the_same_until_a_slice_ends() -> None:
    feed = Feed()
    before = feed.view
    feed.piece(5, 1.0)
    assert feed.view is before
    feed.slice(0, A, 10)
    after = feed.view
    assert after is not before
    assert after.number > before.number


def test_reset_forgets_and_close_keeps() -> None:
    feed = Feed()
    feed.slice(0, A, 10)
    feed.record.reset()
    feed.slice(0, B, 10)
    assert feed.view.pairs == 0  # the half from before is forgotten
    feed.slice(1, B, 10)
    feed.slice(1, A, 10)
    feed.record.close(None)
    over = feed.view
    assert (over.phase, over.pairs) == (AbPhase.OVER, 1)
    feed.slice(2, A, 10)
    feed.record.reset()
    assert feed.view is over


def test_the_fps_of_the_last_slice_and_of_the_fastest() -> None:
    feed = Feed()
    assert feed.record.slice_fps(A) == (0.0, 0.0)
    feed.slice(0, A, 100)
    assert feed.record.slice_fps(A) == (pytest.approx(200.0), pytest.approx(200.0))
    feed.slice(0, B, 50)
    feed.slice(1, A, 80)
    assert feed.record.slice_fps(A) == (pytest.approx(160.0), pytest.approx(200.0))
    feed.slice(1, B, 0)
    assert math.isnan(feed.view.slices[-1].p50_ms)
    feed.record.reset()
    assert feed.record.slice_fps(A) == (0.0, 0.0)
