"""The runs of a session as rows of a table: what they got, and how they compare."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ovbench_tui.console.format import format_elapsed
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.units import COLUMN_WIDTH, DurationColumn, NumberColumn, StickyUnit
from ovbench_tui.engine.api.comparable import likeness_of, why_not_comparable
from ovbench_tui.engine.api.feeders import NOT_COMPARABLE
from ovbench_tui.engine.api.search_mark import SearchTrials, gathered
from ovbench_tui.stats.comparison.compare_text import verdict_words, without_verdict
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of
from ovbench_tui.stats.pareto import pareto_front
from ovbench_tui.stats.sample_size import inferences_needed, measured_percentile, measured_rate
from ovbench_tui.stats.steadiness import Verdict
from ovbench_tui.stats.steadiness_text import format_cv, short_text, steadiness_text
from ovbench_tui.ui.widgets.stability_text import stability_style
from ovbench_tui.ui.widgets.table.table_parts import Cell, Column, Row

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.stats.run_stats import Comparison

FIGURES = {"fps": "FPS", "p50_ms": "p50", "p99_ms": "p99"}
"""What can be compared, and how it is called."""

_OF_TOKENS = "tok/s"
"""The rate of a model that generates, in a column."""

COLUMNS = (
    Column("Run", 4, is_right=True, most_first=True),
    Column("Model", 10, most=24, rank=9),
    Column("What changed", 11, most=44),
    Column("Device", 6, most=8, rank=9),
    Column("Hint", 10, most=12, rank=5),
    Column("nireq", 5, rank=3, is_right=True),
    Column("Streams", 7, rank=4, is_right=True),
    Column("Threads", 7, rank=6, is_right=True),
    Column("Precision", 9, rank=7),
    Column("Feeder", 8, rank=11),
    Column("FPS", 6, is_right=True, most_first=True),
    Column("p50", COLUMN_WIDTH, is_right=True),
    Column("p99", COLUMN_WIDTH, is_right=True),
    Column("Best", 4),
    Column("vs baseline", 18, is_right=True, most_first=True),
    Column("Stability", 12, rank=1),
    Column("CV", 6, rank=8, is_right=True),
    Column("Time", 7, rank=10, is_right=True),
)


def figure_name(figure: str, run: RunView) -> str:
    """How a figure of this run is called."""
    return run.effective.unit if figure == "fps" else FIGURES[figure]


def columns_for(runs: Sequence[RunView]) -> tuple[Column, ...]:
    """The columns; of models that generate the rate is another one."""
    kinds = {run.effective.generates for run in runs}
    if True not in kinds:
        return COLUMNS
    # Beside runs of other models, those that generate have the unit in the cell.
    title, width = (_OF_TOKENS, 6) if len(kinds) == 1 else ("FPS", 7 + len(_OF_TOKENS))
    return tuple(
        replace(column, title=title, width=width) if column.title == "FPS" else column
        for column in COLUMNS
    )


_JOINED = frozenset(("Device", "Hint", "nireq", "Streams", "Threads", "Precision", "Feeder"))
"""Columns whose room a search has for its name."""

_MEASURED_FROM_S = 1.0
_BEST_FROM_S = 3.0
"""A shorter run is no candidate, whatever it shows."""


def is_measured(run: RunView) -> bool:
    """Whether its figures may compete: long enough, and not slowed by timing every layer."""
    stats = run.stats
    return stats.count > 0 and stats.elapsed_s >= _MEASURED_FROM_S and not run.config.perf_counts


def may_be_best(run: RunView) -> bool:
    """Whether its figures are more than a moment: long enough, and steady."""
    return run.stats.elapsed_s >= _BEST_FROM_S and run.stability.verdict is Verdict.STABLE


def best_marks(runs: Sequence[RunView]) -> dict[int, str]:
    """Say for each model which steady run has the best throughput, and which the best latency."""
    marks: dict[int, str] = {}
    for candidates in by_model(runs).values():
        variants = [run for run in candidates if may_be_best(run)]
        if len(variants) < 2:
            continue
        fastest = max(variants, key=lambda run: run.stats.fps_mean).run_id
        quickest = min(variants, key=lambda run: run.stats.p50_ms).run_id
        marks[fastest] = "rate" if candidates[0].effective.generates else "FPS"
        marks[quickest] = "both" if quickest == fastest else "p50"
    return marks


def by_model(runs: Sequence[RunView]) -> dict[str, list[RunView]]:
    """Group the runs that may compete by their model."""
    groups: dict[str, list[RunView]] = {}
    for run in runs:
        if is_measured(run):
            groups.setdefault(run.config.model, []).append(run)
    return groups


def left_out(runs: Sequence[RunView], model: str) -> str:
    """How many runs have no place among those of a model, and why; '' = all have one."""
    of_model = [run for run in runs if run.config.model == model]
    reasons = (
        (len(runs) - len(of_model), "of another model"),
        (sum(run.config.perf_counts for run in of_model), "with layers timed"),
        (
            sum(not run.config.perf_counts and not is_measured(run) for run in of_model),
            f"under {_MEASURED_FROM_S:g} s",
        ),
        (
            sum(is_measured(run) and math.isnan(run.stats.p99_ms) for run in of_model),
            "without a p99",
        ),
    )
    known = [f"{count} {reason}" for count, reason in reasons if count]
    return f"not shown: {', '.join(known)}" if known else ""


def front_of(runs: Sequence[RunView]) -> tuple[int, ...]:
    """Return the runs that no other one beats in FPS and p99 at once, by growing p99."""
    return pareto_front((run.run_id, run.stats.p99_ms, run.stats.fps_mean) for run in runs)


def rows_of(
    runs: Sequence[RunView],
    baseline_id: int,
    comparisons: Mapping[int, Comparison],
    going_on: int,
    sticky: StickyUnit | None = None,
) -> list[Row]:
    """Make a row of each run; those of a search are held by a row of the search.

    Args:
        sticky: holds the unit of the latencies.
        baseline_id: the run that the others are compared with.
        comparisons: by run number, as far as they are known.
        going_on: the current run.
    """
    marks = best_marks(runs)
    models = {run.run_id: run.config.model for run in runs}
    is_mixed = len({run.effective.generates for run in runs}) > 1
    fps = NumberColumn.of(run.stats.fps_mean for run in runs)
    latency = DurationColumn.of(
        (ms for run in runs for ms in (run.stats.p50_ms, run.stats.p99_ms)),
        sticky,
        (run.stats.p50_ms for run in runs),
    )

    def cells_of(run: RunView) -> tuple[Cell, ...]:
        return (
            _number(run, run.run_id == going_on),
            _text(run.model.name),
            _text(change_of(run), "value" if run.change else "label"),
            _text(run.effective.execution_devices or run.effective.device),
            _text(run.effective.hint.lower() or DASH),
            _count(run.effective.nireq),
            _known(run.effective.streams),
            _known(run.effective.threads),
            _text(run.effective.precision or DASH),
            _text(run.effective.feeder_way or DASH),
            _rate(run, fps, f" {_OF_TOKENS}" if is_mixed and run.effective.generates else ""),
            _percentile(run, 50, run.stats.p50_ms, latency),
            _percentile(run, 99, run.stats.p99_ms, latency),
            Cell(marks.get(run.run_id, ""), "good", order=marks.get(run.run_id)),
            _against(run, baseline_id, models, comparisons),
            _text(short_text(run.stability), stability_style(run)),
            _variation(run.stability.fps_cv),
            Cell(format_elapsed(run.stats.elapsed_s), "label", order=int(run.stats.elapsed_s)),
        )

    rows: list[Row] = []
    for entry in gathered(runs):
        if isinstance(entry, SearchTrials):
            best = entry.best
            rows.append(Row(entry.mark, _of_search(entry, best, cells_of(best), fps, going_on)))
            rows += [
                Row(run.run_id, _indented(cells_of(run)), parent=entry.mark) for run in entry.runs
            ]
        else:
            rows.append(Row(entry.run_id, cells_of(entry)))
    return rows


def _indented(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The row of a trial, below that of its search."""
    return tuple(
        replace(cell, text=f"  {cell.text}") if column.title == "What changed" else cell
        for column, cell in zip(COLUMNS, cells, strict=True)
    )


