"""Memory, threads and file descriptors over a long run with many changes."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.benchmarks.models import TINY
from tests.benchmarks.processes import run_to_end
from tests.benchmarks.report import Aim, Row, Skipped, spread_of
from tests.benchmarks.settings import Settings, tell

_CYCLE = 5
"""Length of the child's cycle of configurations; the last of a cycle is the first one again."""

_START_AND_END_S = 300.0


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """Growth from the first cycle of configurations to the last, and from the first run on."""
    if not Path("/proc/self/status").exists():
        reason = "memory is read from /proc, which this system has not."
        return [Skipped("memory", TINY[0], reason)]
    seconds, changes = settings.memory_seconds, settings.changes
    tell(f"  memory, {TINY[0]}: {seconds:g} s with {changes} changes")
    command = [sys.executable, "-m", "tests.benchmarks.memory_child", str(models[TINY[0]])]
    command += [str(seconds), str(changes)]
    timeout_s = seconds + changes * 5 + _START_AND_END_S
    printed = run_to_end(command, settings.environment, settings.folder, timeout_s)
    samples = [json.loads(line) for line in printed.splitlines()]
    tell("  memory, RSS in MB: " + " ".join(f"{s['rss_kib'] / 1024:.1f}" for s in samples))
    return [*_rows(samples, seconds)]


def growth(values: Sequence[float], cycle: int) -> list[float]:
    """How much more in the last whole cycle than in the first one, configuration by configuration.

    Element 0 is the run before any change and is left out: what a library loads or fills
    the first time a configuration is used belongs to no leak.

    Raises:
        ValueError: with fewer than two whole cycles.
    """
    changed = values[1:]
    whole = len(changed) // cycle * cycle
    if whole < 2 * cycle:
        raise ValueError(f"growth needs at least {2 * cycle} changes of configuration")
    first, last = changed[:cycle], changed[whole - cycle : whole]
    return [after - before for before, after in zip(first, last, strict=True)]


def _rows(samples: Sequence[Mapping[str, int]], seconds: float) -> list[Row]:
    rss_mb = [sample["rss_kib"] / 1024 for sample in samples]
    what = f"{TINY[0]}: over {seconds:g} s and {len(samples) - 1} changes"
    note = (
        f"{samples[-1]['inferences']:,} inferences, {rss_mb[0]:.1f} MB in the first run,"
        f" {rss_mb[-1]:.1f} MB in the last"
    )
    back = [mb - rss_mb[0] for mb in rss_mb[_CYCLE::_CYCLE]][-1:]
    return [
        Row(
            "memory",
            f"{what}, RSS of the last cycle of {_CYCLE} configurations less the first's",
            spread_of(growth(rss_mb, _CYCLE)),
            "MB",
            Aim(2.0, at_least=False),
            note,
        ),
        Row("memory", f"{what}, RSS back in the first configuration", spread_of(back), "MB"),
        *(
            Row(
                "memory",
                f"{what}, {name}",
                spread_of(growth([sample[key] for sample in samples], _CYCLE)),
                "more",
                Aim(0, at_least=False),
                f"{samples[0][key]} in the first run, {samples[-1][key]} in the last",
            )
            for key, name in (("threads", "threads"), ("fds", "file descriptors"))
        ),
    ]
