"""What the machine did during the session: watched every second, whatever is on the screen."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.stats.timeseries.run_machine import FIGURES, MachineMoment
from ovbench_tui.stats.timeseries.step_line import StepLine
from ovbench_tui.system.largest_process import OtherProcess
from ovbench_tui.system.machine_watch import MachineWatch
from ovbench_tui.system.system_sample import MachineSample

_RECENT = 7200
_WHOLE = 2048
_NAMES_KEPT = 2000


class MachineRecord:
    """The session's machine in constant memory: an hour or two by the second, all of it coarser.

    Args:
        start_s: begin of the session, `perf_counter` seconds.
    """

    def __init__(self, start_s: float, watch: MachineWatch | None = None) -> None:
        self._start_s = start_s
        self._watch = watch or MachineWatch()
        self._newest: MachineSample | None = None
        self._recent = StepLine(FIGURES, _RECENT, forgets=True)
        self._whole = StepLine(FIGURES, _WHOLE)
        self._named_until_s: list[float] = []
        self._names: list[OtherProcess | None] = []
        self._last: tuple[object, MachineColumns] = (None, MachineColumns())

    @property
    def samples(self) -> tuple[MachineSample, ...]:
        """Those of the last three minutes, oldest first."""
        return self._watch.samples

    def sample(
        self, now_s: float, engine_pids: Sequence[int] = ()
    ) -> tuple[MachineSample, MachineMoment] | None:
        """Look at the machine where a second is over; see `MachineWatch.sample`.

        Returns:
            A sample that was not there before, and what it adds to a run; None = there is none.
        """
        before, newest = self._newest, self._watch.sample(now_s, engine_pids)
        if newest is None or newest is before:
            return None
        self._newest = newest
        moment = _moment(before, newest)
        begin_s, end_s = newest.since_s - self._start_s, newest.time_s - self._start_s
        for line in (self._recent, self._whole):
            line.add(begin_s, (math.nan,) * FIGURES)  # where nothing was seen before it
            line.add(end_s, moment.figures)
        self._note_name(end_s, newest.largest)
        return newest, moment

    def columns(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        """The machine in cells of the session's time; the same object until it changes.

        Args:
            first: number of the first cell; cell n begins `n * cell_s` after the session.
        """
        key = (first, cells, cell_s, self._newest and self._newest.time_s)
        if key != self._last[0]:
            self._last = key, self._columns(first, cells, cell_s)
        return self._last[1]

    def _columns(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        edges_s = np.arange(first, first + cells + 1, dtype=np.float64) * cell_s
        line = self._recent if self._recent.start_s <= max(0.0, edges_s[0]) else self._whole
        own, others, ghz, throttles_per_s, _ = line.means(edges_s).T
        return MachineColumns(
            own_share=tuple(own.tolist()),
            others_share=tuple(others.tolist()),
            frequency_ghz=tuple(ghz.tolist()),
            throttles=tuple((throttles_per_s * cell_s).tolist()),
            largest=self._names_at(edges_s[1:].tolist()),
        )

    def _note_name(self, end_s: float, name: OtherProcess | None) -> None:
        """Keep who was the largest, with the time until which it was."""
        if self._names and self._names[-1] == name:
            self._named_until_s[-1] = end_s
            return
        self._named_until_s.append(end_s)
        self._names.append(name)
        if len(self._names) > _NAMES_KEPT:
            del self._names[: _NAMES_KEPT // 2], self._named_until_s[: _NAMES_KEPT // 2]

    def _names_at(self, ends_s: Sequence[float]) -> tuple[OtherProcess | None, ...]:
        """Who was the largest at the end of each cell; beyond the last sample the last one."""
        if not self._names:
            return (None,) * len(ends_s)
        names, until_s = self._names, self._named_until_s[:-1]
        return tuple([names[bisect_left(until_s, at_s)] if at_s >= 0 else None for at_s in ends_s])


def _moment(before: MachineSample | None, sample: MachineSample) -> MachineMoment:
    """What a sample says, in numbers."""
    throttles_per_s = math.nan
    if before and before.throttle_count is not None and sample.throttle_count is not None:
        passed_s = sample.time_s - before.time_s
        if passed_s > 0:
            throttles_per_s = (sample.throttle_count - before.throttle_count) / passed_s
    found = sample.largest
    return MachineMoment(
        own_share=_or_nan(sample.own_share),
        others_share=_or_nan(sample.others_share),
        frequency_ghz=_or_nan(sample.frequency_ghz),
        throttles_per_s=throttles_per_s,
        largest=(found.name, found.pid, found.share) if found else None,
        engine_rss_mib=sample.engine_rss_bytes / 2**20 if sample.engine_rss_bytes else math.nan,
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
