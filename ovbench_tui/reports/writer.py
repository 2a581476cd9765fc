"""Writes the reports that were asked for, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunResult
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_write import check_target, write_text
from ovbench_tui.reports.benchmark_report import make_report, report_csv, report_json
from ovbench_tui.reports.counters_report import (
    average_csv,
    average_json,
    detailed_csv,
    detailed_json,
    sorted_csv,
    sorted_json,
)

_COUNTERS = {
    ("average_counters", False): average_csv,
    ("average_counters", True): average_json,
    ("detailed_counters", False): detailed_csv,
    ("detailed_counters", True): detailed_json,
}


class ReportNotWrittenError(BadInputError):
    """A report could not be written after all; the others were."""

    exit_code = 1


def check_writable(options: ReportOptions) -> None:
    """Refuse files that could not be written, before anything is measured for them.

    Raises:
        BadInputError: with a sentence about the first of them.
    """
    folder = Path(options.report_folder)
    if options.report_type and not folder.is_dir():
        what = "is not a folder" if folder.exists() else "does not exist: create it first"
        raise BadInputError(f"-report_folder {str(folder)!r} {what}.")
    for name in _report_names(options):
        check_target(folder / name, "-report_folder")
    for path, option in (
        (options.exec_graph_path, "-exec_graph_path"),
        (_weights_of(options.exec_graph_path), "-exec_graph_path"),
        (options.dump_config, "-dump_config"),
        (options.latencies_file, "--latencies"),
    ):
        if path:
            check_target(Path(path), option)


def _weights_of(graph_path: str) -> str:
    return str(Path(graph_path).with_suffix(".bin")) if graph_path else ""


def write_reports(
    results: Sequence[RunResult], options: ReportOptions, error: str = ""
) -> list[str]:
    """Write the reports of the last run that measured something, or else of the last one.

    Args:
        error: why the run failed, for the report; '' = it did not.

    Returns:
        Sentences for the user: what is where, or why it is not.

    Raises:
        ReportNotWrittenError: for a file that could not be written; the others are there.
    """
    if not options.report_type:
        if options.json_stats or options.report_folder:
            return ["No report is written: -json_stats and -report_folder need -report_type."]
        return []
    sentences: list[str] = []
    reasons: list[str] = []
    for name, text in _reports(_reported(results), options, error):
        path = Path(options.report_folder) / name
        shown = printable(str(path))
        if not text:
            sentences.append(f"'{shown}' is not written: no layer times were collected.")
            continue
        try:
            write_text(path, text)
        except OSError as failure:
            reasons.append(f"'{shown}' was not written: {failure.strerror or failure}.")
        else:
            sentences.append(f"A report is in '{shown}'.")
    if reasons:
        raise ReportNotWrittenError(" ".join(reasons))
    return sentences


def _reported(results: Sequence[RunResult]) -> RunResult | None:
    measured = [result for result in results if result.view.stats.count]
    candidates = measured or results
    return candidates[-1] if candidates else None


def _report_names(options: ReportOptions) -> tuple[str, ...]:
    """The names of the main report, the sorted counters and the counters, as asked for."""
    if not options.report_type:
        return ()
    suffix = "json" if options.json_stats else "csv"
    has_counters = options.report_type != "no_counters"
    return (
        f"benchmark_report.{suffix}",
        *((f"benchmark_sorted_report.{suffix}",) if options.pcsort else ()),
        *((f"benchmark_{options.report_type}_report.{suffix}",) if has_counters else ()),
    )


def _reports(
    result: RunResult | None, options: ReportOptions, error: str
) -> Iterator[tuple[str, str]]:
    """Pairs of file name and text; '' = there is nothing to write into it."""
    report = make_report(result, options, error)
    requests = result.profile.requests if result and result.profile else ()
    sort = sorted_json if options.json_stats else sorted_csv
    for name in _report_names(options):
        if name.startswith("benchmark_report"):
            yield name, report_json(report) if options.json_stats else report_csv(report)
        elif not requests:
            yield name, ""
        elif name.startswith("benchmark_sorted"):
            yield name, sort(requests, options.pcsort)
        else:
            yield name, _COUNTERS[options.report_type, options.json_stats](requests)
