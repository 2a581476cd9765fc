"""The order of a mix's turns, and how long they are."""

from __future__ import annotations

from ovbench_tui.mix.plan import LEAST_COUNT, Turn, TurnPlan


def _turns(plan: TurnPlan, count: int) -> list[Turn]:
    turns = []
    for _ in range(count):
        turns.append(plan.turn)
        plan.end_turn(dict.fromkeys(plan.turn.members, 1000.0))
    return turns


def test_a_round_has_each_alone_and_all_together_once() -> None:
    plan = TurnPlan(range(3), seed=1)
    turns = _turns(plan, 8)
    for number in range(2):
        of_round = turns[4 * number : 4 * number + 4]
        assert {turn.round for turn in of_round} == {number}
        assert {turn.members for turn in of_round if not turn.is_together} == {
            frozenset({one}) for one in range(3)
        }
        assert [turn.members for turn in of_round if turn.is_together] == [frozenset(range(3))]
    assert plan.rounds == 2


def test_chance_decides_who_comes_first() -> None:
    plan = TurnPlan(range(2), seed=1)
    firsts = [_turns(plan, 3)[0].members for _ in range(40)]
    assert set(firsts) == {frozenset({0}), frozenset({1}), frozenset({0, 1})}


def test_a_turn_waits_for_the_slowest_of_those_that_run_in_it() -> None:
    plan = TurnPlan(range(2), 1.0, seed=1)
    rates = {(0, False): 100.0, (1, False): 4.0, (0, True): 100.0, (1, True): 2.0}
    assert plan.length_s == 1.0
    for _ in range(3):
        turn = plan.turn
        plan.end_turn({one: rates[one, turn.is_together] for one in turn.members})
    for _ in range(3):
        turn = plan.turn
        slowest = min(rates[one, turn.is_together] for one in turn.members)
        assert plan.length_s == max(1.0, LEAST_COUNT / slowest)
        plan.end_turn({})


def test_nobody_waits_for_minutes() -> None:
    plan = TurnPlan(range(2), 1.0)
    for _ in range(3):
        plan.end_turn(dict.fromkeys(plan.turn.members, 0.0))
    assert plan.length_s == 30.0


def test_one_that_is_left_has_nobody_to_be_together_with() -> None:
    plan = TurnPlan(range(2), seed=1)
    _turns(plan, 4)
    plan.begin_again((1,))
    assert plan.rounds == 0
    assert [turn.members for turn in _turns(plan, 2)] == [frozenset({1})] * 2