def _of_search(
    search: SearchTrials[RunView],
    best: RunView,
    best_cells: tuple[Cell, ...],
    fps: NumberColumn,
    going_on: int,
) -> tuple[Cell, ...]:
    """The row of a search: the figures of its best trial, under the name of the search."""
    last = max(run.run_id for run in search.runs)
    most = f"{fps.write(best.stats.fps_mean).strip()} {best.effective.unit}"
    elapsed_s = sum(run.stats.elapsed_s for run in search.runs)
    others = {
        "Run": Cell("", order=last),
        "What changed": Cell(
            f"{search.title}, best {most} with {best.trial.setting}",
            "accent" if last == going_on else "value",
            opens=True,
            order=search.title,
        ),
        "Time": Cell(format_elapsed(elapsed_s), "label", order=int(elapsed_s)),
    }
    return tuple(
        others.get(column.title, replace(cell, is_joined=column.title in _JOINED))
        for column, cell in zip(COLUMNS, best_cells, strict=True)
    )


def change_of(run: RunView) -> str:
    """What was changed for this run."""
    return run.change or ("first run" if run.run_id == 1 else "restarted")


def judged(
    baseline: RunView, runs: Sequence[RunView], comparisons: Mapping[int, Comparison]
) -> dict[int, Comparison]:
    """The comparisons with the baseline, without a verdict on runs that did something else."""
    own = likeness_of(baseline.config.model, baseline.effective)
    others = {run.run_id: likeness_of(run.config.model, run.effective) for run in runs}
    return {
        run_id: without_verdict(comparison, unlike)
        if (unlike := why_not_comparable(own, others.get(run_id, own)))
        else comparison
        for run_id, comparison in comparisons.items()
    }


