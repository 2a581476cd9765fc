"""What is made of the messages of machines, without any."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.fleet.machine import GiveUp, SendAgain, WorkerSeen
from ovbench_tui.fleet.machine_figures import find_outliers
from ovbench_tui.fleet.machine_status import MachineState, Outlier
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.wire_fields import WireError
from ovbench_tui.fleet.report import fleet_document, format_table
from ovbench_tui.fleet.run_keeper import RunKeeper
from tests.fleet.cluster import Keeper
from tests.fleet.simulated import SimulatedFleet, worker
from tests.ui.fakes import CONFIG


def test_totals_are_the_sum_of_fps_and_the_worst_p99() -> None:
    fleet = SimulatedFleet(3)
    for number, (fps, p99_ms) in enumerate([(100.0, 5.0), (50.0, 9.0), (25.5, 7.0)]):
        fleet.pulse(number, fps, p99_ms)
    totals = fleet.snapshot().totals
    assert totals.fps == 175.5
    assert (totals.worst_p99_ms, totals.worst) == (9.0, "host1")
    assert (totals.machines, totals.measuring, totals.over) == (3, 3, 0)


def test_a_p99_that_is_only_the_maximum_is_none() -> None:
    fleet = SimulatedFleet(2)
    fleet.pulse(0, 100.0, 5.0)
    fleet.pulse(1, 100.0, 900.0, count=99)
    snapshot = fleet.snapshot()
    assert (snapshot.totals.worst_p99_ms, snapshot.totals.worst) == (5.0, "host0")
    _, _, few, _, totals, *_ = format_table(snapshot).split("\n")
    assert "900.000" not in few
    assert totals.endswith("200.00 FPS together, worst p99 5.000 ms (host0).")
    fleet.pulse(0, 100.0, 5.0, count=7)
    snapshot = fleet.snapshot()
    assert math.isnan(snapshot.totals.worst_p99_ms)
    assert "200.00 FPS together.\n" in format_table(snapshot) + "\n"


def test_the_slow_machine_is_marked_and_of_three_none() -> None:
    fleet = SimulatedFleet(5)
    fleet.second(100.0, 101.0, 60.0, 99.0, 100.5)
    odd = {m.name: m.outlier for m in fleet.snapshot().machines if m.outlier is not Outlier.NONE}
    assert odd == {"host2": Outlier.SLOW}
    few = SimulatedFleet(3)
    few.second(100.0, 101.0, 10.0)
    assert all(m.outlier is Outlier.NONE for m in few.snapshot().machines)


def test_an_outlier_cannot_hide_behind_its_own_size() -> None:
    # A mean and a standard deviation would be drawn to it: 3 sigmas are never reached by 1 of 5.
    odd = find_outliers({"a": 1.0, "b": 1.01, "c": 0.99, "d": 1.0, "e": 1e6})
    assert odd == {"e": Outlier.FAST}


@given(st.lists(st.floats(98.1, 101.9), min_size=4, max_size=30))
def test_machines_that_agree_are_no_outliers(values: list[float]) -> None:
    assert not find_outliers({str(n): value for n, value in enumerate(values)})


def test_another_openvino_version_is_a_note_and_the_machine_goes_on() -> None:
    fleet = SimulatedFleet(3)
    fleet.pulse(0)
    fleet.pulse(1)
    fleet.pulse(2, version="2025.9.9")
    notes = [m.note for m in fleet.snapshot().machines]
    assert notes[:2] == ["", ""]
    assert "OpenVINO 2025.9.9 here, 2026.4.1 on most others" in notes[2]
    assert fleet.snapshot().totals.measuring == 3


def test_another_version_of_ours_is_a_note() -> None:
    fleet = SimulatedFleet(1)
    fleet.hello(0, ovbench_tui="9.9.9")
    assert "ovbench-tui 9.9.9 there" in fleet.snapshot().machines[0].note


def test_a_machine_whose_worker_dies_is_started_again_but_not_for_ever() -> None:
    fleet = SimulatedFleet(2)
    fleet.second()
    address = worker(0).address
    for deaths in (1, 2, 3):
        fleet.board.lose_worker(address)
        assert any(isinstance(ask, GiveUp) for ask in fleet.board.asks)
        assert fleet.snapshot().machines[0].state is MachineState.LOST
        fleet.look()
        assert len([s for s in fleet.starts if s.address == address]) == min(deaths + 1, 3)
    assert "3 times: it is left out" in fleet.snapshot().machines[0].reason
    assert fleet.snapshot().machines[1].state is MachineState.RUNNING


def test_another_worker_of_the_same_host_takes_over() -> None:
    fleet = SimulatedFleet(1)
    fleet.second()
    gone = worker(0)
    fleet.workers = {0: replace(gone, address="tcp://10.0.0.1:4001", name="spare")}
    fleet.look()
    assert fleet.starts[-1].address == "tcp://10.0.0.1:4001"
    fleet.hello(0)
    fleet.second()
    snapshot = fleet.snapshot()
    assert [m.state for m in snapshot.machines] == [MachineState.RUNNING]
    assert "lost before" in snapshot.machines[0].note


def test_a_machine_that_was_given_up_for_no_fault_of_its_own_gets_another_engine() -> None:
    fleet = SimulatedFleet(1)
    fleet.board.end_task(fleet.task_of(0), "It was given up.", may_try_again=True)
    assert fleet.snapshot().machines[0].reason == "It was given up."
    assert not fleet.snapshot().finished
    fleet.look()
    fleet.hello(0)
    fleet.second()
    assert len(fleet.starts) == 2
    assert fleet.snapshot().machines[0].state is MachineState.RUNNING


def test_a_machine_that_was_given_up_and_has_no_worker_any_more_is_lost() -> None:
    fleet = SimulatedFleet(1)
    fleet.board.end_task(fleet.task_of(0), "It was given up.", may_try_again=True)
    fleet.workers = {}
    fleet.look()
    assert fleet.snapshot().machines[0].state is MachineState.LOST
    assert fleet.snapshot().finished


def test_messages_of_an_engine_that_was_given_up_change_nothing() -> None:
    fleet = SimulatedFleet(1)
    fleet.second()
    old = fleet.task_of(0)
    fleet.board.lose_worker(worker(0).address)
    fleet.board.fold({"task": old, "kind": wire.TROUBLE, "text": "late"})
    assert fleet.snapshot().machines[0].state is MachineState.LOST
    assert "late" not in fleet.snapshot().machines[0].reason


def test_an_engine_that_began_with_an_old_configuration_gets_the_new_one() -> None:
    fleet = SimulatedFleet(1)
    old = fleet.board.serial
    fleet.configure(replace(CONFIG, nireq=7))
    fleet.hello(0, serial=old)
    assert SendAgain(fleet.task_of(0), worker(0).address) in fleet.board.asks


def test_a_silent_machine_is_told_and_forgiven() -> None:
    fleet = SimulatedFleet(2)
    fleet.second()
    fleet.now_s += 20
    fleet.pulse(1)
    silent, speaking = fleet.snapshot().machines
    assert "silent for 20 s" in silent.reason
    assert not speaking.reason
    fleet.pulse(0)
    assert not fleet.snapshot().machines[0].reason


def test_a_rejected_change_is_told_while_the_machine_goes_on() -> None:
    fleet = SimulatedFleet(1)
    fleet.pulse(0, reason="There is no such precision.")
    fleet.pulse(0, reason="There is no such precision.")
    snapshot = fleet.snapshot()
    assert snapshot.machines[0].state is MachineState.RUNNING
    assert snapshot.machines[0].reason == "There is no such precision."
    assert [n.text for n in snapshot.notices] == ["host0: There is no such precision."]


def test_machines_of_one_name_are_told_apart() -> None:
    fleet = SimulatedFleet(2)
    fleet.hello(0, name="twin")
    fleet.hello(1, name="twin")
    assert [m.name for m in fleet.snapshot().machines] == ["twin/worker-0", "twin/worker-1"]


def test_only_a_second_adds_to_the_history() -> None:
    fleet = SimulatedFleet(1)
    fleet.second(100.0)
    view = replace(fleet._view, state=WorkerState.PAUSED, run=fleet._run)
    fleet.tell(0, wire.pulse_message(view, "", ends_second=False))
    fleet.second(50.0)
    history = fleet.history_of(worker(0).host)
    assert history.fps == (100.0, 50.0)
    assert history.column_s == 1.0


def test_a_worker_that_comes_back_after_its_run_was_over_begins_none() -> None:
    fleet = SimulatedFleet(1)
    fleet.pulse(0, state=WorkerState.FINISHED)
    fleet.board.end_task(fleet.task_of(0), "")
    assert fleet.snapshot().finished
    fleet.workers = {}
    fleet.look()
    fleet.workers = {0: worker(0)}
    fleet.look()
    assert len(fleet.starts) == 1
    assert fleet.snapshot().machines[0].state is MachineState.FINISHED


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(
    kind=st.sampled_from([wire.HELLO, wire.PULSE, wire.RUN, wire.FINISHED, "what"]),
    name=st.sampled_from(
        [
            "state",
            "run_id",
            "figures",
            "counts",
            "cvs",
            "verdict",
            "steady",
            "windows",
            "text",
            "cpus",
            "notes",
            "name",
        ]
    ),
    value=_PLAIN,
)
def test_no_message_can_do_more_than_be_refused(kind: str, name: str, value: object) -> None:
    fleet = SimulatedFleet(1)
    fleet.second()
    run = fleet._run
    whole = wire.pulse_message(replace(fleet._view, run=run), "")
    hello = {"name": "h", "cpu": "", "cpus": 1, "usable_cpus": 1, "os": "", "python": ""}
    message = {**whole, **hello, "ovbench_tui": "", "machine_id": "", "serial": 0, "text": ""}
    fleet.tell(0, {**message, name: value, "kind": kind})
    snapshot = fleet.snapshot()
    assert len(snapshot.machines) == 1
    assert all(notice.text.isprintable() for notice in snapshot.notices)


def test_a_pulse_arrives_as_it_was_sent() -> None:
    fleet = SimulatedFleet(1)
    view = fleet._view
    assert view.run is not None
    pulse = wire.pulse_of(wire.pulse_message(view, "why"))
    assert pulse.stats == replace(view.run.stats, percentiles_ms=(), groups=())
    assert pulse.stability == view.run.stability
    assert (pulse.state, pulse.reason, pulse.device) == ("running", "why", "CPU")


def test_orders_and_commands_arrive_as_they_were_sent() -> None:
    order = wire.Order("f", "t", "topic", replace(CONFIG, data_shape=(("x", (1, 2)),)), "m.xml", 3)
    assert wire.order_of(wire.to_text(order)) == order
    command = wire.Command(wire.CONFIGURE, CONFIG, "t")
    assert wire.command_of(wire.to_text(command)) == command
    with pytest.raises(WireError):
        wire.command_of("[]")


def test_the_table_and_the_document_name_every_machine_and_what_is_wrong() -> None:
    fleet = SimulatedFleet(5)
    fleet.second(100.0, 100.0, 100.0, 40.0, 100.0)
    fleet.board.lose_worker(worker(4).address)
    snapshot = fleet.snapshot()
    table = format_table(snapshot)
    assert "host3: It is far slower than the others." in table
    assert "host4: Its worker died or left the cluster." in table
    assert "440.00 FPS together" in table
    runs = [fleet.run_of(m.key) for m in snapshot.machines]
    document = json.loads(fleet_document(snapshot, runs, exit_code=0))
    assert document["totals"] == {
        "machines": 5,
        "measured": 5,
        "fps_mean": 440.0,
        "worst_p99_ms": 5.5,
    }
    assert [m["outlier"] for m in document["machines"]] == ["", "", "", "slow", ""]
    assert document["machines"][4]["state"] == "lost"


def test_a_name_that_would_move_the_cursor_is_shown_harmless() -> None:
    fleet = SimulatedFleet(1)
    fleet.hello(0, name="\x1b[2Jevil")
    fleet.second()
    assert "\x1b" not in format_table(fleet.snapshot())


def test_nothing_measured_is_no_figure() -> None:
    fleet = SimulatedFleet(1)
    fleet.pulse(0, has_run=False, state=WorkerState.COMPILING)
    seen = fleet.snapshot().machines[0]
    assert seen.state is MachineState.PREPARING
    assert math.isnan(seen.fps)
    assert not seen.has_figures


def test_a_worker_counts_as_a_machine_only_where_that_is_wanted() -> None:
    fleet = SimulatedFleet(0)
    fleet.board.see_workers([WorkerSeen(f"tcp://h:{port}", "h", str(port)) for port in (1, 2, 3)])
    snapshot = fleet.snapshot()
    assert [m.key for m in snapshot.machines] == ["h"]
    assert "h has 3 workers: one of them is used" in snapshot.notices[0].text


def test_a_run_that_cannot_be_understood_is_told_and_the_next_is_kept() -> None:
    fleet = SimulatedFleet(1)
    view = fleet._run
    whole = FinishedRun(
        RunResult(view, ((1.0, 2.0, 3),)), datetime.now(timezone.utc), RunEnd.CHANGED, False
    )
    keeper = Keeper()
    runs = RunKeeper(keeper, "our/name.xml")
    hello = wire.Handshake("host", "cpu", 4, 2, "Linux", "3", "1", "id")
    sent = wire.finished_message(whole)
    runs.take({**sent, "text": sent["text"][:-9]}, hello)
    runs.take(sent, hello)
    runs.close(60.0)
    assert "A run of host is not kept" in runs.sentences()[0]
    (kept,) = keeper.runs
    assert kept.result.view.model.source == "our/name.xml"
    assert kept.result.view.stats == view.stats
    assert kept.result.histogram == ((1.0, 2.0, 3),)
    assert kept.measured_on is not None
    assert (kept.measured_on.name, kept.measured_on.usable_cpus) == ("host", 2)


def test_machines_of_a_kind_are_those_alike_also_when_one_tells_its_version_late() -> None:
    fleet = SimulatedFleet(4)
    fleet.hello(3, cpu="Another processor")
    fleet.second()
    fleet.pulse(1, version="")  # it is looked for beside the model
    kinds = [set(keys) for keys in fleet.board.kinds().values()]
    assert kinds == [{worker(0).host, worker(2).host}, {worker(3).host}]
    fleet.pulse(1)
    kinds = [set(keys) for keys in fleet.board.kinds().values()]
    assert kinds == [{worker(n).host for n in range(3)}, {worker(3).host}]
    assert fleet.board.usable_cpus_of(worker(0).host) == 8
    fleet.board.lose_worker(worker(0).address)
    assert worker(0).host not in next(iter(fleet.board.kinds().values()))


def wait(fleet: SimulatedFleet, seconds: float, *speaking: int) -> None:
    """Look twice a second for so long, while some machines go on to tell their figures."""
    for _ in range(int(2 * seconds)):
        fleet.now_s += 0.5
        for number in speaking:
            fleet.pulse(number, 100.0, 5.0)
        fleet.snapshot()


def test_an_engine_that_is_silent_for_too_long_is_waited_for_no_longer() -> None:
    fleet = SimulatedFleet(2)
    fleet.second(100.0, 100.0)
    wait(fleet, 28.0, 1)
    assert fleet.snapshot().stall == ""
    wait(fleet, 4.0, 1)
    seen = fleet.snapshot()
    assert seen.stall.startswith("host0: It has been silent for 30 s")
    assert [machine.state for machine in seen.machines] == [
        MachineState.FAILED,
        MachineState.RUNNING,
    ]
    assert GiveUp(fleet.task_of(0)) in fleet.board.asks
    assert seen.notices[-1].is_error
    assert seen.machines[0].has_figures, "what it measured stays"
    fleet.look()  # its worker is still in the list, and gets no other engine
    assert len(fleet.starts) == 2
    wait(fleet, 40.0)
    assert fleet.snapshot().finished


def test_a_fleet_whose_client_was_stopped_has_waited_for_nothing() -> None:
    fleet = SimulatedFleet(1)
    fleet.second(100.0)
    fleet.now_s += 3600.0
    assert fleet.snapshot().stall == ""
    wait(fleet, 20.0)
    assert fleet.snapshot().stall == ""


def test_an_engine_that_says_that_it_hangs_is_a_stall_and_an_error_is_none() -> None:
    fleet = SimulatedFleet(2)
    fleet.tell(0, {"kind": wire.TROUBLE, "text": "No such device."})
    assert fleet.snapshot().stall == ""
    fleet.tell(1, {"kind": wire.TROUBLE, "text": "It hangs.", "is_stall": True})
    assert fleet.snapshot().stall == "host1: It hangs."
