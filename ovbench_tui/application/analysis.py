"""What a recorded program did: its throughput, its time, its models, its inputs, its callbacks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ovbench_tui.application.inferences import inferences_of
from ovbench_tui.application.inputs import InputUse, inputs_of
from ovbench_tui.application.recorder.layout import SHARED_RESULTS, UNKNOWN, Kind
from ovbench_tui.application.seconds import Second, callbacks_of, seconds_within
from ovbench_tui.application.time_split import TimeSplit, phases_of, split_of
from ovbench_tui.application.trace import FunctionNote, ModelNote, Records, Trace
from ovbench_tui.stats.sample_size import nearest_rank

_COMPILING = (Kind.COMPILE, Kind.IMPORT)
_STARTS = (Kind.INFER, Kind.START)
_ENOUGH_SAMPLES = 10
_MOST_FUNCTIONS = 5


@dataclass(frozen=True, slots=True)
class ModelUse:
    """One model, or several that differ in nothing that is seen.

    Attributes:
        compiled: how often, `compile_s` in all; `again` and `again_s`: of these while inferences
            were running, beyond the first.
    """

    note: ModelNote
    inferences: int
    compiled: int
    compile_s: float
    again: int
    again_s: float


@dataclass(frozen=True, slots=True)
class FunctionUse:
    """A function in which the program was found while it was not in OpenVINO.

    Attributes:
        share: of the time outside of OpenVINO, as sampled.
    """

    note: FunctionNote
    share: float


@dataclass(frozen=True, slots=True)
class Analysis:
    """Of a program that ran at least one inference; times are in seconds.

    Attributes:
        first_s: when the first inference began, since the program was started.
        running_s: from then to the end of the last. All but `seconds` and `models` is about this
            time.
        rate: inferences per second.
        latencies_ms: median, 95th and 99th percentile of the time on the device, as OpenVINO
            reports it; `quick_ms`: the 10th; `fastest_ms`: the shortest.
        in_flight: mean number of inferences on the device; `busy`: share of the time with at
            least one.
        optimal: infer requests that OpenVINO recommends for the model that ran most; 0 = unknown.
        queue: infer requests of the program's largest AsyncInferQueue; 0 = it has none.
        threads: that start inferences.
        callbacks: how many ran, `callback_s` in all, and `callback_busy`: the share of the time in
            which at least one ran.
        created: infer requests that were created while inferences were running, `created_s` in
            all.
        result_s: between the end of synchronous inferences on the device and the return of their
            calls, in all, where their results are copied then.
        synchronous: how many these were.
        functions: in which the program spends its time outside of OpenVINO, the longest first;
            empty where there are too few samples.
    """

    first_s: float
    running_s: float
    inferences: int
    rate: float
    latencies_ms: tuple[float, float, float]
    quick_ms: float
    fastest_ms: float
    in_flight: float
    busy: float
    optimal: int
    queue: int
    threads: int
    split: TimeSplit
    inputs: InputUse
    callbacks: int
    callback_s: float
    callback_busy: float
    created: int
    created_s: float
    synchronous: int
    result_s: float
    functions: tuple[FunctionUse, ...]
    models: tuple[ModelUse, ...]
    seconds: tuple[Second, ...]

    @property
    def is_one_at_a_time(self) -> bool:
        """Whether inferences ran one after the other."""
        return self.in_flight <= 1.1 * self.busy

    @property
    def overall(self) -> Second:
        """All of `running_s` at once, in the form of its seconds."""
        return Second(self.inferences, self.busy, self.in_flight, self.callback_busy, self.split)


def analyse(trace: Trace, begin_ns: int, end_ns: int) -> Analysis | None:
    """Work it out; None where no inference was completed.

    Args:
        begin_ns: when the program was started, `end_ns` when it had ended.
    """
    records = trace.records
    inferences = inferences_of(records, begin_ns)
    spans, count = inferences.spans, int(inferences.models.size)
    if not count:
        return None
    first_s, last_s = float(spans.begin_s[0]), float(spans.end_s.max())
    running_s = max(last_s - first_s, 1e-9)
    phases = phases_of(records, begin_ns)
    called = callbacks_of(records, begin_ns)
    busy = spans.union()
    during = records[
        (records["begin_ns"] >= begin_ns + first_s * 1e9)
        & (records["begin_ns"] <= begin_ns + last_s * 1e9)
    ]
    created = during[during["kind"] == Kind.CREATE_REQUEST]
    direct = records[
        (records["kind"] == Kind.INFER)
        & (records["latency_ns"] != UNKNOWN)
        & (records["input_types"] & SHARED_RESULTS == 0)
    ]
    latencies_ms = np.sort((spans.end_s - spans.begin_s) * 1e3)
    models = _models(records, during, inferences.models.tolist(), trace.models)
    most = max(models, key=lambda use: use.inferences, default=None)
    edges_s = np.arange(0.0, math.ceil((end_ns - begin_ns) / 1e9) + 1.0)
    edges_s[-1] = max((end_ns - begin_ns) / 1e9, float(edges_s[-2]) + 1e-3)
    return Analysis(
        first_s=first_s,
        running_s=running_s,
        inferences=count,
        rate=count / running_s,
        latencies_ms=(
            nearest_rank(latencies_ms, 50),
            nearest_rank(latencies_ms, 95),
            nearest_rank(latencies_ms, 99),
        ),
        quick_ms=nearest_rank(latencies_ms, 10),
        fastest_ms=float(latencies_ms[0]),
        in_flight=spans.total_s / running_s,
        busy=busy.total_s / running_s,
        optimal=most.note.optimal if most else 0,
        queue=max(trace.queues.values(), default=0),
        threads=len(np.unique(records["thread"][np.isin(records["kind"], _STARTS)])),
        split=split_of(phases.clipped(first_s, last_s)),
        inputs=inputs_of(trace),
        callbacks=int(called.begin_s.size),
        callback_s=called.total_s,
        callback_busy=called.clipped(first_s, last_s).union().total_s / running_s,
        created=int(created.size),
        created_s=_length_s(created),
        synchronous=int(direct.size),
        result_s=max(_length_s(direct) - _inside_ns(direct) / 1e9, 0.0),
        functions=_functions(during, trace.functions),
        models=models,
        seconds=seconds_within(spans, called, phases, edges_s),
    )


def _models(
    records: Records,
    during: Records,
    models: list[int],
    notes: Mapping[int, ModelNote],
) -> tuple[ModelUse, ...]:
    """How each model was used; those that were compiled only are among them."""
    uses = []
    counts = np.bincount([model for model in models if model >= 0], minlength=1)
    for number, note in sorted(notes.items()):
        compiled = records[(records["model"] == number) & np.isin(records["kind"], _COMPILING)]
        first = compiled["sequence"].min() if compiled.size else 0
        again = during[
            (during["model"] == number)
            & np.isin(during["kind"], _COMPILING)
            & (during["sequence"] != first)
        ]
        uses.append(
            ModelUse(
                note=note,
                inferences=int(counts[number]) if number < counts.size else 0,
                compiled=int(compiled.size),
                compile_s=_length_s(compiled),
                again=int(again.size),
                again_s=_length_s(again),
            )
        )
    return tuple(uses)


def _functions(during: Records, notes: Mapping[int, FunctionNote]) -> tuple[FunctionUse, ...]:
    sampled = during["model"][during["kind"] == Kind.SAMPLE]
    if sampled.size < _ENOUGH_SAMPLES:
        return ()
    numbers, counts = np.unique(sampled, return_counts=True)
    uses = [
        FunctionUse(notes[number], count / sampled.size)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True)
        if number in notes
    ]
    return tuple(sorted(uses, key=lambda use: -use.share)[:_MOST_FUNCTIONS])


def _inside_ns(synchronous: Records) -> int:
    """What such calls spend on their inputs and on the device."""
    return int(synchronous["copy_ns"].sum() + synchronous["latency_ns"].sum())


def _length_s(records: Records) -> float:
    return float((records["end_ns"] - records["begin_ns"]).sum()) / 1e9
