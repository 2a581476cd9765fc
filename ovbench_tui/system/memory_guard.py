"""Whether what runs is about to make the machine swap."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ovbench_tui.system.memory import AvailableMemory
from ovbench_tui.system.peak_memory import resident_bytes

_PERIOD_S = 1.0
_RESERVE_BYTES = 256 << 20
_RESERVE_SHARE = 0.05
"""Of what was there for the run when it began; the larger of both is kept free."""


class MemoryGuard:
    """Compares a run's memory with what it had when it began.

    Memory that others take is no reason to end a run: it must have grown itself by more than
    what is to stay free.

    Args:
        available: reads what is left, in bytes.
        resident: reads what a process holds, in bytes; None = this one.
    """

    def __init__(
        self,
        available: Callable[[], int] | None = None,
        resident: Callable[[int | None], int] = resident_bytes,
    ) -> None:
        self._available = available or AvailableMemory()
        self._resident = resident
        self._run_id: int | None = None
        self._begin_bytes = 0
        self._reserve_bytes = 0
        self._next_s = 0.0

    def rest(self) -> None:
        """Nothing runs; the next run begins anew."""
        self._run_id = None

    def shortage(self, run_id: int, pids: Sequence[int], now_s: float) -> str:
        """Why the run must end, in a sentence; '' = it need not.

        Args:
            pids: of the engines, beside this process.
            now_s: `perf_counter` seconds; looks once a second at most.
        """
        if run_id != self._run_id:
            self._run_id = run_id
            self._begin_bytes = self._held(pids)
            free = self._available()
            self._reserve_bytes = max(_RESERVE_BYTES, int(free * _RESERVE_SHARE))
            self._next_s = now_s + _PERIOD_S
            return ""
        if now_s < self._next_s:
            return ""
        self._next_s = now_s + _PERIOD_S
        free = self._available()
        if free >= self._reserve_bytes:
            return ""
        used = self._held(pids)
        if used - self._begin_bytes <= self._reserve_bytes:
            return ""
        return (
            f"The run was stopped before the machine runs out of memory: it grew from"
            f" {_gib(self._begin_bytes)} to {_gib(used)}, and {_gib(free)} are left."
        )

    def _held(self, pids: Sequence[int]) -> int:
        """Resident memory of this process and of these."""
        return sum(map(self._resident, (None, *pids)))


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"
