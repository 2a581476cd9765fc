"""Ours with the engine in a process of its own against ours with it in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.pairing import alternate
from tests.benchmarks.programs import run_with_screen
from tests.benchmarks.report import Row, Skipped, ratio_row
from tests.benchmarks.settings import Settings


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row a model; there is no aim, the figures choose the default."""
    rows: list[Row | Skipped] = []
    for name, model in models.items():
        pairs = alternate(
            partial(run_with_screen, settings, model, settings.nireq, "--isolate"),
            partial(run_with_screen, settings, model, settings.nireq),
            settings.pairs,
            f"isolation, {name}",
        )
        subject = f"{name}: --isolate / thread, screen on"
        rows.append(ratio_row("isolation", subject, pairs, None, ("isolated", "thread")))
    return rows
