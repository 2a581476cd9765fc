"""The same session with no screen: progress on stderr, and results for `outcome` to tell."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from ovbench_tui.cli.loop import News, Step, run_to_end
from ovbench_tui.cli.run_progress import describe_progress, fraction_done
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.config.shapes import format_data_shape
from ovbench_tui.engine.api.events import ConfigRejected, ShapeNeeded
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.errors import BadInputError, EngineHangsError, OvbenchError, RunFailedError

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
        RunFailedError: it failed while it ran, or hangs; what was measured is in the session.
    """
    news = News(with_errors=False)

    def look() -> Step:
        snapshot = session.snapshot(0)
        return Step(
            is_over=snapshot.finished,
            error=error_of(session, snapshot),
            line=describe_progress(snapshot),
            fraction=fraction_done(snapshot),
            sentences=news.of(snapshot.notices),
        )

    run_to_end(look, begin=session.start)
    if options is not None:
        collect_profile(session, options)


def collect_profile(session: MeasuringSession, options: ReportOptions) -> None:
    """Take the profile that a report or a print-out needs, of the run that is there.

    Returns when it is there.

    Raises:
        KeyboardInterrupt: the user does not want to wait.
        RunFailedError: the engine has died over it, or hangs; what was measured is in the
            session.
    """
    run = session.snapshot(0).run
    if not options.needs_profile or run is None:
        return
    if not run.stats.count and not options.exec_graph_path:
        return

    def look() -> Step:
        reason = session.snapshot(0).stall or session.failure
        error = RunFailedError(reason) if reason else None
        return Step(is_over=not session.profile_pending, error=error)

    session.take_profile(options.exec_graph_path)
    run_to_end(look)


def error_of(session: MeasuringSession, snapshot: Snapshot) -> OvbenchError | None:
    """Why the session's configuration does not run, or runs no more; None = it does."""
    rejection = session.rejection
    if isinstance(rejection, ShapeNeeded) or (rejection is not None and rejection.bad_input):
        return BadInputError(rejection.reason)
    reason = rejection.reason if rejection is not None else session.failure
    if not reason and snapshot.stall:
        return EngineHangsError(snapshot.stall)
    return RunFailedError(reason) if reason else None


def line_with_shapes(words: Sequence[str], rejection: ConfigRejected | ShapeNeeded | None) -> str:
    """The command line that was typed, with the shapes that it lacks; '' = it lacks none."""
    if not isinstance(rejection, ShapeNeeded) or not rejection.proposal:
        return ""
    lacking = [rejection.option, format_data_shape(rejection.proposal), *rejection.more.split()]
    return shlex.join(["ovbench-tui", *words, *lacking])
