"""The sentence that says why a configuration won."""

from __future__ import annotations

from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.space import Point, Variant
from ovbench_tui.tuning.state import Phase, TuningState
from ovbench_tui.tuning.trial_result import Ending, Figures, Interval, Trial
from ovbench_tui.tuning.why import against_winner, standing, why_it_won


def _near(value: float) -> Interval:
    return Interval(0.99 * value, value, 1.01 * value)


def _trial(
    streams: int, nireq: int, fps: float, objective: Objective, *finals: float, p50_ms: float = 0.0
) -> Trial:
    p50_ms = p50_ms or 1000 * nireq / fps
    figures = Figures(_near(fps), _near(p50_ms), _near(1.5 * p50_ms), 1.0, 5)
    point = Point(Variant(streams=str(streams)), nireq)
    return Trial(point, figures, objective.score(figures), Ending.STABLE, finals=finals)


def _why(*trials: Trial, objective: Objective) -> str:
    return why_it_won(
        TuningState(objective, Phase.DONE, trials, None, Figures(), len(trials), elapsed_s=1.0)
    )


def test_more_requests_only_queue() -> None:
    goal = Objective()
    assert _why(
        _trial(2, 4, 500, goal, 500, 501, 499),
        _trial(2, 8, 463, goal, 463, 462, 464),
        objective=goal,
    ) == ("4 requests: 8 % above the next (8 requests); more requests only queue.")


def test_fewer_leave_the_device_idle() -> None:
    goal = Objective()
    assert _why(
        _trial(2, 4, 500, goal), _trial(2, 2, 400, goal), _trial(1, 4, 450, goal), objective=goal
    ) == (
        "2 streams with 4 requests: 11 % above the next (1 stream with 4 requests);"
        " fewer requests leave the device idle (20 % fewer FPS)."
    )


def test_a_finalist_is_behind_only_where_that_is_sure() -> None:
    goal = Objective()
    winner = _trial(2, 4, 500, goal, *(500.0 + step for step in (0, 1, -1, 0, 2, -2)))
    rounds = {"equal within ±3 %": 495.0, "10 % behind": 450.0}
    for words, fps in rounds.items():
        other = _trial(1, 4, fps, goal, *(fps + step for step in (1, -1, 0, 2, -2, 0)))
        board = TuningState(goal, Phase.DONE, (winner, other), None, Figures(), 2, elapsed_s=1.0)
        assert against_winner(other, board) == words
        assert against_winner(winner, board) == ""
        assert standing(board) == ("won" if fps == 450.0 else f"leads ({words})")
    lone = TuningState(goal, Phase.DONE, (winner,), None, Figures(), 1, elapsed_s=1.0)
    assert standing(lone) == "won"


def test_a_lead_within_the_noise_is_called_so() -> None:
    goal = Objective()
    level = _why(_trial(2, 4, 500, goal), _trial(1, 4, 499, goal), objective=goal)
    assert level.endswith("equal to 1 stream with 4 requests within ±3 %.")
    unsure = _why(
        _trial(2, 4, 500, goal, 500, 520), _trial(1, 4, 499, goal, 499, 490), objective=goal
    )
    assert "undecided against 1 stream with 4 requests: +3." in unsure
    assert ", noise ±" in unsure
    assert unsure.endswith(" needed.")
    rounds = (500.0, 501.0, 499.0, 500.0, 502.0, 498.0)
    equal = _why(
        _trial(2, 4, 500, goal, *rounds), _trial(1, 4, 500, goal, *rounds[::-1]), objective=goal
    )
    assert equal.endswith("equal to 1 stream with 4 requests within ±3 %.")
    shaky = _why(
        _trial(2, 4, 500, goal, 600, 400), _trial(1, 4, 450, goal, 440, 460), objective=goal
    )
    assert "undecided against 1 stream with 4 requests" in shaky
    assert "noise ±" in shaky


def test_the_limit_is_named_where_more_requests_break_it() -> None:
    goal = Objective(p99_under_ms=20.0)
    text = _why(_trial(2, 4, 500, goal), _trial(2, 8, 540, goal), objective=goal)
    assert text == (
        "4 requests: the only one surely within the limit; 8 requests have a p99 of 22.2 ms, over"
        " the limit."
    )


def test_with_latency_more_requests_wait() -> None:
    goal = Objective(Goal.LATENCY)
    text = _why(_trial(1, 1, 100, goal), _trial(1, 2, 120, goal), objective=goal)
    assert "more requests make each wait (67 % more median latency)" in text


def test_nothing_measured_is_said() -> None:
    assert _why(objective=Objective()) == "Nothing could be measured."
