"""Who takes every measured latency, as for a file."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import numpy as np
import numpy.typing as npt


class LatencySink(Protocol):
    """Takes every measured latency, as it is folded."""

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        run_id: int,
    ) -> None:
        """Take completions of one run, in order; must not raise."""
        ...

    def forget(self, run_ids: Collection[int]) -> None:
        """Drop what was taken of the open runs, whose statistics begin again; must not raise."""
        ...
