"""A sweep on a machine whose figures follow from a formula."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.run_stats import Stability
from ovbench_tui.stats.steadiness import Steady, Verdict
from ovbench_tui.sweep.curve import KNEE_MARGIN, Curve, best_of, curves_of, knee_sentence
from ovbench_tui.sweep.invocation import read_sweep_invocation, read_sweep_plan
from ovbench_tui.sweep.report import format_sweep, sweep_csv, sweep_document
from ovbench_tui.sweep.start import SweepPlan, make_sweep
from ovbench_tui.tuning.request import apply
from ovbench_tui.tuning.search.space import Point, SearchSpace, Variant
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_notes import ending_notes
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from tests.unit.reported import RESULT
from tests.unit.tuning.tuned_machine import BASE, Machine, run_to_end, true_fps

SPACE = SearchSpace(streams=("1", "4"), nireq=(1, 2, 3, 4, 6, 8))


def sweep(machine: Machine, space: SearchSpace = SPACE, max_time_s: float = 900.0) -> TuningState:
    tuner = make_sweep(BASE, SweepPlan(space, max_time_s), clock=machine.clock)
    return run_to_end(tuner, machine)


def curve(*fps: float, noise: float = 0.002, is_whole: bool = True) -> Curve:
    """FPS at nireq 1, 2, ...; the p99 is 10 ms a request.

    Args:
        noise: half of each interval, as a fraction.
    """
    variant = Variant()
    trials = tuple(
        Trial(
            Point(variant, nireq),
            Figures(
                Interval(value * (1 - noise), value, value * (1 + noise)),
                Interval(mid=nireq),
                Interval(mid=10.0 * nireq),
            ),
            Interval(mid=value),
            Ending.STABLE,
        )
        for nireq, value in enumerate(fps, start=1)
    )
    return Curve(variant, "", trials, is_whole=is_whole)


def test_every_point_is_measured_until_it_is_steady_and_compiled_once_a_curve() -> None:
    machine = Machine()
    board = sweep(machine)
    assert [trial.point.nireq for trial in board.trials] == [*SPACE.nireq, *SPACE.nireq]
    assert [trial.point.variant.streams for trial in board.trials[::6]] == ["1", "4"]
    assert {trial.ending for trial in board.trials} == {Ending.STABLE}
    assert all(trial.figures.fps.half_width <= 0.03 for trial in board.trials)
    assert all(trial.finals == () for trial in board.trials)
    assert machine.compiles == 2
    for trial in board.trials:
        truth = true_fps(trial.point.config(BASE))
        assert trial.figures.fps.mid == pytest.approx(truth, rel=0.05)


def test_the_knee_is_the_fewest_requests_with_nearly_the_most_fps() -> None:
    board = sweep(Machine())
    for one in curves_of(board):
        fps = {nireq: true_fps(Point(one.variant, nireq).config(BASE)) for nireq in SPACE.nireq}
        wanted = max(fps.values()) * (1 - KNEE_MARGIN)
        # 1.5 requests a stream keep this machine busy.
        assert one.knee is not None
        assert one.knee.point.nireq == min(n for n, value in fps.items() if value >= wanted)
    assert [one.name for one in curves_of(board)] == ["1 stream", "4 streams"]
    best = best_of(curves_of(board))
    assert best is not None
    assert best.name == "4 streams"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (curve(100, 180, 220, 250), "at nireq 4, with 250 FPS and a p99 of 40 ms. It is the larg"),
        (curve(100, 240, 200), "at nireq 2, with 240 FPS and a p99 of 20 ms. With more requests"),
        (curve(100, 240, 250), "That is 96% of the most, 250 FPS at nireq 3 with a p99 of 30 ms."),
        (
            curve(100, 235, 242, 250, noise=0.03),
            "The knee is at nireq 3 (2 to 4 within the noise), with 242 FPS",
        ),
        (curve(100, 240, is_whole=False), "no knee is named. The most is 240 FPS at nireq 2."),
        (Curve(Variant(), "", ()), ""),
    ],
)
def test_the_knee_in_words(one: Curve, words: str) -> None:
    assert words in knee_sentence(one)
    assert bool(knee_sentence(one)) is bool(words)


def test_the_knee_lies_between_what_the_noise_leaves_open() -> None:
    assert curve(100, 235, 242, 250).knee_range == (3, 3)
    assert curve(100, 235, 242, 250, noise=0.03).knee_range == (2, 4)
    assert curve(100, 150, 200, noise=0.03).knee_range == (3, 3)
    assert curve(100, 240, is_whole=False).knee_range is None


def test_a_sweep_that_was_stopped_names_no_knee_of_the_curve_that_it_left() -> None:
    machine = Machine()
    tuner = make_sweep(BASE, SweepPlan(SPACE, 900.0), clock=machine.clock)
    while len(tuner.board.trials) < len(SPACE.nireq) + 3:
        request = tuner.step(machine.snapshot())
        if request is not None:
            apply(machine, request)
    going_on = curves_of(tuner.board)
    tuner.stop()
    for first, second in (going_on, curves_of(tuner.board)):
        assert first.knee is not None
        assert second.knee is None
        assert second.most is not None
    assert tuner.board.is_cut
    document = json.loads(sweep_document(tuner.board, model="m.xml", exit_code=0))
    assert [one["knee_nireq"] is None for one in document["curves"]] == [False, True]
    assert "4 streams: not every point was measured" in format_sweep(tuner.board).replace(
        "4 S", "4 s"
    )


def test_how_steady_a_point_was_is_said_by_the_judge_of_every_run() -> None:
    (trial,) = curve(100).trials
    run = RESULT.view
    noisy = replace(trial, score=Interval(1, 1, 1), ending=Ending.NOISY)
    words = {
        verdict: ending_notes(replace(noisy, run=replace(run, stability=stability)))
        for verdict, stability in {
            "steady": Stability(Verdict.STABLE, 0.05, fps=Steady.STEADY),
            "unsteady": Stability(Verdict.UNSTABLE, 0.3, fps=Steady.UNSTEADY),
        }.items()
    }
    assert words == {
        "steady": ["interval still wide"],
        "unsteady": ["interval still wide", "unsteady"],
    }
    assert ending_notes(replace(noisy, ending=Ending.STOPPED)) == ["stopped"]
    assert ending_notes(trial) == []


def test_a_variant_that_runs_as_another_is_left() -> None:
    machine = Machine()
    board = sweep(machine, replace(SPACE, streams=("4", "9")))  # it has four processors
    same = [trial for trial in board.trials if trial.ending is Ending.SAME]
    assert len(same) <= 1
    assert len(board.trials) in (7, 12)


def test_points_that_fail_are_told_and_the_others_stay() -> None:
    machine = Machine()
    machine.refuses = lambda config: "Too many." if config.nireq > 4 else ""
    board = sweep(machine, replace(SPACE, streams=("1",)))
    (one,) = curves_of(board)
    assert [trial.point.nireq for trial in one.trials] == [1, 2, 3, 4]
    assert {trial.reason for trial in one.failed} == {"Too many."}
    assert "Too many." in format_sweep(board)


def test_the_time_is_kept_and_what_is_known_is_told() -> None:
    board = sweep(Machine(), max_time_s=12.0)
    assert 0 < len(board.trials) < SPACE.size
    assert board.reason == "The time of 12 s was over before everything was tried."
    assert board.is_cut
    assert curves_of(board)[-1].knee is None


def test_table_document_and_csv_say_the_same() -> None:
    board = sweep(Machine())
    text = format_sweep(board)
    assert text.count("knee") == 4  # two rows and two sentences
    assert text.splitlines()[-1].startswith("ovbench-tui some.xml")
    document = json.loads(sweep_document(board, model="some.xml", exit_code=0))
    points = [point for one in document["curves"] for point in one["points"]]
    rows = list(csv.DictReader(io.StringIO(sweep_csv(board))))
    assert len(points) == len(rows) == SPACE.size
    for point, row in zip(points, rows, strict=True):
        assert point["nireq"] == int(row["nireq"])
        assert point["fps"]["value"] == float(row["fps"])
        assert point["is_knee"] is (row["is_knee"] == "1")
    assert document["curves"][1]["knee_nireq"] == curves_of(board)[1].knee.point.nireq  # type: ignore[union-attr]


def test_only_what_is_named_is_varied() -> None:
    plain = read_sweep_invocation(["m.xml", "-nstreams", "2", "-hint", "latency"])
    assert plain.plan.space.streams == ("2",)
    assert plain.plan.space.hints == ("latency",)
    assert len(plain.plan.space.nireq) > 3
    given = read_sweep_plan(["--nireq", "1..3", "--batch", "1,4"], BASE)
    assert given.space.nireq == (1, 2, 3)
    assert given.space.batches == (1, 4)
    assert given.space.streams == ("",)
    assert given.max_time_s == 900.0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "No MODEL is given"),
        (["m.xml", "--nireq", "4..1"], "is not a list of numbers"),
        (["m.xml", "-t", "5"], "each point ends when it is steady"),
        (["m.xml", "-api", "sync"], "the number of infer requests is varied"),
        (["m.xml", "--max-time", "1s"], "is not a valid time"),
        (["m.xml", "--fps-above", "50"], "it looks for the most"),
        (["m.xml", "--p99-under", "20"], "every point is measured, whatever its latency"),
    ],
)
def test_bad_command_lines_get_one_sentence(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_sweep_invocation(words)


def test_options_of_the_command_line_are_refused_in_the_app() -> None:
    with pytest.raises(BadInputError, match="on the command line only"):
        read_sweep_plan(["--csv", "x"], BASE)
