"""The verdict on analyses whose faults are known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from ovbench_tui.application.analysis import Analysis, FunctionUse, InputUse, ModelUse
from ovbench_tui.application.findings.finding import Finding
from ovbench_tui.application.surroundings import Surroundings, ThreadLoad
from ovbench_tui.application.time_split import TimeSplit
from ovbench_tui.application.verdict import FEW_INFERENCES, NOT_HELD_BACK, judge
from tests.unit.application.recorded import F64, FUNCTIONS, NOTE

QUIET = Surroundings(cpus=4, others_cpu=0.02, idle_cpu=0.1, preempted_s=0.0)

GOOD = Analysis(
    first_s=1.0,
    running_s=10.0,
    inferences=1000,
    rate=100.0,
    latencies_ms=(38.0, 40.0, 42.0),
    quick_ms=35.0,
    fastest_ms=35.0,
    in_flight=3.8,
    busy=1.0,
    optimal=4,
    queue=4,
    threads=1,
    split=TimeSplit(9.0, 0.5, 0.3, 0.0, 0.2, 0.0),
    inputs=InputUse(0, 0.0, 0, 0.0, 0),
    callbacks=0,
    callback_s=0.0,
    callback_busy=0.0,
    created=0,
    created_s=0.0,
    synchronous=0,
    result_s=0.0,
    functions=(),
    models=(ModelUse(NOTE, 1000, 1, 0.2, 0, 0.0),),
    seconds=(),
)
"""A queue that keeps the device busy."""

ONE = replace(GOOD, in_flight=0.9, busy=0.9, queue=0)
"""A synchronous loop."""


def _found(analysis: Analysis | None, around: Surroundings = QUIET) -> list[Finding]:
    return list(judge(analysis, around).findings)


def _names(analysis: Analysis | None, around: Surroundings = QUIET) -> list[str]:
    return [finding.name for finding in _found(analysis, around)]


def test_a_program_that_keeps_the_device_busy_is_not_held_back() -> None:
    verdict = judge(GOOD, QUIET)
    assert verdict.findings == ()
    assert verdict.summary == NOT_HELD_BACK


def test_an_idle_device_without_a_cause_is_not_called_the_limit() -> None:
    split = TimeSplit(1.0, 2.0, 6.0, 0.0, 1.0, 0.0)
    verdict = judge(replace(GOOD, busy=0.2, in_flight=0.8, split=split), QUIET)
    assert verdict.findings == ()
    assert "idle 80% of the time" in verdict.summary
    assert "60%, is other calls of OpenVINO" in verdict.summary


def test_without_inferences_there_is_no_verdict() -> None:
    assert "no inference" in judge(None, QUIET).summary
    few = replace(ONE, inferences=FEW_INFERENCES - 1)
    assert _found(few) == []
    assert "let it run longer" in judge(few, QUIET).summary


def test_a_synchronous_loop_gains_what_runs_at_once() -> None:
    (finding,) = _found(replace(ONE, split=TimeSplit(9.0, 0.4, 0.4, 0.0, 0.2, 0.0)))
    assert finding.name == "synchronous"
    # 0.9 of the time on a quarter of the CPU, and 0.1 on one of four cores.
    assert finding.gain == pytest.approx(4.0)
    assert finding.text.endswith("start_async: up to 4.0x.")


def test_a_number_of_requests_that_is_unknown_is_not_named() -> None:
    split = TimeSplit(5.0, 1.0, 1.0, 0.0, 1.0, 2.0)
    (finding,) = _found(replace(ONE, optimal=0, split=split))
    assert "recommends" not in finding.text


def test_the_gain_ends_where_the_programs_own_thread_is_full() -> None:
    (finding,) = _found(replace(ONE, split=TimeSplit(6.0, 1.0, 1.0, 0.0, 2.0, 0.0)))
    assert finding.gain == pytest.approx(2.5)


def test_with_one_request_on_the_cpu_little_is_gained_and_nothing_said() -> None:
    note = replace(NOTE, optimal=1, streams=1, hint="LATENCY")
    one = replace(ONE, optimal=1, models=(ModelUse(note, 1000, 1, 0.2, 0, 0.0),))
    assert _names(one) == []
    busy_host = replace(one, split=TimeSplit(7.0, 1.0, 1.0, 0.0, 1.0, 0.0))
    (finding,) = _found(busy_host)
    assert finding.gain == pytest.approx(1 / (0.7 + 0.3 / 4))


def test_a_model_in_the_loop_is_named_with_what_it_costs() -> None:
    use = ModelUse(NOTE, 1000, 100, 8.1, 99, 8.0)
    split = TimeSplit(1.0, 0.2, 0.2, 8.0, 0.6, 0.0)
    (finding,) = _found(replace(ONE, models=(use,), split=split, busy=0.1, in_flight=0.1))
    assert finding.name == "compiled-again"
    assert finding.gain == pytest.approx(5.0)
    assert "100 compilations of the model net, 81 ms each, take 80%" in finding.evidence


@pytest.mark.parametrize(("again", "again_s"), [(2, 8.0), (50, 0.5)])
def test_a_model_that_is_compiled_rarely_or_fast_is_no_fault(again: int, again_s: float) -> None:
    use = ModelUse(NOTE, 1000, again + 1, again_s, again, again_s)
    assert "compiled-again" not in _names(replace(GOOD, models=(use,)))


def test_a_slow_callback_gains_what_the_device_could_do() -> None:
    slow = replace(GOOD, callbacks=1000, callback_s=9.0, callback_busy=0.9, fastest_ms=8.0)
    (finding,) = _found(slow)
    assert finding.name == "slow-callback"
    assert finding.gain == pytest.approx(5.0)  # 10 ms each, of which the device needs 8 / 4
    assert "9.0 ms and runs 90% of the time" in finding.evidence
    # 4 ms of CPU time on 4 CPUs: better known than by the fastest of the latencies.
    (finding,) = _found(slow, replace(QUIET, program_cpu_s=16.0))
    assert finding.gain == pytest.approx(2.5)


def test_inputs_matter_only_where_the_thread_does_not_wait_anyway() -> None:
    inputs = InputUse(1000, 4.0, 0, 0.0, F64)
    bound = replace(
        GOOD, in_flight=1.2, busy=0.9, inputs=inputs, split=TimeSplit(0.1, 4.5, 3, 0, 2.4, 0)
    )
    (finding,) = _found(bound)
    assert finding.name == "converted-inputs"
    assert finding.gain == pytest.approx(10 / 6)
    assert "type float64 are converted for 1000 of 1000" in finding.evidence
    assert "the model takes f32 [1,3]" in finding.evidence
    assert _names(replace(GOOD, inputs=inputs)) == []


def test_scattered_inputs_are_their_own_finding() -> None:
    inputs = InputUse(0, 0.0, 1000, 5.0, 0)
    one = replace(ONE, optimal=1, inputs=inputs, split=TimeSplit(2.0, 6, 1, 0, 1, 0))
    assert _names(one) == ["scattered-inputs"]


def test_results_that_take_long_are_named_and_short_ones_are_not() -> None:
    one = replace(ONE, optimal=1, synchronous=1000, split=TimeSplit(2.0, 1.0, 6.0, 0, 1.0, 0))
    (finding,) = _found(replace(one, result_s=5.0))
    assert finding.name == "copied-results"
    assert finding.gain == pytest.approx(2.0)
    assert "takes 5.00 ms, 50% of the time" in finding.evidence
    tiny = replace(one, inferences=100_000, synchronous=100_000, result_s=5.0)
    assert _names(tiny) == []


def test_requests_that_are_created_for_each_inference_are_named() -> None:
    one = replace(ONE, optimal=1, split=TimeSplit(2.0, 1.0, 2.0, 5.0, 0.0, 0))
    (finding,) = _found(replace(one, created=1000, created_s=5.0))
    assert finding.name == "created-requests"
    assert finding.gain == pytest.approx(2.0)
    assert _names(replace(one, created=2, created_s=5.0)) == []


def test_a_sleep_sets_the_pace_and_a_full_machine_does_not() -> None:
    asleep = replace(ONE, busy=0.1, in_flight=0.1, split=TimeSplit(1.0, 0.1, 0.1, 0, 0.3, 8.5))
    (finding,) = _found(asleep)
    assert finding.name == "paced-from-outside"
    assert finding.gain == pytest.approx(10 / 1.5)
    assert "asleep 85% of the time, 8.5 ms for each" in finding.evidence
    # What the inferences themselves had to wait for a CPU is no time of the program's own code.
    slow = replace(asleep, split=TimeSplit(4.0, 0.1, 0.1, 0, 0.3, 5.5))
    assert _names(slow, replace(QUIET, preempted_s=3.5)) == ["paced-from-outside", "synchronous"]
    names = _names(asleep, replace(QUIET, others_cpu=0.9, preempted_s=8.4))
    assert names == ["own-code", "other-processes"]


def test_waiting_for_a_callback_that_holds_the_interpreter_is_no_sleep() -> None:
    held = replace(
        GOOD,
        split=TimeSplit(0.1, 0.1, 0.1, 0.0, 0.7, 9.0),
        callbacks=1000,
        callback_s=9.0,
        callback_busy=0.9,
    )
    assert _names(held) == ["slow-callback"]


def test_own_code_is_named_where_it_takes_long() -> None:
    one = replace(ONE, busy=0.2, in_flight=0.2, split=TimeSplit(2.0, 0.5, 0.5, 0, 7.0, 0))
    (finding,) = _found(one)
    assert finding.name == "own-code"
    assert finding.gain == pytest.approx(10 / 3)
    assert "in the thread that starts them. Move" in finding.text


def test_the_functions_that_take_long_are_named() -> None:
    functions = tuple(
        FunctionUse(FUNCTIONS[number], share) for number, share in ((2, 0.7), (0, 0.2), (1, 0.05))
    )
    one = replace(ONE, busy=0.2, in_flight=0.2, functions=functions)
    named = "in preprocess (detect.py:30) 70%, top level (detect.py) 20%."
    for name, split in (
        ("own-code", TimeSplit(2.0, 0.5, 0.5, 0, 7.0, 0)),
        ("paced-from-outside", TimeSplit(2.0, 0.5, 0.5, 0, 0, 7.0)),
    ):
        (finding,) = _found(replace(one, split=split))
        assert finding.name == name
        assert named in finding.evidence


def test_the_latency_hint_is_named_where_requests_wait_for_each_other() -> None:
    note = replace(NOTE, hint="LATENCY", streams=1, optimal=1)
    hinted = replace(GOOD, optimal=1, models=(ModelUse(note, 1000, 1, 0.2, 0, 0.0),))
    (finding,) = _found(hinted)
    assert finding.name == "latency-hint"
    assert "x." not in finding.text.rpartition(" ")[2]  # how much it gains is unknown


def test_other_processes_are_named_last() -> None:
    names = _names(ONE, replace(QUIET, others_cpu=0.5))
    assert names == ["synchronous", "other-processes"]
    assert _names(GOOD, replace(QUIET, others_cpu=math.nan)) == []
    assert _names(GOOD, replace(QUIET, others_cpu=0.5, idle_cpu=0.4)) == []  # room for all


def test_the_largest_gain_comes_first() -> None:
    use = ModelUse(NOTE, 1000, 100, 5.0, 99, 5.0)
    both = replace(ONE, optimal=1, models=(use,), split=TimeSplit(0.5, 0.2, 0.3, 5.0, 4.0, 0))
    gains = [finding.gain for finding in _found(both)]
    assert len(gains) == 2
    assert gains == sorted(gains, reverse=True)


def test_the_throughput_hint_comes_before_several_requests() -> None:
    note = replace(NOTE, optimal=1, streams=1, hint="LATENCY")
    split = TimeSplit(7.0, 1.0, 1.0, 0.0, 1.0, 0.0)
    models = (ModelUse(note, 1000, 1, 0.2, 0, 0.0),)
    (finding,) = _found(replace(ONE, optimal=1, models=models, split=split))
    assert finding.name == "synchronous"
    assert finding.cure.startswith('Compile the model net with {"PERFORMANCE_HINT": "THROUGHPUT"}')


def test_images_that_are_made_floats_are_named_with_what_that_takes() -> None:
    # A million floats of 4 bytes for each of 1000 inferences: 1 ms to make, of which the device
    # does a quarter, and 3 of 4 ms copied.
    inputs = InputUse(0, 0.0, 0, 0.0, 0, 4e6, 4.0, "whole")
    split = TimeSplit(1.0, 4.0, 1.0, 0.0, 4.0, 0.0)
    one = replace(ONE, optimal=1, busy=0.1, in_flight=0.1, inputs=inputs, split=split)
    around = replace(QUIET, convert_ns=1.0)
    finding = next(found for found in _found(one, around) if found.name == "byte-images")
    assert finding.gain == pytest.approx(10 / 6.25)
    assert "at least 1.00 ms for each inference, and copying them 4.00 ms" in finding.evidence
    scaled = replace(one, inputs=replace(inputs, byte_values="scaled"))
    finding = next(found for found in _found(scaled, around) if found.name == "byte-images")
    assert "divided by 255" in finding.evidence
    assert "byte-images" not in _names(one)  # not measured
    assert "byte-images" not in _names(replace(one, inputs=replace(inputs, byte_values="")), around)


def test_own_code_does_not_count_what_has_a_finding_of_its_own() -> None:
    inputs = InputUse(0, 0.0, 0, 0.0, 0, 4e6, 0.0, "whole")
    split = TimeSplit(1.0, 1.0, 1.0, 0.0, 7.0, 0.0)
    one = replace(ONE, optimal=1, busy=0.1, in_flight=0.1, inputs=inputs, split=split)
    assert _names(one, replace(QUIET, convert_ns=5.0)) == ["byte-images"]
    assert _names(one, replace(QUIET, convert_ns=3.0)) == ["own-code", "byte-images"]


def test_more_threads_than_cpus_are_named_with_whose_they_may_be() -> None:
    crowded = replace(QUIET, threads=ThreadLoad(7.5, 8, ("OpenCV", "PyTorch")))
    (finding,) = _found(GOOD, crowded)
    assert finding.name == "crowded-threads"
    assert "8 threads of the program are busy on 4 CPUs, and 7.5 want one" in finding.evidence
    assert "It has loaded OpenCV, PyTorch." in finding.evidence
    for load in (ThreadLoad(5.5, 8), ThreadLoad(7.5, 5)):  # OpenVINO's own, and one that feeds it
        assert _names(GOOD, replace(QUIET, threads=load)) == []


def test_what_a_break_slows_down_is_gained_with_it() -> None:
    # 5 s of 10 asleep, and 4.5 s waiting for 1000 inferences, of which the quickest take 2 ms.
    split = TimeSplit(4.5, 0.3, 0.2, 0.0, 0.0, 5.0)
    slept = replace(ONE, split=split, optimal=1, quick_ms=2.0)
    (found,) = (one for one in _found(slept) if one.name == "paced-from-outside")
    assert found.gain == pytest.approx(10 / (10 - 5 - 2.5))
    # Several at once are not slowed by it: nothing is concluded from how long each takes.
    several = replace(slept, in_flight=3.5, queue=4, split=TimeSplit(0.4, 0.3, 0.2, 0, 0, 9.1))
    (found,) = (one for one in _found(several) if one.name == "paced-from-outside")
    assert found.gain == pytest.approx(10 / 0.9)
