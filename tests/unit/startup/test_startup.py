"""Starts: what a process reports, medians and spreads, the table, the documents, the turns."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.cli.commands import startup as command
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError, RunFailedError
from ovbench_tui.export.startup_program import PHASES, startup_program
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.startup import starting
from ovbench_tui.startup.invocation import read_startup_invocation
from ovbench_tui.startup.report import startup_csv, startup_document, startup_text
from ovbench_tui.startup.series import TOTAL, Series, spread_of
from ovbench_tui.startup.start import Start, measure_start, start_of
from ovbench_tui.startup.starting import Starting
from tests.unit.reported import VIEW

_MIB = 2**20


def start(compile_s: float, *, is_cached: bool | None = False) -> Start:
    """0.1 s for a phase but compiling; a MiB more after each."""
    phases_s = dict.fromkeys(PHASES, 0.1) | {"compile": compile_s}
    resident = {phase: number * _MIB for number, phase in enumerate(PHASES, 1)}
    return Start(phases_s, resident, (0.7 + compile_s) / 0.98, is_cached)


COLD = Series("cold", tuple(start(0.3 + number / 100) for number in range(5)))
CACHED = Series("cached", tuple(start(0.1, is_cached=True) for _ in range(5)), cache_bytes=3 * _MIB)


def test_a_reply_becomes_phases_that_sum_to_the_time_until_the_last() -> None:
    reply = {
        "begin_s": 10.0,
        "marks": [["process", 10.02, 9 * _MIB], ["import", 10.32, None], ["core", 10.33, 47]],
        "is_cached": None,
    }
    found = start_of(reply, 0.35)
    assert found.phases_s == pytest.approx({"process": 0.02, "import": 0.3, "core": 0.01})
    assert found.total_s == pytest.approx(0.33)
    assert found.resident_bytes == {"process": 9 * _MIB, "core": 47}


def test_medians_and_quartiles() -> None:
    spread = COLD.seconds("compile")
    assert (spread.low, spread.median, spread.high) == pytest.approx((0.31, 0.32, 0.33))
    assert COLD.seconds(TOTAL).median == pytest.approx(1.02)
    assert COLD.resident_bytes("compile") == 5 * _MIB
    assert COLD.unaccounted == pytest.approx(0.02)
    assert spread_of([2.0]).high == 2.0
    assert math.isnan(spread_of([]).median)


def test_the_table_has_bars_and_says_what_the_cache_gains() -> None:
    lines = startup_text((COLD, CACHED), "net", "CPU").splitlines()
    assert lines[0] == "Start-up of net on CPU, 5 cold and 5 cached starts:"
    by_phase = {line.split("  ")[0]: line.split() for line in lines[3:12]}
    assert by_phase["compile"] == [
        *("compile", "320", "ms", "310", "to", "330", "100", "ms", "100", "to", "100", "5")
    ]
    bars = {line.split("  ")[0]: line.split() for line in lines[13:22]}
    assert bars["compile"] == ["compile", "█" * 20, "█" * 6]
    assert max(map(len, lines[:22])) <= 80
    assert by_phase["total"][:3] == ["total", "1020", "ms"]
    text = "\n".join(lines)
    sentence = "In pairs a cached start takes 0.78 of a cold one (95 % interval 0.77 to 0.80)."
    assert sentence in text
    few = [replace(one, starts=one.starts[:3]) for one in (COLD, CACHED)]
    assert "is not known yet: 3 of at least 4 pairs are measured." in startup_text(few, "n", "CPU")
    assert "5 of 5 cached starts took the model out of the cache, which holds 3.0 MiB." in text


def test_of_what_is_known_so_far_only_that_is_shown() -> None:
    text = startup_text((COLD, replace(CACHED, starts=())), "net", "CPU")
    assert "5 cold starts:" in text
    assert "cached" not in text
    assert startup_text((replace(COLD, starts=()),), "net", "CPU") == ""


def test_the_document_and_the_csv() -> None:
    document = json.loads(startup_document((COLD, CACHED), BenchmarkConfig(model="m"), exit_code=0))
    cold, cached = document["series"]
    assert cold["phases"][4] == {
        "name": "compile",
        "median_ms": pytest.approx(320),
        "low_ms": pytest.approx(310),
        "high_ms": pytest.approx(330),
        "resident_mib": 5.0,
    }
    assert (cached["hits"], cached["cache_bytes"]) == (5, 3 * _MIB)
    assert document["cached_ratio"]["value"] == pytest.approx(0.8 / 1.02, rel=1e-3)
    rows = list(csv.DictReader(io.StringIO(startup_csv((COLD, CACHED)))))
    assert len(rows) == 2 * 5 * len(PHASES)
    assert float(rows[4]["milliseconds"]) == pytest.approx(300)


# --- the process -------------------------------------------------------------------------------


def test_a_real_process_is_measured_from_its_start(tmp_path: Path) -> None:
    program = tmp_path / "start.py"
    program.write_text(
        "import json, sys, time\n"
        "begin_s, now_s = float(sys.argv[1]), time.perf_counter()\n"
        "marks = [['process', now_s, 5], ['import', now_s + 0.5, None]]\n"
        "print(json.dumps({'begin_s': begin_s, 'marks': marks, 'is_cached': True}))\n"
    )
    before_s = time.perf_counter()
    found = measure_start(program, 1)
    assert 0 < found.phases_s["process"] < found.wall_s <= time.perf_counter() - before_s
    assert found.phases_s["import"] == pytest.approx(0.5)
    assert found.is_cached is True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise SystemExit('no such device')", "no such device"),
        ("import os; os._exit(7)", "exit code 7"),
        ("", "exit code 0"),
    ],
)
def test_a_process_that_fails_is_reported(text: str, reason: str, tmp_path: Path) -> None:
    program = tmp_path / "start.py"
    program.write_text(text)
    with pytest.raises(RunFailedError, match=f"Start 3 failed: {reason}"):
        measure_start(program, 3)


def test_the_program_marks_every_phase_in_order() -> None:
    text = startup_program(replace(VIEW, config=BenchmarkConfig(model="m.xml")), 4096)
    compile(text, "start.py", "exec")
    places = [text.index(f'mark("{phase}")') for phase in PHASES]
    assert places == sorted(places)
    assert text.index("import openvino") < places[1] < text.index("ov.Core()") < places[2]
    assert places[3] < text.index("compile_model(") < places[4]


# --- turns -------------------------------------------------------------------------------------


class Measured:
    """Stands for `measure_start`; keeps what the cache of each start was, and what it held."""

    def __init__(self, cache: Path) -> None:
        self.cache = cache
        self.kinds: list[str] = []

    def __call__(self, program: Path, number: int) -> Start:
        text = program.read_text()
        is_cached = repr(str(self.cache)) in text
        self.kinds.append("cached" if is_cached else "cold")
        if "CACHE_DIR" in text and not is_cached:
            folder = program.parent / "empty"
            folder.mkdir()  # it is gone each time
        assert number == max(1, len(self.kinds) - 1)
        return start(0.1, is_cached=is_cached)


def test_cold_and_cached_take_turns_and_the_users_cache_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cache, folder = tmp_path / "mine", tmp_path / "temporary"
    cache.mkdir()
    folder.mkdir()
    (cache / "model.blob").write_bytes(b"12345")
    measured = Measured(cache)
    monkeypatch.setattr(starting, "measure_start", measured)
    run = replace(VIEW, config=BenchmarkConfig(model="m.xml", cache_dir=str(cache)))
    starts = Starting(run, folder, 2)
    while not starts.is_over:
        starts.measure()
    assert measured.kinds == ["cached", "cold", "cached", "cached", "cold"]  # the first fills it
    cold, cached = starts.series
    assert (len(cold.starts), len(cached.starts)) == (2, 2)
    assert (cached.hits, cached.cache_bytes, cached.remark) == (2, 5, "")
    assert (cache / "model.blob").read_bytes() == b"12345"


def test_without_a_cache_cold_starts_have_none_and_cached_ones_a_temporary_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    measured = Measured(tmp_path / "cache")
    monkeypatch.setattr(starting, "measure_start", measured)
    starts = Starting(replace(VIEW, config=BenchmarkConfig(model="m.xml")), tmp_path, 2)
    while not starts.is_over:
        starts.measure()
    assert measured.kinds == ["cached", "cold", "cached", "cached", "cold"]
    assert not (tmp_path / "empty").exists()


@pytest.mark.parametrize(
    ("is_cached", "can_cache", "files", "remark"),
    [
        (False, True, ["other.blob"], "The cache has files, but not this model's"),
        (False, True, [], "is not in the cache"),
        (False, False, [], "CPU exports no compiled models, so it has no use for a cache."),
        (None, None, [], "CPU does not say whether a model came out of the cache."),
    ],
)
def test_why_a_cached_start_was_none(
    is_cached: bool | None,
    can_cache: bool | None,
    files: list[str],
    remark: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    cache = tmp_path / "mine"
    cache.mkdir()
    for name in files:
        (cache / name).touch()
    found = replace(start(0.1, is_cached=is_cached), can_cache=can_cache)
    monkeypatch.setattr(starting, "measure_start", lambda *_: found)
    run = replace(VIEW, config=BenchmarkConfig(model="m.xml", cache_dir=str(cache)))
    starts = Starting(run, tmp_path, 2)
    while not starts.is_over:
        starts.measure()
    assert remark in starts.series[1].remark


# --- the command line --------------------------------------------------------------------------


def test_the_command_line() -> None:
    invocation = read_startup_invocation(["m.xml", "-cdir", "c", "--repeat", "3", "-b", "2"])
    assert (invocation.repeat, invocation.config.cache_dir, invocation.config.batch) == (3, "c", 2)
    assert read_startup_invocation(["m.xml"]).repeat == 10
    assert "startup" in COMMANDS


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "No MODEL is given"),
        (["m.xml", "-t", "5"], "startup takes no -t: a start ends with the second inference."),
        (["m.xml", "--p99-under", "5"], "startup takes no --p99-under"),
        (["m.xml", "--repeat", "1"], "--repeat 1: give 2 to 100"),
    ],
)
def test_what_is_asked_for_in_vain_is_refused(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_startup_invocation(words)


def test_it_is_this_interpreter_that_is_measured(tmp_path: Path) -> None:
    program = tmp_path / "start.py"
    program.write_text(
        "import json, sys\n"
        "marks = [[sys.executable, float(sys.argv[1]) + 1, None]]\n"
        "print(json.dumps({'begin_s': float(sys.argv[1]), 'marks': marks, 'is_cached': None}))\n"
    )
    assert set(measure_start(program, 1).phases_s) == {sys.executable}


@pytest.mark.parametrize(
    ("ending", "code", "reason"),
    [(KeyboardInterrupt(), 130, None), (RunFailedError("It failed."), 3, "It failed.")],
    ids=["Ctrl-C", "error"],
)
def test_what_is_known_is_printed_however_it_ends(
    ending: BaseException,
    code: int,
    reason: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    left = [start(0.1)] * 3  # that which fills the cache, and a pair

    def measure(_program: Path, _number: int) -> Start:
        if not left:
            raise ending
        return left.pop()

    monkeypatch.setattr(starting, "measure_start", measure)
    monkeypatch.setattr(command, "raise_on_end_signals", lambda: None)
    monkeypatch.setattr("ovbench_tui.cli.plain_run.plain_run", lambda *_: VIEW)
    monkeypatch.setattr("ovbench_tui.config.model_file.identify", lambda _: None)
    assert command.main(["m.xml", "--json"]) == code
    output = capfd.readouterr()
    document = json.loads(output.out)
    assert (document["exit_code"], document["error"]) == (code, reason)
    assert [len(one["starts"]) for one in document["series"]] == [1, 1]
    assert (reason or "") in output.err


def test_the_check_of_answers_is_no_part_of_a_start() -> None:
    with pytest.raises(BadInputError, match="startup takes no --check"):
        read_startup_invocation(["m.xml", "--check"])
