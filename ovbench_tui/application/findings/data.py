"""Inputs that are not as the model takes them."""

from __future__ import annotations

import math

import numpy as np

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.findings.finding import (
    WORTH,
    Finding,
    is_on_cpu,
    preempted_s,
    threads_of,
    where,
    without,
)
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


def made_of_bytes_s(analysis: Analysis, around: Surroundings) -> float:
    """So long the program's thread makes floats of bytes at least, in all; 0 = unknown.

    Where it often has to wait for a CPU, the conversion does, too.
    """
    inputs = analysis.inputs
    if not inputs.byte_values or math.isnan(around.convert_ns):
        return 0.0
    program_s = analysis.split.program
    own_s = program_s + preempted_s(analysis, around)
    made_s = inputs.mean_bytes / 4 * around.convert_ns / 1e9 * analysis.inferences
    return min(made_s * own_s / max(program_s, 1e-9), own_s)


def byte_images(analysis: Analysis, around: Surroundings) -> Finding | None:
    """Images of bytes that the program makes floats of."""
    inputs, made_s = analysis.inputs, made_of_bytes_s(analysis, around)
    if not made_s:
        return None
    # A byte is a quarter of a float. The device has to convert them as well, by all its threads.
    moved_s = made_s / threads_of(analysis, around) if is_on_cpu(analysis) else 0.0
    gain = without(analysis, made_s - moved_s + inputs.copied_s * 3 / 4)
    if gain < WORTH:
        return None
    scaled = " divided by 255" if inputs.byte_values == "scaled" else ""
    return Finding(
        "byte-images",
        gain,
        f"The inputs are whole numbers from 0 to 255{scaled}, in arrays of floats: making"
        f" {inputs.mean_bytes / 4e6:.2f} million floats of bytes takes this machine at least"
        f" {made_s / analysis.inferences * 1e3:.2f} ms for each inference, and copying them"
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
