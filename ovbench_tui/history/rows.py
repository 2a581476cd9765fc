"""A finished run as a row of the database, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.engine.api.run_sink import FinishedRun, MeasuredOn
from ovbench_tui.errors import OvbenchError
from ovbench_tui.history.blobs import NotABlobError, from_text, pack, to_text, unpack
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.model_hash import Signature, signature_text
from ovbench_tui.reports.machine import Machine, describe_machine
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError, Plain
from ovbench_tui.stats.run_stats import RunSeries
from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.system.machine_id import MachineId

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_DIGITS = 7
"""Of the latencies of a series, which are means and percentiles of a window."""

_PARTS = {
    "requested": "config",
    "effective": "effective",
    "figures": "stats",
    "stability": "stability",
    "model": "model",
}
"""Columns, and the fields of `RunView` in them; `details` holds the others."""

BLOBS = ("histogram", "series")
WHOLE_COLUMNS = ("machine", *_PARTS, "details", *BLOBS)
"""What a list of runs does without."""

_MACHINE_NAME = "machine_name"
"""In `details`, where it was another machine."""

_TRIAL = "trial"
"""In `details`, where it was a trial of a search: its setting, and whether it may be the best."""


def to_row(run: FinishedRun, key: str, machine: MachineId, files: Signature) -> dict[str, Any]:
    """Make the columns of one row, but for its id.

    Args:
        key: random, told apart from that of every other run.
        files: the model's.
    """
    view = run.result.view
    stats, config, effective = view.stats, view.config, view.effective
    described = describe_machine(
        [replace(device, properties=()) for device in run.devices], run.openvino_version
    )
    if run.measured_on is not None:
        described, machine = _elsewhere(described, run.measured_on)
    details = RUN_DATA.of(view)
    assert isinstance(details, dict)  # noqa: S101 - a dataclass becomes an object
    if run.measured_on is not None:
        details[_MACHINE_NAME] = _clean(run.measured_on.name)
    if view.search:
        details[_TRIAL] = {"setting": _clean(view.trial.setting), "may_win": view.may_win}
    parts = {column: to_text(details.pop(field)) for column, field in _PARTS.items()}
    return {
        "key": key,
        "started_at": format_time(run.started_at),
        "ending": run.end.value,
        "isolated": int(run.isolated),
        "model_name": _clean(view.model.name),
        "model_path": _clean(_absolute(view.model)),
        "model_files": signature_text(files),
        "model_hash": _built_in_hash(view.model),
        "machine_id": machine.id,
        "cpu": _clean(described.cpu or machine.cpu),
        "cpus": machine.cpus,
        "os": _clean(described.os),
        "openvino": _clean(run.openvino_version),
        "ovbench_tui": __version__,
        "device": _clean(effective.device or config.device),
        "hint": config.hint,
        "nireq": effective.nireq,
        "streams": _clean(effective.streams),
        "fps_mean": _number(stats.fps_mean),
        "p50_ms": _number(stats.p50_ms),
        "p99_ms": _number(stats.p99_ms),
        "count": stats.count,
        "elapsed_s": _number(stats.elapsed_s) or 0.0,
        "verdict": view.stability.verdict.value,
        "search": _clean(view.search),
        "machine": to_text(RUN_DATA.of(described)),
        **parts,
        "details": to_text(details),
        "histogram": pack(_histogram(run.result.histogram)),
        "series": pack(_series(run.result.series)),
    }


def to_result(row: Mapping[str, Any]) -> tuple[RunResult, Machine]:
    """Make the run of a row again; its number is the row's id.

    Where the model is a file its path is absolute, so that it can be run again from anywhere.

    Raises:
        HistoryError: a column is damaged, or holds what this program cannot take.
    """
    try:
        plain = _object(row["details"]) | {
            field: from_text(row[column]) for column, field in _PARTS.items()
        }
        view = RUN_DATA.to(RunView, plain | {"run_id": row["id"]})
        if view.model.format != "built-in":
            view = replace(view, config=replace(view.config, model=row["model_path"]))
        histogram = _histogram_of(unpack(row["histogram"]))
        series = RUN_DATA.to(RunSeries, unpack(row["series"]))
        machine = RUN_DATA.to(Machine, from_text(row["machine"]))
    except (NotABlobError, NotThisDataError, OvbenchError) as error:
        text = str(error).rstrip(".")
        raise HistoryError(f"Run {row['id']} of the history cannot be read: {text}.") from None
    _check(series, row["id"])
    if view.stability.verdict in (Verdict.WARMING_UP, Verdict.SETTLING):
        # As older versions kept it; whatever is in the history has ended.
        view = replace(view, stability=replace(view.stability, verdict=Verdict.TOO_SHORT))
    return RunResult(view, histogram, None, series), machine


def machine_name_of(row: Mapping[str, Any]) -> str:
    """Return the host that a run of another machine was measured on; '' = this machine."""
    try:
        name = _object(row["details"]).get(_MACHINE_NAME)
    except NotABlobError:
        return ""
    return name if isinstance(name, str) else ""


def trial_of(details: object) -> tuple[str, bool]:
    """The setting of a trial, and whether it may be the best of its search.

    Args:
        details: the column of that name.

    Returns:
        '' and True where that was not kept.
    """
    try:
        trial = _object(details).get(_TRIAL)
    except NotABlobError:
        trial = None
    kept = trial if isinstance(trial, dict) else {}
    setting, may_win = kept.get("setting"), kept.get("may_win")
    return setting if isinstance(setting, str) else "", may_win is not False


def _elsewhere(machine: Machine, there: MeasuredOn) -> tuple[Machine, MachineId]:
    """The machine that a run was measured on, where it was not this one."""
    named = [device.full_name for device in machine.devices if device.name == "CPU"]
    cpu = named[0] if named else there.cpu
    system = " ".join(there.os.split("-")[:1])
    return (
        replace(
            machine,
            cpu=cpu,
            cpus=there.cpus,
            usable_cpus=there.usable_cpus,
            os=there.os,
            python=there.python,
        ),
        MachineId(there.machine_id, there.cpu, there.cpus, system),
    )


def format_time(time: datetime) -> str:
    """Write a time so that texts are in the order of their times."""
    return time.astimezone(timezone.utc).isoformat(timespec="milliseconds")


def parse_time(text: str) -> datetime:
    """Read what `format_time` wrote.

    Raises:
        ValueError: it is something else.
    """
    time = datetime.fromisoformat(text)
    if time.tzinfo is None or not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise ValueError(f"{text!r} has no offset, or a year that no zone can have")
    return time


def _object(text: object) -> dict[str, Any]:
    plain = from_text(text)
    if not isinstance(plain, dict):
        raise NotABlobError("it is not an object")
    return plain


def _clean(text: str) -> str:
    """Replace what no UTF-8 holds, as in the name of a file from another time."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _absolute(model: ModelInfo) -> str:
    return model.source if model.format == "built-in" else str(Path(model.source).absolute())


