"""An optional part cannot be loaded, or too few files may be open: a sentence says so."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal
from tests.faults.missing import without

Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"
on_both_hosts = pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])
NO_HISTORY = "The history is unavailable: Python's own sqlite3 module cannot be loaded ("


@pytest.fixture
def no_sqlite(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    return without(environment, tmp_path, "_sqlite3")


def test_a_run_that_no_history_can_keep(no_sqlite: dict[str, str], quiet: Quiet) -> None:
    done = run_piped(no_sqlite, *quiet, "-t", "0.2")
    assert done.returncode == 0
    assert "Throughput:" in done.stdout
    assert done.stderr.count(NO_HISTORY) == 1
    assert "takes longer" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("history", "list"), ("history", "show", "1"), ("compare", "1")])
def test_commands_that_need_the_history(no_sqlite: dict[str, str], words: tuple[str, ...]) -> None:
    done = run_piped(no_sqlite, *words, *(["2"] if words[0] == "compare" else []))
    assert done.returncode in {1, 2}
    assert done.stderr.count("\n") == 1
    assert NO_HISTORY in done.stderr


def test_the_history_tab_without_it(start: Start, no_sqlite: dict[str, str], quiet: Quiet) -> None:
    terminal = start(*quiet, variables=no_sqlite)
    terminal.wait_for_match(MEASURED)
    terminal.type("9")
    terminal.wait_for_text("The history is unavailable")
    terminal.type("1")
    terminal.wait_for_text("● running", "Configuration")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
    assert "Traceback" not in ended.main_screen


@pytest.mark.parametrize(
    ("module", "arguments", "sentence"),
    [
        (
            "prometheus_client",
            ("mobilenet-v2", "-t", "1", "--metrics", "0"),
            "--metrics is unavailable: the package prometheus-client cannot be loaded (",
        ),
        ("textual_serve", ("serve", "mobilenet-v2"), "serve needs the extra 'web'"),
        (
            "aiohttp",
            ("serve", "mobilenet-v2"),
            "serve is unavailable: the package textual-serve cannot be loaded (",
        ),
        ("distributed", ("fleet", "--local", "1", "mobilenet-v2"), "fleet needs the extra 'fleet'"),
        (
            "dask",
            ("fleet", "--local", "1", "mobilenet-v2"),
            "The fleet is unavailable: the package dask cannot be loaded (",
        ),
    ],
)
def test_a_part_that_is_asked_for(
    environment: dict[str, str],
    tmp_path: Path,
    module: str,
    arguments: tuple[str, ...],
    sentence: str,
) -> None:
    done = run_piped(without(environment, tmp_path, module), *arguments)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert sentence in done.stderr


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    Image.new("RGB", (8, 8)).save(path)
    return path


@on_both_hosts
def test_a_picture_that_nothing_can_read(
    environment: dict[str, str], tmp_path: Path, picture: Path, isolation: list[str]
) -> None:
    done = run_piped(
        without(environment, tmp_path, "PIL"),
        *("mobilenet-v2", "-t", "1", "-i", str(picture), *isolation),
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Reading images is unavailable: the package pillow cannot be loaded (" in done.stderr
    assert "Give .npy or .bin files instead." in done.stderr


def test_all_optional_parts_missing_stop_no_screen(
    start: Start,
    environment: dict[str, str],
    tmp_path: Path,
    quiet: Quiet,
) -> None:
    parts = ("_sqlite3", "textual_serve", "dask", "distributed", "prometheus_client", "PIL")
    bare = without(environment, tmp_path, *parts, "tomlkit")
    terminal = start(*quiet, variables=bare)
    terminal.wait_for_match(MEASURED)
    for key in "234567891":
        terminal.type(key)
    terminal.wait_for_text("● running", "Configuration")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Traceback" not in ended.main_screen


# -- too few files ----------------------------------------------------------------------------

needs_limits = pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
FEW = "This process may open only {} files at once, and needs 48: raise the limit"


def limited(number: int, *arguments: str) -> list[str]:
    """The program with a limit that cannot be raised again."""
    return ["/bin/sh", "-c", f'ulimit -n {number}; exec "$@"', "sh", *PROGRAM, *arguments]


def run(command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


@needs_limits
@on_both_hosts
@pytest.mark.parametrize("number", [8, 16, 24])
def test_too_few_files(environment: dict[str, str], number: int, isolation: list[str]) -> None:
    done = run(limited(number, "mobilenet-v2", "-t", "1", *isolation), environment)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert FEW.format(number) in done.stderr


@needs_limits
@pytest.mark.parametrize("words", ["ab mobilenet-v2", "fleet --local 1 m", "history list", "serve"])
def test_too_few_files_for_a_command(environment: dict[str, str], words: str) -> None:
    done = run(limited(16, *words.split()), environment)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert FEW.format(16) in done.stderr


@needs_limits
def test_too_few_files_under_a_screen(environment: dict[str, str]) -> None:
    with Terminal(limited(16, "mobilenet-v2"), environment) as terminal:
        ended = terminal.ended()
    assert ended.code == 2
    assert ended.left_behind == frozenset()
    assert FEW.format(16) in ended.main_screen.replace("\n", "")


@needs_limits
@on_both_hosts
def test_just_enough_files(environment: dict[str, str], isolation: list[str], quiet: Quiet) -> None:
    """What is claimed to be enough is enough, for the history and a new run, too."""
    command = limited(48, *quiet, "--metrics", "0", *isolation)
    with Terminal(command, environment) as terminal:
        terminal.wait_for_match(MEASURED)
        terminal.type("+")
        terminal.wait_for_match(r"run 2")
        terminal.wait_for_match(MEASURED)
        terminal.type("9")
        terminal.wait_for_text("relu.xml", "FPS")
        terminal.type("q")
        ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "not kept" not in ended.main_screen


@needs_limits
def test_a_limit_that_may_be_raised_is(environment: dict[str, str], quiet: Quiet) -> None:
    command = [*limited(8, *quiet, "-t", "0.2", "--isolate")]
    command[2] = command[2].replace("ulimit -n", "ulimit -S -n")
    done = run(command, environment)
    assert done.returncode == 0, done.stderr
    assert "Throughput:" in done.stdout
