"""face-detection-0200: MobileNetV2 with an SSD head on two of its stages."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import openvino as ov
import openvino.opset8 as opset8
import openvino.opset13 as opset
from openvino import Node

from ovbench_tui.engine.zoo.layers import (
    LINEAR_GAIN,
    Layers,
    image_input,
    make_model,
    relu,
    relu6,
    reshape,
    scale,
    transpose,
)
from ovbench_tui.engine.zoo.mobilenet_v2 import STAGES, inverted_residual

# A picture with few faces leaves a handful of the 1,344 priors above the confidence
# threshold of 0.02 (-3.9 as a logit). Unbiased random weights would score every prior near
# 0.5, and sorting and suppressing them all would take untypically long. The random part
# spreads by about 2.5, so this leaves about ten of noise and fewer of a plain picture.
_FACE_LOGIT = -9.0
_BACKGROUND_LOGIT = 0.0


class _Head(NamedTuple):
    """One tap of the SSD head: its stage of the backbone, and its priors in pixels."""

    stage: int
    step: float
    widths: tuple[float, ...]
    heights: tuple[float, ...]


_HEADS = (
    _Head(
        stage=5,
        step=16.0,
        widths=(8.0213, 21.4187, 12.544, 29.6107),
        heights=(12.8, 33.792, 21.76, 53.9307),
    ),
    _Head(
        stage=7,
        step=32.0,
        widths=(122.0267, 66.048, 109.9093, 43.6053, 64.512),
        heights=(194.1333, 139.008, 106.24, 89.6853, 61.952),
    ),
)


def build() -> ov.Model:
    """Build it: ``image`` [1,3,256,256] NCHW to ``detection_out`` [1,1,200,7]."""
    layers = Layers(seed=200)
    image = image_input("image", (1, 3, 256, 256), "NCHW")
    taps = _backbone(layers, image)
    locations: list[Node] = []
    confidences: list[Node] = []
    priors: list[Node] = []
    for head in _HEADS:
        tap, count = taps[head.stage], len(head.widths)
        bias = np.tile(np.array([_FACE_LOGIT, _BACKGROUND_LOGIT], np.float32), count)
        name = f"head{head.stage}"
        locations.append(_branch(layers, tap, 4 * count, f"{name}/loc", None))
        confidences.append(_branch(layers, tap, 2 * count, f"{name}/conf", bias))
        priors.append(_priors(tap, image, head, f"{name}/priors"))
    scores = reshape(opset.concat(confidences, 1, name="conf"), (0, -1, 2), "conf/pairs")
    scores = opset.softmax(scores, 2, name="conf/softmax")
    # opset8: the version in the published model.
    detections = opset8.detection_output(
        opset.concat(locations, 1, name="loc"),
        reshape(scores, (0, -1), "conf/flat"),
        opset.concat(priors, 2, name="priors"),
        {
            "background_label_id": 1,
            "top_k": 200,
            "keep_top_k": np.array([200], np.int32),
            "code_type": "caffe.PriorBoxParameter.CENTER_SIZE",
            "share_location": True,
            "nms_threshold": 0.45,
            "confidence_threshold": 0.02,
            "normalized": True,
        },
        name="detection_out",
    )
    return make_model("face-detection-0200", image, [("detection_out", detections)])


def _backbone(layers: Layers, image: Node) -> dict[int, Node]:
    x = scale(image, 1 / 255, "image/scale")
    x = relu6(layers.conv(x, 32, 3, "conv1", stride=2), "conv1/relu6")
    outputs: dict[int, Node] = {}
    for stage, (expansion, channels, blocks, first_stride) in enumerate(STAGES, start=1):
        for block in range(1, blocks + 1):
            x = inverted_residual(
                layers,
                x,
                channels,
                expansion,
                f"block{stage}_{block}",
                stride=first_stride if block == 1 else 1,
                always_expand=True,
            )
        outputs[stage] = x
    return outputs


def _branch(layers: Layers, tap: Node, channels: int, name: str, bias: np.ndarray | None) -> Node:
    hidden = tap.get_output_partial_shape(0)[1].get_length()
    x = relu(layers.conv(tap, hidden, 3, f"{name}/depthwise", groups=hidden), f"{name}/relu")
    x = layers.conv(x, channels, 1, f"{name}/predict", gain=LINEAR_GAIN, bias=bias)
    return reshape(transpose(x, (0, 2, 3, 1), f"{name}/nhwc"), (0, -1), f"{name}/flat")


def _priors(tap: Node, image: Node, head: _Head, name: str) -> Node:
    boxes = opset.prior_box_clustered(
        _height_and_width(tap, f"{name}/cells"),
        _height_and_width(image, f"{name}/image"),
        {
            "step": head.step,
            "width": np.array(head.widths, np.float32),
            "height": np.array(head.heights, np.float32),
            "offset": 0.5,
            "variance": np.array([0.1, 0.1, 0.2, 0.2], np.float32),
            "clip": False,
        },
        name=name,
    )
    return opset.unsqueeze(boxes, np.array([0], np.int64), name=f"{name}/batch")


def _height_and_width(node: Node, name: str) -> Node:
    begin, end, step = (np.array([value], np.int64) for value in (2, 4, 1))
    shape = opset.shape_of(node, name=f"{name}/shape")
    return opset.strided_slice(shape, begin, end, step, [0], [0], name=name)
