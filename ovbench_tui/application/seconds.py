"""What a recorded program did in each second, and in each column of a chart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ovbench_tui.application.inferences import Floats, Spans, seconds
from ovbench_tui.application.recorder.layout import Kind
from ovbench_tui.application.time_split import Phases, TimeSplit, split_within
from ovbench_tui.application.trace import Records


@dataclass(frozen=True, slots=True)
class Second:
    """One second of wall time since the program was started, or what is left of the last.

    Attributes:
        busy: share of it in which at least one inference was on the device; `callbacks`: in which
            at least one callback ran.
        in_flight: mean number of inferences on the device.
        split: seconds of the threads that call OpenVINO.
    """

    inferences: int
    busy: float
    in_flight: float
    callbacks: float
    split: TimeSplit


def seconds_within(
    inferences: Spans, callbacks: Spans, phases: Phases, edges_s: Floats
) -> tuple[Second, ...]:
    """What happened between each two edges, in seconds since the program was started."""
    lengths_s = np.diff(edges_s)
    rows = zip(
        np.histogram(inferences.end_s, edges_s)[0].tolist(),
        (inferences.union().within(edges_s) / lengths_s).tolist(),
        (inferences.within(edges_s) / lengths_s).tolist(),
        (callbacks.union().within(edges_s) / lengths_s).tolist(),
        split_within(phases, edges_s),
        strict=True,
    )
    return tuple(Second(*row) for row in rows)


def callbacks_of(records: Records, origin_ns: int) -> Spans:
    """When the program's callbacks ran."""
    called = records[records["kind"] == Kind.CALLBACK]
    return Spans(seconds(called["begin_ns"], origin_ns), seconds(called["end_ns"], origin_ns))
