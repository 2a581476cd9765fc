"""What a session leaves behind: one kind of data on stdout, the rest on stderr."""

from __future__ import annotations

import io
import json
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ovbench_tui.cli.headless import collect_profile, run_headless, with_default_duration
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.api.events import ConfigRejected, ShapeNeeded
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.engine.api.snapshot import Notice, Snapshot
from ovbench_tui.errors import BadInputError, RunFailedError
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.outcome import print_outcome
from tests.unit.cli.test_progress import RUNNING
from tests.unit.reported import COMPILED, RESULT, ROTATING


class FakeSession:
    """A session that has measured these runs and finishes at once."""

    def __init__(self, *results: RunResult, profile_after: int = 2) -> None:
        self.results = results
        self.rejection: ConfigRejected | ShapeNeeded | None = None
        self.failure = ""
        self.notices: tuple[Notice, ...] = ()
        self.profiles: list[str] = []
        self.profile_pending = False
        self._profile_after = profile_after

    def start(self) -> None:
        pass

    def take_profile(self, graph_path: str = "") -> None:
        self.profiles.append(graph_path)
        self.profile_pending = True

    def snapshot(self, columns: int) -> Snapshot:
        if self.profile_pending:
            self._profile_after -= 1
            self.profile_pending = self._profile_after > 0
        run = self.results[-1].view if self.results else None
        return replace(RUNNING, run=run, finished=True, notices=self.notices)


def test_the_summary_is_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert print_outcome(FakeSession(RESULT), ReportOptions(), Ending()) == 0
    out, err = capsys.readouterr()
    assert out.startswith("Model:           m (IR)\n")
    assert err == ""


def test_layers_groups_and_summary_in_benchmark_apps_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ReportOptions(perf_counts=True, pcseq=True)
    print_outcome(FakeSession(ROTATING), options, Ending())
    out = capsys.readouterr().out
    places = [out.index(text) for text in ("Performance counts", "Model:", "Latency for each")]
    assert places == sorted(places)
    print_outcome(FakeSession(RESULT), ReportOptions(pcsort="sort"), Ending())
    assert "Performance counts sorted" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("devices", "covered"),
    [
        ("CPU", "means over all inferences, first and warm-up included"),
        ("(CPU), CPU", "means over all inferences, first and warm-up included"),
        ("GPU.0", "the last inference of each infer request"),
        ("GPU.0, CPU", "the last inference of each infer request"),
    ],
)
def test_layer_times_say_which_inferences_they_are_of(
    capsys: pytest.CaptureFixture[str], devices: str, covered: str
) -> None:
    effective = replace(RESULT.view.effective, execution_devices=devices)
    result = replace(RESULT, view=replace(RESULT.view, effective=effective))
    print_outcome(FakeSession(result), ReportOptions(perf_counts=True), Ending())
    assert capsys.readouterr().out.startswith(f"Layer times are {covered}.\n")
    print_outcome(FakeSession(result), ReportOptions(json_stdout=True), Ending())
    assert json.loads(capsys.readouterr().out)["runs"][0]["profile"]["covers"] == covered


def test_json_is_the_only_data(capsys: pytest.CaptureFixture[str]) -> None:
    options = ReportOptions(json_stdout=True, perf_counts=True, pcseq=True)
    assert print_outcome(FakeSession(ROTATING), options, Ending(130)) == 130
    document = json.loads(capsys.readouterr().out)
    assert document["outcome"]["status"] == "interrupted"
    assert len(document["runs"]) == 1


