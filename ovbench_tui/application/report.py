"""A recorded program's figures and verdict, as text and as a JSON document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ovbench_tui import __version__
from ovbench_tui.application.alone import AloneResult
from ovbench_tui.application.analysis import Analysis, ModelUse
from ovbench_tui.application.program import ProgramRun
from ovbench_tui.application.surroundings import Surroundings
from ovbench_tui.application.time_split import SPLIT_WORDS
from ovbench_tui.application.trace import KEYBOARD_SENTENCE
from ovbench_tui.application.verdict import Verdict, judge
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.format import format_count, format_fps
from ovbench_tui.console.numbers import three_digits
from ovbench_tui.reports.plain_data import Plain, PlainData

SCHEMA = "ovbench-tui/app/1"
APP_DATA = PlainData({}, frozenset())
"""What a program's figures are written with, and read."""


@dataclass(frozen=True, slots=True)
class AppReport:
    """Of a program that has ended.

    Attributes:
        analysis: None where it completed no inference.
        alone: what its model reaches alone; None = not measured.
    """

    words: tuple[str, ...]
    run: ProgramRun
    analysis: Analysis | None
    around: Surroundings
    verdict: Verdict
    alone: AloneResult | None = None


def make_report(
    words: Sequence[str], run: ProgramRun, alone: AloneResult | None = None
) -> AppReport:
    """Conclude what there is to conclude."""
    analysis = run.analysis
    around = run.around(analysis)
    return AppReport(tuple(words), run, analysis, around, judge(analysis, around), alone)


def report_text(report: AppReport) -> str:
    """Figures and verdict, a line each."""
    analysis = report.analysis
    lines = [f"{name:<13} {value}" for name, value in figure_rows(report)]
    if analysis is not None:
        rows = [(f"  {words}", share) for words, share in time_rows(analysis)]
        lines += [f"{time_title(analysis)}:", *aligned(rows)]
    lines += warnings_of(report)
    if report.verdict.findings:
        lines += ["Verdict:", *(f"  {sentence}" for sentence in verdict_sentences(report.verdict))]
    else:
        lines.append(f"Verdict: {report.verdict.summary}")
    return "\n".join(lines)


def figure_rows(report: AppReport) -> list[tuple[str, str]]:
    """What there is to measure, with names."""
    run, analysis = report.run, report.analysis
    ended = f"{(run.end_ns - run.begin_ns) / 1e9:.1f} s, exit code {run.exit_code}"
    rows = [("Program", ended)]
    if analysis is None:
        return rows
    median_ms, high_ms, highest_ms = map(three_digits, analysis.latencies_ms)
    optimal = f", optimal {analysis.optimal}" if analysis.optimal else ""
    queue = f", queue of {analysis.queue}" if analysis.queue else ""
    rows += [
        (
            "Throughput",
            f"{format_fps(analysis.rate)} inferences/s"
            f" ({format_count(analysis.inferences)} in {analysis.running_s:.1f} s)",
        ),
        ("Latency", f"median {median_ms} ms, 95% {high_ms} ms, 99% {highest_ms} ms"),
        (
            "In flight",
            f"{analysis.in_flight:.1f} on average{optimal}{queue};"
            f" device busy {analysis.busy:.0%} of the time",
        ),
    ]
    if analysis.callbacks:
        mean_ms = analysis.callback_s / analysis.callbacks * 1e3
        callbacks = f"{three_digits(mean_ms)} ms on average, running {analysis.callback_busy:.0%}"
        rows.append(("Callbacks", f"{callbacks} of the time"))
    return [*rows, *(("Model", _model(use)) for use in analysis.models)]


def warnings_of(report: AppReport) -> list[str]:
    """What else is to be known, in sentences."""
    trace = report.run.trace
    sentences = []
    if report.alone is not None and report.analysis is not None:
        sentences.append(alone_line(report.alone, report.analysis))
    if trace.dropped:
        sentences.append(
            f"Not all is in these figures: {format_count(trace.dropped)} records were lost,"
            " because the program calls OpenVINO faster than they could be read, or for very long."
        )
    if trace.failure:
        sentences.append(f"Not all calls of this OpenVINO can be recorded: {trace.failure}.")
    if trace.reads_keyboard:
        sentences.append(KEYBOARD_SENTENCE)
    return sentences


def alone_line(alone: AloneResult, analysis: Analysis) -> str:
    """The program beside its model alone, in a sentence."""
    inputs = sorted({name for use in analysis.models if use.inferences for name in use.note.inputs})
    other = f" with the inputs {'; '.join(alone.inputs)}" if sorted(alone.inputs) != inputs else ""
    source = alone.source or f"{alone.seconds:.0f} s"
    return (
        f"Your program runs {format_fps(analysis.rate)} inferences/s; {alone.name} alone reaches"
        f" {format_fps(alone.rate)} on {alone.device}{other} ({alone.requests} requests, median"
        f" {three_digits(alone.median_ms)} ms, {source})."
    )


def _model(use: ModelUse) -> str:
    note = use.note
    times = "once" if use.compiled == 1 else f"{use.compiled} times"
    parts = [
        note.name or "(no name)",
        *filter(None, [", ".join(note.devices), note.hint.lower()]),
        *([f"{note.streams} streams"] if note.streams > 1 else []),
        f"compiled {times} in {use.compile_s:.2f} s",
        f"{format_count(use.inferences)} inferences",
    ]
    return ", ".join(parts)


def time_title(analysis: Analysis) -> str:
    """What `time_rows` are about."""
    if analysis.threads > 1:
        return f"Time of the {analysis.threads} threads that start inferences"
    return "Time of the thread that starts inferences"


def time_rows(analysis: Analysis) -> list[tuple[str, str]]:
    """What the time goes into, and its share."""
    shares = asdict(analysis.split.shares())
    return [(words, f"{shares[name]:.1%}") for name, words in SPLIT_WORDS.items()]


def verdict_sentences(verdict: Verdict) -> list[str]:
    """The findings, numbered; where there are none, what to say instead."""
    if not verdict.findings:
        return [verdict.summary]
    return [f"{number}. {finding.text}" for number, finding in enumerate(verdict.findings, 1)]


def report_document(report: AppReport) -> str:
    """All of it as JSON; null is what is unknown."""
    run, verdict = report.run, report.verdict
    document: dict[str, Plain] = {
        "schema": SCHEMA,
        "version": __version__,
        "program": list(report.words),
        "exit_code": run.exit_code,
        "duration_s": (run.end_ns - run.begin_ns) / 1e9,
        "records_lost": run.trace.dropped,
        "not_recorded": run.trace.failure or None,
        "machine": APP_DATA.of(report.around),
        "analysis": APP_DATA.of(report.analysis),
        "alone": APP_DATA.of(report.alone),
        "verdict": {
            "summary": verdict.summary,
            "findings": [{**asdict(finding), "text": finding.text} for finding in verdict.findings],
        },
    }
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)
