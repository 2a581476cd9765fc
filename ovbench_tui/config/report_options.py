"""What is written and printed after a measurement, apart from what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.errors import BadInputError

REPORT_TYPES = ("no_counters", "average_counters", "detailed_counters")
PCSORT_ORDERS = ("no_sort", "sort", "simple_sort")
LATENCY_FORMATS = (".npy", ".csv")


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """benchmark_app's statistics options and our own; '' or False = not asked for.

    Attributes:
        report_type: -report_type, '' or one of `REPORT_TYPES`; a report is written only with it.
        report_folder: -report_folder; '' = the current folder.
        json_stats: -json_stats, reports as JSON instead of CSV.
        perf_counts: -pc, print the time of every layer; collecting it is
            `BenchmarkConfig.perf_counts`, which other options switch on, too.
        pcsort: -pcsort, '' or one of `PCSORT_ORDERS`.
        pcseq: -pcseq, the latencies of each shape of a rotation.
        exec_graph_path: -exec_graph_path, where the executable graph goes.
        dump_config: -dump_config, where the compile properties go, as JSON.
        latencies_file: --latencies, a file in one of `LATENCY_FORMATS`.
        json_stdout: --json, one JSON document on standard output and nothing else.
        command_line: pairs of option and value as they were typed, for the reports' section
            of command line parameters; a value is '' where the option had none.
    """

    report_type: str = ""
    report_folder: str = ""
    json_stats: bool = False
    perf_counts: bool = False
    pcsort: str = ""
    pcseq: bool = False
    exec_graph_path: str = ""
    dump_config: str = ""
    latencies_file: str = ""
    json_stdout: bool = False
    command_line: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Refuse words and file names nothing could be done with."""
        if self.report_type and self.report_type not in REPORT_TYPES:
            raise BadInputError(
                f"-report_type {self.report_type!r} is unknown: choose {', '.join(REPORT_TYPES)}."
            )
        if self.exec_graph_path and Path(self.exec_graph_path).suffix != ".xml":
            # A .bin is written beside it, which must not be some other file's.
            raise BadInputError(
                f"-exec_graph_path {self.exec_graph_path!r}: name a file that ends in .xml."
            )
        if self.pcsort and self.pcsort not in PCSORT_ORDERS:
            raise BadInputError(
                f"-pcsort {self.pcsort!r} is unknown: choose {', '.join(PCSORT_ORDERS)}."
            )
        suffix = Path(self.latencies_file).suffix.lower()
        if self.latencies_file and suffix not in LATENCY_FORMATS:
            raise BadInputError(
                f"--latencies {self.latencies_file!r}: name a file that ends in .npy or .csv."
            )

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
