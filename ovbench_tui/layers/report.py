"""What a comparison of layers leaves behind: tables and sentences, one JSON document, a CSV."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.ab.differing import differing_lines
from ovbench_tui.ab.report import differences as config_differences
from ovbench_tui.ab.report import ratio_data, unlike_work
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.columns import aligned, csv_text
from ovbench_tui.console.numbers import three_digits
from ovbench_tui.console.printable import printable
from ovbench_tui.console.text import fit_middle
from ovbench_tui.console.units import Unit, suitable_unit
from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export import own_command
from ovbench_tui.layers.comparison import ComparedPart, LayerComparison, Times
from ovbench_tui.layers.matching import Change
from ovbench_tui.layers.measuring import TakenSample
from ovbench_tui.layers.words import (
    OUTSIDE,
    SAME,
    TITLES,
    about,
    differences,
    executed_as,
    precisions,
    verdict,
    verdict_on,
)
from ovbench_tui.reports.layer_table import executed_precision
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.stats.comparison.compare_text import sentence
from ovbench_tui.stats.run_stats import PairedRatio

SCHEMA = "ovbench-tui/layers/1"
_SCHEMA_FILE = "schema_1.json"
_SHOWN = 15
_NAME = 23
_DASH = "-"
_ENDLESS = 1e4
"""An interval that reaches so far has no end that is worth a figure."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What was compared.

    Attributes:
        a, b: as requested, with what a single request takes.
        run_a, run_b: what became of them; None before they were run.
        openvino_a, openvino_b: versions; '' = not known yet.
    """

    a: BenchmarkConfig
    b: BenchmarkConfig
    run_a: RunView | None = None
    run_b: RunView | None = None
    openvino_a: str = ""
    openvino_b: str = ""

    @property
    def different_work(self) -> str:
        """A sentence where A and B do not do the same; '' = they do."""
        if self.run_a is None or self.run_b is None:
            return ""
        return unlike_work(self.run_a, self.run_b)[1]


def layers_text(found: LayerComparison | None, sides: Sides) -> str:
    """The tables and sentences; '' where nothing was measured."""
    if found is None:
        return ""
    noun = "pair" if found.pairs == 1 else "pairs"
    unlike = sides.different_work
    return "\n".join(
        [
            *([unlike, ""] if unlike else []),
            f"Layers of {printable(sides.a.model)} on {printable(sides.a.device)}, one infer"
            f" request, {found.pairs} {noun} of samples:",
            *_described(sides),
            "",
            *_table(found),
            "",
            *_changed(found),
            *about(found),
            conclusion(found),
        ]
    )


def conclusion(found: LayerComparison) -> str:
    """One sentence on the latency of the infer request."""
    return sentence(found.latency.ratio)


def layers_document(
    found: LayerComparison | None,
    sides: Sides,
    taken: Sequence[TakenSample],
    *,
    exit_code: int,
    error: str = "",
) -> str:
    """The same as JSON; what is not known is null. `schema_text` describes it.

    Args:
        taken: every sample, as measured.
        error: why it failed, in a sentence; '' = it did not.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        "a": _side(sides.a, sides.openvino_a),
        "b": _side(sides.b, sides.openvino_b),
        "different_work": sides.different_work or None,
        "pairs": found.pairs if found is not None else 0,
        "latency": found and _times(found.latency),
        "outside": found and _times(found.outside),
        "layers": [_part(part) for part in _longest_change(found)] if found is not None else [],
        "conclusion": found and conclusion(found),
        "samples": [
            {
                "pair": one.pair,
                "side": one.side.value,
                "inferences": one.sample.inferences,
                "latency_ms": one.sample.latency_ms,
                "layers_ms": one.sample.layers_ms,
                "outside_ms": one.sample.outside_ms,
            }
            for one in taken
        ],
    }
    return json_text(document)


def schema_text() -> str:
    """The JSON Schema (draft 2020-12) of that document."""
    return (resources.files(__package__) / _SCHEMA_FILE).read_text("utf-8").rstrip()


def layers_csv(found: LayerComparison) -> str:
    """A line for each part of the model, then for the rest and for the latency."""
    head = ("layer", "changes", "a_ms", "b_ms", "difference_ms", "ratio", "low", "high", "verdict")
    rows: list[tuple[object, ...]] = [
        (
            part.name,
            "; ".join(change.value for change in part.changes),
            *_csv_cells(part.times),
            verdict(part),
            executed_as(part.a),
            executed_as(part.b),
        )
        for part in _longest_change(found)
    ]
    for name, times in ((OUTSIDE.lower(), found.outside), ("latency", found.latency)):
        if math.isnan(times.mean_a_ms):
            continue  # on the screen the latency is not of the same inferences
        rows.append((name, "", *_csv_cells(times), verdict_on(times.ratio), "", ""))
    return csv_text((*head, "a_executed_as", "b_executed_as"), rows)


