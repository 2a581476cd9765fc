"""What holds the user's program back, and what cures it, ranked by what that would gain.

Every finding needs evidence in the figures. A gain is a bound: how much faster the program could
be if the cure took away all of what was found, and nothing else came in the way.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ovbench_tui.application.analysis import Analysis, ModelUse
from ovbench_tui.application.time_split import SPLIT_WORDS

FEW_INFERENCES = 10
"""Below it nothing is concluded."""

_WORTH = 1.1
"""A smaller gain is not worth a sentence."""

_SLACK = 0.05
"""Share of its time that a thread waits for results where the device sets the pace."""

_BUSY_DEVICE = 0.5
_BUSY_CALLBACK = 0.6
_LONG_SHARE = 0.3
_SHORT_WAIT_S = 0.001
_SHOWN_SHARE = 0.1
_OTHERS = 0.25
_FULL = 0.2
"""A machine with less of its CPU time left is full: who wants to run has to wait."""

_MANY_COMPILED = 3
_SHORT_COPY_S = 0.0002
"""Calling OpenVINO from Python takes about as long, whatever the size of the results."""


NOT_HELD_BACK = "Your program is not held back by how it uses OpenVINO: the device sets the pace."


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
        gain = f": up to {self.gain:.1f}x." if self.gain >= _WORTH else "."
        return f"{self.evidence} {self.cure}{gain}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings, the largest gain first; `summary` is what to say where there is none."""

    findings: tuple[Finding, ...]
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine while the program ran.

    Attributes:
        cpus: that the program may use.
        others_cpu: share of the machine that other processes took, and `idle_cpu` that nobody
            did; NaN = unknown.
        preempted_s: how long the program's main thread was ready to run and had no CPU while
            inferences were running; NaN = unknown.
    """

    cpus: int
    others_cpu: float
    idle_cpu: float
    preempted_s: float


def judge(analysis: Analysis | None, around: Surroundings) -> Verdict:
    """Say what holds a program back.

    Args:
        analysis: None = it completed no inference.
    """
    if analysis is None:
        return Verdict((), "The program completed no inference with OpenVINO's Python API.")
    if analysis.inferences < FEW_INFERENCES:
        return Verdict(
            (),
            f"The program ran {analysis.inferences} inferences, and at least {FEW_INFERENCES} are"
            " needed for a verdict: let it run longer.",
        )
    found = (
        _compiled_again(analysis),
        _slow_callback(analysis),
        _paced_from_outside(analysis, around),
        _one_at_a_time(analysis, around.cpus),
        _converted(analysis),
        _scattered(analysis),
        _copied_results(analysis),
        _created_requests(analysis),
        _own_code(analysis, around),
        _latency_hint(analysis),
        _other_processes(around),
    )
    findings = sorted(filter(None, found), key=lambda finding: -finding.gain)
    if findings:
        return Verdict(tuple(findings))
    return Verdict((), NOT_HELD_BACK if analysis.busy > _BUSY_DEVICE else _unexplained(analysis))


def _unexplained(analysis: Analysis) -> str:
    shares = analysis.split.shares()
    name = max(SPLIT_WORDS, key=lambda name: float(getattr(shares, name)))
    return (
        f"Nothing stands out, though the device is idle {1 - analysis.busy:.0%} of the time: most"
        f" of the thread's time, {getattr(shares, name):.0%}, is {SPLIT_WORDS[name]}."
    )


def _without(analysis: Analysis, seconds: float) -> float:
    """How many times faster the program would be without some of its thread's time.

    Where its thread waits for results beside inferences that run anyway, the device sets the pace
    and nothing is gained.
    """
    split = analysis.split
    if split.total <= 0:
        return 1.0
    if not analysis.is_one_at_a_time and split.waiting > _SLACK * split.total:
        return 1.0
    return split.total / max(split.total - seconds, 0.02 * split.total)


def _compiled_again(analysis: Analysis) -> Finding | None:
    use = max(analysis.models, key=lambda use: use.again_s, default=None)
    if use is None or use.again < _MANY_COMPILED:
        return None
    gain = _ratio(analysis.running_s, use.again_s)
    if gain < _WORTH:
        return None
    return Finding(
        "compiled-again",
        gain,
        f"{use.compiled} compilations of {_model(use)}, {use.again_s / use.again * 1e3:.0f} ms"
        f" each, take {use.again_s / analysis.running_s:.0%} of the time.",
        "Compile it once before the loop, and keep the compiled model",
    )


def _slow_callback(analysis: Analysis) -> Finding | None:
    if analysis.callback_busy < _BUSY_CALLBACK or not analysis.callbacks:
        return None
    mean_s = analysis.callback_s / analysis.callbacks
    gain = min(analysis.running_s / analysis.inferences / max(_host_s(analysis), 1e-9), 10.0)
    return Finding(
        "slow-callback",
        max(gain, 1.0),
        f"The callback takes {mean_s * 1e3:.1f} ms and runs {analysis.callback_busy:.0%} of the"
        " time: callbacks run one after the other, and each holds its request until it returns.",
        "Let it only hand over the result, as to a queue.Queue, and do the work in another thread"
        " or process",
    )


def _host_s(analysis: Analysis) -> float:
    """Seconds for an inference if its callback took no time: the device's, or the thread's.

    What OpenVINO reports as latency includes the wait for the thread of the callbacks, so only the
    fastest is the device's own.
    """
    split = analysis.split
    thread_s = (split.total - split.waiting - split.asleep) / analysis.inferences
    at_once = max(analysis.optimal, 1)
    return max(analysis.fastest_ms / 1e3 / at_once, thread_s)


def _where(analysis: Analysis) -> str:
    """The functions that take longest outside of OpenVINO, as the end of a sentence."""
    longest = [use for use in analysis.functions if use.share >= _SHOWN_SHARE][:3]
    if not longest:
        return "."
    return f", in {', '.join(f'{use.note.text} {use.share:.0%}' for use in longest)}."


def _preempted_s(analysis: Analysis, around: Surroundings) -> float:
    """How long the program's thread wanted to run its own code and had no CPU."""
    preempted_s = around.preempted_s
    if math.isnan(preempted_s):
        crowded = 0.0 if math.isnan(around.others_cpu) else around.others_cpu
        preempted_s = crowded * analysis.split.program
    return min(analysis.split.asleep, preempted_s)


