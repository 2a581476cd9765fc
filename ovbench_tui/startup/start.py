"""One start of a model in a fresh process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ovbench_tui.export.run_program import reply_of


@dataclass(frozen=True, slots=True)
class Start:
    """How long a start took.

    Attributes:
        phases_s: by phase, in order.
        resident_bytes: at the end of each phase; empty where the system does not say.
        wall_s: from the start of the process until it had ended.
        is_cached: the compiled model came out of the cache; None = the device does not say.
        can_cache: the device exports compiled models; None likewise.
    """

    phases_s: Mapping[str, float]
    resident_bytes: Mapping[str, int]
    wall_s: float
    is_cached: bool | None
    can_cache: bool | None = None

    @property
    def total_s(self) -> float:
        """Of all phases: until the second inference was over."""
        return sum(self.phases_s.values())


def measure_start(program: Path, number: int) -> Start:
    """Run a program of `export.startup_program` once.

    Args:
        program: its file.
        number: of the start, for a message.

    Raises:
        KeyboardInterrupt: by the user; the process has ended, too.
        RunFailedError: it failed.
    """
    begin_s = time.perf_counter()
    reply = reply_of(program, [repr(begin_s)], f"Start {number}")
    return start_of(reply, time.perf_counter() - begin_s)


def start_of(reply: Mapping[str, Any], wall_s: float) -> Start:
    """Understand what the program has printed."""
    phases_s: dict[str, float] = {}
    resident_bytes: dict[str, int] = {}
    before_s = float(reply["begin_s"])
    for phase, end_s, resident in reply["marks"]:
        phases_s[phase] = end_s - before_s
        before_s = end_s
        if resident is not None:
            resident_bytes[phase] = resident
    return Start(phases_s, resident_bytes, wall_s, reply["is_cached"], reply.get("can_cache"))
