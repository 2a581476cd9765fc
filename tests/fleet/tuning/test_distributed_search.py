"""A search that several machines share: machines that follow a formula, and the real messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.wire_fields import WireError
from ovbench_tui.fleet.tuning.distributed_search import DistributedSearch
from ovbench_tui.tuning.progress import TrialLog
from ovbench_tui.tuning.search.objective import Goal, Objective, SearchPlan
from ovbench_tui.tuning.search.space import SearchSpace
from ovbench_tui.tuning.state import Phase
from ovbench_tui.tuning.trial_result import Ending
from tests.fleet.sharing import Machines
from tests.unit.tuning.tuned_machine import BASE, SPACE, true_fps


def plan(space: SearchSpace = SPACE, max_time_s: float = 300.0, **objective: object) -> SearchPlan:
    return SearchPlan(space, Objective(**objective), max_time_s)  # type: ignore[arg-type]


def best_fps(space: SearchSpace = SPACE) -> float:
    return max(true_fps(point.config(BASE)) for point in space.points)


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_the_best_is_found_whatever_the_number_of_machines(count: int) -> None:
    board = Machines(count, plan()).run()
    assert board.phase is Phase.DONE
    assert board.reason == ""
    assert board.winner is not None
    assert true_fps(board.winner.point.config(BASE)) > 0.97 * best_fps()
    assert len(board.winner.finals) >= 2
    assert board.winner.run is not None


def test_every_compiled_model_is_measured_by_one_machine_and_all_have_work() -> None:
    machines = Machines(3, plan())
    machines.run(lambda spread: spread.board.phase is Phase.FINALS)
    searched = [deal.share.space.streams for deal in machines.deals if deal.share is not None]
    assert sorted(searched[:3]) == [("1",), ("2",), ("4",)]
    assert all(machine.runs > 0 for machine in machines.machines.values())


def test_the_runs_of_all_machines_carry_the_one_mark_of_the_search() -> None:
    marks = []
    for _ in range(2):
        machines = Machines(2, plan())
        machines.run()
        (mark,) = {mark for machine in machines.machines.values() for mark in machine.marks}
        assert mark.startswith("tune ")
        marks.append(mark)
    assert marks[0] != marks[1]


def test_more_machines_need_less_time() -> None:
    space = replace(SPACE, hints=("throughput", "latency", "none"), precisions=("", "bf16"))
    alone = Machines(1, plan(space)).run().elapsed_s
    shared = Machines(4, plan(space)).run().elapsed_s
    assert shared < alone / 2


def test_a_machine_that_is_faster_than_the_others_favours_none() -> None:
    """Alone its 1 stream would beat the others' 4."""
    machines = Machines(3, plan())
    machines.machines["host2"].slowness = lambda _: 1 / 1.6
    board = machines.run()
    assert board.winner is not None
    assert board.winner.point.variant.streams == "4"
    finals = [trial for trial in board.trials if trial.finals]
    assert len(finals) > 1
    assert len({len(trial.finals) for trial in finals}) == 1  # only rounds that all have


def test_what_a_lost_machine_had_is_measured_by_another() -> None:
    machines = Machines(2, plan())
    machines.run(lambda spread: any(work for work in spread.board.trials))
    machines.lose("host0")
    board = machines.run()
    assert board.winner is not None
    assert {trial.point.variant.streams for trial in board.trials} == {"1", "2", "4"}
    assert true_fps(board.winner.point.config(BASE)) > 0.97 * best_fps()


def test_a_configuration_that_costs_two_machines_is_given_up() -> None:
    space = SearchSpace(streams=("2", "4"), nireq=(2, 4))
    machines = Machines(3, plan(space))
    board = machines.spread.board
    for _ in range(20_000):
        if machines.spread.is_done:
            break
        machines.step()
        for key, task in list(machines.tasks.items()):
            last = next((d.share for d in reversed(machines.deals) if d.task == task), None)
            if last is not None and last.space.streams == ("2",) and not last.in_turn:
                machines.lose(key)
    board = machines.spread.board
    assert board.winner is not None
    assert board.winner.point.variant.streams == "4"
    lost = [trial for trial in board.trials if trial.point.variant.streams == "2"]
    assert [trial.ending for trial in lost] == [Ending.FAILED]
    assert "lost" in lost[0].reason


def test_with_no_machine_left_it_ends_with_what_it_has() -> None:
    machines = Machines(1, plan())
    machines.run(lambda spread: len(spread.board.trials) > 2)
    machines.lose("host0")
    board = machines.run()
    assert "No machine is left" in board.reason


