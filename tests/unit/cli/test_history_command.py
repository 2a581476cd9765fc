"""`ovbench-tui history`: its options, its table, and names that want to harm the terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ovbench_tui.cli.commands.history import main, parse_since
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.run_sink import FinishedRun
from ovbench_tui.errors import BadInputError
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.reader import HistoryEntry, HistoryReader
from ovbench_tui.history.table import format_table
from ovbench_tui.history.text import format_run
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError
from ovbench_tui.stats.run_stats import RunSeries
from tests.unit.kept_runs import BEGAN, SERIES, finished_run, write_runs
from tests.unit.reported import ROTATING, VIEW

NOW = datetime(2026, 6, 15, 12, 0, tzinfo=timezone.utc)


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table fits the terminal, which the tests may have or not."""
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "history.db"
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(path))
    return path


@pytest.fixture
def entry(tmp_path: Path) -> HistoryEntry:
    path = tmp_path / "one.db"
    write_runs(path, finished_run("mobilenet-v2.xml"))
    return HistoryReader(path).list()[0]


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        (" 7d ", timedelta(days=7)),
        ("4w", timedelta(weeks=4)),
        ("2026-06-14T12:00:00+00:00", timedelta(days=1)),
        ("2026-06-15 13:30:00+02:00", timedelta(minutes=30)),
    ],
)
def test_since_takes_an_age_or_a_time(text: str, ago: timedelta) -> None:
    assert parse_since(text, NOW) == NOW - ago


def test_a_date_is_local() -> None:
    assert parse_since("2026-06-01", NOW) == datetime(2026, 6, 1).astimezone()


@pytest.mark.parametrize("text", ["", "7", "7y", "d", "-3d", "999999w", "yesterday", "2026-13-01"])
def test_since_says_what_it_takes(text: str) -> None:
    with pytest.raises(BadInputError, match="give an age"):
        parse_since(text, NOW)


@given(st.text(max_size=20))
def test_since_never_fails_otherwise(text: str) -> None:
    with suppress(BadInputError):
        assert parse_since(text, NOW).tzinfo is not None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--limit", "-1"], "--limit -1"),
        (["--limit", "x"], "invalid int value"),
        (["show"], "required: ID"),
        (["show", "x"], "'x' is not the number of a run"),
        (["show", "9" * 30], "is not the number of a run"),
        (["delete"], "required: ID"),
        (["--machine", "that"], "invalid choice"),
        (["lst"], "history has no 'lst'; did you mean list"),
        (["--limt", "3"], "Option --limt is unknown: did you mean --limit. See ovbench-tui hi"),
        (["path", "x"], "'x' is one argument too many"),
    ],
)
def test_a_bad_command_line_is_one_sentence(words: list[str], sentence: str, path: Path) -> None:
    with pytest.raises(BadInputError, match=sentence):
        main(words)


def _trial(nireq: int, fps: float, search: str) -> FinishedRun:
    run = finished_run("m.xml", began=BEGAN + timedelta(minutes=nireq))
    view = run.result.view
    view = replace(
        view,
        config=replace(view.config, nireq=nireq),
        stats=replace(view.stats, fps_mean=fps),
        effective=replace(view.effective, nireq=nireq),
        search=search,
    )
    return replace(run, result=replace(run.result, view=view))


