"""The tuner on a machine whose best configuration is known."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import fmean

import numpy as np
import pytest

from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.tuning.request import apply
from ovbench_tui.tuning.search.finals import (
    finalists,
    is_decided,
    lead_interval,
    merged,
    order_of_rounds,
)
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.pareto import pareto_front
from ovbench_tui.tuning.search.space import Point, SearchSpace, Variant
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Trial
from ovbench_tui.tuning.trial_windows import around
from ovbench_tui.tuning.why import why_it_won
from tests.unit.tuning.tuned_machine import (
    BASE,
    SPACE,
    Machine,
    make_tuner,
    run_to_end,
    true_fps,
    true_p50_ms,
)

CONFIGS = [point.config(BASE) for point in SPACE.points]


def test_it_finds_nearly_the_most_throughput_with_a_part_of_the_grid() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine), machine)
    assert board.phase is Phase.DONE
    assert board.winner is not None
    best = max(map(true_fps, CONFIGS))
    assert true_fps(board.winner.point.config(BASE)) >= 0.97 * best
    finals_s = sum(trial.figures.seconds for trial in board.trials if trial.finals)
    assert board.elapsed_s - finals_s < 0.6 * len(CONFIGS) * 2.5
    assert len(board.trials) < len(CONFIGS)


def test_it_finds_the_lowest_latency() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine, objective=Objective(Goal.LATENCY)), machine)
    assert board.winner is not None
    best_ms = min(map(true_p50_ms, CONFIGS))
    assert true_p50_ms(board.winner.point.config(BASE)) <= 1.03 * best_ms


@pytest.mark.parametrize("limit_ms", [6.0, 9.0, 14.0, 30.0])
def test_the_winner_keeps_the_limit_and_is_nearly_the_best_that_does(limit_ms: float) -> None:
    machine = Machine(noise=0.002)
    board = run_to_end(make_tuner(machine, objective=Objective(p99_under_ms=limit_ms)), machine)
    within = [config for config in CONFIGS if 1.5 * true_p50_ms(config) <= limit_ms]
    assert board.winner is not None
    won = board.winner.point.config(BASE)
    assert 1.5 * true_p50_ms(won) <= limit_ms
    assert true_fps(won) >= 0.97 * max(map(true_fps, within))


def test_where_nothing_keeps_the_limit_it_says_what_comes_nearest() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine, objective=Objective(p99_under_ms=0.5)), machine)
    assert board.winner is None
    nearest = min(CONFIGS, key=true_p50_ms)
    assert board.ranked[0].point.nireq == nearest.nireq
    assert why_it_won(board).startswith("No configuration keeps p99 under 0.5 ms: ")


def test_requests_are_varied_without_a_compile() -> None:
    machine = Machine()
    space = SearchSpace(streams=("2",), nireq=(1, 2, 3, 4, 6, 8))
    board = run_to_end(make_tuner(machine, space), machine)
    assert len(board.trials) > 2
    assert machine.compiles == 1


def test_what_is_clearly_worse_is_stopped_early_and_what_is_steady_too() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine), machine)
    worse = [trial for trial in board.trials if trial.ending is Ending.WORSE]
    stable = [t for t in board.trials if t.ending is Ending.STABLE and not t.finals]
    assert worse
    assert stable
    assert all(trial.figures.seconds < 1.0 for trial in worse)
    assert all(trial.figures.seconds < 2.0 for trial in stable)


def test_what_never_gets_steady_ends_at_the_time_limit() -> None:
    machine = Machine(noise=0.5)
    board = run_to_end(make_tuner(machine, SearchSpace(streams=("4",), nireq=(8,))), machine)
    assert [trial.ending for trial in board.trials] == [Ending.NOISY]
    assert 2.5 <= board.trials[0].figures.seconds < 3.5


@pytest.mark.parametrize("slower", [0.02, -0.02])
def test_a_machine_that_drifts_favours_none_of_the_finalists(slower: float) -> None:
    machine = Machine()
    machine.slowness = lambda now_s: math.exp(slower * now_s)
    # The second is 3 % faster, and measured some seconds later, when all is 4 % slower.
    space = SearchSpace(precisions=("", "bf16"), streams=("4",), nireq=(8,))
    board = run_to_end(make_tuner(machine, space), machine)
    assert board.winner is not None
    assert board.winner.point.variant.precision == "bf16"
    assert len(board.winner.finals) >= 2


def test_a_refused_configuration_is_noted_and_the_search_goes_on() -> None:
    machine = Machine()
    machine.refuses = lambda config: "It cannot be so." if config.streams == "4" else ""
    board = run_to_end(make_tuner(machine), machine)
    failed = [trial for trial in board.trials if trial.ending is Ending.FAILED]
    assert [(trial.point.variant.streams, trial.reason) for trial in failed] == [
        ("4", "It cannot be so.")
    ]
    assert board.winner is not None
    assert board.winner.point.variant.streams == "2"


def test_streams_that_the_device_clamps_are_not_measured_twice() -> None:
    machine = Machine()
    space = replace(SPACE, streams=("4", "8"))
    board = run_to_end(make_tuner(machine, space), machine)
    same = [trial for trial in board.trials if trial.ending is Ending.SAME]
    assert [trial.reason for trial in same] == ["The device runs it as 8 streams."]
    assert not same[0].has_run


def test_a_missing_shape_ends_it_with_the_reason() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    ask = tuner.step(machine.snapshot())
    assert ask is not None
    machine.need_shape()
    board = run_to_end(tuner, machine)
    assert board.reason == "Give its shape with -data_shape."
    assert board.winner is None


def test_another_configuration_of_the_user_ends_it() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: len(tuner.board.trials) == 2)
    wish = replace(BASE, nireq=77)
    machine.configure(wish)
    board = run_to_end(tuner, machine)
    assert tuner.was_overruled
    assert machine.requested[-1] == wish
    assert board.winner is not None


def test_a_dead_engine_is_started_again_for_the_next_configuration() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: tuner.board.current_figures.windows > 0)
    machine.die()
    board = run_to_end(tuner, machine)
    assert machine.restarts == 1
    assert board.trials[0].ending is Ending.FAILED
    assert board.trials[0].reason == "The engine has died."
    assert board.winner is not None


def test_its_time_limit_is_kept_and_told() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine, max_time_s=8.0), machine)
    assert board.elapsed_s < 8.0 + 3.0
    assert board.reason.startswith("The time of 8 s was over")
    assert board.winner is not None


def test_stopping_keeps_what_was_measured_also_the_half_of_a_measurement() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: tuner.board.current_figures.windows == 2)
    tuner.stop()
    assert tuner.is_done
    assert tuner.step(machine.snapshot()) is None
    board = tuner.board
    assert board.trials[-1].ending is Ending.STOPPED
    assert board.winner is not None
    tuner.stop("again")
    assert tuner.board.reason == ""


def test_nothing_is_counted_while_the_session_is_paused() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: tuner.board.current_figures.windows == 1)
    before, running = tuner.board.current_figures, machine.view
    machine.view = replace(machine.view, measuring=False, state=WorkerState.PAUSED)
    assert tuner.step(machine.snapshot()) is None
    elapsed_s = tuner.board.elapsed_s
    for _ in range(100):
        assert tuner.step(machine.snapshot()) is None
    after = tuner.board.current_figures
    assert tuner.board.elapsed_s == elapsed_s
    machine.view = running
    tuner.step(machine.snapshot())
    tuner.step(machine.snapshot())
    assert elapsed_s < tuner.board.elapsed_s < elapsed_s + 1.0
    assert (after.windows, after.seconds, after.fps) == (
        before.windows,
        before.seconds,
        before.fps,
    )


def test_what_runs_already_only_begins_its_statistics_again() -> None:
    machine = Machine()
    space = SearchSpace(streams=("4",), nireq=(8,))
    machine.configure(space.points[0].config(BASE))
    while not machine.view.measuring:
        machine.snapshot()
    tuner = make_tuner(machine, space)
    ask = tuner.step(machine.snapshot())
    assert ask is not None
    assert ask.resets
    apply(machine, ask)
    machine.view = replace(machine.view, background="")
    machine._pending = None
    board = run_to_end(tuner, machine)
    assert machine.resets == 1
    assert board.winner is not None
    assert board.winner.figures.seconds < 3.0


def test_efficiency_goes_by_the_energy_of_each_measurement() -> None:
    machine = Machine()
    joules = {"all": 0.0, "at_s": 0.0}

    def read_j() -> float:
        streams = int(machine.requested[-1].streams)
        joules["all"] += (machine.now_s - joules["at_s"]) * (10.0 * streams)
        joules["at_s"] = machine.now_s
        return joules["all"]

    tuner = make_tuner(machine, objective=Objective(Goal.EFFICIENCY), read_energy=read_j)
    board = run_to_end(tuner, machine)
    assert board.winner is not None
    # Four times the power brings far less than four times the throughput.
    assert board.winner.point.variant.streams == "1"
    assert board.winner.figures.watts == pytest.approx(10.0, rel=0.05)


# --- finals, front, reason ---------------------------------------------------------------------


def test_the_rounds_go_forwards_and_backwards_in_an_order_of_chance() -> None:
    order = list(order_of_rounds(3, 300, seed=1))
    rounds = [[place for number, place in order if number == one] for one in range(300)]
    assert all(sorted(places) == [0, 1, 2] for places in rounds)
    assert all(one == other[::-1] for one, other in zip(rounds[::2], rounds[1::2], strict=True))
    first = sum(places.index(0) < places.index(1) for places in rounds[::2])
    assert abs(first - 75) < 25  # 4 standard deviations
    assert list(order_of_rounds(3, 20)) != list(order_of_rounds(3, 20))


def _round(fps: float, p99_ms: float) -> Figures:
    return Figures(around(fps, 0.03), around(5.0, 0.03), around(p99_ms, 0.05), 1.7, 8, 10.0)


def test_one_round_that_went_wrong_does_not_decide() -> None:
    good, other = [100.0, 101.0, 99.0, 100.5, 99.5, 100.2], [90.0, 91.0, 89.0, 90.2, 89.8, 300.0]
    both = [merged([_round(fps, 10.0) for fps in rounds]) for rounds in (good, other)]
    assert both[1].fps.mid < 95 < both[0].fps.mid
    assert not is_decided([good, other])
    assert lead_interval(good, other)[0] < 1
    assert is_decided([good, [0.9 * one for one in good]])


def test_the_p99_of_the_finals_goes_as_high_as_that_of_other_rounds_may() -> None:
    """Of six rounds and six new ones, 95 % of the new means lie within the interval."""
    inside = 0
    for seed in range(400):
        p99_ms = (10 * np.exp(np.random.default_rng(seed).normal(0, 0.1, 12))).tolist()
        interval = merged([_round(100.0, one) for one in p99_ms[:6]]).p99_ms
        again_ms = math.exp(fmean(math.log(one) for one in p99_ms[6:]))
        inside += interval.low <= again_ms <= interval.high
    assert 0.92 * 400 <= inside <= 0.98 * 400


def test_a_p99_whose_interval_reaches_over_the_limit_does_not_win() -> None:
    objective = Objective(p99_under_ms=10.0)
    figures = Figures(around(100.0, 0.01), around(5.0, 0.01), around(9.5, 0.1), 10.0, 50)
    point = Point(Variant(streams="2"), 4)
    trial = Trial(point, figures, objective.score(figures), Ending.STABLE)
    assert trial.may_keep_limit
    assert not trial.is_within_limit
    board = TuningState(objective, Phase.DONE, (trial,), None, Figures(), 1, 1.0)
    assert board.winner is None
    text = why_it_won(board)
    assert text.startswith("No configuration surely keeps p99 under 10 ms: ")
    assert "has 9.5 ms, but its interval reaches 10.5 ms" in text
    sure = replace(figures, fps=around(80.0, 0.01), p99_ms=around(8.0, 0.1))
    other = Trial(Point(Variant(streams="1"), 2), sure, objective.score(sure), Ending.STABLE)
    assert replace(board, trials=(trial, other)).winner is other
    assert set(finalists([trial, other])) == {trial, other}


def test_the_finals_measure_ten_seconds_of_each() -> None:
    machine = Machine(noise=0.02)
    board = run_to_end(make_tuner(machine), machine)
    final = [trial for trial in board.trials if trial.finals]
    assert len(final) > 1
    assert all(trial.figures.seconds >= 10.0 for trial in final)


def test_who_wins_because_the_finalists_are_over_the_limit_is_measured_as_long() -> None:
    """The machine is slower in the finals, so that what seemed within the limit is over it."""
    machine = Machine(noise=0.02)
    tuner = make_tuner(machine, objective=Objective(p99_under_ms=20.0))
    run_to_end(tuner, machine, until=lambda one: one.board.phase is Phase.FINALS)
    machine.slowness = lambda _: 1.3
    board = run_to_end(tuner, machine)
    assert any(trial.finals and not trial.is_within_limit for trial in board.trials)
    assert board.winner is not None
    assert board.winner.figures.seconds >= 10.0


def test_a_final_that_is_cut_short_says_so() -> None:
    machine = Machine(noise=0.02)
    board = run_to_end(make_tuner(machine, max_time_s=25.0), machine)
    assert "rounds of the finals" in board.reason or "before everything was tried" in board.reason


def test_it_is_decided_by_paired_rounds_and_not_by_levels() -> None:
    falling = [100.0, 90.0, 80.0]
    assert is_decided([falling, [0.9 * score for score in falling]])
    assert not is_decided([[100.0, 90.0], [95.0, 99.0]])
    assert not is_decided([[100.0], [50.0]])
    assert not is_decided([[100.0, 90.0]])


def test_the_lead_is_an_interval_around_the_ratio() -> None:
    low, high = lead_interval([110.0, 111.0, 109.0], [100.0, 100.0, 100.0])
    assert 1.0 < low < 1.1 < high < 1.2
    assert lead_interval([1.0], [2.0]) == (0.0, math.inf)


def test_the_front_holds_what_nothing_beats_in_both() -> None:
    machine = Machine()
    board = run_to_end(make_tuner(machine), machine)
    front = pareto_front(board.trials)
    by_point = {trial.point: trial for trial in board.trials}
    chosen = [by_point[point].figures for point in front]
    assert chosen
    for figures in chosen:
        assert not any(
            other.figures.fps.mid > figures.fps.mid
            and other.figures.p99_ms.mid < figures.p99_ms.mid
            for other in board.trials
            if other.has_run
        )
    assert [f.p99_ms.mid for f in chosen] == sorted(f.p99_ms.mid for f in chosen)


def test_the_reason_names_the_winner_its_lead_and_what_more_requests_do() -> None:
    machine = Machine(noise=0.001)
    board = run_to_end(make_tuner(machine), machine)
    text = why_it_won(board)
    assert text.startswith("4 streams with ")
    assert text.endswith(".")
    assert "the next (" in text or "equal to" in text or "undecided against" in text


def test_with_one_variant_only_the_requests_are_named() -> None:
    machine = Machine(noise=0.001)
    space = SearchSpace(streams=("4",), nireq=(1, 2, 4))
    board = run_to_end(make_tuner(machine, space), machine)
    text = why_it_won(board)
    assert text.startswith("4 requests: ")
    assert "above the next (2 requests)" in text
    assert "fewer requests leave the device idle" in text
