"""Ours, drawing its screen, against benchmark_app: same model, device, hint and requests."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.pairing import alternate
from tests.benchmarks.programs import run_benchmark_app, run_with_screen
from tests.benchmarks.report import Aim, Row, Skipped, ratio_row
from tests.benchmarks.settings import Settings


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row a model."""
    rows: list[Row | Skipped] = []
    for name, model in models.items():
        pairs = alternate(
            partial(run_with_screen, settings, model, settings.nireq),
            partial(run_benchmark_app, settings, model, settings.nireq),
            settings.pairs,
            f"parity, {name}",
        )
        aim = Aim(1.0 if name in TINY else 0.99, at_least=True)
        subject = f"{name}: screen on / benchmark_app"
        rows.append(ratio_row("parity", subject, pairs, aim, ("ours", "benchmark_app")))
    return rows
