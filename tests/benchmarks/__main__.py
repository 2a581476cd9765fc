"""``python -m tests.benchmarks``: measure everything, print one Markdown table."""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

if os.name != "posix":
    sys.exit("The benchmarks need pseudo terminals, so they run on Linux and macOS only.")

from tests.benchmarks import (
    app_gain,
    app_recording,
    compare_power,
    feeder,
    first_frame,
    fleet_screen,
    generation,
    machine_watch,
    memory,
    pipelines,
    ui_cost,
)
from tests.benchmarks.against import ISOLATION, OBSERVER, PARITY
from tests.benchmarks.machine import describe_machine, load_average
from tests.benchmarks.models import TINY, ZOO, build_models
from tests.benchmarks.parsing import UnexpectedOutputError
from tests.benchmarks.processes import ProgramFailedError
from tests.benchmarks.report import Row, Skipped, markdown_table
from tests.benchmarks.settings import Settings, tell

Benchmark = Callable[[Settings, Mapping[str, Path]], list[Row | Skipped]]

BENCHMARKS: dict[str, Benchmark] = {
    "parity": PARITY.run,
    "observer": OBSERVER.run,
    "isolation": ISOLATION.run,
    "ui-cost": ui_cost.run,
    "first-frame": first_frame.run,
    "fleet-screen": fleet_screen.run,
    "machine-watch": machine_watch.run,
    "feeder": feeder.run,
    "generation": generation.run,
    "pipelines": pipelines.run,
    "app": app_recording.run,
    "app-gain": app_gain.run,
    "memory": memory.run,
    "compare": compare_power.run,
}
_PER_MODEL = frozenset({"parity", "observer", "isolation", "app", "compare"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmarks asked for; returns 1 when one of them could not be finished."""
    arguments = _parser().parse_args(argv)
    # A killed run must clean up as an interrupted one does: its children and its folder.
    signal.signal(signal.SIGTERM, _end)
    began = datetime.datetime.now(datetime.timezone.utc)
    load = load_average()
    lines: list[Row | Skipped] = []
    broken = False
    with tempfile.TemporaryDirectory(prefix="ovbench-benchmarks-") as folder:
        settings = Settings(
            pairs=arguments.pairs,
            seconds=arguments.seconds,
            memory_seconds=arguments.memory_seconds,
            changes=arguments.changes,
            nireq=arguments.nireq,
            folder=Path(folder),
        )
        models = build_models(settings)
        for name in arguments.only or BENCHMARKS:
            tell(name)
            chosen = models
            if arguments.models and name in _PER_MODEL:
                chosen = {model: models[model] for model in arguments.models}
            try:
                lines += BENCHMARKS[name](settings, chosen)
            except (ProgramFailedError, UnexpectedOutputError) as error:
                broken = True
                tell(f"  {error}")
                lines.append(Skipped(name, "all of it", str(error)))
    report = "\n".join(
        (
            describe_machine(),
            f"- {began:%Y-%m-%d %H:%M} UTC, {settings.pairs} alternating pairs of"
            f" {settings.seconds} s; load average {load} before, {load_average()} after",
            "",
            markdown_table(lines),
        )
    )
    print(report, flush=True)
    if arguments.output is not None:
        arguments.output.write_text(report + "\n", encoding="utf-8")
    return int(broken)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure ovbench-tui against benchmark_app, against itself without a"
        " screen, and against C++; prints a Markdown table.",
    )
    add = parser.add_argument
    add("--only", nargs="+", choices=sorted(BENCHMARKS), metavar="NAME", help="run only these")
    add(
        "--models",
        nargs="+",
        choices=[*ZOO, *TINY],
        metavar="NAME",
        help=f"for {', '.join(sorted(_PER_MODEL))} only these of {', '.join((*ZOO, *TINY))}",
    )
    add("--pairs", type=_count, default=7, metavar="N", help="alternating pairs (default 7)")
    add(
        "--seconds",
        type=_count,
        default=8,
        metavar="S",
        help="of each measurement, whole (default 8)",
    )
    add(
        "--nireq",
        type=_count,
        default=0,
        metavar="N",
        help="infer requests, where they are not what is tried out (default: the optimal number)",
    )
    add(
        "--memory-seconds",
        type=float,
        default=600.0,
        metavar="S",
        help="of the run that watches memory (default 600)",
    )
    add(
        "--changes",
        type=_changes,
        default=50,
        metavar="N",
        help="of configuration in that run, 10 or more (default 50)",
    )
    add("--output", type=Path, metavar="FILE.md", help="write the table there, too")
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: give 1 or more")
    return value


def _changes(text: str) -> int:
    value = int(text)
    if value < 10:
        raise argparse.ArgumentTypeError(f"{text}: give 10 or more")
    return value


def _end(number: int, _frame: object) -> NoReturn:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
