"""What was asked for and cannot be written is reported, and ends with exit code 1."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S

FULL = Path("/dev/full")
pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full")

_LIMIT_BYTES = 4096
_LIMITED = f"""
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({_LIMIT_BYTES}, {_LIMIT_BYTES}))
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"  # it would leave modules that are cut short
os.execv(sys.argv[1], sys.argv[1:])
"""
_COMMANDS = [
    ["--help"],
    ["--version"],
    ["--json-schema"],
    ["--metrics-dashboard"],
    ["tune", "--help"],
    ["history"],
    ["history", "--json"],
    ["history", "show", "1"],
    ["history", "show", "1", "--json"],
    ["history", "path"],
    ["config"],
    ["config", "--path"],
    ["config", "--check"],
    ["compare", "1", "1"],
    ["compare", "1", "1", "--json"],
    ["MODEL", "-niter", "2", "--json"],
    ["MODEL", "-niter", "2", "--no-tui"],
    ["nowhere.xml", "--json"],
]
_SHORT_LONG_AND_LATE = [["--version"], ["--json-schema"], ["MODEL", "-niter", "2", "--json"]]
"""How output is buffered matters by how much of it there is, and when it comes."""
_NO_SPACE = "cannot be written: No space left on device"
_CLOSED = "cannot be written: standard output is closed"


def run(
    environment: dict[str, str], command: list[str], folder: Path, end: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run the program in a shell, so that its output can be led anywhere by `end`."""
    return subprocess.run(
        ["bash", "-c", f'set -o pipefail; "$@" {end}', "bash", *command],
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


@pytest.fixture
def kept_run(environment: dict[str, str], tmp_path: Path, quiet: Quiet) -> None:
    """A run in the history, with the number 1."""
    assert run_piped(environment, quiet[0], "-niter", "40", folder=tmp_path).returncode == 0


@pytest.mark.usefixtures("kept_run")
@pytest.mark.parametrize(
    ("end", "words", "unbuffered", "commands"),
    [
        ("> /dev/full", _NO_SPACE, "", _COMMANDS),
        ("> /dev/full", _NO_SPACE, "1", _SHORT_LONG_AND_LATE),
        (">&-", _CLOSED, "", _SHORT_LONG_AND_LATE),
        (">&-", _CLOSED, "1", _COMMANDS),
    ],
    ids=["full-buffered", "full-unbuffered", "closed-buffered", "closed-unbuffered"],
)
def test_a_lost_output_is_reported(
    environment: dict[str, str],
    tmp_path: Path,
    quiet: Quiet,
    end: str,
    words: str,
    unbuffered: str,
    commands: list[list[str]],
) -> None:
    variables = environment | {"PYTHONUNBUFFERED": unbuffered}
    for command in commands:
        words_of_it = [quiet[0] if word == "MODEL" else word for word in command]
        result = run(variables, [*PROGRAM, *words_of_it], tmp_path, end)
        assert result.stderr.count(words) == 1, (command, result.stderr)
        assert result.returncode == (2 if "nowhere.xml" in command else 1), command
        assert "error of its own" not in result.stderr
        assert "Traceback" not in result.stderr
        assert result.stdout == ""


@pytest.mark.usefixtures("kept_run")
@pytest.mark.parametrize("command", [["history", "show", "1", "--json"], ["--json-schema"]])
def test_a_reader_that_has_seen_enough_hears_nothing(
    environment: dict[str, str], tmp_path: Path, command: list[str]
) -> None:
    result = run(environment, [*PROGRAM, *command], tmp_path, "| head -c 5")
    assert result.stderr == ""
    assert result.returncode in (0, 1)  # whether it had written all before


@pytest.mark.usefixtures("kept_run")
def test_a_lost_comparison_is_no_regression(environment: dict[str, str], tmp_path: Path) -> None:
    command = [*PROGRAM, "compare", "1", "1", "--fail-above", "50"]
    assert run(environment, command, tmp_path).returncode in (0, 2)  # 2: too few to judge
    assert run(environment, command, tmp_path, "> /dev/full").returncode == 2


@pytest.mark.parametrize(
    ("option", "name", "words"),
    [
        ("--latencies", "all.csv", "could not be written any further"),
        ("--latencies", "all.npy", "could not be written any further"),
        ("-exec_graph_path", "graph.xml", "The executable graph cannot be written"),
        ("-report_type", "detailed_counters", "was not written: File too large"),
    ],
)
def test_a_file_that_is_cut_short_is_reported(
    environment: dict[str, str],
    tmp_path: Path,
    option: str,
    name: str,
    words: str,
    relu_model: Path,
) -> None:
    # Latencies grow with the inferences, the others with the layers.
    run_of_it = (str(relu_model), "-niter", "300")
    if option != "--latencies":
        run_of_it = ("mobilenet-v2", "-niter", "2")
    program = [*PROGRAM, *run_of_it, "--json", "--no-history"]
    command = [sys.executable, "-c", _LIMITED, *program, option, name]
    result = run(environment, command, tmp_path, "| cat")
    assert result.returncode == 1
    assert words in result.stderr
    assert "iostream" not in result.stderr
    outcome = json.loads(result.stdout)["outcome"]
    assert outcome["exit_code"] == 1
    assert words in outcome["error"]


def test_a_document_that_is_cut_short_is_reported(
    environment: dict[str, str],
    tmp_path: Path,
    quiet: Quiet,
) -> None:
    program = [*PROGRAM, *quiet, "-niter", "2", "--json", "--no-history"]
    command = [sys.executable, "-c", _LIMITED, *program]
    result = run(environment, command, tmp_path, "> document.json")
    assert result.returncode == 1
    assert "The results cannot be written: File too large." in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--latencies", ""],
        ["--latencies="],
        ["-dump_config", ""],
        ["-exec_graph_path", ""],
        ["-load_config", ""],
        ["-cdir", ""],
    ],
)
def test_an_empty_name_is_bad_input(
    environment: dict[str, str], tmp_path: Path, words: list[str]
) -> None:
    result = run_piped(environment, "mobilenet-v2", "-niter", "2", *words, folder=tmp_path)
    assert result.returncode == 2
    option = words[0].rstrip("=")
    assert result.stderr.startswith(f"ovbench-tui: {option} '': name a ")
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--save", "--snippet"])
def test_an_empty_name_is_bad_input_of_tune(
    environment: dict[str, str], tmp_path: Path, option: str
) -> None:
    result = run_piped(environment, "tune", "mobilenet-v2", option, "", folder=tmp_path)
    assert result.returncode == 2
    assert result.stderr == f"ovbench-tui: {option} '': name a file.\n"


