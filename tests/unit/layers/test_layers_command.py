"""`ovbench-tui layers`: its command line, its samples in turn, what it prints however it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.cli.commands import layers as command
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.errors import BadInputError, RunFailedError
from ovbench_tui.export.layers_program import layers_program
from ovbench_tui.layers import measuring
from ovbench_tui.layers.invocation import read_layers_invocation
from ovbench_tui.layers.measuring import Measuring, Program
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.stats.comparison.alternation import Side
from tests.unit.kept_runs import finished_run, write_runs
from tests.unit.reported import VIEW

REPLY = {
    "openvino": "2026.4.1",
    "warm": {"count": 2, "times_us": [[10, 10]]},
    "count": 8,
    "latency_ms": 0.02,
    "times_us": [[10, 10]],
    "layers": [["conv", "Convolution", "jit_avx2_f32", "EXECUTED", ["conv"]]],
}


def test_b_differs_from_a_in_what_is_said() -> None:
    found = read_layers_invocation(["m.xml", "-b", "4", "--b", "-infer_precision f32", "-t", "10"])
    assert (found.a.batch, found.b.batch) == (4, 4)
    assert (found.a.precision, found.b.precision) == ("", "f32")
    for config in (found.a, found.b):
        assert (config.nireq, config.streams, config.perf_counts) == (1, "1", True)
        assert config.duration_s is None
    assert (found.pairs, found.sample_s, found.margin) == (10, 0.5, 0.03)
    assert "layers" in COMMANDS


def test_its_own_options() -> None:
    words = [
        "m.xml",
        "--b",
        "other.xml",
        "--repeat",
        "4",
        "--margin",
        "5%",
        "--json",
        "--csv",
        "a.csv",
        "--trace",
        "t.json",
    ]
    found = read_layers_invocation(words)
    assert (found.pairs, found.margin, found.json_stdout) == (4, 0.05, True)
    assert (found.csv, found.trace, found.b.model) == ("a.csv", "t.json", "other.xml")
    assert read_layers_invocation(["m.xml", "--b-openvino", "2025.4.1"]).is_of_interpreters


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--b", ""], "No MODEL is given"),
        (["m.xml"], 'give --b, as in --b "-infer_precision f32"'),
        (["m.xml", "--b", "", "-nireq", "4"], "layers takes no -nireq: one infer request"),
        (["m.xml", "--b", "-nstreams 2"], "layers takes no -nstreams: one infer request"),
        (["m.xml", "--b", "", "-niter", "4"], "layers takes no -niter: it goes on for -t"),
        (["m.xml", "--b", "", "--p99-under", "4"], "layers takes no --p99-under"),
        (["m.xml", "--b", "", "--repeat", "1"], "--repeat 1: give 2 to 100"),
        (["41", "42", "--b", ""], "Two runs of the history are A and B"),
        (["41", "42", "-t", "0"], "-t 0: give seconds above 0"),
    ],
)
def test_what_is_asked_for_in_vain_is_refused(words: list[str], sentence: str) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_layers_invocation(words)


def test_two_runs_of_the_history_are_taken_by_their_configurations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    write_runs(path, finished_run("a.xml"), finished_run("b.xml"))
    monkeypatch.setenv("OVBENCH_TUI_HISTORY", str(path))
    found = read_layers_invocation(["2", "1", "-t", "4", "--margin", "1%"])
    assert found.a.layout == VIEW.config.layout
    assert (found.a.percentiles, found.a.duration_s, found.a.nireq) == ((), None, 1)
    assert (found.sample_s, found.margin) == (0.2, 0.01)
    with pytest.raises(BadInputError, match="B: The history has no run 7"):
        read_layers_invocation(["2", "7"])


# --- the program and its samples -------------------------------------------------------------


@pytest.mark.parametrize("is_running_mean", [True, False])
@pytest.mark.parametrize("inference_only", [True, False])
def test_the_program_is_one(is_running_mean: bool, inference_only: bool) -> None:
    effective = replace(VIEW.effective, inference_only=inference_only, reset_state=5)
    text = layers_program(replace(VIEW, effective=effective), is_running_mean=is_running_mean)
    compile(text, "layers.py", "exec")
    assert ("profiles.append(times())" in text) is not is_running_mean
    assert text.index("warm, _ = infer(") < text.index("latencies_ms, profiles = infer(")


class Replies:
    """Stands for `reply_of`; keeps whose program was run, and fails after so many."""

    def __init__(self, most: int = 1000, ending: BaseException | None = None) -> None:
        self.run: list[str] = []
        self._most, self._ending = most, ending

    def __call__(
        self, program: Path, _words: list[str], _what: str, **_: object
    ) -> Mapping[str, Any]:
        if len(self.run) == self._most and self._ending is not None:
            raise self._ending
        self.run.append(program.name)
        return REPLY


def test_sides_take_turns_and_chance_decides_which_is_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    replies = Replies()
    monkeypatch.setattr(measuring, "reply_of", replies)
    samples = Measuring(
        *(Program(Path(name)) for name in ("a.py", "b.py")), pairs=20, sample_s=0.1, seed=1
    )
    while not samples.is_over:
        samples.measure()
    pairs = [tuple(replies.run[place : place + 2]) for place in range(0, 40, 2)]
    assert set(pairs) == {("a.py", "b.py"), ("b.py", "a.py")}
    assert [len(samples.of(side)) for side in Side] == [20, 20]
    assert [one.pair for one in samples.taken] == [place // 2 for place in range(40)]
    assert samples.fraction == 1.0


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
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(measuring, "reply_of", Replies(5, ending))
    monkeypatch.setattr(command, "raise_on_end_signals", lambda: None)
    monkeypatch.setattr("ovbench_tui.cli.plain_run.plain_run", lambda *_: VIEW)
    monkeypatch.setattr("ovbench_tui.config.model_file.identify", lambda _: None)
    csv, trace = tmp_path / "l.csv", tmp_path / "t.json"
    words = ["m.xml", "--b", "-b 2", "--json", "--csv", str(csv), "--trace", str(trace)]
    assert command.main(words) == code
    output = capfd.readouterr()
    document = json.loads(output.out)
    assert (document["exit_code"], document["error"], document["pairs"]) == (code, reason, 2)
    assert (reason or "") in output.err
    assert csv.read_text().startswith("layer,changes,a_ms")
    assert json.loads(trace.read_text())["traceEvents"]


def test_the_schema_is_printed_alone(capfd: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--json-schema"]) == 0
    assert json.loads(capfd.readouterr().out)["$id"] == "urn:ovbench-tui-layers:1"


def test_one_request_on_one_stream_but_none_is_set_on_an_npu() -> None:
    assert read_layers_invocation(["m.xml", "-d", "NPU", "--b", ""]).a.streams == ""
    assert BenchmarkConfig().streams == ""
