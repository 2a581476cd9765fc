"""What becomes of the entries of a suite, and what is written of it, on figures that are known."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from ovbench_tui.cli.repeats.repeat import limits_of, together
from ovbench_tui.compare.sources import ComparedRun, of_document
from ovbench_tui.errors import BadInputError
from ovbench_tui.suite.baseline import open_baseline
from ovbench_tui.suite.document import SuiteResult, schema_text, suite_json
from ovbench_tui.suite.exchange import (
    bencher_json,
    github_latencies_json,
    github_rates_json,
    junit_xml,
)
from ovbench_tui.suite.plan import SuiteEntry, SuitePlan
from ovbench_tui.suite.run import SuiteRun
from ovbench_tui.suite.text import suite_text
from ovbench_tui.suite.verdict import (
    EntryResult,
    Measured,
    Status,
    ending_of,
    judge_entry,
)
from tests.unit.compare.test_compare_command import result
from tests.unit.compare.test_compare_sources import document
from tests.unit.kept_runs import BEGAN, finished_run, write_runs

Document = dict[str, Any]


def measured(fps: float, code: int = 0, error: str = "") -> Measured:
    plain: Document = json.loads(document(result(fps)))
    plain["outcome"] |= {"exit_code": code, "error": error}
    return Measured(plain, 2.5)


def repeats(*rates: float) -> Measured:
    documents = [json.loads(document(result(fps))) for fps in rates]
    return Measured(together(documents, ("m.xml",), limits_of(documents)), 9.0)


def entry(name: str = "one", **fields: Any) -> SuiteEntry:
    return SuiteEntry(name, ("m.xml", "-t", "5"), **fields)


def baseline_of(fps: float) -> ComparedRun:
    found = measured(fps).document
    assert found is not None
    return of_document(found, "before")


@pytest.mark.parametrize(
    ("now", "fail_above", "status"),
    [
        (measured(1000), 0.05, Status.PASSED),
        (measured(1300), 0.05, Status.PASSED),
        (measured(800), 0.05, Status.REGRESSION),
        (measured(800), 0.40, Status.PASSED),
        (measured(800), 0.20, Status.UNDECIDED),
        (measured(1000, 4, "p99 under 1 ms: failed."), 0.05, Status.MISSED),
        (measured(1000, 5, "too few."), 0.05, Status.UNDECIDED),
        (measured(800, 4, "p99 under 1 ms: failed."), 0.05, Status.REGRESSION),
        (Measured(None, 0.1, "It crashed (SIGSEGV)."), 0.05, Status.FAILED),
    ],
)
def test_the_gravest_that_is_found_decides(
    now: Measured, fail_above: float, status: Status
) -> None:
    found = judge_entry(entry(fail_above=fail_above), now, baseline_of(1000))
    assert found.status is status
    assert bool(found.reason) == (status is not Status.PASSED)
    if now.document is not None and (error := now.document["outcome"]["error"]):
        assert error in found.reason


def test_another_figure_may_decide() -> None:
    # Its latencies are those of 2000 / FPS and some noise.
    found = judge_entry(entry(figure="p50_ms"), measured(800), baseline_of(1000))
    assert found.status is Status.REGRESSION
    assert found.reason.startswith("p50 +24.6 % against the baseline (95 % interval +2")


def test_an_entry_that_cannot_be_judged_is_undecided() -> None:
    other = measured(1000)
    assert other.document is not None
    other.document["runs"][0]["model"]["name"] = "another"
    found = judge_entry(entry(), other, baseline_of(1000))
    assert found.status is Status.UNDECIDED
    assert "not comparable" in found.reason


@pytest.mark.parametrize(
    ("statuses", "code", "word"),
    [
        ([Status.PASSED, Status.PASSED], 0, "finished"),
        ([Status.UNDECIDED, Status.PASSED], 5, "undecided"),
        ([Status.UNDECIDED, Status.MISSED], 4, "limit_missed"),
        ([Status.MISSED, Status.REGRESSION, Status.UNDECIDED], 1, "regression"),
        ([Status.REGRESSION, Status.FAILED, Status.MISSED], 3, "failed"),
    ],
)
def test_the_exit_code_tells_regressions_from_failures(
    statuses: list[Status], code: int, word: str
) -> None:
    results = [
        EntryResult(entry(str(number)), status, reasons=("why.",))
        for number, status in enumerate(statuses)
    ]
    suite = SuiteResult("bench.toml", results, ending_of(results))
    assert (suite.ending.exit_code, suite.status) == (code, word)
    assert ending_of(results, 130).status == "interrupted"


# -- what is written ------------------------------------------------------------------------


def whole() -> SuiteResult:
    results = [
        judge_entry(entry("fine"), repeats(1000, 1010, 990), None),
        judge_entry(entry("slow"), measured(800), baseline_of(1000)),
        judge_entry(entry("broken"), Measured(None, 0.25, "'<m>' was not found."), None),
        judge_entry(entry("late"), measured(900, 4, "p99 too long."), None),
        EntryResult(entry("left"), Status.NOT_RUN),
    ]
    return SuiteResult("bench.toml", results, ending_of(results), "base.json")


def test_the_document_is_as_its_schema_says() -> None:
    found = json.loads(suite_json(whole()))
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(found)
    broken = json.loads(suite_json(whole()))
    del broken["entries"][0]["measurement"]["runs"][0]["figures"]["p50_ms"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(broken)
    assert found["outcome"]["status"] == "failed"
    rows = {one["name"]: one for one in found["entries"]}
    fps = rows["fine"]["figures"]["fps"]
    assert (fps["runs"], fps["value"]) == (3, pytest.approx(1000, rel=1e-3))
    assert fps["spread"] == pytest.approx(0.01, rel=0.01)
    assert fps["low"] < 990 < 1010 < fps["high"]
    single = dict(rows["slow"]["figures"]["fps"])
    assert single.pop("value") == pytest.approx(800)
    assert single == {"runs": 1, "low": None, "high": None, "spread": None}
    assert rows["slow"]["comparison"]["limit"] == "failed"
    assert rows["broken"]["figures"] is rows["broken"]["measurement"] is None
    assert rows["left"]["status"] == "not_run"


def test_junit_has_a_test_for_each_run() -> None:
    root = ElementTree.fromstring(junit_xml(whole()))  # noqa: S314 - our own
    (tests,) = root
    totals = {name: tests.get(name) for name in ("tests", "failures", "errors", "skipped")}
    assert totals == {"tests": "5", "failures": "2", "errors": "1", "skipped": "1"}
    cases = {case.get("name"): case for case in tests}
    assert list(cases) == ["fine", "slow", "broken", "late", "left"]
    assert [child.tag for child in cases["fine"]] == ["system-out"]
    assert cases["slow"].find("failure").get("type") == "regression"  # type: ignore[union-attr]
    assert cases["late"].find("failure").get("type") == "limit_missed"  # type: ignore[union-attr]
    assert cases["broken"].find("error").get("message") == "'<m>' was not found."  # type: ignore[union-attr]
    assert cases["slow"].get("time") == "2.500"


def test_github_action_benchmark_has_rates_and_latencies() -> None:
    rates = {row["name"]: row for row in json.loads(github_rates_json(whole()))}
    assert set(rates) == {"fine", "slow", "late"}
    assert rates["slow"] == {"name": "slow", "unit": "FPS", "value": pytest.approx(800)}
    assert rates["fine"]["range"].startswith("± 10")
    assert rates["fine"]["extra"] == "standard deviation of 3 runs"
    rows = json.loads(github_latencies_json(whole()))
    assert [row["name"] for row in rows][:2] == ["fine p50", "fine p99"]
    assert {row["unit"] for row in rows} == {"ms"}
    assert rows[0]["value"] == pytest.approx(6.931234)


def test_bencher_has_operations_a_second_and_nanoseconds() -> None:
    found = json.loads(bencher_json(whole()))
    assert found["slow"] == {
        "throughput": {"value": pytest.approx(800)},
        "latency": {"value": pytest.approx(6_931_234)},
        "p99-latency": {"value": pytest.approx(8_250_000)},
    }
    throughput = found["fine"]["throughput"]
    assert throughput["lower_value"] < throughput["value"] < throughput["upper_value"]


def test_the_table_has_a_row_and_a_sentence() -> None:
    lines = suite_text(whole()).splitlines()
    assert lines[1].split()[:3] == ["fine", "999.97", "FPS"]
    assert lines[2].endswith("regression")
    assert "broken: '<m>' was not found." in lines
    assert lines[-1] == "bench.toml: 1 failed, 1 regression, 1 limit missed, 1 passed, 1 not run."


# -- the run and its baseline ---------------------------------------------------------------


def run_with(baseline: str, found: Mapping[str, Measured]) -> list[EntryResult]:
    plan = SuitePlan("bench.toml", tuple(entry(name) for name in found))
    run = SuiteRun(plan, open_baseline(baseline), lambda one: found[one.name])
    run.run()
    return run.results


def test_a_suite_is_compared_with_the_document_of_an_earlier_one(tmp_path: Path) -> None:
    path = tmp_path / "base.json"
    now = {"slow": measured(700), "fine": measured(1000), "new": measured(9), "broken": measured(5)}
    path.write_text(suite_json(whole()), encoding="utf-8")
    results = {one.entry.name: one for one in run_with(str(path), now)}
    assert [one.status for one in results.values()] == [Status.REGRESSION] + [Status.PASSED] * 3
    assert results["fine"].judgement is not None
    assert results["new"].reason == "Not compared: 'base.json' has no new."
    assert results["broken"].reason == "Not compared: broken failed in 'base.json'."


def test_a_baseline_may_stand_in_a_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.json").write_text(suite_json(whole()), encoding="utf-8")
    who = ("-c", "user.name=n", "-c", "user.email=n@localhost")
    for words in (("init", "-q", "-b", "main"), ("add", "."), (*who, "commit", "-q", "-m", "m")):
        subprocess.run(["git", *words], check=True)
    (tmp_path / "base.json").unlink()
    (found,) = run_with("git:main:base.json", {"slow": measured(700)})
    assert found.status is Status.REGRESSION
    for text in ("git:none:base.json", "git:main:none.json", "git:main", "git:--help:x"):
        with pytest.raises(BadInputError):
            open_baseline(text)


@pytest.mark.parametrize("text", ["none.json", "other.json"])
def test_what_is_no_baseline_is_one_sentence(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.json").write_text(document(), encoding="utf-8")
    with pytest.raises(BadInputError, match=text):
        open_baseline(text)


def test_the_history_has_the_last_runs_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = tmp_path / "history.db"
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(database))
    kept = []
    for number, (model, fps) in enumerate((("m.xml", 1000), ("m.xml", 1001), ("n.xml", 50))):
        run = finished_run(model, began=BEGAN + timedelta(minutes=number))
        view = run.result.view
        stats = replace(view.stats, fps_mean=float(fps))
        view = replace(view, stats=stats, model=replace(view.model, name="m"))
        kept.append(replace(run, result=replace(result(fps), view=view)))
    write_runs(database, *kept)
    (found,) = run_with("history", {"slow": measured(700)})
    assert found.judgement is not None
    assert [one["fps"] for one in found.judgement.a.repeats] == [1001.0, 1000.0]
    assert found.status is Status.REGRESSION
    other = measured(700)
    assert other.document is not None
    other.document["runs"][0]["requested"]["model"] = "never.xml"
    (found,) = run_with("history", {"slow": other})
    assert "the history has no earlier run" in found.reason


def test_an_interrupt_leaves_what_was_complete() -> None:
    plan = SuitePlan("bench.toml", (entry("one"), entry("two")))
    answers = iter([measured(10)])

    def measure(_: SuiteEntry) -> Measured:
        for answer in answers:
            return answer
        raise KeyboardInterrupt

    run = SuiteRun(plan, None, measure)
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert [one.status for one in run.results] == [Status.PASSED, Status.NOT_RUN]