def test_settings_that_are_cut_short_are_not_left_behind(
    environment: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "config.toml"
    variables = environment | {"OVBENCH_TUI_CONFIG": str(target)}
    limited = _LIMITED.replace(str(_LIMIT_BYTES), "100")
    command = [sys.executable, "-c", limited, *PROGRAM, "config", "--init"]
    result = run(variables, command, tmp_path, "| cat")
    assert result.returncode == 1
    assert "was not written: File too large" in result.stderr
    assert not target.exists()


@pytest.fixture(params=["ro", "size=64k"])
def unusable_cache(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder that takes no compiled model."""
    folder = tmp_path / "cache"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", request.param, "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_cache_that_takes_no_model_is_reported(
    environment: dict[str, str], tmp_path: Path, unusable_cache: Path
) -> None:
    words_of_it = ("mobilenet-v2", "-niter", "2", "--json", "-cdir", str(unusable_cache))
    result = run_piped(environment, *words_of_it, folder=tmp_path)
    assert result.returncode == 1
    words = f"The compiled model is not in the cache '{unusable_cache}' (-cdir): "
    assert words in result.stderr
    assert words in json.loads(result.stdout)["outcome"]["error"]


def test_a_cache_is_filled_and_then_used(environment: dict[str, str], tmp_path: Path) -> None:
    command = ("mobilenet-v2", "-niter", "2", "-cdir", str(tmp_path / "cache"))
    for _ in range(2):
        result = run_piped(environment, *command, folder=tmp_path)
        assert result.returncode == 0
        assert "not in the cache" not in result.stderr
