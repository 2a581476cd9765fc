"""Runs a session at full rate, changes its configuration, and tells what it holds.

``python -m tests.benchmarks.memory_child MODEL SECONDS CHANGES`` prints one JSON object a
stretch between two changes.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from tests.benchmarks.parsing import rss_kib_of_status

CYCLE: tuple[dict[str, Any], ...] = (
    {"nireq": 4},
    {"hint": "latency"},
    {"threads": 1},
    {"streams": "1"},
    {},
)
"""A new queue, three recompiles, and back to the start."""

_FRAME_S = 0.25
_COLUMNS = 200
_PATIENCE_S = 120.0


def main(model: str, seconds: float, changes: int) -> None:
    """Hold every configuration equally long; a sample is taken at the end of each stretch."""
    begin_s = time.perf_counter()
    first = BenchmarkConfig(model=model)
    session = Session(first)
    session.start()
    try:
        for number in range(changes + 1):
            if number:
                session.configure(replace(first, **CYCLE[(number - 1) % len(CYCLE)]))
            _watch(session, partial(_is_measured, number + 1), _PATIENCE_S)
            end_s = begin_s + seconds * (number + 1) / (changes + 1)
            _watch(session, partial(_is_over, end_s), seconds + 1)
            print(json.dumps(_sample(session)), flush=True)
    finally:
        session.close(_PATIENCE_S)


def _is_measured(run_id: int, snapshot: Snapshot) -> bool:
    run = snapshot.run
    return snapshot.measuring and run is not None and run.run_id >= run_id


def _is_over(end_s: float, _snapshot: Snapshot) -> bool:
    return time.perf_counter() >= end_s


def _watch(session: Session, condition: Callable[[Snapshot], bool], patience_s: float) -> None:
    """Take a snapshot four times a second, as the screen does, until one fulfils it."""
    give_up_s = time.perf_counter() + patience_s
    while not condition(session.snapshot(_COLUMNS)):
        if session.rejection is not None or session.failure:
            raise SystemExit(session.failure or getattr(session.rejection, "reason", ""))
        if time.perf_counter() > give_up_s:
            raise SystemExit(f"The session did not come to it within {patience_s:g} s.")
        time.sleep(_FRAME_S)


def _sample(session: Session) -> dict[str, int]:
    return {
        "rss_kib": rss_kib_of_status(Path("/proc/self/status").read_text()),
        "threads": sum(1 for _ in Path("/proc/self/task").iterdir()),
        "fds": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "inferences": sum(run.stats.count for run in session.runs),
    }


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
