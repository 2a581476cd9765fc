"""Records as a program would leave them, made up."""

from __future__ import annotations

import numpy as np

from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.trace import RECORD_TYPE, FunctionNote, ModelNote, Trace

MS = 1_000_000
F32 = 1 << int(np.dtype(np.float32).num)
F64 = 1 << int(np.dtype(np.float64).num)
FUNCTIONS = {
    0: FunctionNote("<module>", "/home/user/detect.py", 1),
    1: FunctionNote("Camera.read", "/home/user/camera.py", 12),
    2: FunctionNote("preprocess", "/home/user/detect.py", 30),
}
NOTE = ModelNote("net", ("CPU",), "THROUGHPUT", 4, 4, F32, ("f32 [1,3]",))


class Recorded:
    """A trace that is written call by call; times are in ms since the program was started."""

    def __init__(self, note: ModelNote = NOTE, queues: dict[int, int] | None = None) -> None:
        self._rows: list[dict[str, int]] = []
        self._note = note
        self._queues = queues or {}

    def add(self, kind: Kind, begin_ms: float, end_ms: float, **more: float) -> Recorded:
        """Add a call; what ends with ``_ms`` becomes ns."""
        row = {
            "begin_ns": int(begin_ms * MS),
            "end_ns": int(end_ms * MS),
            "kind": int(kind),
            "request": UNKNOWN,
            "latency_ns": UNKNOWN,
            "gap_cpu_ns": UNKNOWN,
            "sequence": len(self._rows) + 1,
        }
        for name, value in more.items():
            if name.endswith("_ms"):
                row[name[:-3] + "_ns"] = int(value * MS)
            else:
                row[name] = int(value)
        self._rows.append(row)
        return self

    @property
    def trace(self) -> Trace:
        """All of it."""
        records = np.zeros(len(self._rows), RECORD_TYPE)
        for place, row in enumerate(self._rows):
            for name, value in row.items():
                records[place][name] = value
        return Trace(records, {0: self._note}, self._queues, FUNCTIONS)
