"""Without a screen: the summary on stdout, and nothing else anywhere."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]


def assert_summary(text: str, model: str = "relu.xml (IR)") -> None:
    assert text.startswith(f"Model:           {model}\n")
    assert "\nCount:" in text
    assert text.splitlines()[-1].startswith("Throughput:")


def test_not_on_a_terminal_it_needs_no_option(environment: dict[str, str]) -> None:
    result = run_piped(environment, "mobilenet-v2", "-t", "0.3", is_warm=False)
    assert result.returncode == 0
    assert result.stderr == ""
    assert_summary(result.stdout, "mobilenet-v2 (built-in)")


def test_progress_is_one_line_on_the_terminal(start: Start, quiet: Quiet) -> None:
    terminal = start(*quiet, "--no-tui", "-t", "1", stdout=subprocess.PIPE)
    terminal.wait_for_match(r"\d s  \d+ iterations  [\d.]+ FPS")
    assert b"\n" not in terminal.raw
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.main_screen == ""
    assert b"\n" not in ended.raw
    assert b"\x1b[?" not in ended.raw
    assert_summary(terminal.read_stdout())


def test_all_on_the_terminal(start: Start, quiet: Quiet) -> None:
    ended = start(*quiet, "--no-tui", "-t", "0.2").ended()
    assert ended.code == 0
    assert b"\x1b[?" not in ended.raw
    assert_summary(ended.main_screen)


@pytest.mark.parametrize(("name", "code"), [("ctrl-c", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_interrupted_it_still_tells_what_it_measured(
    start: Start, name: str, code: int, quiet: Quiet
) -> None:
    terminal = start(*quiet, "--no-tui", stdout=subprocess.PIPE)
    terminal.wait_for_match(r"[1-9]\d* iterations")
    if name == "ctrl-c":
        terminal.type("\x03")  # the terminal itself makes a SIGINT of it
    else:
        terminal.send_signal(getattr(signal, name))
    ended = terminal.ended()
    assert ended.code == code
    assert ended.left_behind == frozenset()
    assert "Traceback" not in ended.main_screen
    assert_summary(terminal.read_stdout())


def test_nohup_is_respected(environment: dict[str, str], quiet: Quiet) -> None:
    # A process inherits what is ignored, and that is all that nohup does.
    script = (
        "import os, signal, sys;"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    command = [sys.executable, "-c", script, *PROGRAM[1:], *quiet, "--no-tui", "-t", "1"]
    with Terminal(command, environment, stdout=subprocess.PIPE) as terminal:
        terminal.wait_for_text("FPS")
        terminal.send_signal(signal.SIGHUP)
        assert terminal.ended().code == 0
        assert_summary(terminal.read_stdout())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such"], "Model 'no-such' was not found"),
        (["mobilenet-v3"], "did you mean 'mobilenet-v2'?"),
        ([], "No MODEL is given"),
        (["mobilenet-v2", "-d", "NO_SUCH_DEVICE"], "NO_SUCH_DEVICE"),
    ],
)
def test_what_cannot_be_run(environment: dict[str, str], arguments: list[str], words: str) -> None:
    result = run_piped(environment, *arguments)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("ovbench-tui: ")
    assert result.stderr.count("\n") == 1
    assert words in result.stderr


def test_a_dynamic_model_needs_a_shape(environment: dict[str, str], dynamic_model: Path) -> None:
    refused = run_piped(environment, str(dynamic_model), "-t", "0.2")
    assert refused.returncode == 2
    assert refused.stdout == ""
    line, sentence = refused.stderr.splitlines()
    assert "-data_shape" in sentence
    assert "x[1,16]" in sentence
    assert "--assume-shapes" in sentence
    begin, _, command = line.partition("This command runs it: ovbench-tui ")
    assert begin == "ovbench-tui: "

    given = run_piped(environment, *shlex.split(command))
    assert given.returncode == 0
    assert "batch 1" in given.stdout

    assumed = run_piped(environment, str(dynamic_model), "-t", "0.2", "--assume-shapes")
    assert assumed.returncode == 0
    assert "No shape was given: -data_shape x[1,16] is used." in assumed.stderr


def test_a_reader_that_goes_away(environment: dict[str, str], quiet: Quiet) -> None:
    with subprocess.Popen(
        [*PROGRAM, *quiet, "-t", "0.2"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, err = process.communicate(timeout=PATIENCE_S)
    assert err == b""
    assert process.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_standard_stream_that_was_closed(
    environment: dict[str, str], closed: str, quiet: Quiet
) -> None:
    result = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", *PROGRAM, *quiet, "-t", "0.2"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    if closed == ">&-":
        assert result.returncode == 1  # what was to be printed is lost
        assert "standard output is closed" in result.stderr
        assert result.stderr.count("\n") == 1
    else:
        assert result.returncode == 0
        assert result.stderr == ""
        assert_summary(result.stdout)


BENCHMARK_APP_LINES = {
    "counted": "-m {model} -d CPU -hint none -nstreams 1 -nireq 2 -niter 5 -pin NO -b 2",
    "sync": "-m {model} -hint latency -niter 3 -inference_only false -ip f16 -op f16",
    "loaded": "-m {model} -niter 4 -load_config {folder}/dumped.json",
    "cached": "--path_to_model {model} -lfile -cdir {folder}/cache -niter 2 -max_irate 100",
}


@pytest.mark.parametrize(("name", "count"), [("counted", 6), ("sync", 3), ("cached", 2)])
def test_a_benchmark_app_command_line_works(
    environment: dict[str, str], relu_model: Path, tmp_path: Path, name: str, count: int
) -> None:
    line = BENCHMARK_APP_LINES[name].format(model=relu_model, folder=tmp_path)
    result = run_piped(environment, *shlex.split(line))
    assert result.returncode == 0, result.stderr
    counted = re.search(r"^Count: +(\d+) iterations$", result.stdout, re.MULTILINE)
    assert counted is not None
    # benchmark_app rounds up to a multiple of the infer requests.
    assert int(counted[1]) >= count
    if name != "cached":
        assert int(counted[1]) == count


def test_what_is_dumped_can_be_loaded(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    dumped = tmp_path / "dumped.json"
    first = run_piped(
        environment, str(relu_model), "-niter", "0", "-nthreads", "1", "-dump_config", str(dumped)
    )
    assert first.returncode == 0, first.stderr
    assert first.stderr.endswith(f"The device properties are in '{dumped}'.\n")
    assert json.loads(dumped.read_text(encoding="utf-8")) == {
        "CPU": {"PERFORMANCE_HINT": "THROUGHPUT", "INFERENCE_NUM_THREADS": "1"}
    }
    line = BENCHMARK_APP_LINES["loaded"].format(model=relu_model, folder=tmp_path)
    again = run_piped(environment, *shlex.split(line))
    assert again.returncode == 0, again.stderr
    assert "threads 1," in again.stdout


def test_latencies_are_written(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    latencies = tmp_path / "latencies.csv"
    result = run_piped(
        environment, str(relu_model), "-nireq", "2", "-niter", "4", "--latencies", str(latencies)
    )
    assert result.returncode == 0, result.stderr
    assert result.stderr.endswith(f"4 latencies are in '{latencies}'.\n")
    assert len(latencies.read_text(encoding="utf-8").splitlines()) == 5


def test_a_limit_decides_the_exit_code(environment: dict[str, str]) -> None:
    words = ("mobilenet-v2", "-t", "1.5", "--no-tui", "--no-history")
    missed = run_piped(environment, *words, "--fps-above", "1e9")
    assert missed.returncode == 4, missed.stderr
    assert "Limit:           FPS above 1e+09: failed with" in missed.stdout
    assert "FPS above 1e+09: failed with" in missed.stderr
    kept = run_piped(environment, *words, "--fps-above", "0.001")
    assert kept.returncode == 0, kept.stderr
    assert "FPS above 0.001: passed with" in kept.stdout
    few = run_piped(environment, *words[:1], "-niter", "8", *words[3:], "--p99-under", "1e6")
    assert few.returncode == 5, few.stderr
    assert "more inferences needed for a p99" in few.stdout
    wrong = run_piped(environment, *words, "--p99-under", "-1")
    assert wrong.returncode == 2
    assert "--p99-under -1 is not a valid limit" in wrong.stderr
