"""The parts of the tuner: the space, a measurement, the objective, the climb, the energy."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.errors import BadInputError
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.power import EnergyMeter
from ovbench_tui.tuning.search.racing import coarse_rungs, ladder_search
from ovbench_tui.tuning.search.space import (
    Point,
    SearchSpace,
    Variant,
    default_space,
    ladder_up_to,
    parse_hints,
    parse_numbers,
    parse_precisions,
    parse_streams,
)
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.trial_windows import TrialWindows, p99_interval, relative_half_width
from tests.unit.tuning.tuned_machine import BASE, Machine

# --- space -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("1..4", (1, 2, 3, 4)), ("4,1,2", (1, 2, 4)), ("1..3,8", (1, 2, 3, 8)), (" 2 , 2", (2,))],
)
def test_numbers_are_read(text: str, numbers: tuple[int, ...]) -> None:
    assert parse_numbers(text, "--nireq") == numbers


@pytest.mark.parametrize("text", ["", "4..1", "a", "1-4", "1..", "0", "-1", "1,,2", "1..99999"])
def test_bad_numbers_are_told_with_their_option(text: str) -> None:
    with pytest.raises(BadInputError, match="--nireq"):
        parse_numbers(text, "--nireq")


def test_words_are_read() -> None:
    assert parse_streams("1,auto,4") == ("", "1", "4")
    assert parse_hints("tput,latency") == ("throughput", "latency")
    assert parse_precisions("default,bf16,bf16") == ("", "bf16")
    with pytest.raises(BadInputError, match="--hint"):
        parse_hints("fast")


def test_the_defaults_suit_the_machine_and_the_device() -> None:
    space = default_space(BASE, cpus=6)
    assert space.streams == ("1", "2", "4", "6")
    assert space.nireq == (1, 2, 3, 4, 6, 8, 12, 16, 24)
    assert space.precisions == ("",)
    assert space.batches == (0,)
    gpu = default_space(BenchmarkConfig(model="m.xml", device="GPU"), cpus=6)
    assert gpu.streams == ("",)
    assert set(gpu.hints) == {"throughput", "latency"}
    assert default_space(BASE, prefers_latency=True, cpus=1).hints == ("latency",)


def test_values_no_device_could_use_are_refused_before_anything_runs() -> None:
    with pytest.raises(BadInputError, match="-nireq 5000"):
        SearchSpace(nireq=(1, 5000)).check(BASE)


def test_a_point_says_only_what_is_varied() -> None:
    base = BenchmarkConfig(model="m.xml", seed=3, duration_s=5.0, iterations=7, api="sync")
    config = Point(Variant(streams="2", batch=4), 6).config(base)
    assert (config.model, config.seed, config.streams, config.batch, config.nireq) == (
        *("m.xml", 3, "2"),
        *(4, 6),
    )
    assert (config.duration_s, config.iterations, config.api) == (None, None, "async")
    other = Point(Variant(streams="2", batch=4), 8).config(base)
    assert not config.needs_recompile(other)


@given(st.integers(1, 4096))
def test_a_ladder_rises_to_its_end(most: int) -> None:
    ladder = ladder_up_to(most)
    assert ladder[0] == 1
    assert ladder[-1] == most
    assert list(ladder) == sorted(set(ladder))


@given(st.sets(st.integers(1, 300), min_size=1))
def test_coarse_rungs_keep_both_ends(numbers: set[int]) -> None:
    nireq = sorted(numbers)
    rungs = coarse_rungs(nireq)
    assert rungs[0] == nireq[0]
    assert rungs[-1] == nireq[-1]
    assert set(rungs) <= numbers


# --- a measurement ----------------------------------------------------------------------------


def _measure(machine: Machine, seconds: float) -> Figures:
    machine.configure(Point(Variant(streams="4"), 8).config(BASE))
    tally = TrialWindows(EffectiveConfig(nireq=1))
    begin_s = machine.now_s
    while machine.now_s < begin_s + seconds:
        run = machine.snapshot().run
        if run is not None:
            tally.add(run.stats)
    return tally.figures


def test_a_steady_run_is_known_well_and_a_wavering_one_badly() -> None:
    steady, wavering = _measure(Machine(noise=0.001), 3.0), _measure(Machine(noise=0.4), 3.0)
    assert steady.windows >= 10
    assert steady.fps.half_width < 0.02
    assert wavering.fps.half_width > 0.1
    assert steady.seconds == pytest.approx(2.4, abs=0.3)


def test_a_run_whose_statistics_begin_again_is_measured_from_there() -> None:
    machine = Machine(noise=0.0)
    machine.configure(Point(Variant(streams="1"), 1).config(BASE))
    tally = TrialWindows(EffectiveConfig(nireq=1))
    for _ in range(40):
        run = machine.snapshot().run
        if run is not None:
            tally.add(run.stats)
    assert tally.figures.windows > 5
    machine.reset_stats()
    run = machine.snapshot().run
    assert run is not None
    tally.add(run.stats)
    for _ in range(6):
        tally.add(machine.snapshot().run.stats)
    assert 0 < tally.figures.seconds < 1.0


@given(st.lists(st.floats(10, 1000), min_size=3, max_size=30))
def test_the_error_is_never_negative(values: list[float]) -> None:
    assert relative_half_width(values) >= 0


def test_few_windows_tell_nothing() -> None:
    assert relative_half_width([1.0, 1.0]) == math.inf
    assert relative_half_width([5.0, 5.0, 5.0]) == 0.0


def test_slow_drift_widens_the_interval() -> None:
    mixed = [100, 104, 101, 103, 102, 99, 105, 98, 106, 97]
    assert relative_half_width(sorted(mixed)) > 1.5 * relative_half_width(mixed)


def test_the_interval_of_p99_narrows_with_the_count() -> None:
    machine = Machine(noise=0.0)
    machine.configure(Point(Variant(streams="4"), 8).config(BASE))
    widths: list[float] = []
    for _ in range(30):
        run = machine.snapshot().run
        if run is not None and run.stats.count > 20:
            interval = p99_interval(run.stats)
            assert interval.low <= interval.mid <= interval.high
            widths.append(interval.high - interval.low)
    assert widths[-1] < widths[0]


# --- objective --------------------------------------------------------------------------------


def _figures(fps: float = 100.0, p50_ms: float = 10.0, p99_ms: float = 20.0) -> Figures:
    def near(value: float) -> Interval:
        return Interval(0.9 * value, value, 1.1 * value)

    return Figures(near(fps), near(p50_ms), near(p99_ms), 1.0, 5, watts=20.0)


def test_every_goal_scores_more_for_better() -> None:
    throughput, latency = Objective(), Objective(Goal.LATENCY)
    efficiency = Objective(Goal.EFFICIENCY)
    assert throughput.score(_figures(fps=110)).mid > throughput.score(_figures()).mid
    assert latency.score(_figures(p50_ms=9)).mid > latency.score(_figures()).mid
    assert efficiency.score(_figures()).mid == pytest.approx(5.0)
    for objective in (throughput, latency, efficiency):
        score = objective.score(_figures())
        assert score.low < score.mid < score.high


def test_beyond_its_limit_a_score_is_negative_and_falls_with_the_distance() -> None:
    objective = Objective(p99_under_ms=19.0)
    score = objective.score(_figures(p99_ms=20.0))
    assert score.mid < 0 < score.high  # its interval reaches below the limit
    far = objective.score(_figures(fps=1000, p99_ms=40.0))
    assert far.high < 0
    assert far.mid < score.mid


def test_nothing_measured_has_no_score() -> None:
    for goal in Goal:
        assert math.isnan(Objective(goal).score(Figures()).mid)


# --- climb -------------------------------------------------------------------------------------


def _walked(
    space: SearchSpace, fps_of: Callable[[Point], float], goal: Goal = Goal.THROUGHPUT
) -> tuple[list[Point], Point]:
    """Walk with exact figures; returns the points visited and the best of them."""
    walk = ladder_search(space, goal, cpus=4)
    tried: dict[Point, float] = {}
    point = next(walk)
    while True:
        assert point not in tried, "nothing is measured twice in the search"
        fps = tried[point] = fps_of(point)
        score = Interval(0.99 * fps, fps, 1.01 * fps)
        figures = Figures(fps=score)
        try:
            point = walk.send(Trial(point, figures, score, Ending.STABLE))
        except StopIteration:
            return list(tried), max(tried, key=lambda tried_point: tried[tried_point])


@given(st.integers(1, 64), st.sets(st.integers(1, 64), min_size=1))
def test_a_climb_finds_the_top_of_every_hill(peak: int, numbers: set[int]) -> None:
    space = SearchSpace(streams=("4",), nireq=tuple(sorted(numbers)))

    def hill(point: Point) -> float:
        return 1000 * math.exp(-((math.log(point.nireq / peak)) ** 2))

    tried, best = _walked(space, hill)
    assert hill(best) >= 0.97 * max(map(hill, space.points))
    assert len(tried) <= 16


def test_a_variant_far_behind_is_given_up_after_one_measurement() -> None:
    space = SearchSpace(streams=("1", "4"), nireq=(1, 2, 4, 8, 16))
    tried, _ = _walked(space, lambda point: 1000.0 if point.variant.streams == "4" else 500.0)
    assert sum(point.variant.streams == "1" for point in tried) == 1


def test_the_walk_begins_where_latency_or_throughput_is_likely() -> None:
    space = SearchSpace(streams=("2",), nireq=(1, 2, 4, 8, 16))
    assert next(ladder_search(space, Goal.THROUGHPUT, cpus=4)).nireq == 4
    assert next(ladder_search(space, Goal.LATENCY, cpus=4)).nireq == 1


# --- energy -------------------------------------------------------------------------------------


def _zone(root: Path, name: str, energy_uj: str, range_uj: str = "1000000") -> Path:
    folder = root / "sys/class/powercap" / name
    folder.mkdir(parents=True)
    (folder / "energy_uj").write_text(energy_uj)
    (folder / "max_energy_range_uj").write_text(range_uj)
    return folder / "energy_uj"


def test_packages_are_added_up_over_the_wrap_of_a_counter(tmp_path: Path) -> None:
    first = _zone(tmp_path, "intel-rapl:0", "900000")
    second = _zone(tmp_path, "intel-rapl:1", "0")
    _zone(tmp_path, "intel-rapl:0:0", "5")  # a part of the first
    meter = EnergyMeter(tmp_path)
    first.write_text("100000")
    second.write_text("300000")
    assert meter.read_j() == pytest.approx(0.2 + 0.3)
    first.unlink()
    assert math.isnan(meter.read_j())


def test_without_counters_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="shows none"):
        EnergyMeter(tmp_path)
    _zone(tmp_path, "intel-rapl:0", "not a number")
    with pytest.raises(BadInputError, match="cannot be read"):
        EnergyMeter(tmp_path)