def test_a_search_is_one_line_with_the_figures_of_its_best(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_runs(
        path,
        finished_run("before.xml"),
        *(_trial(n, 100.0 * n if n < 3 else 50.0, "tune 0a") for n in (1, 2, 3)),
        _trial(2, 210.0, "tune 0a"),  # measured again in the finals
        _trial(4, 90.0, ""),
    )
    assert main(["--limit", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert lines[1].split()[0] == "6"
    search = lines[2].split()
    assert search[0] == "5"
    assert "tune (3 trials) m.xml" in lines[2]
    assert "210" in search
    newest = (BEGAN + timedelta(minutes=3)).astimezone()
    assert f"{newest:%Y-%m-%d %H:%M}" in lines[2]
    main(["--trials"])
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == [
        *("6", "4", "5", "3", "2", "1")
    ]
    main(["--limit", "0"])
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_the_trials_of_a_long_search_are_all_counted(
    path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_runs(path, *(_trial(n, 100.0, "sweep 0a") for n in range(1, 41)))
    main(["--limit", "1"])
    assert "sweep (40 points) m.xml" in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "80")
    main(["--limit", "1"])
    assert "sweep (40" in capsys.readouterr().out


@pytest.mark.parametrize("width", [30, 60, 72, 80, 100, 120, 200])
def test_the_table_fits(entry: HistoryEntry, width: int) -> None:
    entries = [
        replace(entry, id=12345, model_name="a-very-long-name-of-a-model" * 2, device="AUTO:CPU"),
        replace(entry, model_name="モデル" * 8, streams="", verdict="warming up"),
        entry,
    ]
    lines = format_table(entries, width).splitlines()
    assert len(lines) == 4
    assert max(map(cell_len, lines)) <= width
    assert "FPS" in lines[0]
    assert "282" in lines[3]
    if width >= 80:
        assert "p99" in lines[0]
        assert "8.25 ms" in lines[3]
        assert "mobilenet-" in lines[3]


def test_a_wide_table_leaves_nothing_out(entry: HistoryEntry) -> None:
    title, line = format_table([entry], 200).splitlines()
    names = "id when model device hint nireq streams FPS p50 p99 stability"
    assert title.split() == names.split()
    began = f"{BEGAN.astimezone():%Y-%m-%d %H:%M}"
    assert line.split() == (
        f"1 {began} mobilenet-v2.xml CPU throughput 2 2 282 6.93 ms 8.25 ms steady".split()
    )


EVIL = "\x1b]0;evil\x07[red]m\n\r\x9b2J\u202e.xml"


def test_no_name_reaches_the_terminal_as_a_command(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = finished_run(EVIL)
    view = run.result.view
    view = replace(
        view,
        change=EVIL,
        model=replace(view.model, format=EVIL),
        effective=replace(
            view.effective, device=EVIL, streams=EVIL, properties=((EVIL, EVIL), ("A", "1"))
        ),
        stability=replace(view.stability, causes=(EVIL,)),
    )
    write_runs(path, replace(run, result=replace(run.result, view=view), openvino_version=EVIL))
    assert main([]) == 0
    assert main(["show", "1"]) == 0
    output = capsys.readouterr().out
    assert "[red]m" in output  # as it is: no markup either
    harmful = [letter for letter in output if not letter.isprintable() and letter != "\n"]
    assert harmful == []
    assert len(output.splitlines()) < 50

    assert main(["--json"]) == 0
    assert main(["show", "1", "--json"]) == 0
    listed, shown = capsys.readouterr().out.splitlines()
    assert listed.isascii()
    assert json.loads(listed)["runs"][0]["model_name"] == Path(EVIL).name
    assert json.loads(shown)["runs"][0]["change"] == EVIL


def test_what_is_damaged_is_a_sentence_and_an_exit_code(path: Path) -> None:
    path.write_text("no database" * 999)
    with pytest.raises(HistoryError, match="is damaged"):
        main([])


def test_everything_is_told_of_a_run(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    run = finished_run("m.xml")
    write_runs(path, run, replace(run, result=replace(run.result, series=RunSeries())))
    text = format_run(HistoryReader(path).load(1))
    for words in (
        "1, ended by itself",
        "Some processor",
        "2026.4.1",
        "in a thread",
        "not known yet",
        "Throughput:      281.50 FPS",
        "3 windows of 0.25 s with 0.000 to 568 FPS, p99 8.50 ms to 8.75 ms",
        "ours 51 %, others 45 % (most: python3, pid 812, 45 %)",
        "    NUM_STREAMS = 2",
    ):
        assert words in text
    assert "too short for a window" in format_run(HistoryReader(path).load(2))


def test_help_and_bad_words_need_no_openvino_nor_a_database() -> None:
    check = (
        "import sys; from ovbench_tui.cli.main import main\n"
        "for words in (['history', '-h'], ['history', 'show', '-h']):\n"
        "    try: main(words)\n"
        "    except SystemExit: pass\n"
        "assert main(['history', '--limit', 'x']) == 2\n"
        "assert not {'openvino', 'numpy', 'textual', 'sqlite3'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "history show ID" in done.stdout
    assert "history" in COMMANDS


# -- plain data, there and back -------------------------------------------------------------


@pytest.mark.parametrize("view", [VIEW, ROTATING.view], ids=["plain", "rotating"])
def test_a_run_is_the_same_after_json(view: RunView) -> None:
    # As text, for NaN is in it, which from Python 3.13 on makes a data class differ from itself.
    assert repr(RUN_DATA.to(RunView, json.loads(json.dumps(RUN_DATA.of(view))))) == repr(view)


def test_a_shown_run_was_created_when_it_ran(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_runs(path, finished_run())
    assert main(["show", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["created"] == BEGAN.isoformat(timespec="seconds")


def test_a_configuration_is_the_same_after_json() -> None:
    config = BenchmarkConfig(
        model="m.xml",
        data_shape=(("a", (1, "1..9:zipf")), ("a", (3, 4))),
        shape=(("a", ("1", "1..8")),),
        layout=(("", "NCHW"),),
        sources=(("", ("x.png", "y.png")),),
        port_precisions=(("a", "u8"),),
        mean_values=(("", (1.0, 2.5, 3.0)),),
        device_properties=(("CPU", (("NUM_STREAMS", "3"), ("PERF_COUNT", "YES"))),),
        duration_s=2.5,
        inference_only=False,
        percentiles=(75.0, 99.99),
    )
    assert RUN_DATA.to(BenchmarkConfig, json.loads(json.dumps(RUN_DATA.of(config)))) == config


def test_what_other_versions_know_is_left_out_or_has_its_default() -> None:
    plain = RUN_DATA.of(BenchmarkConfig(model="m.xml", nireq=3))
    assert isinstance(plain, dict)
    del plain["seed"]
    assert RUN_DATA.to(BenchmarkConfig, plain | {"new": {"x": [1]}}).nireq == 3
    series = RUN_DATA.to(RunSeries, RUN_DATA.of(SERIES))
    assert repr(series) == repr(SERIES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*RUN_DATA.of(BenchmarkConfig())]), JSON), JSON)
def test_anything_else_is_refused(members: dict[str, object], other: object) -> None:
    for plain in (members, other):
        with suppress(NotThisDataError, BadInputError):
            assert isinstance(RUN_DATA.to(BenchmarkConfig, plain), BenchmarkConfig)


def test_a_number_that_no_float_can_hold_is_refused() -> None:
    with pytest.raises(NotThisDataError, match=r"BenchmarkConfig\.duration_s"):
        RUN_DATA.to(BenchmarkConfig, {"duration_s": 10**400})
