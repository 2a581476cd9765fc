"""``compare --repeat N``: both configurations once more, several times each."""

from __future__ import annotations

import random
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.cli.repeats.fresh_process import run_document
from ovbench_tui.compare.sources import ComparedRun, of_document
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load_config import format_settings
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError

_DURATION_S = 10.0
"""Of a run that had no end of its own."""


def measured_again(a: ComparedRun, b: ComparedRun, count: int) -> tuple[ComparedRun, ComparedRun]:
    """Measure the configurations of two runs, each in `count` fresh processes.

    Chance decides in each pair which of the two comes first, so that no drift favours one.

    Raises:
        BadInputError: it is not known how one of the two was measured, or it cannot be.
        KeyboardInterrupt: it was interrupted.
        RunFailedError: one of the runs failed.
    """
    sides = (("A", a), ("B", b))
    configs = {name: _config(name, side) for name, side in sides}
    runs: dict[str, list[ComparedRun]] = {"A": [], "B": []}
    raise_on_end_signals()
    with tempfile.TemporaryDirectory(prefix="ovbench-tui-") as folder:
        words = {name: _words(config, Path(folder) / name) for name, config in configs.items()}
        for number in range(1, count + 1):
            for name in random.sample(("A", "B"), 2):
                what = f"Run {number} of {count} of {name}"
                print_message(f"{what} ...")
                runs[name].append(of_document(run_document(words[name], what), what))
    return _together(a, runs["A"]), _together(b, runs["B"])


def _config(name: str, side: ComparedRun) -> BenchmarkConfig:
    if side.config is None:
        raise BadInputError(
            f"{name}: {side.name} does not say how it was measured, so --repeat cannot measure it"
            " again: give a --json document or a run of the history."
        )
    plain: Mapping[str, Any] = side.config
    try:
        config = RUN_DATA.to(BenchmarkConfig, dict(plain))
    except (NotThisDataError, OvbenchError) as error:
        raise BadInputError(f"{name}: its configuration cannot be used: {error}.") from None
    return replace(config, duration_s=config.duration_s or _DURATION_S, iterations=None)


def _words(config: BenchmarkConfig, settings: Path) -> list[str]:
    """The command line of one run."""
    words = shlex.split(own_command(replace(config, device_properties=())))[1:]
    if config.device_properties:
        properties = {name: dict(values) for name, values in config.device_properties}
        settings.write_text(format_settings(properties), encoding="utf-8")
        words += ["-load_config", str(settings)]
    return [*words, "--json", "--no-history"]


def _together(before: ComparedRun, runs: list[ComparedRun]) -> ComparedRun:
    return replace(
        runs[-1],
        name=f"{before.name}, measured {len(runs)} times again",
        repeats=tuple(run.figures for run in runs),
        verdict=next((run.verdict for run in runs if run.verdict != "stable"), "stable"),
    )
