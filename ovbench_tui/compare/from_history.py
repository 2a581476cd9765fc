"""Runs of the history for a comparison, and what runs of one configuration differ by."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ovbench_tui.compare.setup import likeness_from, setup_of
from ovbench_tui.compare.sources import ComparedRun
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.reader import HistoryEntry, HistoryFilter, HistoryReader
from ovbench_tui.reports.plain_data import RUN_DATA
from ovbench_tui.stats.run_stats import RunStats
from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.system.machine_id import this_machine

LEAST_RUNS = 6
"""With fewer a spread between runs is itself a matter of chance."""

_MOST_RUNS = 12
_MOST_LOOKED = 100
"""Runs that are read to find those: each takes some 15 ms."""
_LEAST_SHARE = 0.5


def read_run(run_id: int) -> ComparedRun:
    """Read a run by its number in the history.

    Raises:
        BadInputError: it measured nothing.
        HistoryError: there is none, or it cannot be read.
    """
    run = HistoryReader().load(run_id)
    view, stats = run.result.view, run.result.view.stats
    if not stats.count:
        raise BadInputError(f"run {run_id} of the history measured nothing.")
    effective = _plain(view.effective)
    setup = setup_of(_plain(view.model), _plain(view.config), effective)
    setup |= {
        "OpenVINO": printable(run.entry.openvino, 120),
        "CPU": printable(run.machine.cpu, 120),
        "usable CPUs": str(run.machine.usable_cpus or ""),
        "ovbench-tui": printable(run.entry.ovbench_tui, 120),
        "model hash": printable(run.entry.model_hash, 120),
    }
    return ComparedRun(
        name=f"run {run_id} of the history, {run.entry.started_at:%Y-%m-%d %H:%M} UTC",
        figures=_figures(stats),
        series=run.series if run.series.counts else None,
        why_no_series="" if run.series.counts else f"run {run_id} is shorter than a window",
        setup=setup,
        verdict=view.stability.verdict.value,
        config=_plain(view.config),
        likeness=likeness_from(setup, effective),
    )


def _figures(stats: RunStats) -> dict[str, float]:
    figures = {"fps": stats.fps_mean, "p50_ms": stats.p50_ms, "p99_ms": stats.p99_ms}
    if (generation := stats.generation) is not None:
        figures |= {
            "ttft_p50_ms": generation.ttft.p50_ms,
            "ttft_p99_ms": generation.ttft.p99_ms,
            "request_p50_ms": generation.request.p50_ms,
        }
    return figures


def read_runs(run_ids: Sequence[int]) -> ComparedRun:
    """Read runs of one configuration as one side that was measured several times.

    Raises:
        BadInputError: they are not repeats of each other, or one measured nothing.
        HistoryError: there is none, or it cannot be read.
    """
    runs = [read_run(run_id) for run_id in dict.fromkeys(run_ids)]
    first = runs[0]
    if len(runs) == 1:
        return first
    for run_id, run in zip(dict.fromkeys(run_ids), runs, strict=True):
        for name, value in first.setup.items():
            if run.setup.get(name) != value:
                raise BadInputError(
                    f"runs {run_ids[0]} and {run_id} are not repeats of each other:"
                    f" {name} {value or 'unknown'} / {run.setup.get(name) or 'unknown'}."
                )
    unstable = (run.verdict for run in runs if run.verdict != Verdict.STABLE.value)
    return replace(
        first,
        name=f"{len(runs)} runs of the history, {run_ids[0]} to {run_ids[-1]}",
        repeats=tuple(run.figures for run in runs),
        verdict=next(unstable, first.verdict),
    )


def last_runs_like(config: BenchmarkConfig, before: datetime) -> tuple[int, ...]:
    """The last runs of a configuration on this machine, with whichever versions they had.

    Args:
        before: they began earlier.

    Returns:
        Their numbers, the newest first: it, and those before it that are its repeats by all that
        is known; empty where there is none.
    """
    reader = HistoryReader()
    paths = (config.model, str(Path(config.model).absolute()))
    wanted = HistoryFilter(model=Path(config.model).name, machine_id=this_machine().id)
    found: list[HistoryEntry] = []
    looked = 0
    for entry in reader.list(wanted):
        if looked == _MOST_LOOKED or len(found) == _MOST_RUNS:
            break
        is_candidate = (
            entry.started_at < before
            and entry.model_path in paths
            and not entry.search
            and entry.device == config.device
            and entry.hint == config.hint
            and entry.fps_mean > 0
            and (not found or _key(entry) == _key(found[0]))
        )
        looked += is_candidate
        if is_candidate and _is_run_of(reader, entry.id, config):
            found.append(entry)
    return tuple(entry.id for entry in found)


def _is_run_of(reader: HistoryReader, run_id: int, config: BenchmarkConfig) -> bool:
    try:
        kept = reader.load(run_id).config
        return not replace(kept, model=config.model).needs_new_run(config)
    except HistoryError:
        return False  # a damaged run says nothing of the others


def known_spreads(run_id: int, other_id: int | None) -> dict[str, float]:
    """What the figures of runs like this one differ by: see `stats.compare.log_spread`.

    Alike are the model's files, machine, versions, and all of the configuration but its end.

    Args:
        other_id: the run that is compared with it, which must not vouch for itself.

    Returns:
        By the figure's name; empty where there are fewer than `LEAST_RUNS`.
    """
    import numpy as np

    from ovbench_tui.stats.comparison.compare import FIGURES, log_spread, mean_of

    reader = HistoryReader()
    run = reader.load(run_id)
    entries = reader.list(HistoryFilter(machine_id=run.entry.machine_id))
    alike = [entry for entry in entries if entry.id != other_id and _could_be(entry, run.entry)]
    kept = []
    for entry in alike[:_MOST_RUNS]:
        try:
            other = reader.load(entry.id)
        except HistoryError:
            continue  # a damaged run says nothing of the others
        ways = {one.result.view.effective.feeder_way for one in (other, run)}
        if len(ways) == 1 and not other.config.needs_new_run(run.config):
            kept.append(other.series)
    if len(kept) < LEAST_RUNS:
        return {}
    # The figures that are compared: means over the windows, not those of the whole run.
    figures = {name: [mean_of(series, name) for series in reversed(kept)] for name in FIGURES}
    return {
        name: log_spread(np.array(values))
        for name, values in figures.items()
        if all(value > 0 for value in values)
    }


def _could_be(entry: HistoryEntry, run: HistoryEntry) -> bool:
    """What a list can tell of two runs being alike."""
    return (
        _key(entry) == _key(run)
        and entry.fps_mean > 0
        and math.isfinite(entry.fps_mean)
        and entry.elapsed_s >= _LEAST_SHARE * run.elapsed_s
    )


def _key(entry: HistoryEntry) -> tuple[object, ...]:
    return (
        entry.model_path,
        entry.model_hash,
        entry.openvino,
        entry.ovbench_tui,
        entry.device,
        entry.hint,
        entry.nireq,
        entry.streams,
        entry.isolated,
    )


def _plain(value: object) -> Mapping[str, Any]:
    plain = RUN_DATA.of(value)
    assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes an object
    return plain
