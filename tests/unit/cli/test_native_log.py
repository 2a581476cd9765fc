"""Native writes go to the log, Python's own to where they went before."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os, sys
from pathlib import Path
from ovbench_tui.cli.native_log import NativeLog

print("before")
with NativeLog(Path(sys.argv[1])) as log:
    os.write(1, b"native out\\n")
    os.write(2, b"native err \\xff\\n")
    print("python out")
    print("python err", file=sys.stderr)
    print("driver", file=sys.__stderr__)
    print(repr(log.read()), log.path is not None)
os.write(1, b"after\\n")
print("end")
"""


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_only_native_writes_are_kept_off_the_terminal(tmp_path: Path) -> None:
    result = run(tmp_path / "logs")
    assert result.stdout.splitlines() == [
        "before",
        "python out",
        "driver",  # with neither stream a terminal, Textual is given stdout
        "'native out\\nnative err \ufffd\\n' True",
        "after",
        "end",
    ]
    assert result.stderr == "python err\n"
    (log,) = (tmp_path / "logs").iterdir()
    assert log.read_bytes() == b"native out\nnative err \xff\n"


def test_a_folder_that_cannot_be_made_does_not_stop_anything(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "native out" in run(tmp_path / "file" / "logs").stdout


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.write_text("precious")
    program = (
        "import os, sys\n"
        "os.makedirs(sys.argv[1])\n"
        f"os.symlink({str(target)!r}, os.path.join(sys.argv[1], f'native-{{os.getpid()}}.log'))\n"
        + PROGRAM
        + "assert log.path is None, 'the link was followed'\n"
    )
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("this system cannot refuse to follow a link when it opens a file")
    subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "logs")], check=True, capture_output=True
    )
    assert target.read_text() == "precious"


def test_old_and_empty_logs_are_cleared_away(tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"native-x{number}.log").write_text("old")
    quiet = (
        "import sys; from pathlib import Path; from ovbench_tui.cli.native_log import NativeLog\n"
    )
    quiet += "with NativeLog(Path(sys.argv[1])) as log: assert log.path.exists()"
    subprocess.run([sys.executable, "-c", quiet, str(tmp_path)], check=True)
    assert len(list(tmp_path.iterdir())) == 9
