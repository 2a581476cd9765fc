"""The session's past as the charts draw it: columns of figures, and marks of what happened."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from ovbench_tui.engine.api.events import ProcessStopped, StateChanged
from ovbench_tui.engine.api.snapshot import History, Marker
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.timeseries.columns import Columns
from ovbench_tui.stats.timeseries.multi_resolution import MultiResolutionSeries
from ovbench_tui.stats.timeseries.views import TimeWindow

_MARKS_KEPT = 500


@dataclass(frozen=True, slots=True)
class _Mark:
    at_s: float
    text: str
    detail: str

    def in_column_of(self, column_s: float) -> Marker:
        return Marker(math.floor(self.at_s / column_s), self.text, self.detail)


class SessionRecord:
    """Columns of time and marks, asked for by window.

    Attributes:
        columns: what completed.
    """

    def __init__(self, start_s: float) -> None:
        self.columns = MultiResolutionSeries(start_s)
        self._marks: deque[_Mark] = deque(maxlen=_MARKS_KEPT)
        self._marks_made = 0
        self._is_paused = False
        self._warm_ups: deque[tuple[float, float]] = deque(maxlen=_MARKS_KEPT)
        self._live: tuple[object, History] | None = None
        self._window: tuple[object, History] | None = None

    def mark(self, time_s: float, text: str, detail: str = "") -> None:
        """Note what happened at a time of the clock; see `Marker` for the texts."""
        self._marks.append(_Mark(self.columns.since_start_s(time_s), text, detail))
        self._marks_made += 1

    def change_state(self, event: StateChanged, *, marks_pauses: bool = True) -> None:
        """Enter a state of the worker; a pause leaves a mark, and its end too."""
        self.columns.set_feeding(event.state.is_feeding, event.time_s)
        self._note_warm_up(event)
        is_paused = event.state is WorkerState.PAUSED
        if is_paused is self._is_paused or not (is_paused or event.state.is_feeding):
            return
        self._is_paused = is_paused
        if marks_pauses:
            self.mark(event.time_s, "paused" if is_paused else "goes on")

    def _note_warm_up(self, event: StateChanged) -> None:
        at_s = self.columns.since_start_s(event.time_s)
        is_open = bool(self._warm_ups) and math.isinf(self._warm_ups[-1][1])
        if event.state is WorkerState.WARMING_UP and not is_open:
            self._warm_ups.append((at_s, math.inf))
        elif event.state is not WorkerState.WARMING_UP and is_open:
            self._warm_ups[-1] = self._warm_ups[-1][0], at_s

    def note_stop(self, event: ProcessStopped) -> None:
        """The engine's process did not run for a while."""
        stopped = f"stopped {_duration(event.lasted_s)}"
        self.mark(event.end_s, stopped, f"{stopped}: this time is left out")

    def begin_run(self, time_s: float, change: str, detail: str) -> None:
        """From here on another configuration runs; see `Marker` for the texts."""
        self.columns.begin_run(time_s)
        if change:
            self.mark(time_s, change, detail)

    def live(self, columns: int, now_s: float) -> History:
        """The last `columns` columns of half a second; the same object until one is new."""
        self.columns.advance(now_s)
        warm_up = tuple(self._warm_ups)[-1:]
        key = (columns, self.columns.open_column, self._marks_made, warm_up)
        if self._live is None or self._live[0] != key:
            self._live = key, self._history(self.columns.last(columns), self.columns.column_s)
        return self._live[1]

    def window(self, window: TimeWindow) -> History:
        """The columns of a window; the same object until it changes."""
        shown = self.columns.window(window)
        key = (shown, self._marks_made, tuple(self._warm_ups)[-1:])
        if self._window is None or self._window[0] != key:
            history = self._history(shown.columns, shown.column_s, is_open=shown.is_open)
            self._window = key, history
        return self._window[1]

    def _history(self, columns: Columns, column_s: float, *, is_open: bool = False) -> History:
        is_merged = columns.low_fps is not columns.fps
        markers = (mark.in_column_of(column_s) for mark in self._marks)
        newest = columns.first + columns.size - 1
        return History(
            column_s=column_s,
            first_column=columns.first,
            fps=tuple(columns.fps.tolist()),
            p50_ms=tuple(columns.p50_ms.tolist()),
            p99_ms=tuple(columns.p99_ms.tolist()),
            markers=tuple(marker for marker in markers if marker.column >= columns.first),
            low_fps=tuple(columns.low_fps.tolist()) if is_merged else (),
            high_fps=tuple(columns.high_fps.tolist()) if is_merged else (),
            is_open=is_open,
            warm_ups=tuple(
                (math.floor(begin_s / column_s), last)
                for begin_s, end_s in self._warm_ups
                if (last := newest if math.isinf(end_s) else math.floor(end_s / column_s))
                >= columns.first
            ),
        )


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"


def from_to(was: str, now: str) -> str:
    """Say what became of what: ``nireq 2 → 4``; just `now` where nothing is known of before."""
    if not was or was == now:
        return now
    old_words, new_words = was.split(" "), now.split(" ")
    same = 0
    if "," not in was + now:
        while same < min(len(old_words), len(new_words)) - 1 and old_words[same] == new_words[same]:
            same += 1
    return f"{was} → {' '.join(new_words[same:])}"
