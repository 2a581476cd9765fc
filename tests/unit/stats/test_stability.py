"""The verdict on synthetic runs; every series is fed as the screen feeds a real one."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ovbench_tui.stats.sample_size import inferences_needed
from ovbench_tui.stats.stability import (
    FPS_TOLERANCE,
    P99_TOLERANCE,
    Finding,
    StabilityMonitor,
    trend_of,
)
from ovbench_tui.stats.stalls import StallWatch
from ovbench_tui.stats.steadiness import Steady, Verdict

Array = npt.NDArray[np.float64]
FRAME_S = 0.25
SEEDS = range(8)


def completions(
    seconds: float, fps_at: Callable[[float], float], noise: float, seed: int
) -> tuple[Array, Array]:
    """A run of one request: times and latencies, whose FPS follows a curve."""
    rng = np.random.default_rng(seed)
    times_s: list[float] = [0.0]
    while times_s[-1] < seconds:
        gap_s = 1 / fps_at(times_s[-1])
        times_s.append(times_s[-1] + gap_s * rng.lognormal(0, noise))
    times = np.array(times_s[1:])
    return times, np.diff(times_s) * 1e3


def bursts(seconds: float, period_s: float, together: int) -> tuple[Array, Array]:
    """Completions of several requests that run in step."""
    begins_s = np.arange(period_s, seconds, period_s)
    times_s = (begins_s[:, None] + np.arange(together) * 1e-3).ravel()
    return times_s, np.full(times_s.size, period_s * 1e3)


def feed(monitor: StabilityMonitor, times_s: Array, latencies_ms: Array) -> list[Finding]:
    """Four frames a second; what was found at each."""
    found = []
    for now_s in np.arange(times_s[0], times_s[-1] + FRAME_S, FRAME_S):
        first, end = np.searchsorted(times_s, (now_s - FRAME_S, now_s))
        monitor.add(times_s[first:end], latencies_ms[first:end])
        found.append(monitor.judge(now_s))
    return found


def verdicts(found: list[Finding]) -> list[Verdict]:
    """The words in the order in which they were seen, repetitions left out."""
    words = [finding.verdict for finding in found]
    return [words[0], *(after for before, after in pairwise(words) if before != after)]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_steady_run_is_stable_and_stays_so(seed: int) -> None:
    times_s, latencies_ms = completions(60, lambda _: 300.0, 0.25, seed)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    assert verdicts(found) == [Verdict.WARMING_UP, Verdict.STABLE]
    assert found[-1].fps_cv < 0.03
    assert found[-1].p99_cv < 0.1
    assert found[-1].fps_lately == pytest.approx(300, rel=0.1)
    assert found[int(7 / FRAME_S)].verdict is Verdict.STABLE


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fall_by_a_tenth_is_a_drift(seed: int) -> None:
    times_s, latencies_ms = completions(60, lambda t: 300 * (1 - 0.1 * t / 60), 0.15, seed)
    last = feed(StabilityMonitor(1), times_s, latencies_ms)[-1]
    assert last.verdict is Verdict.DRIFTING
    assert last.fps_change == pytest.approx(-0.105, abs=0.02)
    assert last.span_s == pytest.approx(60, abs=2)


def test_a_rise_is_a_drift_too_and_ends_when_the_rise_ends() -> None:
    times_s, latencies_ms = completions(
        120, lambda t: 200 * (1 + 0.2 * min(t, 40) / 40), 0.1, seed=1
    )
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    assert found[int(38 / FRAME_S)].verdict is Verdict.DRIFTING
    assert found[int(38 / FRAME_S)].fps_change > 0.1
    assert found[-1].verdict is Verdict.STABLE
    assert len(verdicts(found)) <= 5


def test_a_step_is_named_and_not_stable_as_long_as_it_is_in_the_mean() -> None:
    times_s, latencies_ms = completions(60, lambda t: 300.0 if t < 30 else 210.0, 0.1, seed=2)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    assert verdicts(found) == [Verdict.WARMING_UP, Verdict.STABLE, Verdict.UNSTABLE]
    last = found[-1]
    assert last.fps_lately == pytest.approx(210, rel=0.05)
    assert last.fps_cv == pytest.approx(0.178, abs=0.01)
    assert last.step is not None
    assert last.step.change == pytest.approx(-0.3, abs=0.02)
    assert last.step_s == pytest.approx(30, abs=2)


def test_a_short_other_level_at_the_begin_is_named_but_spoils_nothing() -> None:
    times_s, latencies_ms = completions(110, lambda t: 300.0 if t > 6 else 200.0, 0.05, seed=2)
    last = feed(StabilityMonitor(1), times_s, latencies_ms)[-1]
    assert last.verdict is Verdict.UNSTABLE or last.step is not None
    assert last.step is not None
    assert last.step.change == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_standing_still_at_times_is_not_stable_and_is_named(seed: int) -> None:
    """Half a second in every two: each window of two seconds has the same FPS."""
    times_s, latencies_ms = completions(40, lambda _: 300.0, 0.1, seed)
    stalls = np.floor(times_s / 1.5)
    times_s = times_s + 0.5 * stalls
    latencies_ms[np.flatnonzero(np.diff(stalls)) + 1] += 500
    last = feed(StabilityMonitor(1), times_s, latencies_ms)[-1]
    assert last.fps_cv < 0.1
    assert last.verdict is Verdict.UNSTABLE
    assert last.stalls.share == pytest.approx(0.25, abs=0.01)
    assert last.stalls.every_s == pytest.approx(2.0, abs=0.05)
    assert last.stalls.mean_s == pytest.approx(0.5, abs=0.01)


def test_a_run_that_is_held_back_does_not_stand_still() -> None:
    times_s = np.arange(1, 200) * 0.5
    last = feed(StabilityMonitor(1), times_s, np.full(times_s.size, 3.0))[-1]
    assert last.verdict is Verdict.STABLE
    assert last.stalls.count == 0


def test_one_verdict_spans_a_run_of_any_length() -> None:
    """What was measured long ago is in the mean, so it is in the verdict and in the CV."""
    times_s, latencies_ms = completions(900, lambda t: 60.0 if t < 450 else 40.0, 0.1, seed=3)
    last = feed(StabilityMonitor(1), times_s, latencies_ms)[-1]
    assert last.verdict is Verdict.UNSTABLE
    assert last.span_s == pytest.approx(900, abs=10)
    assert last.step is not None
    assert last.step_s == pytest.approx(450, abs=40)
    assert last.fps_cv == pytest.approx(0.2, abs=0.02)


def test_turns_are_joined_as_if_no_time_had_passed_between() -> None:
    monitor = StabilityMonitor(1)
    for turn in range(40):
        begin_s = 1.0 * turn
        monitor.resume(begin_s)
        times_s = begin_s + np.arange(1, 51) / 100
        monitor.add(times_s, np.full(50, 10.0))
        monitor.leave(begin_s + 0.5)
        assert monitor.judge(begin_s + 0.9).silent_s == 0
    found = monitor.judge(40.0)
    assert found.verdict is Verdict.STABLE
    assert found.windows >= 9
    assert found.fps_lately == pytest.approx(100)
    assert found.stalls.count == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_two_modes_are_unstable(seed: int) -> None:
    modes = np.random.default_rng(seed).choice((300.0, 200.0), 61)
    times_s, latencies_ms = completions(120, lambda t: float(modes[int(t / 2)]), 0.1, seed)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    share = np.mean([finding.verdict is Verdict.UNSTABLE for finding in found])
    assert share > 0.7
    assert len(verdicts(found)) <= 6


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_walk_is_not_stable(seed: int) -> None:
    steps = np.random.default_rng(seed).normal(0, 0.12, 61)
    levels = 300 * np.exp(np.cumsum(steps))
    times_s, latencies_ms = completions(120, lambda t: float(levels[int(t / 2)]), 0.1, seed)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    share = np.mean([finding.verdict is Verdict.UNSTABLE for finding in found])
    assert share > 0.5
    assert found[-1].fps_cv > 0.05


def test_one_stray_window_is_forgiven_where_the_cv_is_small() -> None:
    """A second of half the speed: little in the FPS of 40 s, and a lot in their p99."""
    times_s, latencies_ms = completions(40, lambda t: 150.0 if 20 <= t < 20.9 else 300.0, 0.1, 3)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    assert {finding.fps for finding in found} == {None, Steady.STEADY}
    assert 0.03 < found[-1].fps_cv < FPS_TOLERANCE
    assert found[-1].p99 is Steady.UNSTEADY
    assert found[-1].p99_cv > P99_TOLERANCE


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.floats(0.0, 0.5), st.floats(0.0, 0.4))
def test_the_word_never_contradicts_the_variation_beside_it(
    seed: int, noise: float, wander: float
) -> None:
    levels = 300 * np.exp(np.random.default_rng(seed).normal(0, wander, 21))
    times_s, latencies_ms = completions(40, lambda t: float(levels[int(t / 2)]), noise, seed)
    for found in feed(StabilityMonitor(1), times_s, latencies_ms):
        for steady, cv, tolerance in (
            (found.fps, found.fps_cv, FPS_TOLERANCE),
            (found.p99, found.p99_cv, P99_TOLERANCE),
        ):
            assert (steady is None) == math.isnan(cv)
            if steady is Steady.STEADY:
                assert cv <= tolerance
            elif steady is Steady.UNSTEADY:
                assert cv > 0.9 * tolerance


def test_p99_alone_can_make_a_run_unstable() -> None:
    rng = np.random.default_rng(4)
    times_s = np.arange(1, 40_000) / 1000
    latencies_ms = rng.lognormal(0, 0.1, times_s.size)
    is_bad = (times_s // 2 % 2 == 0) & (rng.random(times_s.size) < 0.03)
    latencies_ms[is_bad] *= 5
    last = feed(StabilityMonitor(1), times_s, latencies_ms)[-1]
    assert last.verdict is Verdict.UNSTABLE
    assert last.is_fps_steady
    assert last.is_p99_steady is False
    assert last.p99_cv > 0.3


def test_a_slow_model_gets_a_verdict_by_its_fps_alone() -> None:
    times_s, latencies_ms = completions(60, lambda _: 1.0, 0.03, seed=5)
    found = feed(StabilityMonitor(1), times_s, latencies_ms)
    assert verdicts(found) == [Verdict.WARMING_UP, Verdict.STABLE]
    last = found[-1]
    assert last.window_s == pytest.approx(10, rel=0.1)
    assert last.p99_windows == 0
    assert math.isnan(last.p99_cv)
    assert last.is_p99_steady is None


@pytest.mark.parametrize("together", [2, 3, 4, 16])
def test_requests_that_complete_together_do_not_look_unsteady(together: int) -> None:
    times_s, latencies_ms = bursts(60, 0.3, together)
    last = feed(StabilityMonitor(1, together), times_s, latencies_ms)[-1]
    assert last.verdict is Verdict.STABLE
    assert last.fps_cv < 1e-6
    assert last.fps_lately == pytest.approx(together / 0.3)


def test_no_window_spans_an_interruption() -> None:
    monitor = StabilityMonitor(2)
    times_s, latencies_ms = completions(7.5, lambda _: 100.0, 0.01, seed=6)
    before = feed(monitor, times_s, latencies_ms)[-1]
    monitor.interrupt()
    assert monitor.judge(times_s[-1] + 60).verdict is Verdict.STABLE  # paused, not stalled
    after = feed(monitor, times_s + 60, latencies_ms)[-1]
    assert after.verdict is Verdict.STABLE
    assert after.windows == 2 * before.windows
    assert after.fps_cv < 0.01
    assert after.fps_lately == pytest.approx(200, rel=0.02)


def test_a_stall_is_unstable_while_it_lasts() -> None:
    monitor = StabilityMonitor(1)
    times_s, latencies_ms = completions(10, lambda _: 100.0, 0.01, seed=7)
    feed(monitor, times_s, latencies_ms)
    assert monitor.judge(times_s[-1] + 2.9).verdict is Verdict.STABLE
    stalled = monitor.judge(times_s[-1] + 5)
    assert stalled.verdict is Verdict.UNSTABLE
    assert stalled.silent_s == pytest.approx(5)


def test_completions_nobody_saw_count_for_the_fps() -> None:
    monitor = StabilityMonitor(1)
    times_s = np.arange(1, 10_001) / 1000
    for first in range(0, 10_000, 250):  # of each quarter second only the last 50
        part = slice(first + 200, first + 250)
        monitor.add(times_s[part], np.full(50, 1.0), dropped=200)
    last = monitor.judge(10.0)
    assert last.verdict is Verdict.STABLE
    assert last.fps_lately == pytest.approx(1000, rel=0.01)


def test_a_reset_begins_again() -> None:
    monitor = StabilityMonitor(1)
    times_s, latencies_ms = completions(10, lambda _: 100.0, 0.01, seed=8)
    feed(monitor, times_s, latencies_ms)
    monitor.reset()
    # As texts, because no NaN equals another.
    assert repr(monitor.judge(11.0)) == repr(StabilityMonitor(1).judge(11.0))
    assert monitor.judge(11.0).verdict is Verdict.WARMING_UP


@given(fps=st.floats(0.5, 60_000), frame_s=st.floats(0.05, 2.0), at_once=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_a_constant_run_is_stable(fps: float, frame_s: float, at_once: int) -> None:
    monitor = StabilityMonitor(1, at_once)
    seconds = max(11.0, 90 / fps)
    count = int(seconds * fps)
    seen: set[Verdict] = set()
    done = 0
    for frame in range(1, int(seconds / frame_s) + 1):
        end = min(count, int(frame * frame_s * fps))
        times_s = np.arange(done + 1, end + 1) / fps
        monitor.add(times_s, np.full(times_s.size, 1e3 / fps))
        done = end
        seen.add(monitor.judge(frame * frame_s).verdict)
    assert seen == {Verdict.WARMING_UP, Verdict.STABLE}


floats = st.floats(allow_nan=True, allow_infinity=True)


@given(
    pieces=st.lists(
        st.tuples(st.lists(floats, max_size=30), st.integers(0, 1000), st.booleans()), max_size=20
    ),
    batch=st.integers(1, 64),
    at_once=st.integers(1, 300),
)
@settings(max_examples=80, deadline=None)
def test_nothing_makes_it_raise(
    pieces: list[tuple[list[float], int, bool]], batch: int, at_once: int
) -> None:
    monitor = StabilityMonitor(batch, at_once)
    with np.errstate(all="ignore"):
        for values, dropped, is_interrupted in pieces:
            array = np.array(values, dtype=np.float64)
            monitor.add(array, array, dropped)
            if is_interrupted:
                monitor.interrupt()
            assert monitor.judge(float(len(values))).verdict in Verdict


@pytest.mark.parametrize(("percent", "count"), [(90, 64), (99, 662), (99.9, 6636), (100, 1)])
def test_the_counts_that_percentiles_need_are_loadgens(percent: float, count: int) -> None:
    assert inferences_needed(percent) == count


def test_a_trend_is_told_from_noise() -> None:
    times_s = np.arange(60.0)
    rng = np.random.default_rng(9)
    noise = rng.normal(0, 1, (400, 60))
    false_alarms = np.mean([abs(trend_of(times_s, 100 + row).z) > 2.58 for row in noise])
    assert false_alarms < 0.03
    falling = trend_of(times_s, 100 - times_s / 6 + noise[0])
    assert falling.z < -5
    assert falling.change == pytest.approx(-0.1, abs=0.02)
    assert falling.scatter == pytest.approx(0.01, abs=0.005)
    assert trend_of(times_s[:2], noise[0][:2]).z == 0


def test_a_prompt_between_the_tokens_is_no_standstill() -> None:
    watch = StallWatch()
    clock_s = 0.0
    for _ in range(50):  # a prompt of 0.3 s, then 20 tokens of 10 ms each
        tokens_s = clock_s + 0.3 + np.arange(20) * 0.01
        watch.add(tokens_s, np.full(20, 10.0), others_ms=np.array([300.0]))
        clock_s = float(tokens_s[-1])
    assert watch.found.count == 0
    watch.add(clock_s + 2.0 + np.arange(20) * 0.01, np.full(20, 10.0))
    assert (watch.found.count, round(watch.found.mean_s, 1)) == (1, 2.0)
