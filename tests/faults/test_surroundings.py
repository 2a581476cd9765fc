"""No home, no room on the disk, a poor terminal: it measures all the same."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]
MEASURED = r"count +[1-9]"
FOLDERS = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")


def without_folders(environment: dict[str, str]) -> dict[str, str]:
    ours = {*FOLDERS, "OVBENCH_TUI_HISTORY", "OVBENCH_TUI_CONFIG", "OVBENCH_TUI_RECENT"}
    return {name: value for name, value in environment.items() if name not in ours}


HOMES = ("unset", "missing", "a file", "read-only", "relative")


@pytest.fixture
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
@pytest.mark.parametrize(
    ("homeless", "isolation"),
    [*((home, []) for home in HOMES), ("unset", ["--isolate"]), ("read-only", ["--isolate"])],
    indirect=["homeless"],
    ids=[*HOMES, "unset-process", "read-only-process"],
)
def test_without_a_usable_home_it_measures(
    homeless: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    isolation: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run_piped(homeless, "mobilenet-v2", "-t", "0.2", *isolation)
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
    # The tracker of shared memory ends a moment after the program, with its log open there.
    end_s = time.monotonic() + PATIENCE_S
    while subprocess.run(["umount", str(folder)], capture_output=True).returncode:
        assert time.monotonic() < end_s, "something still uses the disk"
        time.sleep(0.05)


@pytest.fixture
def full(environment: dict[str, str], tiny_disk: Path) -> dict[str, str]:
    """An environment in which all but the built-in models is kept on a disk that is full."""
    folders = without_folders(environment) | dict.fromkeys(FOLDERS, str(tiny_disk))
    folders["OVBENCH_TUI_HISTORY"] = str(tiny_disk / "history.db")
    folders["XDG_CACHE_HOME"] = environment["XDG_CACHE_HOME"]
    (tiny_disk / "fill").write_bytes(bytes(24 * 1024))
    return folders


def test_a_full_disk_under_the_screen(full: dict[str, str], tiny_disk: Path, quiet: Quiet) -> None:
    report = ("-report_type", "detailed_counters", "-report_folder", str(tiny_disk))
    with Terminal([*PROGRAM, *quiet, *report], full) as terminal:
        terminal.wait_for_match(MEASURED)
        terminal.type("+")
        terminal.wait_for_match(r"run 2")
        terminal.wait_for_match(MEASURED)
        terminal.type("q")
        ended = terminal.ended()
    assert ended.code == 1
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
    reported = ended.main_screen.replace("\n", "")  # the terminal breaks long lines
    assert "No space left" in reported
    assert "disk is full" in reported  # of the history
    assert "Traceback" not in reported


def test_a_full_stdout_is_told(environment: dict[str, str], quiet: Quiet) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full")
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [*PROGRAM, *quiet, "-t", "0.2", "--json"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
        )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr


ASCII_LOCALE = {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
# A colour of 256, or of 16 millions.
RICH_COLOUR = re.compile(rb"\x1b\[(?:[\d;]*;)?[34]8;[25];")


@pytest.mark.parametrize(
    ("changes", "is_ascii", "has_16_colours"),
    [
        ({"TERM": "dumb"}, True, True),
        ({"TERM": ""}, True, True),
        ({"TERM": "linux"}, True, True),
        ({"TERM": "xterm"}, False, True),
        ({"TERM": "xterm-16color"}, False, True),
        ({"TERM": "xterm-16color", "NO_COLOR": "1"}, False, True),
        ({"LANG": "C"}, True, False),  # which Python makes C.UTF-8 for itself
        (ASCII_LOCALE, True, False),
        (ASCII_LOCALE | {"TERM": "linux"}, True, True),
    ],
    ids=lambda value: " ".join(value.values()) or "no TERM" if isinstance(value, dict) else None,
)
def test_poor_terminals(
    start: Start,
    changes: dict[str, str],
    is_ascii: bool,
    has_16_colours: bool,
    quiet: Quiet,
) -> None:
    """Only what the terminal knows is sent to it, from the first frame to the summary."""
    terminal = start(*quiet, variables=changes)
    terminal.wait_for_match(MEASURED)
    terminal.type("+")
    terminal.wait_for_match(r"run 2")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
    assert ended.raw.isascii() is is_ascii
    assert (RICH_COLOUR.search(ended.raw) is None) is has_16_colours


def test_all_can_be_read_in_16_colours(start: Start) -> None:
    """Of the theme's many shades a few colours are left: no letter has that of its ground."""
    terminal = start("mobilenet-v2", variables={"TERM": "xterm"})
    terminal.wait_for_match(MEASURED)
    for keys, words in (
        ("2", "nireq"),
        ("3", "layer times"),
        ("4", "GFLOP/s"),
        ("5", "AVAILABLE_DEVICES"),
        ("6", "CPU, ours"),
        ("8", "A/B"),
        ("1", "Configuration"),
    ):
        terminal.type(keys)
        terminal.wait_for_text(words)
        assert terminal.unreadable == "", f"after {keys!r}"
    terminal.type("m")
    terminal.wait_for_text("filter, or type a path", "face-detection-0200")
    # What is dimmed behind a dialog may vanish, the dialog may not.
    assert "filter" not in terminal.unreadable
    assert "face-detection" not in terminal.unreadable


def test_a_slow_line(start: Start, quiet: Quiet) -> None:
    """As over a slow ssh: nothing is read for a while, and the program must not wait for it."""
    terminal = start(*quiet)
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


@pytest.mark.slow
def test_a_narrow_line(start: Start) -> None:
    """Where the line takes less than is drawn, an answer waits for a frame or two, not for 30."""
    terminal = start("mobilenet-v2", bytes_per_s=6000)
    terminal.wait_for_match(MEASURED)
    terminal.wait_for(lambda _: len(terminal.raw) > 150_000, "more than may lie in wait")
    before = len(terminal.raw)
    terminal.type("5")
    terminal.wait_for_text("AVAILABLE_DEVICES")
    assert len(terminal.raw) - before < 65_000  # 30 frames are more than 100 000
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
