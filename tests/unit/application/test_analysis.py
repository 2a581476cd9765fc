"""What is concluded from records whose figures are known beforehand."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from ovbench_tui.application.analysis import Analysis, analyse
from ovbench_tui.application.inferences import Spans, inferences_of
from ovbench_tui.application.recorder.layout import NOT_CONTIGUOUS, Kind
from ovbench_tui.application.trace import Trace
from tests.unit.application.recorded import F32, F64, MS, NOTE, Recorded


def _analysis(recorded: Recorded, end_ms: float = 1000) -> Analysis:
    found = analyse(recorded.trace, 0, int(end_ms * MS))
    assert found is not None
    return found


def _spans(trace: Trace) -> list[tuple[float, float]]:
    spans = inferences_of(trace.records, 0).spans
    return [
        (round(begin * 1e3, 6), round(end * 1e3, 6))
        for begin, end in zip(spans.begin_s, spans.end_s, strict=True)
    ]


# -- stretches of time ------------------------------------------------------------------------


def test_overlapping_stretches_are_united() -> None:
    spans = Spans(np.array([5.0, 0.0, 1.0, 1.5]), np.array([6.0, 3.0, 2.0, 4.0]))
    united = spans.union()
    assert united.begin_s.tolist() == [0.0, 5.0]
    assert united.end_s.tolist() == [4.0, 6.0]
    assert spans.total_s == 7.5


def test_what_lies_between_two_edges_is_summed() -> None:
    spans = Spans(np.array([0.5, 0.5, 2.0]), np.array([1.25, 3.0, 2.5]))
    within = spans.within(np.array([0.0, 1.0, 2.0, 3.0]))
    assert within == pytest.approx([1.0, 1.25, 1.5])


def test_stretches_are_cut_at_two_times() -> None:
    cut = Spans(np.array([0.0, 2.0, 5.0]), np.array([1.5, 3.0, 6.0])).clipped(1.0, 2.5)
    assert cut.begin_s.tolist() == [1.0, 2.0]
    assert cut.end_s.tolist() == [1.5, 2.5]


def test_nothing_is_united_to_nothing() -> None:
    nothing = Spans(np.empty(0), np.empty(0))
    assert nothing.union().total_s == 0
    assert nothing.within(np.array([0.0, 1.0])).tolist() == [0.0]


# -- when inferences ran ----------------------------------------------------------------------


def test_a_synchronous_inference_comes_after_its_inputs() -> None:
    recorded = Recorded().add(Kind.INFER, 10, 20, copy_ms=2, latency_ms=7)
    assert _spans(recorded.trace) == [(12, 19)]


def test_a_callback_comes_after_its_inference() -> None:
    recorded = Recorded().add(Kind.CALLBACK, 10, 20, latency_ms=4)
    assert _spans(recorded.trace) == [(6, 10)]


def test_a_start_learns_its_latency_from_what_comes_next() -> None:
    recorded = (
        Recorded()
        .add(Kind.START, 0, 1, request=1)
        .add(Kind.START, 1, 2, request=2)
        .add(Kind.WAIT, 2, 9, request=1, latency_ms=5)
        .add(Kind.WAIT, 9, 9.5, request=1, latency_ms=5)  # waited for again
        .add(Kind.START, 10, 11, request=1, latency_ms=5)
        .add(Kind.START, 11, 12, request=2, latency_ms=6)
        .add(Kind.DONE, 20, 20, request=1, latency_ms=3)
    )
    assert _spans(recorded.trace) == [(1, 6), (2, 8), (11, 14)]


def test_requests_that_are_not_known_are_not_paired() -> None:
    recorded = Recorded().add(Kind.START, 0, 1).add(Kind.WAIT, 2, 9, latency_ms=5)
    assert _spans(recorded.trace) == []
    assert analyse(recorded.trace, 0, 100 * MS) is None


# -- figures ----------------------------------------------------------------------------------


def test_the_time_of_a_synchronous_loop_is_split() -> None:
    recorded = Recorded()
    for number in range(10):
        begin = number * 10
        # 1 ms inputs, 4 ms on the device, 1 ms results, then 3 ms of work and 1 ms of sleep.
        recorded.add(
            Kind.INFER, begin, begin + 6, copy_ms=1, latency_ms=4, gap_cpu_ms=3 if number else -1
        )
    found = _analysis(recorded)
    assert found.inferences == 10
    assert found.running_s == pytest.approx(0.094)  # from 1 ms to 95 ms
    assert found.rate == pytest.approx(10 / 0.094)
    assert found.latencies_ms == pytest.approx((4, 4, 4))
    assert found.fastest_ms == pytest.approx(4)
    assert found.in_flight == found.busy == pytest.approx(40 / 94)
    assert found.is_one_at_a_time
    assert found.optimal == 4
    assert (found.synchronous, found.result_s) == (10, pytest.approx(0.01))
    split = [round(seconds * 1e3, 6) for seconds in astuple(found.split)]
    assert split == [40, 9, 9, 0, 27, 9]
    assert found.split.total == pytest.approx(found.running_s)
    assert sum(astuple(found.split.shares())) == pytest.approx(1)


def test_short_gaps_that_were_not_sampled_are_as_the_sampled_ones() -> None:
    recorded = Recorded()
    for number in range(5):
        begin = number * 2
        cpu_ms = 0.25 if number == 2 else -1e-6  # UNKNOWN
        recorded.add(Kind.INFER, begin, begin + 1, latency_ms=1, gap_cpu_ms=cpu_ms)
    found = _analysis(recorded)
    assert found.split.program == pytest.approx(4 * 0.25e-3)
    assert found.split.asleep == pytest.approx(4 * 0.75e-3)


def test_a_queue_waits_copies_and_overlaps() -> None:
    recorded = Recorded(queues={1: 2})
    for number in range(10):
        begin = number * 5
        recorded.add(
            Kind.START,
            begin,
            begin + 4,
            wait_ms=2,
            copy_ms=1,
            request=(1 << 12) + number % 2,
            latency_ms=8 if number > 1 else -1e-6,
        )
    recorded.add(Kind.WAIT, 50, 58)
    recorded.add(Kind.DONE, 58, 58, request=1 << 12, latency_ms=8)
    recorded.add(Kind.DONE, 58, 58, request=(1 << 12) + 1, latency_ms=8)
    found = _analysis(recorded)
    assert found.inferences == 10
    assert found.queue == 2
    assert not found.is_one_at_a_time
    assert found.running_s == pytest.approx(0.053)  # from 4 ms to 57 ms
    assert found.in_flight == pytest.approx(80 / 53)
    assert found.busy == pytest.approx(1)
    assert found.split.inputs == pytest.approx(9e-3)
    assert found.split.waiting == pytest.approx((9 * 2 + 7) * 1e-3)


def test_seconds_add_up_to_the_whole() -> None:
    recorded = Recorded()
    for number in range(250):
        begin = 500 + number * 10
        recorded.add(Kind.INFER, begin, begin + 9, copy_ms=1, latency_ms=8, gap_cpu_ms=1)
    found = _analysis(recorded, end_ms=3500)
    assert [second.inferences for second in found.seconds] == [50, 100, 100, 0]
    assert [second.busy for second in found.seconds] == pytest.approx([0.4, 0.8, 0.8, 0])
    assert found.seconds[1].in_flight == pytest.approx(0.8)
    assert found.seconds[1].split.total == pytest.approx(1)
    assert sum(second.split.waiting for second in found.seconds) == pytest.approx(2.0)


def test_models_that_are_compiled_again_are_counted() -> None:
    recorded = Recorded()
    for number in range(5):
        begin = number * 100
        recorded.add(Kind.COMPILE, begin, begin + 50)
        recorded.add(Kind.INFER, begin + 50, begin + 60, latency_ms=10)
    (use,) = _analysis(recorded).models
    assert (use.compiled, use.again, use.inferences) == (5, 4, 5)
    assert (use.compile_s, use.again_s) == pytest.approx((0.25, 0.2))


def test_compiling_before_the_first_inference_is_not_again() -> None:
    recorded = Recorded().add(Kind.COMPILE, 0, 50).add(Kind.COMPILE, 50, 100)
    recorded.add(Kind.INFER, 100, 110, latency_ms=10)
    (use,) = _analysis(recorded).models
    assert (use.compiled, use.again) == (2, 0)


def test_requests_that_are_created_while_inferences_run_are_counted() -> None:
    recorded = Recorded().add(Kind.CREATE_REQUEST, 0, 5)
    for number in range(3):
        recorded.add(Kind.CREATE_REQUEST, 10 + number * 10, 12 + number * 10)
        recorded.add(Kind.INFER, 12 + number * 10, 20 + number * 10, latency_ms=8)
    found = _analysis(recorded)
    assert found.created == 2  # the first two come before the first inference
    assert found.created_s == pytest.approx(4e-3)
    assert found.synchronous == 3


def test_inputs_are_held_against_what_the_model_takes() -> None:
    recorded = Recorded()
    for begin, types in enumerate((F32, F64, F64 | NOT_CONTIGUOUS, F32 | NOT_CONTIGUOUS, 0)):
        begin_ms = begin * 10
        recorded.add(Kind.INFER, begin_ms, begin_ms + 9, copy_ms=3, latency_ms=5, input_types=types)
    inputs = _analysis(recorded).inputs
    assert (inputs.converted, inputs.scattered, inputs.types) == (2, 1, F64)
    assert (inputs.converted_s, inputs.scattered_s) == pytest.approx((0.006, 0.003))


def test_inputs_of_an_unknown_model_are_not_held_against_it() -> None:
    recorded = Recorded(replace(NOTE, numpy_types=0))
    recorded.add(Kind.INFER, 0, 9, copy_ms=3, latency_ms=5, input_types=F64)
    assert _analysis(recorded).inputs.converted == 0


def test_callbacks_that_overlap_are_one_stretch_of_time() -> None:
    recorded = Recorded()
    for begin in (10, 12, 30):
        recorded.add(Kind.CALLBACK, begin, begin + 10, latency_ms=10, thread=1)
    found = _analysis(recorded)
    assert found.callbacks == 3
    assert found.callback_s == pytest.approx(0.03)
    assert found.running_s == pytest.approx(0.03)
    assert found.callback_busy == pytest.approx(12 / 30)  # the last began when all was over


def test_threads_that_start_inferences_are_counted() -> None:
    recorded = Recorded()
    for thread in range(3):
        for number in range(4):
            recorded.add(Kind.INFER, number * 10, number * 10 + 10, latency_ms=10, thread=thread)
    found = _analysis(recorded)
    assert found.threads == 3
    assert found.in_flight == pytest.approx(3)
    assert not found.is_one_at_a_time


def test_functions_have_their_share_of_the_samples_while_inferences_run() -> None:
    recorded = Recorded()
    recorded.add(Kind.SAMPLE, 5, 5, model=0)  # before the first inference
    recorded.add(Kind.INFER, 10, 20, latency_ms=10)
    for number in range(20):
        recorded.add(Kind.SAMPLE, 21 + number, 21 + number, model=2 if number < 15 else 1)
    recorded.add(Kind.INFER, 50, 60, latency_ms=10)
    found = _analysis(recorded)
    assert [(use.note.text, use.share) for use in found.functions] == [
        ("preprocess (detect.py:30)", 0.75),
        ("Camera.read (camera.py:12)", 0.25),
    ]


def test_a_few_samples_say_nothing() -> None:
    recorded = Recorded().add(Kind.INFER, 10, 20, latency_ms=10)
    recorded.add(Kind.SAMPLE, 25, 25, model=2).add(Kind.INFER, 50, 60, latency_ms=10)
    assert _analysis(recorded).functions == ()
