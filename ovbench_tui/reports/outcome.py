"""What a session leaves behind: data on standard output, reports in files, narration on stderr."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from typing import Protocol

from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.console.plain import plain
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.errors import MISSED_EXIT_CODE, UNDECIDED_EXIT_CODE, OvbenchError
from ovbench_tui.reports.counters import covered_inferences
from ovbench_tui.reports.counters_text import format_counters, format_groups, format_sorted_counters
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.reports.loadgen import scenario_lines
from ovbench_tui.reports.machine import describe_machine
from ovbench_tui.reports.summary import format_ms, format_peak_memory, format_summary
from ovbench_tui.reports.writer import write_reports
from ovbench_tui.stats.limits import LimitResult, LimitVerdict, worst_of
from ovbench_tui.stats.self_check import DisplayOverhead

_LIMIT_CODES = {
    LimitVerdict.FAILED: MISSED_EXIT_CODE,
    LimitVerdict.UNDECIDED: UNDECIDED_EXIT_CODE,
}


class EndedSession(Protocol):
    """What is asked of a session whose measurement is over."""

    @property
    def results(self) -> tuple[RunResult, ...]:
        """Every run, the last one last."""
        ...

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call."""
        ...


def print_outcome(
    session: EndedSession,
    options: ReportOptions,
    ending: Ending,
    observer: DisplayOverhead | None = None,
    observed_run_id: int | None = None,
    *,
    reason: str = "",
    judges_limits: bool = False,
    is_ascii: bool = False,
) -> int:
    """Write the reports and print the results; to be called before the session is closed.

    Args:
        ending: how it ended; its error has been told already.
        observer: what an overhead check found about the run `observed_run_id`.
        reason: what could not be written after the run, and has been told; '' = nothing.
        judges_limits: the exit code also says whether the last run keeps its limits.
        is_ascii: the terminal is to be trusted with ASCII only.

    Returns:
        The exit code: that of `ending`, or 1 where all was well but for a file or the output, or
        4 or 5 where all was well but for a limit that was missed, or is undecided.
    """
    snapshot = session.snapshot(0)
    results = session.results
    profile = results[-1].profile if results else None
    if profile is not None and profile.reason:
        print_message(profile.reason)
        if options.exec_graph_path and not profile.graph_path:
            reason = " ".join(filter(None, (reason, profile.reason)))
    code = ending.exit_code or (OvbenchError.exit_code if reason else 0)
    try:
        for sentence in write_reports(results, options, ending.error):
            print_message(sentence)
    except OvbenchError as error:
        print_message(str(error))
        reason = " ".join(filter(None, (reason, str(error))))
        code = code or error.exit_code
    if judges_limits and not code and results:
        code, reason = _judge_limits(results[-1].view)
    measurement = Measurement(
        results=results,
        ending=Ending(code, ending.error or reason),
        options=options,
        machine=describe_machine(snapshot.devices, snapshot.openvino_version),
        notices=snapshot.notices,
        observer=observer,
        observed_run_id=observed_run_id,
    )
    text = (
        json_document(measurement) if options.json_stdout else format_outcome(measurement, _width())
    )
    return code if print_result(plain(text) if is_ascii else text) else code or 1


def _judge_limits(view: RunView) -> tuple[int, str]:
    """The exit code of a run that went well, and the sentence behind it."""
    ending = worst_ending([(limit, limit.text) for limit in view.limits])
    if ending.error:
        print_message(ending.error)
    return ending.exit_code, ending.error


def worst_ending(limits: Sequence[tuple[LimitResult, str]]) -> Ending:
    """How limits were kept: as the worst of them was.

    Args:
        limits: each with what is to be said of it.
    """
    worst = worst_of(tuple(limit for limit, _ in limits))
    code = _LIMIT_CODES.get(worst, 0) if worst is not None else 0
    texts = [text for limit, text in limits if limit.verdict is worst]
    return Ending(code, "; ".join(texts) + ".") if code else Ending()


def _width() -> int:
    """Cells of a line where the results go; 0 = it is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def format_outcome(measurement: Measurement, width: int = 0) -> str:
    """Write layer times, summary and shape groups as they were asked for; may be ''.

    Args:
        width: cells that a line of the summary has; 0 = as many as it needs.
    """
    results, options = measurement.results, measurement.options
    views = [result.view for result in results]
    summary = format_summary(views, measurement.observer, measurement.observed_run_id, width)
    if not summary and not measurement.ending.error:
        is_compiled = bool(views) and views[-1].config.iterations == 0
        summary = format_compiled(views[-1]) if is_compiled else "Nothing was measured."
    if results:
        rows = [f"{name + ':':<17}{printable(text)}" for name, text in scenario_lines(results[-1])]
        summary = "\n".join(filter(None, (summary, *rows)))
    groups = format_groups(views[-1]) if views and options.pcseq else ""
    return "\n".join(part for part in (_format_layers(results, options), summary, groups) if part)


def format_compiled(view: RunView) -> str:
    """Describe a model that was compiled and not run (-niter 0)."""
    rows = [
        ("Model", f"{view.model.name} ({view.model.format})"),
        ("Device", view.effective.execution_devices or view.effective.device),
        ("Read, compile", f"{format_ms(view.read_ms)}, {format_ms(view.compile_ms)}"),
        ("Infer requests", f"{view.effective.optimal_nireq or view.effective.nireq} are optimal"),
    ]
    if memory := format_peak_memory(view):
        rows.append(("Peak memory", memory))
    lines = [f"{name + ':':<17}{printable(value)}" for name, value in rows]
    return "\n".join([*lines, "Compiled, and not run because of -niter 0."])


def _format_layers(results: Sequence[RunResult], options: ReportOptions) -> str:
    profile = results[-1].profile if results else None
    if profile is None or not profile.requests:
        return ""
    if options.pcsort:
        text = format_sorted_counters(profile.requests, options.pcsort)
    else:
        text = format_counters(profile.requests) if options.perf_counts else ""
    covered = covered_inferences(results[-1].view.effective)
    return f"Layer times are {covered}.\n{text}" if text else ""
