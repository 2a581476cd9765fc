"""What a run writes beside its reports: completed at its end, and reported where it failed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.device_properties import NESTING
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import print_message
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import OvbenchError
from ovbench_tui.files.cache_folder import CacheFolder

if TYPE_CHECKING:
    from ovbench_tui.engine.session import Session
    from ovbench_tui.reports.latencies import LatencyFile


@contextlib.contextmanager
def latency_file(reports: ReportOptions) -> Iterator[LatencyFile | None]:
    """Take every measured latency into the file of --latencies; None = it was not given."""
    if not reports.latencies_file:
        yield None
        return
    from ovbench_tui.reports.latencies import LatencyFile

    sink = LatencyFile(reports.latencies_file)
    try:
        yield sink
    finally:
        _close(sink)


class Outputs:
    """The outputs of one start; made before it begins, so that what is new can be seen."""

    def __init__(self, config: BenchmarkConfig, reports: ReportOptions) -> None:
        self._config = config
        self._reports = reports
        self._cache = CacheFolder(config.cache_dir)

    def finish(self, session: Session, latencies: LatencyFile | None) -> str:
        """Complete the outputs of a session that is concluded, and say where each is.

        Returns:
            Why not all could be written, which has been reported; '' = it was.
        """
        reasons = (
            _close(latencies) if latencies is not None else "",
            self._dump_settings(session),
            self._check_cache(session),
        )
        return " ".join(filter(None, reasons))

    def _dump_settings(self, session: Session) -> str:
        """Write -dump_config for the last run."""
        if not self._reports.dump_config:
            return ""
        from ovbench_tui.config.compile_properties import properties_by_device
        from ovbench_tui.config.load_config import format_settings
        from ovbench_tui.files.safe_write import write_text

        config = session.runs[-1].config if session.runs else self._config
        shown = printable(self._reports.dump_config)
        text = format_settings(properties_by_device(config)) + "\n"
        try:
            write_text(Path(self._reports.dump_config), text)
        except (OSError, OvbenchError) as error:
            cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return _reported(f"-dump_config '{shown}' was not written: {cause}.")
        print_message(f"The device properties are in '{shown}'.")
        return ""

    def _check_cache(self, session: Session) -> str:
        """Say that the model is not in the cache (-cdir), where it should be."""
        if not session.runs:
            return ""
        run = session.runs[-1]
        if not run.config.cache_dir or run.effective.loaded_from_cache:
            return ""
        cache = self._cache
        if run.config.cache_dir != self._config.cache_dir:
            cache = CacheFolder(run.config.cache_dir)
        # These compile on further devices while they already run.
        is_virtual = run.config.device.partition(":")[0] in NESTING
        return _reported(cache.why_nothing_new(writes_late=is_virtual))


def _close(latencies: LatencyFile) -> str:
    sentence = latencies.close()
    if not sentence:
        return ""
    print_message(sentence)
    return "" if latencies.is_complete else sentence


def _reported(reason: str) -> str:
    if reason:
        print_message(reason)
    return reason
