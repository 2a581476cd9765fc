"""What other tools read of a suite: JUnit XML, github-action-benchmark and Bencher.

JUnit's is the XML that test runners write and CI servers show. github-action-benchmark takes a
list of ``name``, ``unit``, ``value``, ``range`` and ``extra``, in which either a bigger or a
smaller value is better, so rates and latencies are two files. Bencher Metric Format has for each
benchmark its measures with ``value``, ``lower_value`` and ``upper_value``; its latency is in
nanoseconds, and its throughput is operations a second.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterator

from ovbench_tui.console.printable import printable
from ovbench_tui.stats.comparison.repeats import RepeatedFigure
from ovbench_tui.suite.document import SuiteResult, figures_of, unit_of
from ovbench_tui.suite.verdict import EntryResult, Status

_NS_PER_MS = 1e6
_LATENCIES = {"p50_ms": "p50", "p99_ms": "p99"}
_MEASURES = {
    "fps": ("throughput", 1.0),
    "p50_ms": ("latency", _NS_PER_MS),
    "p99_ms": ("p99-latency", _NS_PER_MS),
}
_ELEMENTS = {
    Status.FAILED: "error",
    Status.REGRESSION: "failure",
    Status.MISSED: "failure",
    Status.UNDECIDED: "skipped",
    Status.NOT_RUN: "skipped",
}
"""JUnit's word for each; nothing stands for a test that passed."""


def junit_xml(suite: SuiteResult) -> str:
    """Write an entry as a test: what failed is an error, a regression or missed limit a failure.

    What is undecided counts as skipped, since it is neither a pass nor a failure.
    """
    elements = [_ELEMENTS.get(result.status, "") for result in suite.results]
    seconds = sum(result.measured.seconds for result in suite.results)
    totals = (
        f'tests="{len(elements)}" failures="{elements.count("failure")}"'
        f' errors="{elements.count("error")}" skipped="{elements.count("skipped")}"'
        f' time="{seconds:.3f}"'
    )
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {totals}>",
        f"  <testsuite name={_quoted(suite.name)} {totals}>",
    ]
    for result, element in zip(suite.results, elements, strict=True):
        name = _quoted(result.entry.name)
        lines.append(
            f"    <testcase classname={_quoted(suite.name)} name={name}"
            f' time="{result.measured.seconds:.3f}">'
        )
        if element:
            kind = "" if element == "skipped" else f' type="{result.status.value}"'
            lines.append(f"      <{element} message={_quoted(result.reason)}{kind}/>")
        if text := _figures_text(result):
            lines.append(f"      <system-out>{html.escape(text)}</system-out>")
        lines.append("    </testcase>")
    lines += ["  </testsuite>", "</testsuites>", ""]
    return "\n".join(lines)


def github_rates_json(suite: SuiteResult) -> str:
    """Write the rates, for github-action-benchmark's customBiggerIsBetter."""
    return _github(
        (result.entry.name, unit_of(result), figures["fps"]) for result, figures in _measured(suite)
    )


def github_latencies_json(suite: SuiteResult) -> str:
    """Write p50 and p99, for github-action-benchmark's customSmallerIsBetter."""
    return _github(
        (f"{result.entry.name} {word}", "ms", figures[name])
        for result, figures in _measured(suite)
        for name, word in _LATENCIES.items()
    )


def bencher_json(suite: SuiteResult) -> str:
    """Write Bencher Metric Format."""
    document = {
        result.entry.name: {
            measure: _bencher_metric(figures[name], scale)
            for name, (measure, scale) in _MEASURES.items()
            if math.isfinite(figures[name].value)
        }
        for result, figures in _measured(suite)
    }
    return json.dumps(document, allow_nan=False, indent=2) + "\n"


def _measured(suite: SuiteResult) -> Iterator[tuple[EntryResult, dict[str, RepeatedFigure]]]:
    for result in suite.results:
        if figures := figures_of(result):
            yield result, figures


def _github(rows: Iterator[tuple[str, str, RepeatedFigure]]) -> str:
    known = [_github_row(*row) for row in rows if math.isfinite(row[2].value)]
    return json.dumps(known, allow_nan=False, indent=2) + "\n"


def _github_row(name: str, unit: str, figure: RepeatedFigure) -> dict[str, object]:
    row: dict[str, object] = {"name": name, "unit": unit, "value": figure.value}
    if math.isfinite(figure.spread):
        spread = figure.value * figure.spread
        row |= {"range": f"± {spread:.4g}", "extra": f"standard deviation of {figure.runs} runs"}
    return row


def _bencher_metric(figure: RepeatedFigure, scale: float) -> dict[str, float]:
    metric = {"value": figure.value * scale}
    if math.isfinite(figure.low):
        metric |= {"lower_value": figure.low * scale, "upper_value": figure.high * scale}
    return metric


def _figures_text(result: EntryResult) -> str:
    figures = figures_of(result)
    if not figures:
        return ""
    rate = f"{figures['fps'].value:.2f} {unit_of(result)}"
    latencies = (f"{word} {figures[name].value:.4g} ms" for name, word in _LATENCIES.items())
    return ", ".join((rate, *latencies))


def _quoted(text: str) -> str:
    """An attribute's value; XML has no place for control characters."""
    return f'"{html.escape(printable(text, 2000))}"'
