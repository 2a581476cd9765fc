"""What a comparison of two versions of OpenVINO comes to: a table and a sentence, or JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.ab.differing import differing_lines
from ovbench_tui.ab.interpreters.comparison import SideFigures, VersionComparison
from ovbench_tui.ab.report import SCHEMA, measured_in, ratio_cells, ratio_data, slice_data
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.reports.summary import format_ms
from ovbench_tui.stats.comparison.compare_text import sentence
from ovbench_tui.stats.comparison.difference import Difference


def format_versions(view: VersionComparison) -> str:
    """The table, what differs in the compiled models, and the sentence; '' before both ran."""
    a, b = view.a, view.b
    if a is None or b is None:
        return ""
    rows = [
        ("", "A", "B", "B/A", f"{view.fps.confidence * 100:g} % interval"),
        ("OpenVINO", _version(a), _version(b), "", ""),
        ("FPS", f"{a.fps:.2f}", f"{b.fps:.2f}", *ratio_cells(view.fps)),
        ("p50", format_ms(a.p50_ms), format_ms(b.p50_ms), *ratio_cells(view.p50)),
        ("p99", format_ms(a.p99_ms), format_ms(b.p99_ms), "", ""),
        ("Count", str(a.count), str(b.count), "", ""),
    ]
    return "\n".join(
        [
            *_differing("properties", view.properties),
            "",
            *_differing("layers", view.layers),
            "",
            *aligned([[printable(cell) for cell in row] for row in rows]),
            "",
            conclusion(view),
        ]
    )


def conclusion(view: VersionComparison) -> str:
    """One sentence on the throughput, and its number of pairs."""
    return f"{sentence(view.fps)} {measured_in(view.pairs)}"


def versions_document(
    view: VersionComparison | None,
    config: BenchmarkConfig,
    *,
    exit_code: int,
    error: str = "",
) -> str:
    """The same as JSON.

    Args:
        config: of both.
        error: why it failed, in a sentence; '' = it did not.
    """
    a, b = (view.a, view.b) if view is not None else (None, None)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        "a": _side(config, a),
        "b": _side(config, b),
        "pairs": view.pairs if view is not None else 0,
        "ratio": None
        if view is None
        else {"fps": ratio_data(view.fps), "p50_ms": ratio_data(view.p50)},
        "conclusion": conclusion(view) if view is not None and a is not None else None,
        "properties": _pairs(view.properties if view is not None else ()),
        "layers": _pairs(view.layers if view is not None else ()),
        "slices": slice_data(view.slices if view is not None else ()),
    }
    return json_text(document)


def _version(figures: SideFigures) -> str:
    """Without the build and its branch, which --json has."""
    return figures.openvino.partition("-")[0]


def _side(config: BenchmarkConfig, figures: SideFigures | None) -> dict[str, Any]:
    return {
        "config": config,
        "command": own_command(config),
        "openvino": figures and figures.openvino,
        "count": figures.count if figures is not None else 0,
        "seconds": figures.seconds if figures is not None else 0.0,
        "fps": figures and figures.fps,
        "p50_ms": figures and figures.p50_ms,
        "p99_ms": figures and figures.p99_ms,
    }


def _pairs(found: Sequence[Difference]) -> list[dict[str, str | None]]:
    return [{"name": one.name, "a": one.a or None, "b": one.b or None} for one in found]


def _differing(what: str, found: Sequence[Difference]) -> list[str]:
    if not found:
        return [f"The compiled models have the same {what}."]
    return differing_lines(f"{what.capitalize()} in which the compiled models differ", found)
