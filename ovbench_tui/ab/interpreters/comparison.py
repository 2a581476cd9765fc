"""Two processes in turn, slice by slice, and the ratio of what they reach."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ovbench_tui.ab.interpreters.sliced_process import Announcement, Layer, Slice, SlicedProcess
from ovbench_tui.stats.comparison.alternation import Alternation, Side
from ovbench_tui.stats.comparison.difference import Difference
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures
from ovbench_tui.stats.sample_size import nearest_rank

_WARM_UP_S = 1.0

_CONSTANT = "Const"
"""A kind of layer that executes nothing."""

_OF_VERSION = ("SUPPORTED_PROPERTIES", "RUNTIME_REQUIREMENTS")
"""Properties that differ between any two versions, and say no more than that."""


@dataclass(frozen=True, slots=True)
class SideFigures:
    """What one version reaches.

    Attributes:
        openvino: its version.
        fps: mean, frames a second; NaN before its first slice.
        p50_ms, p99_ms: of all latencies; NaN likewise.
    """

    openvino: str
    count: int
    seconds: float
    fps: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """A and B so far.

    Attributes:
        a, b: None before the process has compiled the model.
        fps, p50: the ratio of B to A.
        slices: of whole pairs.
        properties, layers: in which the two compiled models differ.
    """

    a: SideFigures | None
    b: SideFigures | None
    fps: PairedRatio
    p50: PairedRatio
    slices: tuple[SliceFigures, ...] = ()
    properties: tuple[Difference, ...] = ()
    layers: tuple[Difference, ...] = ()

    @property
    def pairs(self) -> int:
        """Whole ones."""
        return len(self.slices) // 2


@dataclass(slots=True)
class _Measured:
    """One side's process, and what it has measured in whole pairs."""

    process: SlicedProcess
    announcement: Announcement | None = None
    is_warm: bool = False
    slices: list[Slice] = field(default_factory=list)

    def figures(self) -> SideFigures | None:
        if self.announcement is None:
            return None
        seconds = sum(one.seconds for one in self.slices)
        frames = sum(one.frames for one in self.slices)
        latencies = [one.latencies_ms for one in self.slices]
        return SideFigures(
            self.announcement.openvino,
            sum(one.count for one in self.slices),
            seconds,
            frames / seconds if seconds else math.nan,
            _percentile(latencies, 50),
            _percentile(latencies, 99),
        )


class VersionsInTurn:
    """Lets two processes measure in turn; `poll` is to be called again and again.

    Args:
        a, b: started, and not yet used.
        duration_s: of all slices together; a pair that has begun then is finished.
        slice_s: of a slice; slow models take as long as ten inferences do.
        margin: what counts as equal, as a fraction.
    """

    def __init__(
        self,
        a: SlicedProcess,
        b: SlicedProcess,
        *,
        duration_s: float,
        slice_s: float,
        margin: float = EQUAL_MARGIN,
    ) -> None:
        self._sides = {Side.A: _Measured(a), Side.B: _Measured(b)}
        self._duration_s = duration_s
        self._margin = margin
        self._order = Alternation(slice_s)
        self._measuring: Side | None = None
        self._half: SliceFigures | None = None
        self._half_slice: Slice | None = None
        self._slices: list[SliceFigures] = []
        self._seconds = 0.0

    @property
    def is_over(self) -> bool:
        """Whether its time is up, with a whole pair at least."""
        return self._seconds >= self._duration_s and self._half is None and bool(self._slices)

    @property
    def progress(self) -> str:
        """How far it is, in a line."""
        if any(side.announcement is None for side in self._sides.values()):
            return "compiling"
        if not self._slices:
            return "warming up"
        pairs = len(self._slices) // 2
        parts = [f"{max(0.0, self._duration_s - self._seconds):.0f} s left"]
        parts.append("1 pair" if pairs == 1 else f"{pairs} pairs")
        for side in Side:
            values = self._values(side, "fps")
            parts.append(f"{side.value} {sum(values) / len(values):.1f} FPS")
        return "  ".join(parts)

    def poll(self) -> None:
        """Take what has come, and begin the next slice; it does not wait.

        Raises:
            RunFailedError: one of the two has failed, or hangs.
        """
        for side in self._sides.values():
            if side.announcement is None:
                side.announcement = side.process.take_announcement()
        if any(side.announcement is None for side in self._sides.values()) or self.is_over:
            return
        if self._measuring is None:
            self._begin()
            return
        measured = self._sides[self._measuring]
        if (taken := measured.process.take_slice()) is not None:
            if measured.is_warm:
                self._keep(self._measuring, taken)
            measured.is_warm = True
            self._measuring = None
            self.poll()

    def view(self) -> VersionComparison:
        """What is known so far."""
        a, b = self._sides[Side.A], self._sides[Side.B]
        fps, p50 = (
            paired_ratio(
                name,
                self._values(Side.A, name),
                self._values(Side.B, name),
                margin=self._margin,
                seconds=sum(one.seconds for one in self._slices),
            )
            for name in ("fps", "p50_ms")
        )
        one, other = a.announcement, b.announcement
        return VersionComparison(
            a.figures(),
            b.figures(),
            fps,
            p50,
            tuple(self._slices),
            _differences(_telling(one.properties), _telling(other.properties))
            if one and other
            else (),
            _differences(_texts(one.layers), _texts(other.layers)) if one and other else (),
        )

    def close(self) -> None:
        """End both."""
        for side in self._sides.values():
            side.process.close()

    def _begin(self) -> None:
        cold = next((name for name, side in self._sides.items() if not side.is_warm), None)
        self._measuring = cold or self._order.side
        length_s = _WARM_UP_S if cold else self._order.length_s
        self._sides[self._measuring].process.begin_slice(length_s)

    def _keep(self, side: Side, taken: Slice) -> None:
        figures = SliceFigures(
            pair=self._order.pair,
            side=side.value,
            count=taken.count,
            frames=float(taken.frames),
            seconds=taken.seconds,
            p50_ms=_percentile([taken.latencies_ms], 50),
        )
        self._order.end_slice(taken.count, taken.seconds)
        self._seconds += taken.seconds
        if self._half is None or self._half_slice is None:
            self._half, self._half_slice = figures, taken
            return
        first = Side(self._half.side)
        self._sides[first].slices.append(self._half_slice)
        self._sides[side].slices.append(taken)
        self._slices += (self._half, figures)
        self._half = self._half_slice = None

    def _values(self, side: Side, figure: str) -> list[float]:
        return [getattr(one, figure) for one in self._slices if one.side == side.value]


def _percentile(pieces: Sequence[npt.NDArray[np.float64]], percent: float) -> float:
    return nearest_rank(np.sort(np.concatenate(pieces)) if pieces else np.empty(0), percent)


def _texts(layers: Mapping[str, Layer]) -> dict[str, str]:
    return {
        name: " ".join(filter(None, (layer.kind, layer.precision, layer.implementation)))
        for name, layer in layers.items()
        if layer.kind != _CONSTANT
    }


def _telling(properties: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in properties.items() if name not in _OF_VERSION}


def _differences(a: Mapping[str, str], b: Mapping[str, str]) -> tuple[Difference, ...]:
    names = dict.fromkeys((*a, *b))
    found = (Difference(name, a.get(name, ""), b.get(name, "")) for name in names)
    return tuple(one for one in found if one.a != one.b)