def _built_in_hash(model: ModelInfo) -> str:
    """A built-in model is what the program's version makes of its name."""
    return f"{model.source}@{__version__}" if model.format == "built-in" else ""


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _histogram(bins: tuple[tuple[float, float, int], ...]) -> Plain:
    lows, highs, counts = zip(*bins, strict=True) if bins else ((), (), ())
    return {"low_ms": [*lows], "high_ms": [*highs], "counts": [*counts]}


def _histogram_of(plain: object) -> tuple[tuple[float, float, int], ...]:
    if not isinstance(plain, dict):
        raise NotABlobError("its histogram is not an object")
    lists = [plain.get(name) for name in ("low_ms", "high_ms", "counts")]
    try:
        bins = tuple(zip(*lists, strict=True))
    except (TypeError, ValueError):
        raise NotABlobError("its histogram is incomplete") from None
    for low_ms, high_ms, count in bins:
        is_edge = isinstance(low_ms, (int, float)) and isinstance(high_ms, (int, float))
        if not (is_edge and isinstance(count, int)):
            raise NotABlobError("its histogram holds something else than numbers")
    return bins


def _series(series: RunSeries) -> Plain:
    return {
        "step_s": series.step_s,
        "counts": [*series.counts],
        "frames": [*series.frames],
        "mean_ms": _rounded(series.mean_ms),
        "p50_ms": _rounded(series.p50_ms),
        "p99_ms": _rounded(series.p99_ms),
        "machine": RUN_DATA.of(series.machine),
    }


def _rounded(values: tuple[float, ...]) -> list[Plain]:
    return [float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None for value in values]


def _check(series: RunSeries, run_id: int) -> None:
    sizes = {
        len(values)
        for values in (series.counts, series.frames, series.mean_ms, series.p50_ms, series.p99_ms)
    }
    sizes |= {len(values) for values in series.machine.lists if values}
    if len(sizes) != 1:
        raise HistoryError(
            f"Run {run_id} of the history cannot be read: the parts of its series differ in length."
        )