def comparison_cell(comparison: Comparison) -> Cell:
    """Write a change in percent with half its interval; green where it is better."""
    ratio, low, high = comparison.ratio, comparison.low, comparison.high
    if comparison.reason.endswith(NOT_COMPARABLE):
        return Cell(NOT_COMPARABLE, "warn")
    if math.isnan(low) or math.isnan(high) or math.isnan(ratio):
        return Cell("undecided", "label")
    if outcome_of(comparison) is not Outcome.DIFFERENT:
        return Cell(verdict_words(comparison), "label", order=ratio)
    is_better = (ratio > 1) == (comparison.figure == "fps")
    change, half = (ratio - 1) * 100, (high - low) * 50
    text = f"{_percent(change, '+')} % ± {_percent(half)}"
    return Cell(text, "good" if is_better else "bad", order=ratio)


def effective_text(run: RunView) -> str:
    """What the run got, in one line."""
    effective = run.effective
    parts = [
        steadiness_text(run.stability, run.effective.unit),
        effective.execution_devices or effective.device,
        effective.hint.lower(),
        f"nireq {effective.nireq}" if effective.nireq else "",
        f"streams {effective.streams}" if effective.streams else "",
        f"threads {effective.threads}" if effective.threads else "",
        effective.precision,
        f"batch {effective.batch_text}",
        effective.api,
        f"feeder {effective.feeder_way}" if effective.feeder_way else "",
    ]
    return " · ".join(part for part in parts if part)


def _percent(value: float, sign: str = "") -> str:
    return f"{value:{sign}.1f}" if abs(value) < 99.95 else f"{value:{sign}.0f}"


def _number(run: RunView, is_going_on: bool) -> Cell:
    mark = "▸" if is_going_on else ""
    return Cell(f"{mark}{run.run_id}", "accent" if is_going_on else "label", order=run.run_id)


def _text(text: str, style: str = "value") -> Cell:
    return Cell(text, style, order=None if text == DASH else text)


def _count(count: int) -> Cell:
    return Cell(str(count), order=count) if count else Cell(DASH, "label")


def _known(text: str) -> Cell:
    return Cell(text, order=int(text) if text.isdigit() else text) if text else Cell(DASH, "label")


def _rate(run: RunView, column: NumberColumn, unit: str) -> Cell:
    value = measured_rate(run.stats.fps_mean, run.stats.count)
    text = column.write(value) + unit
    return Cell(DASH, "label") if math.isnan(value) else Cell(text, order=value)


def _percentile(run: RunView, percent: float, value_ms: float, column: DurationColumn) -> Cell:
    """A dash where it is no more than the maximum, and dim where the sample is too small."""
    seen = run.stats.latency_count
    value_ms = measured_percentile(value_ms, percent, seen)
    if math.isnan(value_ms):
        return Cell(DASH, "label")
    style = "value" if seen >= inferences_needed(percent) else "label"
    return Cell(column.write(value_ms), style, order=value_ms)


def _variation(fps_cv: float) -> Cell:
    return Cell(format_cv(fps_cv), "label", order=None if math.isnan(fps_cv) else fps_cv)


def _against(
    run: RunView,
    baseline_id: int,
    models: Mapping[int, str],
    comparisons: Mapping[int, Comparison],
) -> Cell:
    if run.run_id == baseline_id:
        return Cell("baseline", "accent", order=1.0)
    if run.config.model != models.get(baseline_id):
        return Cell("another model", "label")
    comparison = comparisons.get(run.run_id)
    return comparison_cell(comparison) if comparison else Cell("…", "label")
