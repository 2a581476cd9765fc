"""Gives the runs that have ended to whoever keeps them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd, RunSink
from ovbench_tui.engine.runs.run_tracker import RunTracker


class RunHandover:
    """Gives each run once.

    Args:
        sink: None = nobody keeps them.
    """

    def __init__(
        self, sink: RunSink | None, tracker: RunTracker, clock: Callable[[], float]
    ) -> None:
        self._sink = sink
        self._tracker = tracker
        self._clock = clock

    def give(
        self,
        end: RunEnd,
        *,
        isolated: bool,
        devices: tuple[DeviceInfo, ...],
        openvino_version: str,
    ) -> None:
        """Give the open runs to the sink, unless they were given or have measured nothing."""
        if self._sink is None:
            return
        now_s = self._clock()
        while (taken := self._tracker.take_ended(now_s)) is not None:
            result, started_s = taken
            started_at = datetime.now(timezone.utc) - timedelta(seconds=now_s - started_s)
            self._sink.take(
                FinishedRun(
                    result=result,
                    started_at=started_at,
                    end=end,
                    isolated=isolated,
                    devices=devices,
                    openvino_version=openvino_version,
                )
            )

    def sentences(self) -> tuple[str, ...]:
        """What the sink has for the user since the last call."""
        return tuple(self._sink.sentences()) if self._sink is not None else ()
