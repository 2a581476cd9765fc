"""How far a run without a screen has come: one line on a terminal, now and then one elsewhere.

A library's bar would cost more: importing rich's takes longer than this program's own start,
and it draws from a thread that takes the GIL from the measurement.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TextIO

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.printable import printable
from ovbench_tui.console.status_line import StatusLine
from ovbench_tui.engine.api.snapshot import RunView, Snapshot

_REDRAW_S = 0.5
_FIRST_LINE_S = 10.0
"""A run shorter than this says nothing where nobody looks on."""
_LONGEST_SILENCE_S = 60.0
_BAR_CELLS = 20


class ProgressBar:
    """Shows snapshots on a stream, as often as suits it; trouble with it stops nothing.

    On a terminal a line is rewritten twice a second. In a log, as of a CI job that is ended
    when it is silent for long, a line is added after 10 s, then 20 s, 40 s and every minute.
    """

    def __init__(self, stream: TextIO, *, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._line = StatusLine(stream)
        self._pause_s = _REDRAW_S if self._line.is_terminal else _FIRST_LINE_S
        self._next_s = clock() + (0.0 if self._line.is_terminal else _FIRST_LINE_S)
        self._cells = _cells_of(stream)

    def show(self, snapshot: Snapshot) -> None:
        """Show it, unless the last one was shown just now."""
        now_s = self._clock()
        if now_s < self._next_s:
            return
        text = describe_progress(snapshot)
        if self._line.is_terminal:
            self._line.rewrite(f"{self._bar(snapshot)}{text}")
        else:
            self._line.add(text)
            self._pause_s = min(2 * self._pause_s, _LONGEST_SILENCE_S)
        self._next_s = now_s + self._pause_s

    def clear(self) -> None:
        """Take the line off the terminal."""
        self._line.clear()

    def _bar(self, snapshot: Snapshot) -> str:
        fraction = _fraction(snapshot.run) if snapshot.run and not snapshot.background else None
        if fraction is None:
            return ""
        full, empty = self._cells
        done = int(fraction * _BAR_CELLS)
        return f"{full * done}{empty * (_BAR_CELLS - done)}  "


def describe_progress(snapshot: Snapshot) -> str:
    """Say in one line what goes on: what is prepared, or the throughput so far."""
    run = snapshot.run
    if run is None or not snapshot.measuring:
        return printable(snapshot.background or snapshot.state.value)
    stats = run.stats
    seconds = f"{stats.elapsed_s:.0f}{_limit(run.config.duration_s)} s"
    iterations = f"{stats.count}{_limit(run.config.iterations)} iterations"
    median = f"  median {stats.p50_ms:.3g} ms" if stats.count > stats.dropped else ""
    return f"{seconds}  {iterations}  {stats.fps_mean:.2f} FPS{median}"


def _limit(limit: float | None) -> str:
    return "" if limit is None else f"/{limit:g}" if limit < 1e6 else f"/{limit:.0f}"


def _fraction(run: RunView) -> float | None:
    """How much of the run is done; with two limits both must be reached."""
    config, stats = run.config, run.stats
    parts = _parts(config, stats.elapsed_s, stats.count)
    return min(1.0, *parts) if parts else None


def _parts(config: BenchmarkConfig, elapsed_s: float, count: int) -> list[float]:
    parts: list[float] = []
    if config.duration_s:
        parts.append(elapsed_s / config.duration_s)
    if config.iterations:
        parts.append(count / config.iterations)
    return parts


def _cells_of(stream: TextIO) -> tuple[str, str]:
    try:
        "█░".encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "#", "-"
    return "█", "░"
