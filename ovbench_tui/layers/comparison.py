"""Two sides, layer by layer: their times, the ratio of each with its interval, and the rest.

All intervals of layers hold together with the confidence that is stated: with m of them each is
made with 1 - (1 - confidence) / m (Bonferroni's inequality; Dunn 1961, "Multiple comparisons among
means", Journal of the American Statistical Association 56). Else, of a hundred layers that are
alike, five would be called different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.layers.matching import Change, is_executed, parts_of
from ovbench_tui.layers.sample import Sample
from ovbench_tui.stats.comparison.outcome import EQUAL_MARGIN
from ovbench_tui.stats.comparison.paired import paired_ratio
from ovbench_tui.stats.run_stats import PairedRatio

CONFIDENCE = 0.95
_NEGATIVE = "it is not above 0 in every sample, so there is no ratio"


@dataclass(frozen=True, slots=True)
class Times:
    """One figure of both sides, in each pair of samples.

    Attributes:
        ratio: of B to A; without one where a side has nothing to compare.
    """

    a_ms: tuple[float, ...]
    b_ms: tuple[float, ...]
    ratio: PairedRatio

    @property
    def mean_a_ms(self) -> float:
        """Over the samples; NaN for none."""
        return _mean(self.a_ms)

    @property
    def mean_b_ms(self) -> float:
        """Likewise."""
        return _mean(self.b_ms)

    @property
    def difference_ms(self) -> float:
        """By how much B takes longer."""
        return self.mean_b_ms - self.mean_a_ms


@dataclass(frozen=True, slots=True)
class ComparedPart:
    """A part of the model: the layers that do it on each side, and how long they take together.

    Attributes:
        a, b: with mean times over the samples; empty where it is not there.
    """

    a: tuple[LayerTime, ...]
    b: tuple[LayerTime, ...]
    changes: tuple[Change, ...]
    times: Times

    @property
    def name(self) -> str:
        """Of its longest layer in A, or in B where A has none."""
        return max(self.a or self.b, key=lambda layer: layer.real_ms).name


@dataclass(frozen=True, slots=True)
class LayerComparison:
    """All of it. On each side, and in each sample, the parts and the rest add up to the latency.

    Attributes:
        a, b: the executed layers of each side in OpenVINO's order, with mean times.
        latency: of the infer request; its interval stands alone.
        outside: what the latency has beyond all layers.
        confidence: of the intervals of the parts and of the rest together.
        is_varying: the compiled model is not the same in all samples of a side.
    """

    a: tuple[LayerTime, ...]
    b: tuple[LayerTime, ...]
    parts: tuple[ComparedPart, ...]
    latency: Times
    outside: Times
    confidence: float = CONFIDENCE
    is_varying: bool = False

    @property
    def pairs(self) -> int:
        """Of samples."""
        return len(self.latency.a_ms)

    @property
    def each_confidence(self) -> float:
        """With which the interval of each is made."""
        return self.outside.ratio.confidence

    def changed(self, change: Change) -> tuple[ComparedPart, ...]:
        """The parts in which something of this kind is otherwise."""
        return tuple(part for part in self.parts if change in part.changes)


def compare_layers(
    a: Sequence[Sample], b: Sequence[Sample], margin: float = EQUAL_MARGIN
) -> LayerComparison | None:
    """Compare whole pairs of samples; None where there are none.

    Args:
        a, b: in the same order; of more on one side the last is left out.
        margin: what counts as equal, as a fraction.
    """
    count = min(len(a), len(b))
    a, b = a[:count], b[:count]
    if not count:
        return None
    side_a, side_b = _Side(a), _Side(b)
    found = parts_of(side_a.layers, side_b.layers)
    compared = sum(bool(part.a and part.b) for part in found) + 1  # and the rest
    each = 1 - (1 - CONFIDENCE) / compared

    def times_of(a_ms: Sequence[float], b_ms: Sequence[float], confidence: float) -> Times:
        ratio = paired_ratio("layer_ms", a_ms, b_ms, confidence=confidence, margin=margin)
        if ratio.pairs < count:
            ratio = replace(ratio, ratio=math.nan, low=math.nan, high=math.nan, reason=_NEGATIVE)
        return Times(tuple(a_ms), tuple(b_ms), ratio)

    latency = times_of([one.latency_ms for one in a], [one.latency_ms for one in b], CONFIDENCE)
    return LayerComparison(
        side_a.means(range(len(side_a.layers))),
        side_b.means(range(len(side_b.layers))),
        tuple(
            ComparedPart(
                side_a.means(part.a),
                side_b.means(part.b),
                part.changes,
                times_of(side_a.times_ms(part.a), side_b.times_ms(part.b), each),
            )
            for part in found
        ),
        replace(latency, ratio=replace(latency.ratio, name="latency", runs=count)),
        times_of([one.outside_ms for one in a], [one.outside_ms for one in b], each),
        is_varying=side_a.is_varying or side_b.is_varying,
    )


class _Side:
    """The samples of a side, whose layers are known by name and by how many had it before."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._count = len(samples)
        numbered = [_numbered(sample.layers) for sample in samples]
        keys = dict.fromkeys(key for layers in numbered for key in layers)
        self.layers = [next(layers[key] for layers in numbered if key in layers) for key in keys]
        self._times_ms = [
            [layers[key].real_ms if key in layers else 0.0 for layers in numbered] for key in keys
        ]
        self.is_varying = any(len(layers) != len(keys) for layers in numbered)

    def times_ms(self, places: Sequence[int]) -> list[float]:
        """Of these layers together, in each sample."""
        chosen = [self._times_ms[place] for place in places]
        return [sum(times) for times in zip(*chosen, strict=True)] or [0.0] * self._count

    def means(self, places: Sequence[int]) -> tuple[LayerTime, ...]:
        """These layers with their mean times."""
        return tuple(
            replace(self.layers[place], real_ms=fmean(self._times_ms[place])) for place in places
        )


def _numbered(layers: Sequence[LayerTime]) -> dict[tuple[str, int], LayerTime]:
    found: dict[tuple[str, int], LayerTime] = {}
    seen: dict[str, int] = {}
    for layer in layers:
        if is_executed(layer):
            seen[layer.name] = seen.get(layer.name, 0) + 1
            found[layer.name, seen[layer.name]] = layer
    return found


def _mean(values: Sequence[float]) -> float:
    return fmean(values) if values else math.nan
