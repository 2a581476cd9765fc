"""The same session with no screen: progress on stderr, the summary on stdout."""

from __future__ import annotations

import sys
import time
from dataclasses import replace

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.events import ShapeNeeded
from ovbench_tui.engine.session import Session
from ovbench_tui.engine.snapshot import Snapshot
from ovbench_tui.errors import BadInputError, RunFailedError

_POLL_S = 0.1
_PROGRESS_S = 0.5
_QUICK_DEVICES = ("CPU", "GPU", "NPU")


def with_default_duration(config: BenchmarkConfig) -> BenchmarkConfig:
    """Without a screen a run must end: benchmark_app's 60 s, or 120 s on other devices."""
    if config.duration_s is not None:
        return config
    quick = config.device.split(".")[0].upper() in _QUICK_DEVICES
    return replace(config, duration_s=60.0 if quick else 120.0)


def run_headless(session: Session) -> None:
    """Run until the session's configuration has been measured for its duration.

    Raises:
        BadInputError: it cannot be run as asked.
        RunFailedError: it failed while it ran; what was measured is in the session.
    """
    progress = _Progress()
    try:
        session.start()
        while True:
            snapshot = session.snapshot(0)
            _raise_on_failure(session)
            if snapshot.finished:
                return
            progress.show(snapshot)
            time.sleep(_POLL_S)
    finally:
        progress.clear()


def _raise_on_failure(session: Session) -> None:
    rejection = session.rejection
    if isinstance(rejection, ShapeNeeded) or (rejection is not None and rejection.bad_input):
        raise BadInputError(rejection.reason)
    if rejection is not None:
        raise RunFailedError(rejection.reason)
    if session.failure:
        raise RunFailedError(session.failure)


class _Progress:
    """One line on stderr, rewritten in place; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._active = sys.stderr.isatty()
        self._next_s = 0.0

    def show(self, snapshot: Snapshot) -> None:
        now_s = time.perf_counter()
        if not self._active or now_s < self._next_s:
            return
        self._next_s = now_s + _PROGRESS_S
        text = snapshot.background or snapshot.state.value
        if snapshot.run is not None and snapshot.measuring:
            stats = snapshot.run.stats
            text = f"{stats.elapsed_s:.0f} s  {stats.count} iterations  {stats.fps_mean:.2f} FPS"
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._active:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
