"""Sentences from made-up findings and machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.api.effective import BATCH_UNKNOWN, EffectiveConfig
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.runs.causes import explain
from ovbench_tui.stats.run_stats import RunStats, Stability
from ovbench_tui.stats.stability import Finding
from ovbench_tui.stats.stalls import Stalls
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.stats.steadiness_text import short_text, steadiness_text
from ovbench_tui.stats.steps import Step
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.system_sample import MachineSample
from tests.unit.load_figures import load_stats

EFFECTIVE = EffectiveConfig(
    device="CPU", execution_devices="CPU", nireq=2, streams="2", threads="4"
)
STATS = RunStats(
    count=10_000,
    dropped=0,
    elapsed_s=20.0,
    fps_now=500.0,
    fps_mean=500.0,
    fps_peak=510.0,
    min_ms=1.0,
    mean_ms=2.0,
    p50_ms=2.0,
    p90_ms=2.5,
    p95_ms=2.6,
    p99_ms=3.0,
    p999_ms=4.0,
    max_ms=9.0,
    warmup_count=9,
    warmup_s=0.3,
)
STABLE = Finding(
    verdict=Verdict.STABLE,
    fps_cv=0.011,
    p99_cv=0.07,
    fps_lately=500.0,
    windows=20,
    p99_windows=6,
    window_s=2.0,
    since_s=100.0,
    span_s=20.0,
    is_fps_steady=True,
    is_p99_steady=True,
)
UNSTABLE = replace(STABLE, verdict=Verdict.UNSTABLE, fps_cv=0.12, is_fps_steady=False)
DRIFTING = replace(STABLE, verdict=Verdict.DRIFTING, fps_change=-0.08)


def machine(count: int = 20, **changes: object) -> list[MachineSample]:
    """An idle machine with four CPUs of which nothing else is known."""
    sample = MachineSample(
        time_s=0.0, others_share=0.01, own_share=0.9, steal_share=0.0, cpus=4, usable_cpus=4
    )
    return [replace(sample, time_s=101.0 + number, **changes) for number in range(count)]


def test_a_stable_run_on_an_idle_machine_needs_no_words() -> None:
    assert explain(STABLE, STATS, EFFECTIVE, machine()) == Stability(
        Verdict.STABLE, 0.011, 0.07, fps=Steady.STEADY, p99=Steady.STEADY, windows=20
    )
    nothing_yet = explain(Finding(), replace(STATS, count=0), EFFECTIVE, [])
    assert nothing_yet.verdict is Verdict.WARMING_UP
    assert (nothing_yet.causes, nothing_yet.notes) == ((), ())


def test_a_run_settles_and_what_has_ended_never_warms_up() -> None:
    short = replace(STATS, count=900, elapsed_s=3.0)
    two = Finding(windows=1, window_s=2.0)
    going_on = explain(two, short, EFFECTIVE, machine())
    assert (going_on.verdict, going_on.windows) == (Verdict.SETTLING, 1)
    assert not any("Too short" in note for note in going_on.notes)
    ended = explain(two, short, EFFECTIVE, machine(), is_over=True)
    assert ended.verdict is Verdict.TOO_SHORT
    assert ended.notes[-3:] == (
        "Too short to say whether it was steady.",
        "The sample is too small for p99.9 (5,800 short).",
        # One length, by what takes longest: 6,636 inferences at 300 a second.
        "-t 25 is long enough for a verdict and p99.9.",
    )
    longer = explain(STABLE, STATS, EFFECTIVE, machine(), is_over=True)
    assert longer.verdict is Verdict.STABLE
    assert not any("Too short" in note for note in longer.notes)


def test_advice_after_the_end_names_the_option_and_can_be_followed() -> None:
    few = replace(STATS, count=400, elapsed_s=20.0)
    going_on = explain(STABLE, few, EFFECTIVE, machine())
    short = "The sample is too small for p99 (270 short) and p99.9 (6,300 short)"
    assert going_on.notes[-1] == f"{short}."
    ended = explain(STABLE, few, EFFECTIVE, machine(), is_over=True)
    assert ended.notes[-2:] == (f"{short}.", "-t 40 is long enough for p99.")
    step = replace(UNSTABLE, step=Step(place=5, before=200.0, after=300.0, weight=0.1))
    assert any("reset the statistics" in note for note in explain(step, STATS, EFFECTIVE, []).notes)
    over = explain(step, STATS, EFFECTIVE, [], is_over=True).notes
    assert any("FPS rose at once by 50 %" in note for note in over)
    assert not any("reset the statistics" in note for note in over)
    old = replace(STABLE, fps_lately=400.0)
    assert "reset the statistics" in explain(old, STATS, EFFECTIVE, []).notes[-1]
    assert explain(old, STATS, EFFECTIVE, [], is_over=True).notes[-1] == (
        "The mean, 500 FPS, is not that of the last windows, 400 FPS."
    )


def test_what_the_machine_does_not_tell_is_no_cause() -> None:
    silent = [MachineSample(time_s=101.0 + number) for number in range(20)]
    for samples in ([], silent):
        found = explain(UNSTABLE, STATS, EFFECTIVE, samples)
        assert found.causes == ()
        assert found.notes == ("FPS varies by 12 % between windows of 2 s.",)


def test_a_fall_of_the_frequency_is_told_with_its_heat() -> None:
    samples = [
        replace(sample, frequency_ghz=3.1 - 0.035 * number, temperature_c=95.4)
        for number, sample in enumerate(machine())
    ]
    found = explain(DRIFTING, STATS, EFFECTIVE, samples)
    assert found.causes == ("The CPU's frequency fell from 3.01 to 2.52 GHz at 95 °C.",)
    assert found.notes == ("FPS fell by 8 % over the last 20 s.",)
    on_gpu = replace(EFFECTIVE, execution_devices="GPU.0")
    assert explain(DRIFTING, STATS, on_gpu, samples).causes == ()


def test_a_constant_frequency_is_no_cause() -> None:
    assert explain(UNSTABLE, STATS, EFFECTIVE, machine(frequency_ghz=2.4)).causes == ()


def test_a_frequency_that_goes_up_and_down() -> None:
    samples = [
        replace(sample, frequency_ghz=2.0 + number % 2) for number, sample in enumerate(machine())
    ]
    assert explain(UNSTABLE, STATS, EFFECTIVE, samples).causes == (
        "The CPU's frequency went up and down between 2.00 and 3.00 GHz.",
    )


@pytest.mark.parametrize(("count", "times"), [(1, "once"), (1200, "1,200 times")])
def test_throttling_comes_first(count: int, times: str) -> None:
    samples = [*machine(10, throttle_count=7), *machine(10, throttle_count=7 + count)]
    samples = [replace(sample, others_share=0.5) for sample in samples]
    assert explain(UNSTABLE, STATS, EFFECTIVE, samples).causes == (
        f"The CPU was throttled because of heat {times}.",
        "Other processes took 50 % of the CPU.",
    )


def test_causes_stand_in_the_order_of_their_weight() -> None:
    samples = machine(others_share=0.12, steal_share=0.31)
    assert explain(UNSTABLE, STATS, EFFECTIVE, samples).causes == (
        "The hypervisor gave 31 % of the CPU to other machines.",
        "Other processes took 12 % of the CPU.",
    )


def test_only_the_time_of_the_judged_windows_counts() -> None:
    samples = [*machine(20, others_share=0.9)[:10], *machine(20)[10:]]
    assert explain(UNSTABLE, STATS, EFFECTIVE, samples).causes == ()
    before_the_run = [replace(sample, time_s=50.0) for sample in machine(others_share=0.9)]
    assert explain(UNSTABLE, STATS, EFFECTIVE, before_the_run).causes == ()
    while_paused = [replace(sample, time_s=200.0) for sample in machine(others_share=0.9)]
    assert explain(UNSTABLE, STATS, EFFECTIVE, [*machine(), *while_paused]).causes == ()


def test_others_are_worth_a_note_when_the_run_is_stable_nevertheless() -> None:
    found = explain(STABLE, STATS, EFFECTIVE, machine(others_share=0.25))
    assert found.causes == ()
    assert found.notes == ("Other processes take 25 % of the CPU: an idle machine may give more.",)


def test_the_process_that_took_most_is_named() -> None:
    burner = OtherProcess("python3", 812, 0.4)
    found = explain(STABLE, STATS, EFFECTIVE, machine(others_share=0.49, largest=burner))
    assert found.notes == (
        "Other processes take 49 % of the CPU (python3, pid 812): an idle machine may give more.",
    )
    small = OtherProcess("cc1plus", 9, 0.03)
    samples = machine(others_share=0.49, largest=small)
    samples[-1] = replace(samples[-1], largest=replace(burner, share=0.49))  # for a moment only
    found = explain(UNSTABLE, STATS, EFFECTIVE, samples)
    assert found.causes == ("Other processes took 49 % of the CPU (cc1plus, pid 9, alone 3 %).",)


def test_a_quota_below_the_threads() -> None:
    samples = machine(quota_cpus=1.5, throttled_share=0.4)
    assert explain(UNSTABLE, STATS, EFFECTIVE, samples).causes == (
        "A cgroup quota of 1.5 CPUs is below 4 threads: they waited 40 % of the time.",
    )
    assert explain(STABLE, STATS, EFFECTIVE, samples).notes == (
        "A cgroup quota of 1.5 CPUs is below 4 threads: set fewer threads.",
    )
    unfelt = machine(quota_cpus=1.5, throttled_share=0.0)
    assert explain(UNSTABLE, STATS, EFFECTIVE, unfelt).causes == ()
    unknown = machine(quota_cpus=1.5)
    assert explain(UNSTABLE, STATS, EFFECTIVE, unknown).causes == (
        "A cgroup quota of 1.5 CPUs is below 4 threads: they have to wait for it.",
    )
    ample = machine(quota_cpus=4.0, throttled_share=0.0)
    assert explain(STABLE, STATS, EFFECTIVE, ample).notes == ()


def test_more_threads_than_usable_cpus() -> None:
    assert explain(STABLE, STATS, EFFECTIVE, machine(usable_cpus=2)).notes == (
        "4 threads share 2 usable CPUs: set fewer threads.",
    )


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"nireq": 8}, "nireq 8 is above 2 streams: latency includes queueing."),
        ({"nireq": 2, "streams": "1"}, "nireq 2 is above 1 stream: latency includes queueing."),
        ({"nireq": 2}, ""),
        ({"nireq": 8, "streams": "AUTO"}, ""),
        ({"nireq": 8, "streams": ""}, ""),
        ({"nireq": 8, "api": "sync"}, ""),
    ],
)
def test_queueing_is_a_note_on_any_run(changes: dict[str, object], note: str) -> None:
    effective = replace(EFFECTIVE, **changes)
    for finding in (STABLE, UNSTABLE, Finding()):
        notes = explain(finding, STATS, effective, machine()).notes
        assert [text for text in notes if "nireq" in text] == [note] * bool(note)


@pytest.mark.parametrize(
    ("count", "dropped", "note"),
    [
        (1, 0, "The sample is too small for p90 (63 short) to p99.9 (6,700 short)."),
        (500, 0, "The sample is too small for p99 (170 short) and p99.9 (6,200 short)."),
        (662, 0, "The sample is too small for p99.9 (6,000 short)."),
        (6635, 0, "The sample is too small for p99.9 (1 short)."),
        (6636, 0, ""),
        (6636, 1, "The sample is too small for p99.9 (1 short)."),
        (0, 0, ""),
    ],
)
def test_a_sample_too_small_is_told_with_what_is_missing(
    count: int, dropped: int, note: str
) -> None:
    stats = replace(STATS, count=count, dropped=dropped)
    assert explain(STABLE, stats, EFFECTIVE, machine()).notes == (note,) * bool(note)


def test_percentiles_asked_for_are_looked_at_too() -> None:
    stats = replace(STATS, percentiles_ms=((99.99, 5.0),))
    assert explain(STABLE, stats, EFFECTIVE, machine()).notes == (
        "The sample is too small for p99.99 (57,000 short).",
    )


def test_a_mean_that_no_longer_holds() -> None:
    notes = explain(STABLE, replace(STATS, fps_mean=565.0), EFFECTIVE, machine()).notes
    assert notes == ("The mean, 565 FPS, is not the present 500 FPS: reset the statistics.",)


def test_p99_alone_and_silence_are_told_apart() -> None:
    p99 = replace(UNSTABLE, is_fps_steady=True, is_p99_steady=False, p99_cv=0.344)
    assert explain(p99, STATS, EFFECTIVE, machine()).notes == (
        "FPS is steady, but p99 varies by 34 %.",
    )
    silent = replace(UNSTABLE, silent_s=12.2)
    assert explain(silent, STATS, EFFECTIVE, machine()).notes == (
        "No inference has completed for 12 s.",
    )


def test_a_step_and_regular_stalls_are_named() -> None:
    step = Step(place=15, before=300.0, after=210.0, weight=0.15)
    finding = replace(UNSTABLE, step=step, step_s=30.2)
    notes = explain(finding, STATS, EFFECTIVE, machine()).notes
    assert notes[0].startswith("FPS fell at once by 30 %, from 300 to 210, after 30 s:")
    finding = replace(UNSTABLE, stalls=Stalls(0.25, 20, 0.5, 2.0))
    notes = explain(finding, STATS, EFFECTIVE, machine()).notes
    assert notes[0] == "The run stood still for 25 % of the time: every 2 s for 0.5 s."
    once = replace(STABLE, stalls=Stalls(0.012, 1, 0.24))
    notes = explain(once, STATS, EFFECTIVE, machine()).notes
    assert "The run stood still for 1 % of the time: once for 0.24 s." in notes
    rare = replace(STABLE, stalls=Stalls(0.002, 1, 0.06))
    assert not any(
        "stood still" in note for note in explain(rare, STATS, EFFECTIVE, machine()).notes
    )


@pytest.mark.parametrize(
    ("quota_cpus", "threads", "advice"),
    [
        (1.5, "4", "set fewer threads."),
        (0.6, "1", "even one thread has to wait, only a higher quota helps."),
        (0.6, "4", "even one thread has to wait, only a higher quota helps."),
    ],
)
def test_no_fewer_threads_than_one(quota_cpus: float, threads: str, advice: str) -> None:
    effective = replace(EFFECTIVE, threads=threads)
    stability = explain(STABLE, STATS, effective, machine(quota_cpus=quota_cpus))
    (note,) = [note for note in stability.notes if "quota" in note]
    assert note.endswith(advice)


def model(*inputs: tuple[str, str], format_: str = "IR") -> ModelInfo:
    ports = tuple(
        PortInfo(index, f"in {index}", tuple(shape.split()), "f32", layout)
        for index, (shape, layout) in enumerate(inputs)
    )
    return ModelInfo("m", "m", format_, ports, ())


@pytest.mark.parametrize(
    ("inputs", "advice"),
    [
        ((("4 10", ""),), 'example "[NC]".'),
        ((("4 10 3", ""),), 'example "[N...]".'),
        ((("...", ""),), 'example "[N...]".'),
        ((("4 10", ""), ("4 3", "")), 'example "in 0[N...],in 1[N...]".'),
        ((("", ""), ("4 3", "")), 'example "in 1[N...]".'),
        ((("1 64", ""), ("64", "")), 'example "in 0[N...]".'),
        ((("10 1 8", ""), ("? 8", ""), ("2 8", "")), 'example "in 1[N...],in 2[N...]".'),
        ((), "counts inferences."),
        ((("", ""),), "counts inferences."),
    ],
)
def test_an_unknown_batch(inputs: tuple[tuple[str, str], ...], advice: str) -> None:
    effective = replace(EFFECTIVE, batch_rule=BATCH_UNKNOWN)
    notes = explain(STABLE, STATS, effective, machine(), model=model(*inputs)).notes
    (note,) = [note for note in notes if "batch is unknown" in note]
    assert note.endswith(advice)


def test_a_batch_that_was_guessed() -> None:
    rule = "N of the layout, from its shape, a guess as benchmark_app's"
    effective = replace(EFFECTIVE, batch=8, batch_rule=rule)
    notes = explain(STABLE, STATS, effective, machine()).notes
    assert any("batch of 8" in note and "is a guess" in note for note in notes)


@pytest.mark.parametrize(
    ("made_of", "api", "advice"),
    [
        (model(("1 10", "")), "async", "raise nireq or batch"),
        (model(("1 10", "")), "sync", "raise the batch"),
        (model(("4 10", "")), "async", ": raise nireq."),
        (model(("4 10", "NC")), "async", "raise nireq or batch"),
        (model(), "async", ": raise nireq."),
        (model(("", "")), "sync", ": use the asynchronous API."),
        (model(("1 10", ""), format_="blob"), "async", ": raise nireq."),
    ],
)
def test_a_batch_that_cannot_be_raised_is_not_advised(
    made_of: ModelInfo, api: str, advice: str
) -> None:
    waiting = replace(STATS, mean_ms=0.2, frames=STATS.count)
    effective = replace(EFFECTIVE, api=api)
    notes = explain(STABLE, waiting, effective, machine(), model=made_of).notes
    assert any(advice in note for note in notes)


def test_the_gaps_of_a_capped_rate_are_named() -> None:
    rested = replace(STATS, mean_ms=0.2, frames=STATS.count)
    notes = explain(STABLE, rested, EFFECTIVE, machine(), is_capped=True).notes
    assert any("idle 90% of the time" in note and "latency" in note for note in notes)
    few = replace(rested, count=15, frames=15, fps_mean=5.0)
    notes = explain(STABLE, few, EFFECTIVE, machine(), is_capped=True).notes
    assert any("rate cap leaves the device idle" in note for note in notes)
    busy = replace(STATS, mean_ms=4.0, frames=STATS.count)
    notes = explain(STABLE, busy, EFFECTIVE, machine(), is_capped=True).notes
    assert not any("rate cap" in note for note in notes)


@pytest.mark.parametrize(
    ("own", "others", "pinning", "is_told"),
    [
        (0.25, 0.25, "yes", True),
        (0.25, 0.25, "no", False),
        (0.49, 0.25, "yes", False),
        (0.25, 0.02, "yes", False),
        (0.25, 0.74, "yes", False),
    ],
)
def test_two_pinned_programs_on_one_core(
    own: float, others: float, pinning: str, is_told: bool
) -> None:
    effective = replace(EFFECTIVE, threads="1", properties=(("ENABLE_CPU_PINNING", pinning),))
    samples = machine(own_share=own, others_share=others, cpus=2, usable_cpus=2)
    for finding in (STABLE, UNSTABLE):
        notes = explain(finding, STATS, effective, samples).notes
        assert any("1 pinned thread gets 0.5 CPUs" in note for note in notes) == is_told


ARRIVED = replace(STATS, load=load_stats())


def test_with_arrivals_the_latency_alone_is_judged() -> None:
    gaps = replace(UNSTABLE, stalls=Stalls(share=0.3, count=9, mean_s=0.2), fps_lately=100.0)
    steady = explain(gaps, ARRIVED, EFFECTIVE, machine(), is_capped=True, is_over=True)
    assert (steady.verdict, steady.fps, steady.p99) == (Verdict.STABLE, None, Steady.STEADY)
    assert steadiness_text(steady) == "p99 ±7.0 % steady"
    assert steady.causes == steady.notes == ()
    busy = machine(others_share=0.4)
    varies = replace(gaps, is_p99_steady=False, p99_cv=0.6)
    unsteady = explain(varies, ARRIVED, EFFECTIVE, busy, is_capped=True)
    assert unsteady.verdict is Verdict.UNSTABLE
    assert "The p99 varies by 60 %." in unsteady.notes
    assert unsteady.causes == ("Other processes took 40 % of the CPU.",)
    assert short_text(unsteady) == "p99 unsteady"


def test_with_arrivals_too_short_is_what_has_no_three_windows_for_its_p99() -> None:
    slow = replace(ARRIVED, count=500, elapsed_s=10.0)
    open_ended = replace(STABLE, windows=5, p99_windows=0, is_p99_steady=None)
    going_on = explain(open_ended, slow, EFFECTIVE, machine(), is_capped=True)
    assert (going_on.verdict, going_on.windows) == (Verdict.SETTLING, 0)
    ended = explain(open_ended, slow, EFFECTIVE, machine(), is_capped=True, is_over=True)
    assert ended.verdict is Verdict.TOO_SHORT
    # Four times what a p99 needs, 662 or so, at 50 a second.
    assert "Too short to say whether it was steady." in ended.notes
    assert "-t 55 is long enough for a verdict and p99." in ended.notes
