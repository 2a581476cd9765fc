"""What is said of the layers of two sides: verdicts, differences, and what a figure means."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.layers.comparison import ComparedPart, LayerComparison
from ovbench_tui.layers.matching import Change, implementation
from ovbench_tui.layers.names import without_numbers
from ovbench_tui.reports.layer_table import executed_precision
from ovbench_tui.stats.comparison.difference import Difference
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of
from ovbench_tui.stats.run_stats import PairedRatio

OUTSIDE = "Outside all layers"
TITLES = {
    Change.ADDED: "Added in B",
    Change.REMOVED: "Removed in B",
    Change.FUSED: "Fused otherwise in B",
    Change.PRECISION: "In another precision in B",
    Change.IMPLEMENTATION: "By another implementation in B",
}
SAME = "The compiled models have the same layers, in the same precisions and implementations."


def verdict(part: ComparedPart) -> str:
    """One word on a part: ``added`` or ``removed``, or how fast it is."""
    if not part.a or not part.b:
        return str(part.changes[0].value)
    return verdict_on(part.times.ratio)


def verdict_on(ratio: PairedRatio) -> str:
    """How fast B is: ``faster``, ``slower``, ``equal`` or ``undecided``."""
    outcome = outcome_of(ratio)
    if outcome is Outcome.DIFFERENT:
        return "slower" if ratio.ratio > 1 else "faster"
    return str(outcome.value)


def differences(parts: Sequence[ComparedPart], change: Change) -> tuple[Difference, ...]:
    """What is otherwise in this way, part by part: what it is in A, and in B."""
    return tuple(
        Difference(part.name, _text(part.a, part.b, change), _text(part.b, part.a, change))
        for part in parts
        if change in part.changes
    )


def about(found: LayerComparison) -> list[str]:
    """What the figures are, in sentences."""
    sentences = [
        f"{OUTSIDE} is what the latency of the infer request has beyond them: starting them,"
        " handing tensors over, waiting, and what OpenVINO cuts off below whole microseconds.",
        f"The intervals of layers hold together with {found.confidence * 100:g} %"
        f" (each has {found.each_confidence * 100:.4g} %), that of the latency by itself.",
    ]
    overlapping = [
        side
        for side, mean_ms in (("A", found.outside.mean_a_ms), ("B", found.outside.mean_b_ms))
        if mean_ms < 0
    ]
    if overlapping:
        sides = " and ".join(overlapping)
        sentences.append(
            f"In {sides} the layers take longer than the latency: some of them run at once."
        )
    if found.is_varying:
        sentences.append(
            "The compiled model is not the same in every sample: a layer that is not there counts"
            " as 0."
        )
    return sentences


def executed_as(layers: Sequence[LayerTime]) -> str:
    """The kernels of these layers, each once."""
    return " + ".join(dict.fromkeys(layer.exec_type for layer in layers))


def precisions(layers: Sequence[LayerTime]) -> str:
    """The precisions of these layers, each once; '' = not told."""
    found = (executed_precision(layer.exec_type) for layer in layers)
    return " + ".join(dict.fromkeys(filter(None, found)))


def _text(layers: Sequence[LayerTime], others: Sequence[LayerTime], change: Change) -> str:
    if change is Change.FUSED:
        return _fusion(layers, others)
    if change is Change.PRECISION:
        return precisions(layers)
    if change is Change.IMPLEMENTATION:
        return " + ".join(dict.fromkeys(map(implementation, layers)))
    return " + ".join(f"{layer.node_type} {layer.exec_type}" for layer in layers)


def _fusion(layers: Sequence[LayerTime], others: Sequence[LayerTime]) -> str:
    """The layers of a side; of a single one on each what it takes in beyond the other."""
    if len(layers) > 1 or len(others) > 1:
        return " + ".join(layer.name for layer in layers)
    known = {without_numbers(name) for layer in others for name in layer.originals}
    own = [
        name for layer in layers for name in layer.originals if without_numbers(name) not in known
    ]
    return f"with {', '.join(own)}" if own else ""
