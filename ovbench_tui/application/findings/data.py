"""Inputs that are not as the model takes them."""

from __future__ import annotations

import math

import numpy as np

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.findings.finding import WORTH, Finding, where, without
from ovbench_tui.application.surroundings import Surroundings


def converted(analysis: Analysis) -> Finding | None:
    """Arrays of another type than the model takes."""
    inputs = analysis.inputs
    gain = without(analysis, inputs.converted_s)
    if not inputs.converted or gain < WORTH:
        return None
    types = ", ".join(_type_names(inputs.types))
    taken = sorted({name for use in analysis.models for name in use.note.inputs if use.inferences})
    return Finding(
        "converted-inputs",
        gain,
        f"Inputs of type {types} are converted for {inputs.converted} of {analysis.inferences}"
        f" inferences, {inputs.converted_s / inputs.converted * 1e3:.2f} ms each; the model takes"
        f" {'; '.join(taken)}.",
        "Create the arrays in the model's own type, or have PrePostProcessor convert them in the"
        " model",
    )


def scattered(analysis: Analysis) -> Finding | None:
    """Arrays that are not contiguous."""
    inputs = analysis.inputs
    gain = without(analysis, inputs.scattered_s)
    if not inputs.scattered or gain < WORTH:
        return None
    return Finding(
        "scattered-inputs",
        gain,
        f"Inputs that are not contiguous in memory, such as transposed images, are copied for"
        f" {inputs.scattered} of {analysis.inferences} inferences,"
        f" {inputs.scattered_s / inputs.scattered * 1e3:.2f} ms each.",
        "Give the model the layout of the data with PrePostProcessor (NHWC), instead of"
        " transposing it in numpy",
    )


def byte_images(analysis: Analysis, around: Surroundings) -> Finding | None:
    """Images of bytes that the program makes floats of."""
    inputs = analysis.inputs
    if not inputs.byte_values or math.isnan(around.convert_ns):
        return None
    values = inputs.mean_bytes / 4
    # The least that it takes: one pass of numpy, and one more where the values are divided.
    passes = 2 if inputs.byte_values == "scaled" else 1
    each_s = passes * values * around.convert_ns / 1e9
    copied_s = inputs.copied_s * 3 / 4  # a byte is a quarter of a float
    made_s = min(each_s * analysis.inferences, analysis.split.program)
    gain = without(analysis, made_s + copied_s)
    if gain < WORTH:
        return None
    scaled = " divided by 255" if inputs.byte_values == "scaled" else ""
    return Finding(
        "byte-images",
        gain,
        f"The inputs are whole numbers from 0 to 255{scaled}, in arrays of floats: making"
        f" {values / 1e6:.2f} million floats of bytes takes this machine at least"
        f" {each_s * 1e3:.2f} ms for each inference, and copying them"
        f" {inputs.copied_s / analysis.inferences * 1e3:.2f} ms{where(analysis)}",
        "Give the model the bytes (u8), and have PrePostProcessor convert and scale them in the"
        " model",
    )


def _type_names(types: int) -> list[str]:
    """Names of numpy types, by a bit for each of their numbers."""
    known: dict[int, str] = {
        np.dtype(code).num: np.dtype(code).name for code in "?bBhHiIlLqQefdgFDO"
    }
    return [known.get(bit, "another type") for bit in range(62) if types >> bit & 1]