def _paced_from_outside(analysis: Analysis, around: Surroundings) -> Finding | None:
    split = analysis.split
    # A callback holds the interpreter, and other processes the CPU: that is no sleep.
    asleep_s = split.asleep - _preempted_s(analysis, around) - analysis.callback_s
    each_s = asleep_s / analysis.inferences
    if asleep_s < _LONG_SHARE * split.total or each_s < _SHORT_WAIT_S:
        return None
    gain = _without(analysis, asleep_s)
    if gain < _WORTH:
        return None
    return Finding(
        "paced-from-outside",
        gain,
        f"The program is asleep {asleep_s / split.total:.0%} of the time, {each_s * 1e3:.1f} ms"
        f" for each inference{_where(analysis)} A sleep, a camera, a disk, a network or a lock sets"
        " the pace.",
        "If that is not meant to be the limit, read ahead in another thread",
    )


def _one_at_a_time(analysis: Analysis, cpus: int) -> Finding | None:
    """What overlapping brings: inferences with each other, and with the program's own work.

    On the CPU the one takes from the other: at most all of its cores are at work all the time.
    """
    split, at_once = analysis.split.shares(), max(analysis.optimal, 1)
    if not analysis.is_one_at_a_time or split.waiting < _LONG_SHARE:
        return None
    own = split.inputs + split.other_calls + split.program
    longest = max(split.waiting / at_once, own, split.asleep + split.compiling)
    if _is_on_cpu(analysis):
        longest = max(longest, split.waiting / at_once + own / max(cpus, 1))
    gain = 1 / longest
    if gain < _WORTH:
        return None
    recommended = f", of {at_once} that OpenVINO recommends" if analysis.optimal else ""
    return Finding(
        "synchronous",
        gain,
        f"Inferences run one after the other: {analysis.in_flight:.1f} in flight on average"
        f"{recommended}, and {1 - split.waiting:.0%} of the time none is running.",
        "Use an AsyncInferQueue, or several requests with start_async",
    )