def test_the_time_of_a_pause_does_not_count() -> None:
    machines = Machines(1, plan())
    machines.run(lambda spread: bool(spread.board.trials))
    machines.spread.see(machines.tasks, are_paused=True)
    elapsed_s = machines.spread.board.elapsed_s
    machines.now_s += 1000.0
    machines.spread.see(machines.tasks, are_paused=True)
    assert machines.spread.board.elapsed_s == elapsed_s
    board = machines.run()
    assert board.reason == ""
    assert elapsed_s < board.elapsed_s < 300.0


def test_a_lost_machine_is_waited_for_though_another_was_left_out() -> None:
    machines = Machines(2, plan())
    machines.run(lambda spread: bool(spread.board.trials))
    deal = next(deal for deal in machines.deals if deal.task == "task-host0")
    assert deal.share is not None
    machines.spread.end_share("host0", deal.share.number, "It has no energy counters.")
    machines.lose("host1")
    machines.step()
    machines.step()
    assert not machines.spread.is_done
    machines.tasks["host1"] = "task-back"
    assert machines.run().winner is not None


def test_a_machine_that_comes_later_takes_part() -> None:
    machines = Machines(2, plan())
    machines.lose("host1")
    machines.run(lambda spread: bool(spread.board.trials))
    machines.tasks["host1"] = "task-late"
    machines.run()
    assert any(deal.task == "task-late" for deal in machines.deals)


def test_at_the_time_limit_it_ends_with_the_best_so_far() -> None:
    board = Machines(2, plan(max_time_s=6.0)).run()
    assert board.elapsed_s < 6.5
    assert "6 s was over" in board.reason
    assert board.winner is not None


def test_stopped_it_keeps_what_was_measured_and_every_engine_is_told() -> None:
    machines = Machines(2, plan())
    machines.run(lambda spread: len(spread.board.trials) > 2)
    count = len(machines.spread.board.trials)
    machines.spread.stop()
    assert len(machines.spread.board.trials) == count
    assert [deal.share for deal in machines.spread.deals] == [None, None]
    machines.step()
    assert not any(runner.is_busy for runner in machines.runners.values())
    assert not machines.spread.was_overruled


def test_a_configuration_that_no_machine_can_run_is_a_row_and_the_others_go_on() -> None:
    machines = Machines(2, plan())
    for machine in machines.machines.values():
        machine.refuses = lambda config: "It cannot be." if config.streams == "1" else ""
    board = machines.run()
    failed = [trial for trial in board.trials if trial.ending is Ending.FAILED]
    assert {trial.point.variant.streams for trial in failed} == {"1"}
    assert board.winner is not None


def test_where_no_energy_can_be_read_the_reason_is_told() -> None:
    board = Machines(2, plan(goal=Goal.EFFICIENCY)).run()
    if board.winner is None:
        assert "energy counters" in board.reason


def test_a_share_and_a_trial_survive_the_way_over_the_wire() -> None:
    machines = Machines(1, plan())
    board = machines.run()
    assert board.winner is not None
    number, trial = wire.tried_of(wire.tried_message(7, board.winner))
    # NaN is no other NaN, so the texts are compared.
    assert (number, repr(trial)) == (7, repr(board.winner))
    with pytest.raises(WireError, match="not text"):
        wire.tried_of({"kind": wire.TRIED, "share": 1})


def test_what_a_machine_cannot_measure_at_all_is_no_fault_of_the_configuration() -> None:
    machines = Machines(3, plan())
    machines.spread.see(machines.tasks)
    for key, deal in zip(machines.tasks, list(machines.spread.deals)[:2], strict=False):
        assert deal.share is not None
        machines.spread.end_share(key, deal.share.number, "It has no energy counters.")
    while machines.spread.deals:
        deal = machines.spread.deals.popleft()
        if deal.task == "task-host2" and deal.share is not None:
            machines.runners["host2"].begin(deal.share)
    board = machines.run()
    assert board.winner is not None
    assert not [trial for trial in board.trials if trial.ending is Ending.FAILED]
    assert board.where == "on 1 machine"


def test_the_log_tells_each_configuration_once_whatever_the_order() -> None:
    machines = Machines(3, plan())
    log = TrialLog()
    lines: list[str] = []

    def note(spread: DistributedSearch) -> bool:
        lines.extend(log.of(spread.board))
        return False

    machines.run(note)
    lines.extend(log.of(machines.spread.board))
    points = {trial.point for trial in machines.spread.board.trials}
    assert len(lines) == len(set(lines)) == len(points)
