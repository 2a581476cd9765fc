"""What an A/B comes to: a table and a sentence, or one JSON document."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.comparable import likeness_of
from ovbench_tui.engine.api.results import AbView, RunView
from ovbench_tui.export import own_command
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.reports.summary import format_ms
from ovbench_tui.stats.comparison.compare_text import sentence
from ovbench_tui.stats.comparison.outcome import outcome_of, seconds_needed
from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures
from ovbench_tui.stats.sample_size import measured_percentile

SCHEMA = "ovbench-tui/ab/1"
_DASH = "-"

RATIO_NAMES = {"fps": "FPS", "p50_ms": "p50"}
"""The ratios that there are, and what they are called."""


def differences(a: BenchmarkConfig, b: BenchmarkConfig) -> tuple[str, str]:
    """Say in what the two differ: A's words and B's; '' twice where they are alike."""
    return describe_change(b, a), describe_change(a, b)


def different_work(view: AbView) -> str:
    """Say first, in a sentence, that A and B do not do the same work; '' = they do.

    Who lets two models run in turn wants to know which is faster, so the ratio is judged all the
    same, but never without that sentence.
    """
    return _unlike(view)[1]


def _unlike(view: AbView) -> tuple[str, str]:
    a, b = view.a, view.b
    return unlike_work(a, b) if a is not None and b is not None else ("", "")


def unlike_work(a: RunView, b: RunView) -> tuple[str, str]:
    """What is compared where it is not the same work, in two words, and the sentence on it."""
    one, other = likeness_of(a.config.model, a.effective), likeness_of(b.config.model, b.effective)
    rest = "the ratio compares their speed, not the same work."
    if one.model != other.model:
        return "two models", f"A and B are different models: {rest}"
    if one.frame != other.frame:
        shapes = f"{one.shapes} and {other.shapes}"
        return "two input shapes", f"A and B take different inputs ({shapes}): {rest}"
    return "", ""


def p99_of(run: RunView) -> float:
    """The p99 of a side; NaN where it is no more than the maximum."""
    stats = run.stats
    return measured_percentile(stats.p99_ms, 99, stats.latency_count)


def format_ab(view: AbView) -> str:
    """The table and the sentence; '' before both have run."""
    a, b = view.a, view.b
    if a is None or b is None:
        return ""
    words = differences(a.config, b.config)
    rows = [
        ("", "A", "B", "B/A", f"{view.fps.confidence * 100:g} % interval"),
        ("Model", a.model.name, b.model.name, "", ""),
        ("Differs", words[0] or "in nothing", words[1] or "in nothing", "", ""),
        (view.unit, f"{a.stats.fps_mean:.2f}", f"{b.stats.fps_mean:.2f}", *ratio_cells(view.fps)),
        ("p50", _ms(a.stats.p50_ms), _ms(b.stats.p50_ms), *ratio_cells(view.p50)),
        ("p99", _ms(p99_of(a)), _ms(p99_of(b)), "", ""),
        ("Count", str(a.stats.count), str(b.stats.count), "", ""),
        *_answers(a, b),
    ]
    unlike = different_work(view)
    return "\n".join(
        [
            *([unlike, ""] if unlike else []),
            *aligned([[printable(cell) for cell in row] for row in rows]),
            "",
            conclusion(view),
        ]
    )


def _answers(a: RunView, b: RunView) -> list[tuple[str, str, str, str, str]]:
    found = a.judged_answers, b.judged_answers
    if found == (None, None):
        return []
    one, other = (
        _DASH
        if limit is None
        else limit.verdict.value
        + (f", {limit.value:.2g} off" if math.isfinite(limit.value) else "")
        for limit in found
    )
    return [("Answers", one, other, "", "")]


def conclusion(view: AbView) -> str:
    """One sentence on the throughput, labelled where the work differs, and its number of pairs."""
    compared, _ = _unlike(view)
    label = f"{compared.capitalize()} compared: " if compared else ""
    return f"{label}{sentence(view.fps)} {measured_in(view.pairs)}"


def measured_in(pairs: int) -> str:
    """Say what a verdict rests on."""
    noun = "1 pair" if pairs == 1 else f"{pairs} pairs"
    return f"Measured in {noun} of neighbouring slices."


def ab_document(
    view: AbView | None,
    configs: tuple[BenchmarkConfig, BenchmarkConfig],
    *,
    exit_code: int,
    error: str = "",
) -> str:
    """The same as JSON, with the slices.

    Args:
        configs: A and B as they were asked for.
        error: why it failed, in a sentence; '' = it did not.
    """
    runs = (view.a, view.b) if view is not None else (None, None)
    sides = dict(zip("ab", zip(configs, runs, strict=True), strict=True))
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        **{name: _side(config, run) for name, (config, run) in sides.items()},
        "pairs": view.pairs if view is not None else 0,
        "ratio": None
        if view is None
        else {"fps": ratio_data(view.fps), "p50_ms": ratio_data(view.p50)},
        "different_work": (different_work(view) or None) if view is not None else None,
        "conclusion": conclusion(view) if view is not None and view.a is not None else None,
        "slices": slice_data(view.slices if view is not None else ()),
    }
    return json_text(document)


def slice_data(slices: Iterable[SliceFigures]) -> list[dict[str, Any]]:
    """Each slice in plain data."""
    return [
        {
            "pair": piece.pair,
            "side": piece.side,
            "count": piece.count,
            "seconds": piece.seconds,
            "fps": piece.fps,
            "p50_ms": piece.p50_ms,
        }
        for piece in slices
    ]


def _side(config: BenchmarkConfig, run: RunView | None) -> dict[str, Any]:
    return {
        "config": config,
        "command": own_command(config),
        "model": run and run.model.name,
        "effective": run and run.effective,
        "stats": run and run.stats,
    }


def ratio_data(ratio: PairedRatio) -> dict[str, Any]:
    """A ratio for a document; what is not known is NaN."""
    return {
        "value": ratio.ratio,
        "low": ratio.low,
        "high": ratio.high,
        "confidence": ratio.confidence,
        "pairs": ratio.pairs,
        "is_real": ratio.is_real,
        "verdict": outcome_of(ratio).value,
        "margin": ratio.margin,
        "seconds_needed": seconds_needed(ratio),
        "trouble": ratio.reason or None,
    }


def ratio_cells(ratio: PairedRatio) -> tuple[str, str]:
    """The ratio and its interval, for two columns."""
    value = _DASH if math.isnan(ratio.ratio) else f"{ratio.ratio:.3f}"
    return value, _DASH if math.isnan(ratio.low) else f"{ratio.low:.3f} to {ratio.high:.3f}"


def _ms(value_ms: float) -> str:
    return _DASH if math.isnan(value_ms) else format_ms(value_ms)