def _is_on_cpu(analysis: Analysis) -> bool:
    return any(
        "CPU" in device  # AUTO reports (CPU)
        for use in analysis.models
        if use.inferences
        for device in use.note.devices
    )


def _converted(analysis: Analysis) -> Finding | None:
    inputs = analysis.inputs
    gain = _without(analysis, inputs.converted_s)
    if not inputs.converted or gain < _WORTH:
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


def _scattered(analysis: Analysis) -> Finding | None:
    inputs = analysis.inputs
    gain = _without(analysis, inputs.scattered_s)
    if not inputs.scattered or gain < _WORTH:
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


def _copied_results(analysis: Analysis) -> Finding | None:
    if not analysis.synchronous:
        return None
    each_s = analysis.result_s / analysis.synchronous
    gain = _without(analysis, analysis.result_s)
    if each_s < _SHORT_COPY_S or gain < _WORTH:
        return None
    return Finding(
        "copied-results",
        gain,
        f"Getting the results of an inference takes {each_s * 1e3:.2f} ms, "
        f"{analysis.result_s / analysis.split.total:.0%} of the time: each array is copied.",
        "Pass share_outputs=True, and copy only what has to outlive the next inference",
    )


def _created_requests(analysis: Analysis) -> Finding | None:
    gain = _without(analysis, analysis.created_s)
    if analysis.created < _MANY_COMPILED or gain < _WORTH:
        return None
    return Finding(
        "created-requests",
        gain,
        f"{analysis.created} infer requests are created for {analysis.inferences} inferences,"
        f" {analysis.created_s / analysis.created * 1e3:.2f} ms each.",
        "Create them once and use them again, instead of infer_new_request",
    )


def _own_code(analysis: Analysis, around: Surroundings) -> Finding | None:
    split = analysis.split
    own_s = split.program + _preempted_s(analysis, around)
    if own_s < _LONG_SHARE * split.total:
        return None
    gain = _without(analysis, own_s)
    if gain < _WORTH:
        return None
    return Finding(
        "own-code",
        gain,
        f"The program's own code takes {own_s / split.total:.0%} of the time,"
        f" {own_s / analysis.inferences * 1e3:.1f} ms for each inference, in the thread that"
        f" starts them{_where(analysis)}",
        "Move resizing, normalizing and layout into the model with PrePostProcessor, or the work"
        " into other threads",
    )


def _latency_hint(analysis: Analysis) -> Finding | None:
    use = max(analysis.models, key=lambda use: use.inferences, default=None)
    if use is None or use.note.hint != "LATENCY" or use.note.streams != 1:
        return None
    if analysis.is_one_at_a_time or analysis.in_flight < 1.5:
        return None
    return Finding(
        "latency-hint",
        1.0,
        f"{analysis.in_flight:.1f} inferences are in flight, but {_model(use)} is compiled for"
        " latency, with one stream: they wait for each other.",
        'Compile it with {"PERFORMANCE_HINT": "THROUGHPUT"}; `ovbench-tui ab` measures the gain',
    )


def _other_processes(around: Surroundings) -> Finding | None:
    if not (around.others_cpu > _OTHERS and around.idle_cpu < _FULL):
        return None
    return Finding(
        "other-processes",
        1.0,
        f"Other processes took {around.others_cpu:.0%} of this machine's CPU time, and only"
        f" {around.idle_cpu:.0%} was left.",
        "End them, or take the figures for those of a shared machine",
    )


def _ratio(total_s: float, part_s: float) -> float:
    return total_s / max(total_s - part_s, 0.02 * total_s)


def _model(use: ModelUse) -> str:
    return f"the model {use.note.name}" if use.note.name else "the model"


def _type_names(types: int) -> list[str]:
    """Names of numpy types, by a bit for each of their numbers."""
    known: dict[int, str] = {
        np.dtype(code).num: np.dtype(code).name for code in "?bBhHiIlLqQefdgFDO"
    }
    return [known.get(bit, "another type") for bit in range(62) if types >> bit & 1]
