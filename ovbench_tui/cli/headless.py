"""The same session with no screen: progress on stderr, and results for `outcome` to tell."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import Protocol

from ovbench_tui.cli.interrupts import kept_interrupts
from ovbench_tui.cli.progress_bar import ProgressBar
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.messages import print_message
from ovbench_tui.engine.api.events import ConfigRejected, ShapeNeeded
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.errors import BadInputError, RunFailedError

_POLL_S = 0.1
_QUICK_DEVICES = ("CPU", "GPU", "NPU")


class MeasuringSession(Protocol):
    """What a run without a screen needs of a session."""

    def start(self) -> None:
        """Begin with the configuration it was made with."""
        ...

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call."""
        ...

    def take_profile(self, graph_path: str = "") -> None:
        """Ask for the time of every layer."""
        ...

    @property
    def profile_pending(self) -> bool:
        """Whether a profile was asked for and is still to come."""
        ...

    @property
    def rejection(self) -> ConfigRejected | ShapeNeeded | None:
        """Why the last configuration asked for does not run."""
        ...

    @property
    def failure(self) -> str:
        """Why nothing runs any more."""
        ...


def with_default_duration(config: BenchmarkConfig) -> BenchmarkConfig:
    """Without a screen a run must end: benchmark_app's 60 s, or 120 s on other devices."""
    if config.duration_s is not None or config.iterations is not None:
        return config
    is_quick = any(device in config.device.upper() for device in _QUICK_DEVICES)
    return replace(config, duration_s=60.0 if is_quick else 120.0)


def run_headless(session: MeasuringSession, options: ReportOptions | None = None) -> None:
    """Run until the session's configuration has been measured to its end, and profiled.

    Args:
        options: whether layer times are wanted; None = they are not.

    Raises:
        BadInputError: it cannot be run as asked.
        KeyboardInterrupt: between two folds, so that what was measured is whole.
        RunFailedError: it failed while it ran; what was measured is in the session.
    """
    progress = ProgressBar(sys.stderr)
    reported = 0
    with kept_interrupts() as raise_kept:
        try:
            session.start()
            while True:
                snapshot = session.snapshot(0)
                reported = _tell_notices(snapshot, reported, progress)
                raise_kept()
                raise_on_failure(session)
                if snapshot.finished:
                    break
                progress.show(snapshot)
                time.sleep(_POLL_S)
        finally:
            progress.clear()
    if options is not None:
        collect_profile(session, options)


def _tell_notices(snapshot: Snapshot, reported: int, progress: ProgressBar) -> int:
    """Tell what is new and no error, since errors are raised; returns the last one's number."""
    for notice in snapshot.notices:
        if notice.number > reported and not notice.is_error:
            progress.clear()
            print_message(notice.text)
    return max((notice.number for notice in snapshot.notices), default=reported)


def collect_profile(session: MeasuringSession, options: ReportOptions) -> None:
    """Take the profile that a report or a print-out needs, of the run that is there.

    Returns when it is there, or when the engine has died over it.

    Raises:
        RunFailedError: the engine has died; what was measured is in the session.
    """
    run = session.snapshot(0).run
    if not options.needs_profile or run is None:
        return
    if not run.stats.count and not options.exec_graph_path:
        return
    session.take_profile(options.exec_graph_path)
    with kept_interrupts() as raise_kept:
        while session.profile_pending:
            time.sleep(_POLL_S)
            session.snapshot(0)
            raise_kept()
    raise_on_failure(session)


def raise_on_failure(session: MeasuringSession) -> None:
    """Raise when the session's configuration does not run, or runs no more.

    Raises:
        BadInputError: it cannot be run as asked.
        RunFailedError: it failed.
    """
    rejection = session.rejection
    if isinstance(rejection, ShapeNeeded) or (rejection is not None and rejection.bad_input):
        raise BadInputError(rejection.reason)
    if rejection is not None:
        raise RunFailedError(rejection.reason)
    if session.failure:
        raise RunFailedError(session.failure)
