"""What two alternating runs measured, slice by slice and pair by pair."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import SliceEnded, StateChanged
from ovbench_tui.engine.api.results import AbPhase, AbView, RunView
from ovbench_tui.engine.requests.ring import RingSlice
from ovbench_tui.stats.comparison.alternation import Side
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures

_SLICES_SHOWN = 240

Runs = tuple[RunView, RunView] | None
"""A and B."""


class PairRecord:
    """Folds the measured stretches of both sides into slices, and whole pairs into ratios.

    A stretch becomes a slice when the worker says that it was a whole one; what was disturbed
    counts in its run, but in no ratio.

    Args:
        requested: B, as its run was started.
        run_ids: of A and B, as the worker numbers them.
        batches: of A and B, frames of an inference, one for each shape group.
        margin: what counts as equal, as a fraction.
    """

    def __init__(
        self,
        requested: BenchmarkConfig,
        run_ids: tuple[int, int],
        batches: tuple[tuple[int, ...], tuple[int, ...]],
        margin: float = EQUAL_MARGIN,
    ) -> None:
        self._requested = requested
        self._margin = margin
        self._sides = dict(zip(run_ids, (Side.A, Side.B), strict=True))
        self._batches = {
            side: np.array(frames, dtype=np.float64)
            for side, frames in zip((Side.A, Side.B), batches, strict=True)
        }
        self._begin_s: float | None = None
        self._pieces: list[RingSlice] = []
        self._number = 0
        self._is_over = False
        self._view: AbView | None = None
        self._half: SliceFigures | None = None
        self._forget()

    def change(self, event: StateChanged) -> None:
        """Begin or end a stretch; what completed before the event was added already."""
        if event.measuring and self._begin_s is None:
            self._begin_s = event.time_s
            self._pieces.clear()
        elif not event.measuring and self._begin_s is not None:
            self._stretch_s = event.time_s - self._begin_s
            self._begin_s = None

    def add(self, piece: RingSlice) -> None:
        """Take measured completions of the stretch."""
        if self._begin_s is not None:
            self._pieces.append(piece)

    def end_slice(self, event: SliceEnded) -> None:
        """Take the last stretch as a slice; with its neighbour it makes a pair."""
        side = self._sides.get(event.run_id)
        if side is None or self._is_over:
            return
        taken = self._figures(event.pair, side)
        self._pieces.clear()
        self._latest_fps[side] = taken.fps
        self._peak_fps[side] = max(taken.fps, self._peak_fps.get(side, 0.0))
        half, self._half = self._half, None
        if half is None or half.pair != taken.pair or half.side == taken.side:
            self._half = taken
        else:
            self._slices += (half, taken)
            for one in (half, taken):
                self._fps[one.side].append(one.fps)
                self._p50_ms[one.side].append(one.p50_ms)
            self._seconds += half.seconds + taken.seconds
            self._ratios = self._judged()
        self._number += 1

    def slice_fps(self, run_id: int) -> tuple[float, float]:
        """FPS of the last slice of a run, and of its fastest; 0 before its first."""
        side = self._sides[run_id]
        return self._latest_fps.get(side, 0.0), self._peak_fps.get(side, 0.0)

    def reset(self) -> None:
        """Forget what was measured."""
        if self._is_over:
            return
        self._forget()
        self._number += 1

    def close(self, runs: Runs) -> None:
        """Nothing more comes; keep the last figures."""
        if not self._is_over:
            self._is_over = True
            self._number += 1
            self._view = self._make(runs)

    def view(self, runs: Callable[[], Runs]) -> AbView:
        """What there is so far; the same object until a slice has ended.

        Args:
            runs: A and B as they are now; asked for only when that changed.
        """
        if self._view is None or self._view.number != self._number:
            self._view = self._make(runs())
        return self._view

    def _forget(self) -> None:
        self._stretch_s = math.nan
        self._half = None
        self._latest_fps: dict[Side, float] = {}
        self._peak_fps: dict[Side, float] = {}
        self._slices: deque[SliceFigures] = deque(maxlen=_SLICES_SHOWN)
        self._fps: dict[str, list[float]] = {"A": [], "B": []}
        self._p50_ms: dict[str, list[float]] = {"A": [], "B": []}
        self._seconds = 0.0
        self._ratios = self._judged()

    def _judged(self) -> tuple[PairedRatio, PairedRatio]:
        sides = (("fps", self._fps), ("p50_ms", self._p50_ms))
        fps, p50 = (
            paired_ratio(name, side["A"], side["B"], margin=self._margin, seconds=self._seconds)
            for name, side in sides
        )
        return fps, p50

    def _make(self, runs: Runs) -> AbView:
        a, b = runs or (None, None)
        fps, p50 = self._ratios
        return AbView(
            phase=AbPhase.OVER if self._is_over else AbPhase.RUNNING,
            requested=self._requested,
            a=a,
            b=b,
            slices=tuple(self._slices),
            pairs=len(self._fps["A"]),
            fps=fps,
            p50=p50,
            number=self._number,
        )

    def _figures(self, pair: int, side: Side) -> SliceFigures:
        batches = self._batches[side]
        count, frames = 0, 0.0
        for piece in self._pieces:
            count += piece.latencies_ms.size + piece.dropped
            frames += float(batches[piece.groups].sum()) + piece.dropped * float(batches.mean())
        return SliceFigures(
            pair=pair,
            side=side.value,
            count=count,
            frames=frames,
            seconds=self._stretch_s,
            p50_ms=_median([piece.latencies_ms for piece in self._pieces]),
        )


def _median(pieces: list[npt.NDArray[np.float64]]) -> float:
    """Nearest rank, as everywhere."""
    values = np.concatenate(pieces) if pieces else np.empty(0)
    if not values.size:
        return math.nan
    rank = math.ceil(values.size / 2) - 1
    return float(np.partition(values, rank)[rank])
