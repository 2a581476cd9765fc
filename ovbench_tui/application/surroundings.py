"""The machine while a program ran: what the verdict has to know beside the program's calls."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThreadLoad:
    """The threads of the program, while it ran.

    Attributes:
        wanting: mean number that ran or waited for a CPU.
        busy: that wanted a CPU for much of the time.
        libraries: loaded by it that have threads of their own, as in ``OpenCV``.
    """

    wanting: float
    busy: int
    libraries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine while the program ran.

    Attributes:
        cpus: that the program may use.
        others_cpu: share of the machine that other processes took, and `idle_cpu` that nobody
            did; NaN = unknown.
        preempted_s: how long the program's main thread was ready to run and had no CPU while
            inferences were running; NaN = unknown.
        program_cpu_s: CPU time of the program then, all of its threads; NaN = unknown.
        threads: None = unknown.
        convert_ns: what numpy takes here to make a float of a byte, as the program's inputs are;
            NaN = not measured.
    """

    cpus: int
    others_cpu: float = math.nan
    idle_cpu: float = math.nan
    preempted_s: float = math.nan
    program_cpu_s: float = math.nan
    threads: ThreadLoad | None = None
    convert_ns: float = math.nan
