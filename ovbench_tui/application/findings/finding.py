"""One thing that holds a program back, and what all of them share."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.application.analysis import Analysis, ModelUse
from ovbench_tui.application.surroundings import Surroundings

WORTH = 1.1
"""A smaller gain is not worth a sentence."""

LONG_SHARE = 0.3
"""Of a thread's time, that is worth one."""

_SLACK = 0.05
"""Share of its time that a thread waits for results where the device sets the pace."""

_SHOWN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that holds the program back.

    Attributes:
        name: a word for programs, as in ``synchronous``.
        gain: how many times faster the program could be at most; 1 = how much is unknown.
        evidence: sentences with figures; `cure`: what to change, without a full stop.
    """

    name: str
    gain: float
    evidence: str
    cure: str

    @property
    def text(self) -> str:
        """All of it."""
        gain = f": up to {self.gain:.1f}x." if self.gain >= WORTH else "."
        return f"{self.evidence} {self.cure}{gain}"

    @property
    def text_from_gain(self) -> str:
        """All of it, the gain first: where the end may be cut."""
        gain = f"Up to {self.gain:.1f}x: " if self.gain >= WORTH else ""
        return f"{gain}{self.evidence} {self.cure}."


def without(analysis: Analysis, seconds: float) -> float:
    """How many times faster the program would be without some of its thread's time.

    Where its thread waits for results beside inferences that run anyway, the device sets the pace
    and nothing is gained.
    """
    split = analysis.split
    if split.total <= 0:
        return 1.0
    if not analysis.is_one_at_a_time and split.waiting > _SLACK * split.total:
        return 1.0
    return faster(split.total, seconds)


def without_break(analysis: Analysis, seconds: float) -> float:
    """As `without`, for what the thread does so long that it slows down the next inference."""
    gain = without(analysis, seconds)
    return gain if gain < WORTH else without(analysis, seconds + slowed_s(analysis))


def faster(total_s: float, part_s: float) -> float:
    """How many times faster something is without a part of it."""
    return total_s / max(total_s - part_s, 0.02 * total_s)


def slowed_s(analysis: Analysis) -> float:
    """By how long all inferences take longer than the quickest tenth of them does.

    After a break caches are full of other data, and the threads that infer have fallen asleep; a
    new infer request makes its buffers first.
    """
    if not analysis.is_one_at_a_time:
        return 0.0
    return max(0.0, analysis.split.waiting - analysis.inferences * analysis.quick_ms / 1e3)


def where(analysis: Analysis) -> str:
    """The functions that take longest outside of OpenVINO, as the end of a sentence."""
    longest = [use for use in analysis.functions if use.share >= _SHOWN_SHARE][:3]
    if not longest:
        return "."
    return f", in {', '.join(f'{use.note.text} {use.share:.0%}' for use in longest)}."


def preempted_s(analysis: Analysis, around: Surroundings) -> float:
    """How long the program's thread wanted to run its own code and had no CPU.

    A synchronous inference on the CPU runs in that thread as well, and has to wait for a CPU, too.
    Of all such waiting its own code has as much as of the time in which the thread wanted one, and
    at least what is longer than all inferences together.
    """
    split = analysis.split
    if math.isnan(around.preempted_s):
        crowded = 0.0 if math.isnan(around.others_cpu) else around.others_cpu
        return min(split.asleep, crowded * split.program)
    own_s = split.program + split.inputs + split.other_calls + split.compiling
    share = own_s / max(own_s + split.waiting, 1e-9)
    seconds = max(share * around.preempted_s, around.preempted_s - split.waiting)
    return min(split.asleep, seconds)


def model_text(use: ModelUse) -> str:
    """The model by its name, within a sentence."""
    return f"the model {use.note.name}" if use.note.name else "the model"


def is_on_cpu(analysis: Analysis) -> bool:
    """Whether inferences take from the program's own CPUs."""
    return any(
        "CPU" in device  # AUTO reports (CPU)
        for use in analysis.models
        if use.inferences
        for device in use.note.devices
    )


def threads_of(analysis: Analysis, around: Surroundings) -> int:
    """How many threads infer on the CPU."""
    use = max(analysis.models, key=lambda use: use.inferences, default=None)
    value = dict(use.note.properties).get("INFERENCE_NUM_THREADS", "") if use is not None else ""
    return int(value) if value.isdecimal() and int(value) else max(around.cpus, 1)
