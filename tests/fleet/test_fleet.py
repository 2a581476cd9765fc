"""Fleets on a real cluster: processes on loopback that may join, fail and be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.run_sink import RunEnd
from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.connection import connected
from ovbench_tui.fleet.engine_task import deliver
from ovbench_tui.fleet.machine_status import MachineState
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.session import FleetSession
from ovbench_tui.options.cluster_address import Address
from ovbench_tui.tuning.search.objective import Objective, SearchPlan
from ovbench_tui.tuning.search.space import SearchSpace
from tests.fleet.cluster import PATIENCE_S, Cluster, Keeper, all_run, fleet_on, machine, wait_for

_REPOSITORY = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


def config_of(relu: Path, **options: Any) -> BenchmarkConfig:
    # A cap keeps two engines on two cores from starving each other, and the tests short.
    return BenchmarkConfig(model=str(relu), nireq=2, max_fps=400.0, **options)


def test_every_machine_measures_and_follows_a_change_and_its_runs_are_kept(
    cluster: Cluster, client: Any, relu: Path
) -> None:
    keeper = Keeper()
    config = config_of(relu)
    with fleet_on(client, config, keeper) as fleet:
        first = wait_for(fleet, all_run("one", "two", nireq=2))
        for seen in first.machines:
            assert seen.fps > 0
            assert seen.p50_ms <= seen.p99_ms
            assert seen.cores == os.cpu_count()
            assert seen.openvino
            assert seen.device == "CPU"
        assert first.totals.fps == pytest.approx(sum(m.fps for m in first.machines))
        folders = {
            path.parent
            for path in Path(cluster.workers["one"].args[-1]).rglob("ovbench-fleet-*/relu.xml")
        }
        assert len(folders) == 2
        assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
        assert all((folder / "relu.bin").is_file() for folder in folders)

        fleet.configure(replace(config, nireq=3))
        changed = wait_for(fleet, all_run("one", "two", nireq=3))
        assert {m.run_id for m in changed.machines} == {2}
        run = fleet.run_of(changed.machines[0].key)
        assert run is not None
        assert run.model.name == "relu.xml"
        assert run.config.model == str(relu)  # as the user calls it, not as it is called there
        assert len(fleet.history_of(changed.machines[0].key).fps) >= 2

    assert [run.end for run in keeper.runs].count(RunEnd.CHANGED) == 2
    assert [run.end for run in keeper.runs].count(RunEnd.STOPPED) == 2
    for kept in keeper.runs:
        assert kept.result.view.stats.count > 0
        assert kept.result.histogram
        assert kept.result.view.model.source == str(relu)
        assert kept.measured_on is not None
        assert kept.measured_on.name
    assert not any(folder.exists() for folder in folders)


def test_a_late_machine_gets_what_is_asked_for_now_and_a_killed_one_leaves_a_sentence(
    cluster: Cluster, client: Any, relu: Path
) -> None:
    config = config_of(relu)
    with fleet_on(client, config) as fleet:
        wait_for(fleet, all_run("one", "two"))
        fleet.configure(replace(config, nireq=4))
        cluster.add("late")
        wait_for(fleet, all_run("one", "two", "late", nireq=4))

        cluster.kill("late")
        lost = wait_for(fleet, lambda s: machine(s, "late").state is MachineState.LOST)
        assert "died" in machine(lost, "late").reason
        assert any("died" in notice.text and notice.is_error for notice in lost.notices)
        assert lost.totals.over == 1
        before = {m.key: m.count for m in lost.machines}
        wait_for(
            fleet,
            lambda s: all(machine(s, n).count > before[machine(s, n).key] for n in ("one", "two")),
        )
        assert not fleet.snapshot().finished


def test_a_machine_without_the_device_says_so_and_runs_once_it_is_asked_for_another(
    client: Any, relu: Path
) -> None:
    config = config_of(relu, device="GPU")
    with fleet_on(client, config) as fleet:
        failed = wait_for(fleet, lambda s: len(s.machines) == 2 and s.finished)
        for seen in failed.machines:
            assert seen.state is MachineState.FAILED
            assert "GPU" in seen.reason
        fleet.configure(replace(config, device="CPU"))
        running = wait_for(fleet, all_run("one", "two"))
        assert not any(m.reason for m in running.machines)


def test_of_several_workers_on_one_machine_one_is_used(client: Any, relu: Path) -> None:
    with fleet_on(client, config_of(relu), by_worker=False) as fleet:
        snapshot = wait_for(fleet, lambda s: any(m.has_figures for m in s.machines))
        assert len(snapshot.machines) == 1
        assert any("2 workers: one of them is used" in n.text for n in snapshot.notices)


def test_a_worker_without_this_package_says_so_and_lives_on(
    cluster: Cluster, client: Any, relu: Path, tmp_path: Path
) -> None:
    # A package of our name that holds nothing, in the place of ours.
    (tmp_path / "ovbench_tui").mkdir()
    (tmp_path / "ovbench_tui" / "__init__.py").write_text("")
    cluster.add("bare", tmp_path)
    try:
        with fleet_on(client, config_of(relu)) as fleet:
            snapshot = wait_for(
                fleet,
                lambda s: (
                    all_run("one", "two")(s)
                    and len(s.machines) == 3
                    and machine(s, "bare").state is MachineState.FAILED
                ),
            )
            assert "Its worker lacks a package" in machine(snapshot, "bare").reason
            assert cluster.workers["bare"].poll() is None
    finally:
        cluster.kill("bare")


def test_a_pause_reaches_every_machine(client: Any, relu: Path) -> None:
    with fleet_on(client, config_of(relu)) as fleet:
        wait_for(fleet, all_run("one", "two"))
        fleet.toggle_pause()
        wait_for(fleet, lambda s: all(m.state is MachineState.PAUSED for m in s.machines))
        fleet.toggle_pause()
        wait_for(fleet, all_run("one", "two"))


def test_a_fleet_with_a_duration_comes_to_its_end(client: Any, relu: Path) -> None:
    keeper = Keeper()
    with fleet_on(client, config_of(relu, duration_s=0.5), keeper) as fleet:
        snapshot = wait_for(fleet, lambda s: s.finished)
        assert [m.state for m in snapshot.machines] == [MachineState.FINISHED] * 2
        assert all(m.count > 0 for m in snapshot.machines)
    assert [run.end for run in keeper.runs] == [RunEnd.FINISHED] * 2


def test_the_engines_end_when_the_client_goes_away(
    cluster: Cluster, client: Any, relu: Path
) -> None:
    with connected(Address(cluster.address)) as other:
        fleet = FleetSession(other, config_of(relu), None, where="a test", by_worker=True)
        fleet.start()
        wait_for(fleet, all_run("one", "two"))
        text = wire.to_text(wire.Command(wire.RESET))
        known = client.run(deliver, fleet._fleet, text)
        assert list(known.values()) == [1, 1]
    end_s = time.monotonic() + PATIENCE_S
    while any(client.run(deliver, fleet._fleet, text).values()):
        assert time.monotonic() < end_s, "the engines go on though nobody wants them"
        time.sleep(0.05)


def test_a_restarted_local_worker_is_used_again(relu: Path) -> None:
    with connected(Address(local=1)) as client, fleet_on(client, config_of(relu)) as fleet:
        wait_for(fleet, all_run("0"))
        (pid,) = client.run(os.getpid).values()
        os.kill(pid, signal.SIGKILL)
        wait_for(fleet, lambda s: machine(s, "0").state is MachineState.LOST)
        again = wait_for(fleet, all_run("0"))
        assert "lost before" in machine(again, "0").note


def test_a_scheduler_that_goes_ends_the_fleet_with_a_sentence(relu: Path, tmp_path: Path) -> None:
    own = Cluster(tmp_path)
    try:
        with (
            connected(Address(own.address), timeout_s=1.0) as client,
            fleet_on(client, config_of(relu)) as fleet,
        ):
            own.close()
            ended = wait_for(fleet, lambda s: s.finished)
            assert ended.failure.startswith("The Dask scheduler is gone")
    finally:
        own.close()


def test_machines_share_a_search_and_one_that_is_killed_leaves_its_part_to_the_others(
    cluster: Cluster, client: Any, relu: Path
) -> None:
    cluster.add("third")
    plan = SearchPlan(SearchSpace(streams=("1", "2"), nireq=(1, 2, 4)), Objective(), 300.0)
    keeper = Keeper()
    with fleet_on(client, config_of(relu), keeper) as fleet:
        wait_for(fleet, all_run("one", "two", "third"))
        assert fleet.usable_cpus() == len(os.sched_getaffinity(0))
        search = fleet.search(plan)
        wait_for(fleet, lambda _: bool(search.board.trials))
        cluster.kill("third")
        wait_for(fleet, lambda _: search.is_done)
        board = search.board
        assert board.reason == ""
        assert board.winner is not None
        assert board.winner.run is not None
        assert board.winner.run.config.model == str(relu)
        assert board.winner.figures.fps.mid > 0
        assert {trial.point.variant.streams for trial in board.trials} == {"1", "2"}
        fleet.configure(board.winner.point.config(config_of(relu)))
        wait_for(fleet, all_run("one", "two", nireq=board.winner.point.nireq))
    assert len(keeper.runs) > len(plan.space.variants)
    marks = {run.result.view.search for run in keeper.runs} - {""}
    assert len(marks) == 1, marks
    assert marks.pop().startswith("tune ")


def test_a_change_by_the_user_ends_a_search(client: Any, relu: Path) -> None:
    plan = SearchPlan(SearchSpace(streams=("1", "2"), nireq=(1, 2, 4)), Objective(), 300.0)
    with fleet_on(client, config_of(relu)) as fleet:
        wait_for(fleet, all_run("one", "two"))
        search = fleet.search(plan)
        fleet.configure(replace(config_of(relu), nireq=3))
        assert search.is_done
        assert search.was_overruled
        wait_for(fleet, all_run("one", "two", nireq=3))


def test_where_no_scheduler_answers_one_sentence_says_so() -> None:
    with (
        pytest.raises(BadInputError, match="No Dask scheduler answers at tcp://127"),
        connected(Address("tcp://127.0.0.1:1"), timeout_s=0.5),
    ):
        pass


def test_the_program_prints_a_document_and_keeps_the_runs_with_their_machine(
    cluster: Cluster, relu: Path, tmp_path: Path
) -> None:
    variables = {
        **os.environ,
        "PYTHONPATH": str(_REPOSITORY),
        "OVBENCH_TUI_HISTORY": str(tmp_path / "history.db"),
        "XDG_STATE_HOME": str(tmp_path),
        "HOME": str(tmp_path),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "ovbench_tui", *words],
            env=variables,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    ended = run(
        *("fleet", str(relu), "--scheduler", cluster.address, "--every-worker"),
        *("-t", "0.5", "-nireq", "2", "--json"),
    )
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert document["totals"]["measured"] == 2
    assert document["totals"]["fps_mean"] > 0
    for seen in document["machines"]:
        assert seen["state"] == "finished"
        assert seen["figures"]["count"] > 0
        assert seen["effective"]["nireq"] == 2
    listed = json.loads(run("history", "--json").stdout)["runs"]
    assert len(listed) == 2
    tuned = run(
        *("tune", str(relu), "--scheduler", cluster.address, "--every-worker", "--json"),
        *("--nireq", "1,2", "--streams", "1,2", "--save", str(tmp_path / "best.json")),
    )
    assert tuned.returncode == 0, tuned.stderr
    found = json.loads(tuned.stdout)
    assert found["winner"]["nireq"] in (1, 2)
    assert found["winner"]["config"]["model"] == str(relu)
    assert {trial["streams"] for trial in found["trials"]} == {"1", "2"}
    assert "NUM_STREAMS" in (tmp_path / "best.json").read_text()
    refused = run("tune", str(relu), "--scheduler", cluster.address, "-d", "GPU", "--json")
    assert refused.returncode == 3
    assert "GPU" in json.loads(refused.stdout)["error"]
    nobody = run("tune", str(relu), "--local", "0")
    assert (nobody.returncode, nobody.stdout) == (2, "")
    shown = run("history", "show", str(listed[0]["id"])).stdout
    assert f"Host:            {document['machines'][0]['name'].partition('/')[0]}" in shown
