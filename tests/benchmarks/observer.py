"""What watching costs: ours with its screen against ours without."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.pairing import alternate
from tests.benchmarks.programs import run_with_screen, run_without_screen
from tests.benchmarks.report import Aim, Row, Skipped, ratio_row
from tests.benchmarks.settings import Settings


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """One row a model."""
    rows: list[Row | Skipped] = []
    for name, model in models.items():
        pairs = alternate(
            partial(run_with_screen, settings, model, settings.nireq),
            partial(run_without_screen, settings, model, settings.nireq),
            settings.pairs,
            f"observer, {name}",
        )
        aim = Aim(0.95 if name in TINY else 0.99, at_least=True)
        subject = f"{name}: screen on / --no-tui"
        rows.append(ratio_row("observer", subject, pairs, aim, ("screen", "no screen")))
    return rows
