"""Steps of sequences folded into whole requests."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ovbench_tui.stats.run import RunAccumulator
from ovbench_tui.stats.sequences import (
    DECODE,
    PREFILL,
    SequenceRecorder,
    phases_of,
    request_tag,
    step_tag,
)

Steps = list[tuple[float, float, int]]
"""Second of the completion, latency in ms, and the tag."""


def add(recorder: SequenceRecorder, steps: Steps, dropped: int = 0) -> None:
    times_s, latencies_ms, tags = (np.array(column) for column in zip(*steps, strict=True))
    recorder.add(times_s, latencies_ms, tags.astype(np.uint32), dropped)


def sequence(
    begin_s: float, *ms: float, request: int = 0, number: int = 0, gap_ms: float = 0.0
) -> Steps:
    """The steps of one sequence, of these latencies, one behind the other."""
    steps, time_s = [], begin_s
    for place, latency_ms in enumerate(ms):
        time_s += latency_ms / 1e3 + (gap_ms / 1e3 if place else 0.0)
        tag = step_tag(DECODE if place else PREFILL, number, is_last=place == len(ms) - 1)
        steps.append((time_s, latency_ms, tag | request_tag(request)))
    return steps


@pytest.mark.parametrize("phase", [PREFILL, DECODE])
@pytest.mark.parametrize("is_last", [False, True])
@pytest.mark.parametrize("request_index", [0, 4095])
@pytest.mark.parametrize("number", [0, 2**18 - 1])
def test_a_tag_has_room_for_all_that_it_names(
    phase: int, is_last: bool, request_index: int, number: int
) -> None:
    tag = step_tag(phase, number, is_last=is_last) | request_tag(request_index)
    assert 0 <= tag < 2**32
    assert phases_of(np.array([tag], np.uint32)).tolist() == [phase]
    recorder = SequenceRecorder([1] * 2**18)
    add(recorder, [(2.0, 500.0, step_tag(PREFILL, number, is_last=False) | request_tag(7))])
    add(recorder, [(3.0, 1.0, step_tag(DECODE, number, is_last=True) | request_tag(7))])
    assert recorder.latencies.mean_ms == pytest.approx(1500.0)


def test_a_request_lasts_from_its_first_step_to_its_last_with_the_gaps() -> None:
    recorder = SequenceRecorder([64, 8])
    add(recorder, sequence(1.0, 50.0, 10.0, 10.0, gap_ms=5.0))
    assert recorder.latencies.count == 1
    assert recorder.latencies.max_ms == pytest.approx(80.0)
    assert recorder.prompt_tokens == 64
    add(recorder, sequence(2.0, 30.0, 1.0, number=1))
    assert recorder.latencies.min_ms == pytest.approx(31.0)
    assert recorder.prompt_tokens == 72


def test_requests_at_once_are_kept_apart() -> None:
    recorder = SequenceRecorder([4])
    steps = sequence(1.0, 40.0, 10.0, request=0) + sequence(1.005, 20.0, 3.0, request=1)
    add(recorder, sorted(steps))
    assert recorder.latencies.count == 2
    assert recorder.latencies.min_ms == pytest.approx(23.0)
    assert recorder.latencies.max_ms == pytest.approx(50.0)


def test_a_single_token_is_a_whole_request() -> None:
    recorder = SequenceRecorder([4])
    add(recorder, sequence(1.0, 40.0))
    assert (recorder.latencies.count, recorder.latencies.max_ms) == (1, pytest.approx(40.0))


def test_what_was_not_measured_whole_counts_as_no_request() -> None:
    recorder = SequenceRecorder([4])
    first, second, last = sequence(1.0, 40.0, 10.0, 10.0)
    add(recorder, [second, last])  # it began before
    assert recorder.latencies.count == 0
    add(recorder, [first, second])
    recorder.interrupt()
    add(recorder, [last])
    assert recorder.latencies.count == 0
    add(recorder, [first, second])
    add(recorder, [last], dropped=3)  # one of these may have been the begin of another
    assert recorder.latencies.count == 0


def accumulated(steps: Steps, until_s: float, batch: int = 1) -> RunAccumulator:
    run = RunAccumulator((batch, batch), (75.0,), prompts=(64,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    times_s, latencies_ms, tags = (np.array(column) for column in zip(*steps, strict=True))
    run.add(times_s, latencies_ms, tags.astype(np.uint32))
    run.set_state(feeding=False, measuring=False, warming=False, time_s=until_s, drained=True)
    return run


@pytest.mark.parametrize("batch", [1, 4])
def test_a_run_counts_tokens_requests_and_prompts(batch: int) -> None:
    steps = [step for number in range(10) for step in sequence(number / 10, 40.0, 20.0, 20.0)]
    stats = accumulated(steps, 1.0, batch).figures(1.0)
    assert stats.fps_mean == pytest.approx(30 * batch)
    assert stats.frames == 30 * batch
    generation = stats.generation
    assert generation is not None
    assert (generation.ttft.count, generation.tpot.count, generation.request.count) == (10, 20, 10)
    assert generation.ttft.p50_ms == pytest.approx(40.0, rel=0.01)
    assert generation.tpot.p99_ms == pytest.approx(20.0, rel=0.01)
    assert generation.request.p90_ms == pytest.approx(80.0, rel=0.01)
    assert generation.prompt_tokens == 640 * batch
    assert generation.input_tokens_per_s == pytest.approx(640 * batch)
    assert generation.requests_per_s == pytest.approx(10 * batch)
    assert stats.p50_ms == stats.p99_ms == pytest.approx(20.0, rel=0.01), "of tokens only"
    assert stats.dropped == 0


def test_a_run_without_later_tokens_has_the_latencies_of_the_first() -> None:
    run = RunAccumulator((1,), prompts=(64,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    ((time_s, latency_ms, tag),) = sequence(0.0, 40.0)
    run.add(np.array([time_s]), np.array([latency_ms]), np.array([tag], np.uint32))
    stats = run.figures(1.0)
    assert stats.generation is not None
    assert stats.p50_ms == stats.generation.ttft.p50_ms == pytest.approx(40.0, rel=0.01)
    assert math.isnan(stats.generation.tpot.p50_ms)


def test_a_reset_forgets_the_requests() -> None:
    run = RunAccumulator((1, 1), prompts=(64,))
    run.set_state(feeding=True, measuring=True, warming=False, time_s=0.0)
    steps = sequence(0.0, 40.0, 20.0)
    times_s, latencies_ms, tags = (np.array(column) for column in zip(*steps, strict=True))
    run.add(times_s, latencies_ms, tags.astype(np.uint32))
    run.reset(1.0)
    generation = run.figures(2.0).generation
    assert generation is not None
    assert (generation.request.count, generation.prompt_tokens) == (0, 0)


def test_another_model_has_no_such_figures() -> None:
    assert RunAccumulator((1, 4)).figures(1.0).generation is None
