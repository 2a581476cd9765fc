"""The whole program for half an hour, with a change every three seconds; everything stays flat.

    python -m tests.benchmarks.soak [--minutes 30] [--every 3] [MODEL]

Prints thirty lines and a Markdown table at the end. Exit code 1 when something grew or a
count is wrong.
"""

from __future__ import annotations

import argparse
import os
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from tests.benchmarks.models import TINY, save_relu
from tests.benchmarks.processes import program_behind
from tests.e2e.terminal import Terminal

_KEYS = ("+", "+", "-", "-", "\x1b[C", "\x1b[D", "r")
"""More and fewer requests, the next and the last hint (a recompile each), a reset."""

_RSS_GROWTH_MB = 8.0
"""Each run that was finished stays in the session's table with its histogram: some 5 KB."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The program at one moment."""

    minute: float
    rss_mb: float
    threads: int
    fds: int
    ui_percent: float
    run: int


def main() -> int:
    """Soak, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--every", type=float, default=3.0, metavar="SECONDS")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = given.model or str(save_relu(folder / f"{TINY[0]}.xml"))
        environment = dict(os.environ) | {
            "OVBENCH_TUI_HISTORY": str(folder / "history.db"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
            "TERM": "xterm-256color",
        }
        command = [sys.executable, "-m", "ovbench_tui", model]
        command += ["--latencies", str(folder / "all.npy")]
        with Terminal(command, environment) as terminal:
            samples = _watch(terminal, given.minutes, given.every)
            terminal.type("q")
            ended = terminal.ended()
        rows = len(np.load(folder / "all.npy", mmap_mode="r"))
        return _judge(samples, ended.code, rows, _counted(folder))


def _watch(terminal: Terminal, minutes: float, every_s: float) -> list[Sample]:
    terminal.wait_for_match(r"count +[1-9]")
    terminal.type("\x1b[B\x1b[B")  # to the hint
    program = psutil.Process(program_behind(terminal._process.pid))
    samples: list[Sample] = []
    start_s = time.monotonic()
    change = 0
    while (now_s := time.monotonic() - start_s) < minutes * 60:
        _read_for(terminal, start_s + (change + 1) * every_s)
        terminal.type(_KEYS[change % len(_KEYS)])
        change += 1
        if now_s >= len(samples) * minutes * 2:
            samples.append(_sample(terminal, program, now_s / 60))
            print(samples[-1], flush=True)
    _read_for(terminal, time.monotonic() + every_s)
    samples.append(_sample(terminal, program, minutes))
    return samples


def _read_for(terminal: Terminal, until_s: float) -> None:
    while (left_s := until_s - time.monotonic()) > 0:
        terminal._read(left_s)


def _sample(terminal: Terminal, program: psutil.Process, minute: float) -> Sample:
    text = terminal.text
    cost = re.search(r"UI +([\d.]+) %", text)
    run = re.search(r"run (\d+)", text)
    return Sample(
        minute,
        program.memory_info().rss / 2**20,
        program.num_threads(),
        program.num_fds(),
        float(cost[1]) if cost else float("nan"),
        int(run[1]) if run else 0,
    )


def _counted(folder: Path) -> int:
    """All completions that the history's figures count."""
    with sqlite3.connect(folder / "history.db") as database:
        return int(database.execute("SELECT total(count) FROM runs").fetchone()[0])


def _judge(samples: Sequence[Sample], code: int, rows: int, counted: int) -> int:
    # The first minutes fill caches: every configuration is used for the first time.
    warm = [sample for sample in samples if sample.minute >= samples[-1].minute / 5]
    first, last = warm[0], warm[-1]
    costs = [sample.ui_percent for sample in warm]
    half = len(costs) // 2
    checks = {
        "exit code": (f"{code}", code == 0),
        "RSS, MB": (
            f"{first.rss_mb:.1f} to {last.rss_mb:.1f}",
            last.rss_mb - first.rss_mb < _RSS_GROWTH_MB,
        ),
        "threads": (f"{first.threads} to {last.threads}", last.threads <= first.threads + 1),
        "file descriptors": (f"{first.fds} to {last.fds}", last.fds <= first.fds + 1),
        "UI cost, % of a core": (
            f"{statistics.median(costs[:half]):.2f} to {statistics.median(costs[half:]):.2f}",
            statistics.median(costs[half:]) < 1.3 * statistics.median(costs[:half]) + 0.2,
        ),
        "latencies written, counted": (f"{rows:,}, {counted:,}", rows == counted),
        "runs": (f"{last.run}", last.run > 1),
    }
    print(f"\n| after {last.minute:g} minutes | | |\n|---|---|---|")
    for name, (text, holds) in checks.items():
        print(f"| {name} | {text} | {'ok' if holds else 'NOT FLAT'} |")
    return 0 if all(holds for _, holds in checks.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
