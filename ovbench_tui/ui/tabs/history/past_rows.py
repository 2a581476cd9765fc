"""The runs of the history as rows of a table, and one of them in full."""

from __future__ import annotations

import math
import os
from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.console.format import format_elapsed
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.text import clean
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn
from ovbench_tui.engine.api.search_mark import SearchTrials, gathered
from ovbench_tui.stats.sample_size import inferences_needed, measured_percentile, measured_rate
from ovbench_tui.stats.steadiness_text import verdict_word
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Snapshot
    from ovbench_tui.history.reader import HistoryEntry
    from ovbench_tui.history.repository import HistoryList

COLUMNS = (
    Column("Id", 5, is_right=True, most_first=True),
    Column("Year", 4, rank=11, sorts=False),
    Column("When", 11, most_first=True),
    Column("Model", 12, most=28),
    Column("Device", 6, most=9, rank=4),
    Column("Hint", 10, most=12, rank=5),
    Column("nireq", 5, rank=6, is_right=True),
    Column("Streams", 7, rank=7, is_right=True),
    Column("FPS", 7, is_right=True, most_first=True),
    Column("p50", COLUMN_WIDTH, rank=1, is_right=True),
    Column("p99", COLUMN_WIDTH, rank=2, is_right=True),
    Column("Stability", 10, rank=3),
    Column("Time", 7, rank=8, is_right=True, most_first=True),
    Column("OpenVINO", 9, most=12, rank=10),
    Column("Machine", 12, most=40, rank=9),
)

_JOINED = frozenset(("Device", "Hint", "nireq", "Streams"))
"""Columns whose room a search has for its name."""

_MODEL_LETTERS = 120
_VERDICT_STYLES = {"stable": "good", "unstable": "bad", "drifting": "warn"}


def columns_for(entries: Iterable[HistoryEntry]) -> tuple[Column, ...]:
    """The columns, with room for the unit of models that generate tokens."""
    extra = max((len(entry.rate_unit) for entry in entries), default=0)
    return tuple(
        replace(column, width=column.width + extra) if column.title == "FPS" else column
        for column in COLUMNS
    )


def rows_of(listed: HistoryList) -> tuple[Row, ...]:
    """Make a row of each run; those of a search are held by one. Takes milliseconds for 1000."""
    entries = listed.entries
    fps = NumberColumn.of(entry.fps_mean for entry in entries)
    latency = DurationColumn.of(
        (ms for entry in entries for ms in (entry.p50_ms, entry.p99_ms)),
        typical_ms=(entry.p50_ms for entry in entries),
    )
    rows: list[Row] = []
    for one in gathered(listed.entries):
        if not isinstance(one, SearchTrials):
            rows.append(_row(one, listed.machine_id, fps, latency))
            continue
        made = [_row(entry, listed.machine_id, fps, latency) for entry in one.runs]
        rows.append(_of_search(one, made[one.runs.index(one.best)], made[0]))
        rows += [replace(row, parent=one.mark) for row in made]
    return tuple(rows)


def searches_of(listed: HistoryList) -> dict[Hashable, SearchTrials[HistoryEntry]]:
    """The searches by the keys of their rows."""
    return {one.mark: one for one in gathered(listed.entries) if isinstance(one, SearchTrials)}


def _of_search(search: SearchTrials[HistoryEntry], best: Row, newest: Row) -> Row:
    """The row of a search: its best run, under its name, when its newest began."""
    elapsed_s = sum(entry.elapsed_s for entry in search.runs)
    others = dict(zip((column.title for column in COLUMNS), newest.cells, strict=True))
    run = search.best
    model = run.model_name[:_MODEL_LETTERS]
    text = f"{search.title}, {model} on {run.device}, best with {run.trial.setting}"
    cells = {
        **{title: others[title] for title in ("Year", "When")},
        "Id": Cell("", "label", order=others["Id"].order),
        "Model": Cell(clean(text), opens=True, order=model),
        "Time": Cell(format_elapsed(elapsed_s), "label", order=elapsed_s),
    }
    return Row(
        search.mark,
        tuple(
            cells.get(column.title, replace(cell, is_joined=column.title in _JOINED))
            for column, cell in zip(COLUMNS, best.cells, strict=True)
        ),
        words=best.words,
    )


