"""Layers and samples made by hand, whose comparison is known beforehand."""

from __future__ import annotations

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.layers.sample import Sample


def layer(
    name: str,
    real_ms: float,
    *originals: str,
    kernel: str = "jit_avx2_f32",
    node_type: str = "Convolution",
    status: str = "EXECUTED",
) -> LayerTime:
    return LayerTime(name, node_type, kernel, status, real_ms, real_ms, originals or (name,))


def added(name: str, real_ms: float) -> LayerTime:
    """One of OpenVINO's own, which stands for no layer of the model."""
    return LayerTime(name, "Reorder", "jit_uni_f32", "EXECUTED", real_ms, real_ms)


def sample(latency_ms: float, *layers: LayerTime) -> Sample:
    return Sample(layers, latency_ms, 100, "2026.4.1")


FUSED = (layer("conv", 0.3, "conv", "relu"), layer("softmax", 0.1))
APART = (
    layer("conv", 0.25, kernel="brgconv_avx2_f32"),
    added("conv_to_relu", 0.02),
    layer("relu", 0.06, kernel="jit_avx2_bf16", node_type="Relu"),
    layer("softmax", 0.1),
    layer("data", 0.0, status="NOT_RUN"),
)
