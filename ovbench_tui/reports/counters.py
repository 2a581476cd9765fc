"""Layer times over infer requests: their average, their order, their share of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import LayerTime

Layers = tuple[LayerTime, ...]
NOT_RUN = "NOT_RUN"


@dataclass(frozen=True, slots=True)
class LayerShare:
    """One layer, and the fraction of all layers' real time it takes."""

    layer: LayerTime
    share: float


def are_running_means(effective: EffectiveConfig) -> bool:
    """Whether the device reports means over all inferences since the compile.

    The CPU does, over those of each stream, and they cannot be taken apart again: it reports no
    count (`PerfCount::avg` in openvino/src/plugins/intel_cpu/src/perf_count.h).
    """
    devices = effective.execution_devices.split(",")
    return all(device.strip().strip("()") == "CPU" for device in devices)


def covered_inferences(effective: EffectiveConfig) -> str:
    """Say which inferences the layer times are of."""
    if are_running_means(effective):
        return "means over all inferences, first and warm-up included"
    return "the last inference of each infer request"


def average(requests: Sequence[Layers]) -> Layers:
    """Average each layer over the infer requests, in the order of the first.

    A layer is known by its name and by how many of that name came before it, because names
    need not be unique. One that did not run in a request counts there as 0 ms.
    """
    merged: dict[tuple[str, int], list[LayerTime]] = {}
    for layers in requests:
        seen: dict[str, int] = {}
        for layer in layers:
            number = seen.get(layer.name, 0)
            seen[layer.name] = number + 1
            merged.setdefault((layer.name, number), []).append(layer)
    return tuple(_average_of(times, len(requests)) for times in merged.values())


def _average_of(times: Sequence[LayerTime], requests: int) -> LayerTime:
    # The one that ran tells more than one that did not.
    best = next((layer for layer in times if layer.status != NOT_RUN), times[0])
    return replace(
        best,
        real_ms=sum(layer.real_ms for layer in times) / requests,
        cpu_ms=sum(layer.cpu_ms for layer in times) / requests,
    )


def total_ms(layers: Sequence[LayerTime]) -> tuple[float, float]:
    """Real and CPU time of all layers together, in ms."""
    return sum(layer.real_ms for layer in layers), sum(layer.cpu_ms for layer in layers)


def arrange(layers: Sequence[LayerTime], order: str) -> tuple[LayerShare, ...]:
    """Put layers into the order of a -pcsort.

    Args:
        order: ``no_sort`` = OpenVINO's; ``sort`` = longest first; ``simple_sort`` = longest
            first, without those that did not run (as benchmark_app does it; its help
            promises OpenVINO's order there).
    """
    real_ms, _ = total_ms(layers)
    shares = [LayerShare(layer, layer.real_ms / real_ms if real_ms else 0.0) for layer in layers]
    if order == "no_sort":
        return tuple(shares)
    if order == "simple_sort":
        shares = [share for share in shares if share.layer.status != NOT_RUN]
    return tuple(sorted(shares, key=lambda share: share.layer.real_ms, reverse=True))
