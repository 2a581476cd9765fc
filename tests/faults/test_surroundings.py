"""No home, no room on the disk, a poor terminal: it measures all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.piped import PROGRAM
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"
FOLDERS = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def without_folders(environment: dict[str, str]) -> dict[str, str]:
    ours = {*FOLDERS, "OVBENCH_TUI_HISTORY", "OVBENCH_TUI_CONFIG", "OVBENCH_TUI_RECENT"}
    return {name: value for name, value in environment.items() if name not in ours}


@pytest.fixture(params=["unset", "missing", "a file", "read-only", "relative"])
def homeless(
    request: pytest.FixtureRequest, environment: dict[str, str], tmp_path: Path
) -> dict[str, str]:
    """An environment whose home cannot be used."""
    bare = without_folders(environment)
    if request.param == "unset":
        return bare
    file = tmp_path / "file"
    file.write_text("no folder")
    home = {
        "missing": "/nowhere/at/all",
        "a file": str(file),
        "read-only": "/proc/self",  # nobody, not even root, can make a file there
        "relative": "some/where",
    }[request.param]
    return bare | dict.fromkeys(FOLDERS, home)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and the like")
def test_without_a_usable_home_it_measures(
    homeless: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(homeless, "mobilenet-v2", "-t", "1")
    assert result.returncode == 0, result.stderr
    assert "Throughput:" in result.stdout
    assert "Traceback" not in result.stderr


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for next to nothing."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small file system can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_stops_no_measurement(environment: dict[str, str], tiny_disk: Path) -> None:
    full = without_folders(environment) | dict.fromkeys(FOLDERS, str(tiny_disk))
    full["OVBENCH_TUI_HISTORY"] = str(tiny_disk / "history.db")
    full["XDG_CACHE_HOME"] = environment["XDG_CACHE_HOME"]
    (tiny_disk / "fill").write_bytes(bytes(24 * 1024))
    result = run(
        full,
        *("mobilenet-v2", "-t", "2", "--latencies", str(tiny_disk / "all.csv")),
        *("-report_type", "detailed_counters", "-report_folder", str(tiny_disk)),
    )
    assert "Throughput:" in result.stdout
    assert "Traceback" not in result.stderr
    assert "No space left" in result.stderr
    assert result.returncode == 1


def test_a_full_stdout_is_told(environment: dict[str, str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [*PROGRAM, "mobilenet-v2", "-t", "1", "--json"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
        )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("dumb", {"TERM": "dumb"}),
        ("16 colours", {"TERM": "xterm-16color"}),
        ("the console", {"TERM": "linux"}),
        ("no UTF-8", {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
        ("no colour", {"NO_COLOR": "1"}),
        ("no terminal type", {"TERM": ""}),
    ],
)
def test_poor_terminals(start: Start, name: str, changes: dict[str, str]) -> None:
    terminal = start("mobilenet-v2", variables=changes)
    terminal.wait_for_match(MEASURED)
    terminal.type("+")
    terminal.wait_for_match(r"run 2")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen


def test_a_slow_line(start: Start) -> None:
    """As over a slow ssh: nothing is read for a while, and the program must not wait for it."""
    terminal = start("mobilenet-v2")
    terminal.wait_for_match(MEASURED)
    os.set_blocking(terminal._master, True)
    process = terminal._process
    terminal.type("r")
    for _ in range(200):
        assert process.poll() is None
        terminal.type("+-")
    terminal.wait_for_match(MEASURED)
    terminal.type("q")
    assert terminal.ended().code == 0