def test_reports_are_told_on_stderr(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    options = ReportOptions(report_type="no_counters", report_folder=str(tmp_path))
    assert print_outcome(FakeSession(RESULT), options, Ending()) == 0
    out, err = capsys.readouterr()
    assert "benchmark_report" not in out
    assert err == f"ovbench-tui: A report is in '{tmp_path / 'benchmark_report.csv'}'.\n"


def test_a_report_that_is_not_written_makes_it_fail(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    options = ReportOptions(
        report_type="no_counters", report_folder=str(tmp_path / "none"), json_stdout=True
    )
    assert print_outcome(FakeSession(RESULT), options, Ending()) == 1
    assert print_outcome(FakeSession(RESULT), options, Ending(3, "It died.")) == 3
    out, err = capsys.readouterr()
    first, second = (json.loads(line)["outcome"] for line in out.splitlines())
    assert (first["exit_code"], second["exit_code"], second["error"]) == (1, 3, "It died.")
    assert "was not written" in first["error"]
    assert f"ovbench-tui: {first['error']}\n" in err


def test_what_was_not_written_before_makes_it_fail_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ReportOptions(json_stdout=True)
    reason = "-dump_config 'd.json' was not written: No space left on device."
    assert print_outcome(FakeSession(RESULT), options, Ending(), reason=reason) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["outcome"] == {"status": "error", "exit_code": 1, "error": reason}
    assert err == ""  # it was told when it happened
    assert print_outcome(FakeSession(RESULT), options, Ending(130), reason=reason) == 130


def test_a_reader_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", Gone())
    assert print_outcome(FakeSession(RESULT), ReportOptions(), Ending()) == 1
    assert print_outcome(FakeSession(RESULT), ReportOptions(), Ending(130)) == 130


def test_compile_only_says_what_was_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(FakeSession(COMPILED), ReportOptions(), Ending())
    out = capsys.readouterr().out
    assert "Read, compile:   12.50 ms, 250.12 ms" in out
    assert "Peak memory:     128 MiB" in out
    assert "-niter 0" in out
    assert "FPS" not in out


def test_nothing_measured_is_said_unless_an_error_was(capsys: pytest.CaptureFixture[str]) -> None:
    print_outcome(FakeSession(), ReportOptions(), Ending(130))
    assert capsys.readouterr().out == "Nothing was measured.\n"
    print_outcome(FakeSession(), ReportOptions(), Ending(2, "No such device."))
    assert capsys.readouterr().out == ""


def test_a_profile_is_taken_only_where_it_is_needed() -> None:
    for options, profiles in [
        (ReportOptions(), []),
        (ReportOptions(report_type="no_counters"), []),
        (ReportOptions(report_type="detailed_counters"), [""]),
        (ReportOptions(exec_graph_path="g.xml"), ["g.xml"]),
    ]:
        session = FakeSession(RESULT)
        run_headless(session, options)
        assert session.profiles == profiles
        assert not session.profile_pending
    session = FakeSession(COMPILED)
    run_headless(session, ReportOptions(perf_counts=True))
    assert session.profiles == []


def test_an_engine_that_dies_over_the_profile() -> None:
    session = FakeSession(RESULT)
    session.failure = "The engine died."
    with pytest.raises(RunFailedError, match="died"):
        collect_profile(session, ReportOptions(perf_counts=True))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_waits_for_the_fold_to_end(number: signal.Signals) -> None:
    folds: list[str] = []

    class Interrupted(FakeSession):
        def snapshot(self, columns: int) -> Snapshot:
            folds.append("begun")
            signal.raise_signal(number)
            folds.append("ended")
            return replace(super().snapshot(columns), finished=False)

    def end(number: int, frame: object) -> None:
        raise KeyboardInterrupt(128 + number)

    before = signal.signal(number, end)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            run_headless(Interrupted())
        assert signal.getsignal(number) is end
    finally:
        signal.signal(number, before)
    assert folds == ["begun", "ended"]
    assert caught.value.args == (128 + number,)


def test_a_second_interrupt_is_obeyed_at_once() -> None:
    class Stuck(FakeSession):
        def snapshot(self, columns: int) -> Snapshot:
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            raise AssertionError("it was not interrupted")

    with pytest.raises(KeyboardInterrupt):
        run_headless(Stuck())


@pytest.mark.parametrize(("bad_input", "kind"), [(True, BadInputError), (False, RunFailedError)])
def test_a_rejection_is_an_error(bad_input: bool, kind: type[Exception]) -> None:
    session = FakeSession()
    session.rejection = ConfigRejected(BenchmarkConfig(), "Not so.", None, bad_input)
    with pytest.raises(kind, match=r"Not so\."):
        run_headless(session)


def test_notices_are_told_once_and_errors_by_their_exception(
    capsys: pytest.CaptureFixture[str],
) -> None:
    session = FakeSession(RESULT)
    session.notices = (Notice(1, True, "error"), Notice(2, False, "Mind\x1b this."))
    run_headless(session)
    assert capsys.readouterr().err == "ovbench-tui: Mind? this.\n"


@pytest.mark.parametrize(
    ("config", "duration_s"),
    [
        (BenchmarkConfig(), 60),
        (BenchmarkConfig(device="MULTI:GPU,CPU"), 60),
        (BenchmarkConfig(device="AUTO"), 120),
        (BenchmarkConfig(duration_s=3), 3),
        (BenchmarkConfig(iterations=5), None),
        (BenchmarkConfig(iterations=0), None),
        (BenchmarkConfig(duration_s=3, iterations=5), 3),
    ],
)
def test_the_default_duration_is_benchmark_apps(
    config: BenchmarkConfig, duration_s: float | None
) -> None:
    assert with_default_duration(config).duration_s == duration_s


@pytest.mark.parametrize(
    ("limits", "code", "status", "sentence"),
    [
        ({"p99_under_ms": 100.0, "fps_above": 1.0}, 0, "finished", ""),
        ({"p99_under_ms": 1.0, "fps_above": 1.0}, 4, "limit_missed", "p99 under 1 ms: failed with"),
        ({"fps_above": 9999.0}, 4, "limit_missed", "FPS above 9999: failed with"),
        (
            {"p99_under_ms": 1.0, "count": 5},
            5,
            "undecided",
            "undecided, 660 more inferences needed",
        ),
    ],
)
def test_a_missed_limit_has_an_exit_code_without_a_screen(
    capsys: pytest.CaptureFixture[str],
    limits: dict[str, float],
    code: int,
    status: str,
    sentence: str,
) -> None:
    view = RESULT.view
    count = int(limits.pop("count", view.stats.count))
    view = replace(
        view,
        config=replace(view.config, **limits),
        stats=replace(view.stats, count=count),
    )
    session = FakeSession(replace(RESULT, view=view))
    options = ReportOptions(json_stdout=True)
    assert print_outcome(session, options, Ending(), judges_limits=True) == code
    out, err = capsys.readouterr()
    document = json.loads(out)
    assert document["outcome"]["status"] == status
    assert sentence in document["outcome"]["error"]
    assert sentence in err
    assert bool(err) == bool(sentence)
    assert [one["figure"] for one in document["runs"][-1]["limits"]] == [
        {"p99_under_ms": "p99_ms", "fps_above": "fps"}[name] for name in limits
    ]
    # What went wrong otherwise has its own exit code, and on the screen only the summary says it.
    assert print_outcome(session, options, Ending(3, "It died."), judges_limits=True) == 3
    assert print_outcome(session, options, Ending(130), judges_limits=True) == 130
    assert print_outcome(session, ReportOptions(), Ending()) == 0
    assert "Limit:           " in capsys.readouterr().out
