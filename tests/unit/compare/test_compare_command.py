"""`ovbench-tui compare`: what it prints, and when it fails."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from ovbench_tui.cli.main import main
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.stats.comparison.compare_text import regression, sentence
from ovbench_tui.stats.comparison.repeats import compare_repeats
from ovbench_tui.stats.run_stats import Comparison, RunSeries
from tests.unit.compare.test_compare_sources import BENCHMARK_APP_CSV, document
from tests.unit.kept_runs import BEGAN, finished_run, write_runs
from tests.unit.reported import RESULT

NAN = float("nan")


def result(fps: float, windows: int = 40, nireq: int = 2) -> RunResult:
    random = np.random.default_rng(int(fps))
    counts = tuple(int(value) for value in random.normal(fps / 4, fps / 200, windows).round())
    latency_ms = tuple(float(value) for value in random.normal(2000 / fps, 0.02, windows))
    view = replace(
        RESULT.view,
        stats=replace(RESULT.view.stats, fps_mean=fps),
        effective=replace(RESULT.view.effective, nireq=nireq),
    )
    series = RunSeries(0.25, counts, counts, latency_ms, latency_ms, latency_ms)
    return replace(RESULT, view=view, series=series)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., str]:
    def save_one(one: RunResult, name: str) -> str:
        path = tmp_path / name
        path.write_text(document(one), encoding="utf-8")
        return str(path)

    return save_one


Save = Callable[..., str]
Capture = pytest.CaptureFixture[str]


def test_a_real_slow_down(save: Save, capsys: Capture) -> None:
    a, b = save(result(1000), "a.json"), save(result(800, nireq=4), "b.json")
    assert main(["compare", a, b]) == 0
    out = capsys.readouterr().out
    assert "A: a.json" in out
    assert "Not alike: nireq 2 / 4." in out
    last = out.splitlines()[-1]
    assert last.startswith("B is 2")
    assert "% slower (95 % interval 1" in last
    assert "large (-1.00)" in out
    assert main(["compare", a, b, "--fail-above", "5%"]) == 1
    assert main(["compare", a, b, "--fail-above", "30"]) == 0
    assert main(["compare", b, a, "--fail-above", "5%"]) == 0  # faster is no regression
    for figure in ("p50", "p99"):
        assert main(["compare", a, b, "--figure", figure, "--fail-above", "5 %"]) == 1
        assert "higher" in capsys.readouterr().out.splitlines()[-1]


def collected(one: RunResult, collected_by: str, *, spins: bool = False) -> RunResult:
    effective = replace(one.view.effective, collected_by=collected_by, feeder_spins=spins)
    return replace(one, view=replace(one.view, effective=effective))


def test_runs_that_were_collected_unlike_get_no_verdict(save: Save, capsys: Capture) -> None:
    a = save(collected(result(1000), "callback"), "a.json")
    b = save(collected(result(620), "feeder", spins=True), "b.json")
    why = "A was collected by callback, B by a spinning feeder: not comparable"
    assert main(["compare", a, b]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3] == f"{why}. Measure both with the same --feeder."  # before any figure
    assert lines[-1] == f"No verdict: {why}."
    assert main(["compare", a, b, "--fail-above", "5%"]) == 2
    assert why in capsys.readouterr().err
    assert main(["compare", a, b, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["sentence"] == f"No verdict: {why}."
    assert {one["is_real"] for one in document["figures"]} == {False}
    waiting = save(collected(result(620), "feeder"), "waiting.json")
    assert main(["compare", waiting, b, "--fail-above", "5%"]) == 2
    assert "A was collected by the feeder, B by a spinning feeder" in capsys.readouterr().err
    same = save(collected(result(1000), "feeder", spins=True), "same.json")
    assert main(["compare", same, b, "--fail-above", "5%"]) == 1


def test_noise_is_never_a_regression(save: Save, capsys: Capture) -> None:
    a = save(result(1000), "a.json")
    noisy = result(1000)
    values = np.repeat([150, 350, 200, 230], 10)
    counts = tuple(int(value) for value in values)
    b = save(replace(noisy, series=replace(noisy.series, counts=counts, frames=counts)), "b.json")
    assert main(["compare", a, b, "--fail-above", "0"]) == 5  # undecided: no pass either
    assert "10 s are too short for how slowly a run varies" in capsys.readouterr().out
    shuffled = tuple(np.random.default_rng(1).permutation(counts).tolist())
    c = save(replace(noisy, series=replace(noisy.series, frames=shuffled)), "c.json")
    assert main(["compare", a, c, "--fail-above", "0"]) == 5
    caught = capsys.readouterr()
    assert "Undecided: noise ±" in caught.out
    assert "--fail-above 0: undecided, because the interval of FPS" in caught.err
    assert "Measure longer, as with -t 60" in caught.err
    assert main(["compare", a, c, "--fail-above", "90%"]) == 0  # the whole interval is below


def test_a_report_without_series_cannot_be_judged(
    save: Save, tmp_path: Path, capsys: Capture
) -> None:
    a = save(result(1000), "a.json")
    b = tmp_path / "benchmark_report.csv"
    b.write_text(BENCHMARK_APP_CSV)
    assert main(["compare", a, str(b)]) == 0
    out = capsys.readouterr().out
    assert "no interval, because benchmark_app's report has no series" in out
    assert "B is 76.0 % slower" in out
    assert main(["compare", a, str(b), "--fail-above", "5%"]) == 2
    caught = capsys.readouterr()
    assert "cannot be judged" in caught.err
    assert "76.0 % slower" in caught.out


def test_runs_too_short_cannot_be_judged(save: Save, capsys: Capture) -> None:
    a, b = save(result(1000), "a.json"), save(result(500, windows=4), "b.json")
    assert main(["compare", a, b, "--fail-above", "5"]) == 2
    assert "4 windows are too few, measure 2 s or longer" in capsys.readouterr().err


def test_runs_that_vary_too_slowly_cannot_be_judged(save: Save, capsys: Capture) -> None:
    """One slow wave over the whole run: its windows say nothing of the next run."""
    wave = tuple(round(250 + 60 * math.sin(place / 40 * 2 * math.pi)) for place in range(40))
    one = result(1000)
    slow = replace(one, series=replace(one.series, counts=wave, frames=wave))
    a, b = save(slow, "a.json"), save(slow, "b.json")
    assert main(["compare", a, b]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("Undecided: ")
    assert main(["compare", a, b, "--fail-above", "5%"]) == 5
    assert "--fail-above 5%: undecided, because 10 s are too short" in capsys.readouterr().err


def repeats(save: Save, speeds: Sequence[float], name: str) -> str:
    """A document as --repeat writes it."""
    path = Path(save(result(speeds[0]), name))
    written = json.loads(path.read_text(encoding="utf-8"))
    runs = [json.loads(document(result(fps)))["runs"][0] for fps in speeds]
    written["runs"] = [{**run, "run_id": number} for number, run in enumerate(runs, 1)]
    written["repeat"] = {"fps_mean": {"runs": len(runs)}}
    path.write_text(json.dumps(written), encoding="utf-8")
    return str(path)


def test_repeats_are_compared_by_what_runs_differ_by(save: Save, capsys: Capture) -> None:
    a = repeats(save, (1000, 1040, 970, 1020), "a.json")
    b = repeats(save, (960, 1010, 980, 1000), "b.json")
    assert main(["compare", a, b, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    fps = found["figures"][0]
    expected = compare_repeats("fps", (1000, 1040, 970, 1020), (960, 1010, 980, 1000))
    assert (fps["ratio"], fps["low"], fps["high"]) == pytest.approx(
        (expected.ratio, expected.low, expected.high)
    )
    assert (fps["runs"], fps["verdict"]) == (4, "undecided")
    assert [run["fps"] for run in found["a"]["repeats"]] == [1000, 1040, 970, 1020]
    assert main(["compare", a, b]) == 0
    assert "Measured in 4 and 4 independent runs" in capsys.readouterr().out
    assert main(["compare", f"{a}#1", f"{b}#1"]) == 0  # a single run of each
    assert "One run of each does not show what runs differ by" in capsys.readouterr().out


def test_equal_is_what_lies_wholly_within_the_margin(save: Save, capsys: Capture) -> None:
    a = repeats(save, (1000, 1004, 997, 1002), "a.json")
    b = repeats(save, (1001, 996, 1003, 999), "b.json")
    assert main(["compare", a, b, "--equivalent", "2%"]) == 0
    assert "B equals A in FPS within ±2 %" in capsys.readouterr().out
    assert main(["compare", a, b, "--equivalent", "0.1%"]) == 1
    assert "Undecided" in capsys.readouterr().out
    c = repeats(save, (990, 994, 987, 992), "c.json")  # surely slower, and by less than 2 %
    assert main(["compare", a, c, "--equivalent", "2%", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["is_equivalent"] is True
    assert (found["figures"][0]["verdict"], found["margin"]) == ("equal", 0.02)
    assert main(["compare", a, c, "--equivalent", "1%"]) == 1
    assert "% slower" in capsys.readouterr().out
    assert main(["compare", a, c, "--margin", "0.3%"]) == 0
    assert "% slower" in capsys.readouterr().out
    assert main(["compare", a, c]) == 0
    assert "B equals A in FPS within ±3 %" in capsys.readouterr().out


def test_without_an_interval_nothing_is_shown_to_be_equal(save: Save, capsys: Capture) -> None:
    a = save(result(1000, windows=4), "a.json")
    assert main(["compare", a, a, "--equivalent", "50%"]) == 1
    assert "Undecided" in capsys.readouterr().out


def test_what_cannot_be_measured_again_is_refused(
    save: Save, tmp_path: Path, capsys: Capture
) -> None:
    b = tmp_path / "benchmark_report.csv"
    b.write_text(BENCHMARK_APP_CSV)
    assert main(["compare", save(result(1000), "a.json"), str(b), "--repeat", "3"]) == 2
    assert "does not say how it was measured" in capsys.readouterr().err


def test_json(save: Save, capsys: Capture) -> None:
    a, b = save(result(1000), "a.json"), save(result(800, nireq=4), "b.json")
    assert main(["compare", a, b, "--json", "--fail-above", "5", "--confidence", "99"]) == 1
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.count("\n") == 1
    found = json.loads(out)
    assert found["schema"] == "ovbench-tui-compare/1"
    assert found["has_failed"] is True
    assert found["differences"] == [{"name": "nireq", "a": "2", "b": "4"}]
    fps = found["figures"][0]
    assert fps["confidence"] == 0.99
    assert fps["low"] < fps["ratio"] < fps["high"] < 1
    assert fps["is_real"] is True
    assert [one["figure"] for one in found["figures"]] == ["fps", "p50_ms", "p99_ms"]


@pytest.mark.parametrize(
    ("words", "reported"),
    [
        ((), "required"),
        (("a.json",), "required"),
        (("a.json", "no.json"), "A: "),
        (("{a}", "no.json"), "B: 'no.json' was not found"),
        (("{a}", "{a}", "--fail-above", "much"), "--fail-above 'much'"),
        (("{a}", "{a}", "--fail-above", "-1"), "--fail-above"),
        (("{a}", "{a}", "--fail-above", "nan"), "--fail-above 'nan'"),
        (("{a}", "{a}", "--confidence", "100"), "from 50 to 99.9"),
        (("{a}", "{a}", "--figure", "p75"), "p75"),
        (("{a}", "{a}", "--equivalent", "0"), "--equivalent '0'"),
        (("{a}", "{a}", "--margin", "0"), "--margin '0'"),
        (("{a}", "{a}", "--margin", "100%"), "--margin '100%'"),
        (("{a}", "{a}", "--equivalent", "2%", "--fail-above", "5"), "two questions"),
        (("{a}", "{a}", "--repeat", "1"), "--repeat 1: give 2 to 100"),
        (("{a}", "7-3"), "'7-3' is not a range"),
        (("{a}", "998,999"), "no run 998"),
        (("{a}", "999"), "no run 999"),
    ],
)
def test_bad_input(
    save: Save, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture,
    words: tuple[str, ...], reported: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(tmp_path / "none.db"))
    monkeypatch.chdir(tmp_path)
    path = save(result(1000), "good.json")
    assert main(["compare", *(word.format(a=path) for word in words)]) == 2
    caught = capsys.readouterr()
    assert reported in caught.err
    assert caught.err.count("\n") == 1
    assert caught.out == ""


def test_runs_of_the_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    database = tmp_path / "history.db"
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(database))
    plain = finished_run()
    runs = [replace(plain, result=result(fps)) for fps in (1000.0, 800.0)]
    write_runs(database, *runs)
    assert main(["compare", "1", "2", "--fail-above", "5%"]) == 1
    out = capsys.readouterr().out
    assert "A: run 1 of the history, 2026-03-01 12:00 UTC" in out
    assert "Not alike" not in out
    assert main(["compare", "1", "1,2"]) == 0
    assert "B: 2 runs of the history, 1 to 2" in capsys.readouterr().out


def test_only_runs_of_one_configuration_are_repeats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    database = tmp_path / "history.db"
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(database))
    plain = finished_run()
    write_runs(database, *(replace(plain, result=result(900.0, nireq=n)) for n in (2, 2, 4)))
    assert main(["compare", "1", "1-3"]) == 2
    assert "not repeats of each other: nireq 2 / 4" in capsys.readouterr().err


def test_the_history_tells_what_runs_differ_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """A machine whose runs differ by a fifth: 20 % less of one run means nothing."""
    database = tmp_path / "history.db"
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(database))
    speeds = (1000.0, 1200.0, 950.0, 1250.0, 1000.0, 1240.0, 980.0, 790.0)
    runs = [
        replace(finished_run(began=BEGAN + timedelta(minutes=number)), result=result(fps))
        for number, fps in enumerate(speeds)
    ]
    write_runs(database, *runs)
    assert main(["compare", "1", "8", "--fail-above", "5%"]) == 5
    out = capsys.readouterr().out
    assert "Runs like A in the history differ by" in out
    assert "Undecided: noise ±" in out
    other = [replace(run, result=result(500.0, nireq=9)) for run in runs[:1]]
    write_runs(tmp_path / "few.db", runs[0], runs[-1], *other)
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(tmp_path / "few.db"))
    assert main(["compare", "1", "2", "--fail-above", "5%"]) == 1


@pytest.mark.parametrize(
    ("comparison", "reported"),
    [
        (
            Comparison("fps", 0.969, 0.95, 0.988, 0.95, 40),
            "B is 3.1 % slower (95 % interval 1.2 to 5.0 %).",
        ),
        (
            Comparison("p99_ms", 1.5, 1.25, 1.75, 0.99, 40),
            "B's p99 is 50.0 % higher (99 % interval 25.0 to 75.0 %).",
        ),
        (
            Comparison("fps", 1.01, 0.98, 1.04, 0.95, 40),
            "Undecided: noise ±3.0 % (B is 1.0 % faster, 95 % interval -2.0 to +4.0 %).",
        ),
        (
            Comparison("fps", 1.01, 0.98, 1.04, 0.95, 40, seconds=10.0),
            "Undecided: noise ±3.0 %, about 13 s more of each needed (B is 1.0 % faster,"
            " 95 % interval -2.0 to +4.0 %).",
        ),
        (
            Comparison("fps", 1.01, 0.97, 1.05, 0.95, 0, runs=3),
            "Undecided: noise ±4.0 %, about 9 more runs of each needed (B is 1.0 % faster,"
            " 95 % interval -3.0 to +5.0 %).",
        ),
        (
            Comparison("p50_ms", 1.003, 0.991, 1.012, 0.95, 40),
            "B equals A in p50 within ±3 %: +0.3 % (95 % interval -0.9 to +1.2 %).",
        ),
        (
            Comparison("p50_ms", 0.9, NAN, NAN, 0.95, 3, reason="it is short"),
            "Undecided: B's p50 is 10.0 % lower, but there is no interval, because it is short.",
        ),
        (
            Comparison("fps", NAN, NAN, NAN, 0.95, 0, reason="nothing ran"),
            "Nothing can be said about FPS: nothing ran.",
        ),
    ],
)
def test_sentences(comparison: Comparison, reported: str) -> None:
    assert sentence(comparison) == reported


def test_what_is_worse() -> None:
    fps, p50 = (Comparison(name, 0.9, 0.8, 0.95, 0.95, 40) for name in ("fps", "p50_ms"))
    assert regression(fps) == pytest.approx((0.05, 0.2))
    assert regression(p50) == pytest.approx((-0.2, -0.05))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"model": {"name": "another"}}, "B ran another: not comparable"),
        (
            {"effective": {"data_shape": [{"input": "x", "shape": [1, 3, 9, 9]}]}},
            "B of [1,3,9,9]: not comparable",
        ),
    ],
)
def test_other_work_is_said_first_and_not_judged(
    save: Save, capsys: Capture, changes: dict[str, dict[str, object]], reason: str
) -> None:
    a, b = save(result(1000), "a.json"), save(result(500), "b.json")
    written = json.loads(Path(b).read_text(encoding="utf-8"))
    run = written["runs"][-1]
    for part, fields in changes.items():
        run[part] = {**run[part], "shape_groups": [], **fields}
    Path(b).write_text(json.dumps(written), encoding="utf-8")
    assert main(["compare", a, b]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].startswith("A ran ")
    assert reason in lines[3]
    assert lines[-1].startswith("No verdict: A ran ")
    assert main(["compare", a, b, "--fail-above", "5%"]) == 2
    assert main(["compare", a, b, "--equivalent", "90%"]) == 1