def _csv_cells(times: Times) -> tuple[float, ...]:
    ratio = times.ratio
    means = (times.mean_a_ms, times.mean_b_ms, times.difference_ms)
    return (*means, ratio.ratio, ratio.low, ratio.high)


def _described(sides: Sides) -> list[str]:
    words: Sequence[str] = config_differences(sides.a, sides.b)
    versions = (sides.openvino_a, sides.openvino_b)
    if len(set(versions)) > 1:
        words = [f"OpenVINO {version.partition('-')[0]}" for version in versions]
    if not any(words):
        return ["A and B are the same configuration."]
    return [f"{side}: {printable(text)}" for side, text in zip("AB", words, strict=True)]


def _table(found: LayerComparison) -> list[str]:
    unit = suitable_unit(
        max((max(one.times.mean_a_ms, one.times.mean_b_ms) for one in found.parts), default=0.0)
    )
    parts = _longest_change(found)
    shown, others = parts[:_SHOWN], parts[_SHOWN:]
    rows: list[tuple[str, ...]] = [
        (f"Layer, in {unit.name}", "A", "B", "B-A", "B/A", "interval", "B is")
    ]
    rows += [_row(part.name, part.times, verdict(part), unit) for part in shown]
    if others:
        a_ms = sum(part.times.mean_a_ms for part in others)
        b_ms = sum(part.times.mean_b_ms for part in others)
        rows.append((f"{len(others)} more", *_time_cells(a_ms, b_ms, unit), "", "", ""))
    for name, times in ((OUTSIDE, found.outside), ("Latency", found.latency)):
        rows.append(_row(name, times, verdict_on(times.ratio), unit))
    lines = aligned(rows)
    return lines if not others else [*lines, "--json and --csv list every layer."]


def _row(name: str, times: Times, word: str, unit: Unit) -> tuple[str, ...]:
    ratio = times.ratio
    return (
        fit_middle(printable(name), _NAME) if len(printable(name)) > _NAME else printable(name),
        *_time_cells(times.mean_a_ms, times.mean_b_ms, unit),
        _DASH if math.isnan(ratio.ratio) else f"{ratio.ratio:.2f}",
        _interval(ratio),
        word,
    )


def _time_cells(a_ms: float, b_ms: float, unit: Unit) -> tuple[str, str, str]:
    values = (a_ms, b_ms, b_ms - a_ms)
    a, b, difference = (_signed(value * unit.per_ms) for value in values)
    return (
        a if a_ms else _DASH,
        b if b_ms else _DASH,
        difference if b_ms < a_ms else f"+{difference}",
    )


def _signed(value: float) -> str:
    text = three_digits(abs(value))
    return f"-{text}" if value < 0 else text


def _interval(ratio: PairedRatio) -> str:
    if math.isnan(ratio.low):
        return _DASH
    high = three_digits(ratio.high, 2) if ratio.high < _ENDLESS else "inf"
    return f"{ratio.low:.2f}-{high}"


def _changed(found: LayerComparison) -> list[str]:
    lines: list[str] = []
    for change in Change:
        if listed := differences(found.parts, change):
            lines += [*differing_lines(TITLES[change], listed), ""]
    return lines or [SAME, ""]


def _longest_change(found: LayerComparison) -> list[ComparedPart]:
    """First what the latency has gained or lost most by."""
    return sorted(found.parts, key=lambda part: -abs(part.times.difference_ms))


def _side(config: BenchmarkConfig, openvino: str) -> dict[str, Any]:
    return {"config": config, "command": own_command(config), "openvino": openvino or None}


def _times(times: Times) -> dict[str, Any]:
    return {
        "a_ms": times.mean_a_ms,
        "b_ms": times.mean_b_ms,
        "difference_ms": times.difference_ms,
        "ratio": ratio_data(times.ratio),
    }


def _part(part: ComparedPart) -> dict[str, Any]:
    return {
        "name": part.name,
        "changes": [change.value for change in part.changes],
        "verdict": verdict(part),
        **_times(part.times),
        "a_precision": precisions(part.a) or None,
        "b_precision": precisions(part.b) or None,
        "a": [_layer(layer) for layer in part.a],
        "b": [_layer(layer) for layer in part.b],
    }


def _layer(layer: LayerTime) -> dict[str, Any]:
    return {
        "name": layer.name,
        "type": layer.node_type,
        "executed_as": layer.exec_type,
        "precision": executed_precision(layer.exec_type) or None,
        "real_ms": layer.real_ms,
        "originals": layer.originals,
    }
