"""The list of built-in models; light to import, so that it can be shown before OpenVINO is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ZooEntry:
    """What is known of a built-in model without building it.

    Attributes:
        summary: what it is, in a few words.
        input_text: the input tensor's shape and layout.
        gflop: per inference at batch 1, two for each multiply-accumulate.
        mparams: millions of weights and biases.
    """

    name: str
    summary: str
    input_text: str
    gflop: float
    mparams: float


ZOO: tuple[ZooEntry, ...] = (
    ZooEntry(
        "mobilenet-v2",
        "small image classifier, MobileNetV2 1.0 at 160x160",
        "[1,3,160,160] NCHW",
        0.31,
        3.49,
    ),
    ZooEntry(
        "face-detection-0200",
        "face detector, MobileNetV2 with an SSD head",
        "[1,3,256,256] NCHW",
        0.77,
        1.82,
    ),
    ZooEntry(
        "googlenet-v1",
        "image classifier, nine Inception modules",
        "[1,3,224,224] NCHW",
        3.17,
        7.00,
    ),
    ZooEntry(
        "alexnet",
        "image classifier, mostly fully connected weights",
        "[1,3,227,227] NCHW",
        1.45,
        60.97,
    ),
    ZooEntry(
        "yolo-v3-tf",
        "heavy object detector, Darknet-53 with three heads",
        "[1,416,416,3] NHWC",
        65.86,
        61.92,
    ),
)

DEFAULT_NAME = ZOO[0].name


def find(name: str) -> ZooEntry | None:
    """Find a built-in model by its exact name; None when there is no such model."""
    return next((entry for entry in ZOO if entry.name == name), None)
