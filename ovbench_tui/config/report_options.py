"""What is written and printed after a measurement, apart from what is measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.config.option import Group, Kind, check_options, option, options_of
from ovbench_tui.config.option_types import one_of

REPORT_TYPES = ("no_counters", "average_counters", "detailed_counters")
PCSORT_ORDERS = ("no_sort", "sort", "simple_sort")
LATENCY_FORMATS = (".npy", ".csv")


def _ends_in(*suffixes: str) -> Callable[[str], str]:
    """Check a file's name; '' = none is written."""
    return lambda path: (
        ""
        if not path or Path(path).suffix.lower() in suffixes
        else f"{path!r}: name a file that ends in {' or '.join(suffixes)}."
    )


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """benchmark_app's statistics options and our own; '' or False = not wanted.

    Attributes:
        perf_counts: -pc, print the time of every layer; collecting it is
            `BenchmarkConfig.perf_counts`, which other options switch on, too.
        command_line: pairs of option and value as they were typed, for the reports' section
            of command line parameters; a value is '' where the option had none.
    """

    report_type: str = option(
        "",
        *("-report_type", "--report_type", "--report-type"),
        group=Group.STATISTICS,
        choices=REPORT_TYPES,
        help="write a report: the figures, with the average time of every layer, or with the"
        " time of every layer in every infer request",
        check=one_of(REPORT_TYPES),
    )
    report_folder: str = option(
        "",
        *("-report_folder", "--report_folder", "--report-folder"),
        group=Group.STATISTICS,
        metavar="DIR",
        help="where reports go (default the current folder)",
    )
    json_stats: bool = option(
        False,
        *("-json_stats", "--json_stats", "--json-stats"),
        group=Group.STATISTICS,
        kind=Kind.SWITCH,
        help="reports in JSON, not CSV; which report, -report_type says",
    )
    perf_counts: bool = False
    pcsort: str = option(
        "",
        *("-pcsort", "--perf_counts_sort", "--perf-counts-sort"),
        group=Group.STATISTICS,
        choices=PCSORT_ORDERS,
        help="print the times of the layers in the model's order, the longest first, or the longest"
        " first without what was not executed",
        check=one_of(PCSORT_ORDERS),
    )
    pcseq: bool = option(
        False,
        *("-pcseq", "--pcseq"),
        group=Group.STATISTICS,
        kind=Kind.SWITCH,
        help="report the latencies of each shape of -data_shape",
    )
    exec_graph_path: str = option(
        "",
        *("-exec_graph_path", "--exec_graph_path", "--exec-graph"),
        group=Group.STATISTICS,
        metavar="FILE",
        help="write the executable graph there, as .xml",
        check=_ends_in(".xml"),  # a .bin is written beside it, which must not be some other file's
    )
    dump_config: str = option(
        "",
        *("-dump_config", "--dump-config"),
        group=Group.STATISTICS,
        metavar="FILE",
        help="write the device properties that were requested, as JSON for -load_config",
    )
    latencies_file: str = option(
        "",
        "--latencies",
        group=Group.STATISTICS,
        metavar="FILE",
        help="write every latency that the figures are made of to this .npy or .csv file",
        check=_ends_in(*LATENCY_FORMATS),
    )
    json_stdout: bool = option(
        False,
        "--json",
        group=Group.STATISTICS,
        kind=Kind.FLAG,
        brief="no screen: one JSON document",
        help="print one JSON document and nothing else on standard output; no screen",
    )
    command_line: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse words and file names nothing could be done with."""
        check_options(self, options_of(ReportOptions))

    @property
    def needs_profile(self) -> bool:
        """Whether layer times or the executable graph must be read after the measurement."""
        return bool(
            self.perf_counts
            or self.pcsort
            or self.exec_graph_path
            or self.report_type in ("average_counters", "detailed_counters")
        )

    @property
    def writes_files(self) -> bool:
        """Whether anything is written beside standard output."""
        return bool(
            self.report_type or self.exec_graph_path or self.dump_config or self.latencies_file
        )