def _row(entry: HistoryEntry, machine_id: str, fps: NumberColumn, latency: DurationColumn) -> Row:
    when = entry.started_at.astimezone()
    return Row(
        entry.id,
        (
            Cell(str(entry.id), "label", order=entry.id),
            Cell(f"{when:%Y}", "label"),
            Cell(f"{when:%m-%d %H:%M}", "label", order=when.timestamp()),
            _text(entry.model_name),
            _text(entry.device),
            _text(entry.hint),
            Cell(str(entry.nireq), order=entry.nireq) if entry.nireq else Cell(DASH, "label"),
            _number_or_text(entry.streams),
            _rate(entry, fps),
            _percentile(entry, 50, entry.p50_ms, latency),
            _percentile(entry, 99, entry.p99_ms, latency),
            Cell(
                verdict_word(entry.verdict),
                _VERDICT_STYLES.get(entry.verdict, "label"),
                order=entry.verdict,
            ),
            Cell(format_elapsed(entry.elapsed_s), "label", order=entry.elapsed_s),
            _text(_version(entry.openvino), "label"),
            _text(machine_of(entry, machine_id), "label"),
        ),
        words=entry.model_path[:_MODEL_LETTERS],
    )


def machine_of(entry: HistoryEntry, machine_id: str) -> str:
    """Name the machine; this one as such."""
    if entry.machine_id == machine_id:
        return "this machine"
    return f"{entry.cpu or 'unknown'} ×{entry.cpus}"  # noqa: RUF001 - the sign is meant


def in_full(entry: HistoryEntry, machine_id: str) -> tuple[str, str]:
    """What there is no room for in the table: the model and the end, then all else."""
    rest = (
        f"{entry.started_at.astimezone():%Y-%m-%d %H:%M}",
        entry.device,
        entry.hint,
        f"nireq {entry.nireq}" if entry.nireq else "",
        f"streams {entry.streams}" if entry.streams else "",
        "isolated" if entry.isolated else "",
        f"{entry.count:,} inferences in {format_elapsed(entry.elapsed_s)}, {entry.ending}",
        f"OpenVINO {_version(entry.openvino)}" if entry.openvino else "",
        machine_of(entry, machine_id),
    )
    return entry.model_path or entry.model_name, " · ".join(part for part in rest if part)


def differences(old: HistoryEntry, config: BenchmarkConfig, machine_id: str, now: Snapshot) -> str:
    """Say what differs from an old run in the run that goes on, in a sentence; '' = nothing.

    Args:
        config: the old run's.
    """
    reported = []
    run = now.run
    if run is not None and (change := describe_change(config, like_kept(run.config, config))):
        reported.append(change)
    if old.openvino and now.openvino_version and old.openvino != now.openvino_version:
        was, became = _version(old.openvino), _version(now.openvino_version)
        reported.append(
            f"OpenVINO {was} → {became}" if was != became else f"another build of {was}"
        )
    if old.isolated != now.isolated:
        reported.append("isolated" if now.isolated else "not isolated")
    if old.machine_id != machine_id:
        reported.append("another machine")
    return f"What differs: {', '.join(reported)}." if reported else ""


def like_kept(config: BenchmarkConfig, kept: BenchmarkConfig) -> BenchmarkConfig:
    """Name the model as the history does, by its absolute path, where it is the same."""
    is_same = config.model and os.path.abspath(config.model) == kept.model  # noqa: PTH100 - text
    return replace(config, model=kept.model) if is_same else config


def _version(text: str) -> str:
    return text.partition("-")[0]


def _text(text: str, style: str = "value") -> Cell:
    return Cell(text[:_MODEL_LETTERS], style, order=text[:_MODEL_LETTERS]) if text else _UNKNOWN


def _number_or_text(text: str) -> Cell:
    if not text:
        return _UNKNOWN
    return Cell(text[:_MODEL_LETTERS], order=int(text) if _is_small(text) else text)


def _is_small(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _rate(entry: HistoryEntry, column: NumberColumn) -> Cell:
    value = measured_rate(entry.fps_mean, entry.count)
    return (
        _UNKNOWN if math.isnan(value) else Cell(column.write(value) + entry.rate_unit, order=value)
    )


def _percentile(
    entry: HistoryEntry, percent: float, value_ms: float, column: DurationColumn
) -> Cell:
    """A dash where it is no more than the maximum, and dim where the sample is too small."""
    value_ms = measured_percentile(value_ms, percent, entry.count)
    if math.isnan(value_ms):
        return _UNKNOWN
    style = "value" if entry.count >= inferences_needed(percent) else "label"
    return Cell(column.write(value_ms), style, order=value_ms)


_UNKNOWN = Cell(DASH, "label")
