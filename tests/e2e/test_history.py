"""The history of the real program: what was measured is kept, however the program ends."""

from __future__ import annotations

import fcntl
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import jsonschema
import psutil
import pytest

from ovbench_tui.history.reader import HistoryEntry, HistoryReader
from ovbench_tui.reports.json_report import schema_text
from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]
SMALL_PIPE = 4096


@pytest.fixture
def path(environment: dict[str, str], tmp_path: Path) -> Path:
    path = tmp_path / "kept" / "history.db"
    environment["OVBENCH_TUI_HISTORY"] = str(path)
    return path


def entries_of(path: Path) -> tuple[HistoryEntry, ...]:
    return HistoryReader(path).list()


def wait_for_runs(path: Path, count: int) -> None:
    end_s = time.monotonic() + PATIENCE_S
    while len(entries_of(path)) < count:
        assert time.monotonic() < end_s, "the run never came into the history"
        time.sleep(0.01)


def is_sound(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def history(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_piped(environment, "history", *arguments)


def test_what_was_measured_is_listed_shown_and_deleted(
    environment: dict[str, str], path: Path
) -> None:
    listed = history(environment)
    assert (listed.returncode, listed.stdout) == (0, "")
    assert "No run of the history matches" in listed.stderr

    measured = run_piped(environment, "mobilenet-v2", "--json", "-niter", "30", "-nireq", "3")
    assert measured.returncode == 0
    assert "history" not in measured.stderr
    document = json.loads(measured.stdout)

    listed = history(environment, "--since", "1h", "--machine", "this", "--model", "mobile")
    title, line = listed.stdout.splitlines()
    assert title.split()[:4] == ["id", "when", "model", "device"]
    assert line.split()[0] == "1"
    assert line.split()[3:7] == ["mobilenet-v2", "CPU", "throughput", "3"]
    assert history(environment, "--since", "2020-01-01", "--device", "GPU").stdout == ""

    (run,) = json.loads(history(environment, "list", "--json").stdout)["runs"]
    assert run["count"] == document["runs"][0]["figures"]["count"]
    assert run["ending"] == "finished"

    shown = json.loads(history(environment, "show", "1", "--json").stdout)
    jsonschema.validate(shown, json.loads(schema_text()))
    for member in ("model", "requested", "effective", "figures", "histogram", "percentiles"):
        assert shown["runs"][0][member] == document["runs"][0][member]
    assert shown["history"]["id"] == 1
    text = history(environment, "show", "1").stdout
    assert "ovbench-tui mobilenet-v2" in text
    assert "Throughput:" in text

    assert history(environment, "path").stdout == f"{path}\n"
    assert history(environment, "show", "2").returncode == 2
    assert history(environment, "delete", "1").returncode == 0
    assert entries_of(path) == ()


def test_no_history_keeps_none(environment: dict[str, str], path: Path, quiet: Quiet) -> None:
    run = run_piped(environment, *quiet, "--no-tui", "-niter", "6", "--no-history")
    assert run.returncode == 0
    assert not path.exists()


def test_an_ab_without_a_screen_keeps_both_of_its_runs(
    environment: dict[str, str], path: Path
) -> None:
    ab = run_piped(
        environment, *["ab", "mobilenet-v2", "-nireq", "2", "--b=-nireq=1", "-t", "1", "--json"]
    )
    assert ab.returncode == 0
    assert "history" not in ab.stderr
    document = json.loads(ab.stdout)
    counts = {document[side]["stats"]["count"] for side in "ab"} - {0}
    assert counts
    kept = {entry.count for entry in entries_of(path)}
    assert counts <= kept, "A alone, while B was compiled, may be there too"


def test_a_place_that_cannot_be_written_stops_no_measurement(
    environment: dict[str, str],
    path: Path,
    quiet: Quiet,
) -> None:
    path.parent.write_text("a file where a folder is needed")
    run = run_piped(environment, *quiet, "--no-tui", "-niter", "6")
    assert run.returncode == 0
    assert "Throughput:" in run.stdout
    reported = [line for line in run.stderr.splitlines() if "history" in line]
    assert reported
    assert "One run was not kept in the history" in reported[-1]


@pytest.mark.skipif(sys.platform != "linux", reason="makes a pipe small")
def test_kill_9_after_the_end_loses_nothing(
    environment: dict[str, str], path: Path, quiet: Quiet
) -> None:
    # The document does not go into the pipe, so that the program cannot come to its end.
    reading_end, writing_end = os.pipe()
    fcntl.fcntl(writing_end, fcntl.F_SETPIPE_SZ, SMALL_PIPE)
    program = subprocess.Popen(
        [*PROGRAM, *quiet, "--json", "-niter", "30"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=writing_end,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing_end)
    try:
        wait_for_runs(path, 1)
        assert program.poll() is None
    finally:
        program.kill()
        program.wait(PATIENCE_S)
        os.close(reading_end)
    (entry,) = entries_of(path)
    assert entry.ending == "finished"
    assert entry.count > 0
    assert is_sound(path)


def test_kill_9_after_a_change_loses_only_what_still_ran(
    environment: dict[str, str],
    path: Path,
    start: Start,
    quiet: Quiet,
) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(r"count +[1-9]")
    terminal.type("+")
    wait_for_runs(path, 1)
    # The terminal's own child is the guard, which outlives the program.
    (program,) = psutil.Process(terminal.process_id).children()
    program.kill()
    terminal.ended()
    (entry,) = entries_of(path)
    assert entry.ending == "changed"
    assert HistoryReader(path).load(entry.id).result.view.stats.count == entry.count

    # And the next start goes on where this one was cut off.
    assert run_piped(environment, *quiet, "--no-tui", "-niter", "6").returncode == 0
    assert [entry.ending for entry in entries_of(path)] == ["finished", "changed"]
    assert is_sound(path)


def test_the_screen_keeps_every_run_and_the_last_when_it_is_left(
    path: Path, start: Start, quiet: Quiet
) -> None:
    terminal = start(*quiet)
    terminal.wait_for_match(r"count +[1-9]")
    terminal.type("+")
    wait_for_runs(path, 1)
    terminal.wait_for_match(r"run 2")
    terminal.wait_for_match(r"count +[1-9]")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert [entry.ending for entry in entries_of(path)] == ["stopped", "changed"]
    assert "history" not in ended.main_screen


@pytest.fixture
def pair(
    environment: dict[str, str], path: Path, quiet: Quiet
) -> Iterator[list[subprocess.Popen[bytes]]]:
    pair = [
        subprocess.Popen(
            [*PROGRAM, *quiet, "--no-tui", "-niter", "20"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    yield pair
    for program in pair:
        program.kill()


def test_two_instances_at_once_both_keep_their_runs(
    path: Path, pair: list[subprocess.Popen[bytes]]
) -> None:
    for program in pair:
        _, reported = program.communicate(timeout=PATIENCE_S)
        assert program.returncode == 0
        assert b"history" not in reported
    assert len(entries_of(path)) == 2
