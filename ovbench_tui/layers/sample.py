"""What one compiled model has measured of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ovbench_tui.engine.api.events import LayerTime


@dataclass(frozen=True, slots=True)
class Sample:
    """The mean times of an inference, from one compile.

    Attributes:
        layers: in OpenVINO's order, executed or not.
        latency_ms: of the infer request, by OpenVINO, over the same inferences.
        inferences: behind the means, without those of the warm-up.
        openvino: its version.
    """

    layers: tuple[LayerTime, ...]
    latency_ms: float
    inferences: int
    openvino: str = ""

    @property
    def layers_ms(self) -> float:
        """Of all layers together."""
        return sum(layer.real_ms for layer in self.layers)

    @property
    def outside_ms(self) -> float:
        """What the latency has beyond the layers; below 0 where they overlap in time."""
        return self.latency_ms - self.layers_ms


def sample_of(reply: Mapping[str, Any]) -> Sample:
    """Understand what a program of `export.layers_program` has printed.

    The CPU's times are means since the compile, in whole microseconds. From the mean m of the n
    inferences of the warm-up and the mean M of all N follows that of the others, which is
    (N M - n m) / (N - n).
    """
    warm, count = reply["warm"], reply["count"]
    before, whole = warm["count"], warm["count"] + count
    return Sample(
        tuple(
            LayerTime(
                name,
                node_type,
                exec_type,
                status,
                _rest_ms(whole, real_us, before, warm_us[0], count),
                _rest_ms(whole, cpu_us, before, warm_us[1], count),
                tuple(originals),
            )
            for (name, node_type, exec_type, status, originals), (real_us, cpu_us), warm_us in zip(
                reply["layers"], reply["times_us"], _or_zeros(warm, reply), strict=True
            )
        ),
        reply["latency_ms"],
        count,
        reply["openvino"],
    )


def _or_zeros(warm: Mapping[str, Any], reply: Mapping[str, Any]) -> Sequence[Sequence[float]]:
    """The times of the warm-up, which a device that keeps no means does not have."""
    return warm["times_us"] if warm["count"] else [(0.0, 0.0)] * len(reply["times_us"])


def _rest_ms(whole: int, whole_us: float, before: int, before_us: float, count: int) -> float:
    return max(0.0, (whole * whole_us - before * before_us) / count) / 1e3
