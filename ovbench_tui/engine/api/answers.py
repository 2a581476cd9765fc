"""Whether a model's outputs are right, by those of a reference for the same inputs."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.stats.comparison.output_figures import OutputError
from ovbench_tui.stats.limits import LimitResult, LimitVerdict


@dataclass(frozen=True, slots=True)
class Answers:
    """The outputs of a configuration beside those of the reference.

    Attributes:
        reference: what they are compared with, in words.
        input_sets: how many sets of inputs were answered.
        outputs: the worst of these for each output, the worst output first.
        reason: why nothing was compared, in a clause; '' = it was.
    """

    reference: str
    input_sets: int
    outputs: tuple[OutputError, ...]
    reason: str = ""


def judged(answers: Answers | None, tolerance: float) -> LimitResult | None:
    """Whether all outputs are within a tolerance; None where nothing is checked.

    Args:
        tolerance: 0 = nothing is checked.
    """
    if answers is None or not tolerance:
        return None
    if not answers.outputs:
        return LimitResult("answers", tolerance, math.nan, LimitVerdict.UNDECIDED, answers.reason)
    worst = answers.outputs[0]
    verdict = LimitVerdict.PASSED if worst.within(tolerance) else LimitVerdict.FAILED
    return LimitResult("answers", tolerance, worst.severity, verdict, _beyond_measure(worst))


def _beyond_measure(output: OutputError) -> str:
    """Why an output is wrong whatever the tolerance, in a clause; '' = it is not."""
    if not output.same_shape:
        return (
            f"output {output.name} has the shape {list(output.shape)}, and that of the reference"
            f" {list(output.reference_shape)}"
        )
    if output.nonfinite_mismatches:
        return (
            f"output {output.name} has {output.nan_count} NaN and {output.infinite_count} infinite"
            f" values, unlike the reference in {output.nonfinite_mismatches} places"
        )
    if output.max_relative_error is None and output.max_absolute_error:
        return f"output {output.name} is not all zeros, as the reference's is"
    return ""
