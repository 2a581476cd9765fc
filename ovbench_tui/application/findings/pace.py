"""What sets the pace of a program: its own thread, its callbacks, a sleep, the device."""

from __future__ import annotations

import math

from ovbench_tui.application.analysis import Analysis
from ovbench_tui.application.findings.data import made_of_bytes_s
from ovbench_tui.application.findings.finding import (
    LONG_SHARE,
    WORTH,
    Finding,
    is_on_cpu,
    model_text,
    preempted_s,
    where,
    without_break,
)
from ovbench_tui.application.surroundings import Surroundings

_BUSY_CALLBACK = 0.6
_SHORT_WAIT_S = 0.001
_MOST_OF_IT = 0.5


def slow_callback(analysis: Analysis, around: Surroundings) -> Finding | None:
    """A callback that holds its request, and those behind it."""
    if analysis.callback_busy < _BUSY_CALLBACK or not analysis.callbacks:
        return None
    mean_s = analysis.callback_s / analysis.callbacks
    gain = min(
        analysis.running_s / analysis.inferences / max(_host_s(analysis, around), 1e-9), 10.0
    )
    return Finding(
        "slow-callback",
        max(gain, 1.0),
        f"The callback takes {mean_s * 1e3:.1f} ms and runs {analysis.callback_busy:.0%} of the"
        " time: callbacks run one after the other, and each holds its request until it returns.",
        "Let it only hand over the result, as to a queue.Queue, and do the work in another thread"
        " or process",
    )


def _host_s(analysis: Analysis, around: Surroundings) -> float:
    """Seconds for an inference if its callback took no time: the device's, or the thread's.

    What OpenVINO reports as latency includes the wait for the thread of the callbacks, so only the
    fastest is the device's own. On the CPU it is known better: all that the program does has to
    be done by its CPUs.
    """
    split = analysis.split
    thread_s = (split.total - split.waiting - split.asleep) / analysis.inferences
    at_once = max(analysis.optimal, 1)
    device_s = analysis.fastest_ms / 1e3 / at_once
    if is_on_cpu(analysis) and not math.isnan(around.program_cpu_s):
        device_s = around.program_cpu_s / analysis.inferences / max(around.cpus, 1)
    return max(device_s, thread_s)


def paced_from_outside(analysis: Analysis, around: Surroundings) -> Finding | None:
    """A thread that sleeps for much of its time."""
    split = analysis.split
    # A callback holds the interpreter, and other processes the CPU: that is no sleep.
    asleep_s = split.asleep - preempted_s(analysis, around) - analysis.callback_s
    each_s = asleep_s / analysis.inferences
    if asleep_s < LONG_SHARE * split.total or each_s < _SHORT_WAIT_S:
        return None
    gain = without_break(analysis, asleep_s)
    if gain < WORTH:
        return None
    return Finding(
        "paced-from-outside",
        gain,
        f"The program is asleep {asleep_s / split.total:.0%} of the time, {each_s * 1e3:.1f} ms"
        f" for each inference{where(analysis)} A sleep, a camera, a disk, a network or a lock sets"
        " the pace.",
        "If that is not meant to be the limit, read ahead in another thread",
    )


def one_at_a_time(analysis: Analysis, around: Surroundings) -> Finding | None:
    """What overlapping brings: inferences with each other, and with the program's own work.

    On the CPU the one takes from the other: at most all of its cores are at work all the time.
    """
    split, at_once = analysis.split.shares(), max(analysis.optimal, 1)
    if not analysis.is_one_at_a_time:
        return None
    # With one request at once only the program's own work is overlapped.
    if split.waiting < (LONG_SHARE if at_once > 1 else _MOST_OF_IT):
        return None
    preempted = preempted_s(analysis, around) / max(analysis.split.total, 1e-9)
    own = split.inputs + split.other_calls + split.program + split.compiling + preempted
    longest = max(split.waiting / at_once, own, split.asleep - preempted)
    if is_on_cpu(analysis):
        longest = max(longest, split.waiting / at_once + own / max(around.cpus, 1))
    gain = 1 / longest
    if gain < WORTH:
        return None
    recommended = f", of {at_once} that OpenVINO recommends" if analysis.optimal else ""
    return Finding(
        "synchronous",
        gain,
        f"Inferences run one after the other: {analysis.in_flight:.1f} in flight on average"
        f"{recommended}, and {1 - split.waiting:.0%} of the time none is running.",
        _how_to_overlap(analysis),
    )


def _how_to_overlap(analysis: Analysis) -> str:
    """What lets several inferences run at once: with one stream they would only wait in a row."""
    use = max(analysis.models, key=lambda use: use.inferences, default=None)
    if use is not None and use.note.is_pipeline:
        return (
            "Give several requests to a ContinuousBatchingPipeline, or prepare the next one in"
            " another thread"
        )
    if use is not None and use.note.hint == "LATENCY" and use.note.optimal == 1:
        return (
            f'Compile {model_text(use)} with {{"PERFORMANCE_HINT": "THROUGHPUT"}}, and start'
            " several requests with an AsyncInferQueue"
        )
    return "Use an AsyncInferQueue, or several requests with start_async"


def own_code(analysis: Analysis, around: Surroundings) -> Finding | None:
    """A thread that is busy with the program's own code, beside what has a finding of its own."""
    split = analysis.split
    own_s = split.program + preempted_s(analysis, around) - made_of_bytes_s(analysis, around)
    if own_s < LONG_SHARE * split.total:
        return None
    gain = without_break(analysis, own_s)
    if gain < WORTH:
        return None
    return Finding(
        "own-code",
        gain,
        f"The program's own code takes {own_s / split.total:.0%} of the time,"
        f" {own_s / analysis.inferences * 1e3:.1f} ms for each inference, in the thread that"
        f" starts them{where(analysis)}",
        "Move resizing, normalizing and layout into the model with PrePostProcessor, or the work"
        " into other threads",
    )


def latency_hint(analysis: Analysis) -> Finding | None:
    """Several requests that wait for one stream."""
    use = max(analysis.models, key=lambda use: use.inferences, default=None)
    if use is None or use.note.hint != "LATENCY" or use.note.streams != 1:
        return None
    if analysis.is_one_at_a_time or analysis.in_flight < 1.5:
        return None
    return Finding(
        "latency-hint",
        1.0,
        f"{analysis.in_flight:.1f} inferences are in flight, but {model_text(use)} is compiled for"
        " latency, with one stream: they wait for each other.",
        'Compile it with {"PERFORMANCE_HINT": "THROUGHPUT"}; `ovbench-tui ab` measures the gain',
    )
