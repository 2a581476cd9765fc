"""`ovbench-tui tune`: its command line, its table, its JSON and its progress."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ovbench_tui.cli.commands.registry import run_subcommand
from ovbench_tui.errors import BadInputError
from ovbench_tui.options.commands import COMMANDS
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.tuning.invocation import read_plan, read_tune_invocation
from ovbench_tui.tuning.progress import TrialLog, describe_board
from ovbench_tui.tuning.report import board_document, format_board
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Ending
from tests.unit.tuning.tuned_machine import BASE, SPACE, Machine, make_tuner, run_to_end

_ROOT = Path(__file__).resolve().parents[3]


def _board(objective: Objective | None = None) -> TuningState:
    machine = Machine()
    machine.refuses = lambda config: "It\x1b[31m cannot be." if config.streams == "1" else ""
    return run_to_end(make_tuner(machine, objective=objective), machine)


# --- command line ------------------------------------------------------------------------------


def test_bounds_and_the_options_of_the_model_are_read_together() -> None:
    invocation = read_tune_invocation(
        shlex.split(
            "m.xml --nireq 1..4 -nstreams 1,2 --hint tput,none --threads 0,2 --batch 1,4"
            " --precision f32,bf16 -d CPU --seed 5 -data_shape [1,3] --p99-under 20"
            " --max-time 2m --json --isolate"
        )
    )
    space = invocation.plan_for(None).space
    assert (space.nireq, space.streams, space.hints) == (
        *((1, 2, 3, 4), ("1", "2")),
        ("throughput", "none"),
    )
    assert (space.threads, space.batches, space.precisions) == ((0, 2), (1, 4), ("f32", "bf16"))
    assert space.size == 4 * 2 * 2 * 2 * 2 * 2
    assert invocation.plan_for(None).objective == Objective(Goal.THROUGHPUT, 20.0)
    assert invocation.plan_for(None).max_time_s == 120.0
    assert (invocation.base.model, invocation.base.seed) == ("m.xml", 5)
    assert invocation.base.data_shape == (("", (1, 3)),)
    assert invocation.json_stdout
    assert invocation.isolated


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "No MODEL"),
        ("m.xml --nireq 0", "--nireq '0'"),
        ("m.xml --objective speed", "--objective"),
        ("m.xml --p99-under -3", "--p99-under -3"),
        ("m.xml --p99-under nan", "--p99-under nan"),
        ("m.xml --p99-under 5 --objective latency", "--p99-under limits"),
        ("m.xml --tpot-p90-under 5 --objective latency", "--tpot-p90-under limits"),
        ("m.xml --ttft-p90-under 0", "--ttft-p90-under 0 is not a valid limit"),
        ("m.gguf --max-batched-tokens 2000001", "--max-batched-tokens '2000001'"),
        ("m.gguf --kv-cache-precision u8,,f16", "--kv-cache-precision 'u8,,f16' has an empty"),
        ("m.xml --max-time 1", "--max-time"),
        ("m.xml --max-time soon", "--max-time"),
        ("m.xml -t 10", "tune takes no -t"),
        ("m.xml --iterations 10", "tune takes no -t and no -niter"),
        ("m.xml --max-fps 10", "tune takes no -max_irate"),
        ("m.xml --arrivals poisson:10", "tune takes no --arrivals"),
        ("m.xml --hint-nireq 2", "tune takes no --hint-nireq"),
        ("m.xml -pc", "tune takes no layer times"),
        ("m.xml --blind 2", "tune takes no --blind"),
        ("m.xml --metrics-dashboard", "tune takes no --metrics-dashboard"),
        ("m.xml -latency_percentile 75", "tune takes no -latency_percentile"),
        ("m.xml --fps-above 75", "tune takes no --fps-above"),
        ("m.xml --margin 0", "--margin '0'"),
        ("m.xml -report_type no_counters", "tune takes no reports"),
        ("m.xml --latencies x.npy", "tune takes no reports"),
        ("m.xml -api sync", "tune takes no -api"),
        ("m.xml --nirq 4", "--nirq is unknown"),
        ("m.xml --precision f-3", "-infer_precision"),
        ("m.xml --nireq", "expected one argument"),
    ],
)
def test_bad_command_lines_are_told_in_one_sentence(line: str, said: str) -> None:
    with pytest.raises(BadInputError, match=re.escape(said)) as caught:
        read_tune_invocation(shlex.split(line))
    assert "\n" not in str(caught.value)


def test_options_typed_on_the_screen_are_read_alike() -> None:
    plan = read_plan(["--nireq", "1..3", "--objective", "latency"], BASE)
    assert plan.space.nireq == (1, 2, 3)
    assert plan.objective.goal is Goal.LATENCY
    for words in (["--json"], ["-h"], ["other.xml"]):
        with pytest.raises(BadInputError):
            read_plan(words, BASE)


def test_the_word_is_known_and_a_missing_model_is_exit_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "tune" in COMMANDS
    assert run_subcommand("tune", ["no-such-model.xml"]) == 2
    assert "no-such-model.xml" in capsys.readouterr().err
    assert run_subcommand("tune", ["mobilenet-v2", "--save", "/no/such/folder/x.json"]) == 2
    assert "--save '/no/such/folder/x.json'" in capsys.readouterr().err


def test_help_answers_without_what_is_slow() -> None:
    code = (
        "import sys\nfrom ovbench_tui.cli.commands.tune import main\n"
        "try: main(['-h'])\nexcept SystemExit: pass\n"
        "print([m for m in ('openvino', 'numpy', 'textual', 'psutil') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True
    )
    assert "--p99-under" in done.stdout
    assert done.stdout.strip().endswith("[]")


# --- what it leaves behind -----------------------------------------------------------------------


def test_the_table_holds_all_that_was_tried_and_marks_best_and_front() -> None:
    board = _board()
    text = format_board(board)
    rows = [line for line in text.splitlines() if re.match(r"\s*\*?\s+\d+\s+\d+\s", line)]
    assert len(rows) == len(board.trials)
    assert "best" in rows[0]
    assert any(line.lstrip().startswith("*") for line in rows)
    assert sum("stopped early" in line for line in rows) == sum(
        trial.ending is Ending.WORSE for trial in board.trials
    )
    assert "\x1b" not in text
    assert "failed, It" in text


def test_the_printed_command_line_asks_for_the_winner_again() -> None:
    board = _board()
    assert board.winner is not None
    line = format_board(board).splitlines()[-1]
    again = read_invocation(shlex.split(line)[1:]).config
    assert again == board.winner.point.config(BASE)


def test_the_document_is_strict_json_with_the_winner_in_all_forms() -> None:
    board = _board()
    document = json.loads(
        board_document(board, model="some.xml", exit_code=0),
        parse_constant=lambda word: pytest.fail(f"{word} is not valid JSON"),
    )
    assert document["schema"] == "ovbench-tui/tune/1"
    assert document["exit_code"] == 0
    assert len(document["trials"]) == len(board.trials)
    winner = document["winner"]
    assert winner["load_config"]["CPU"]["NUM_STREAMS"] == winner["streams"]
    assert winner["command"].startswith("ovbench-tui some.xml")
    compile(winner["python"], "snippet", "exec")
    assert any(trial["pareto"] for trial in document["trials"])
    assert {trial["reason"] for trial in document["trials"]} - {None}
    assert document["objective"] == {
        "goal": "throughput",
        "p99_under_ms": None,
        "margin": 0.03,
        "ttft_p90_under_ms": None,
        "tpot_p90_under_ms": None,
    }


def test_without_a_winner_the_document_says_why() -> None:
    board = _board(Objective(p99_under_ms=0.01))
    document = json.loads(board_document(board, model="m", exit_code=1, error="No."))
    assert document["winner"] is None
    assert document["error"] == "No."
    assert "No configuration keeps p99" in document["why"]
    assert "p99 over the limit" in format_board(board)


def test_progress_is_one_line_and_a_line_a_configuration() -> None:
    machine = Machine()
    tuner = make_tuner(machine)
    run_to_end(tuner, machine, lambda tuner: len(tuner.board.trials) == 3)
    log = TrialLog()
    lines = log.of(tuner.board)
    assert len(lines) == 3
    assert "FPS, median" in lines[0]
    assert log.of(tuner.board) == []
    assert describe_board(tuner.board).count("best ") == 1
    assert "3 tried" in describe_board(tuner.board)
    assert SPACE.size > 3
