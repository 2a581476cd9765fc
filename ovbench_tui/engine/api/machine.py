"""What the machine did over the time that the charts show."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.system.largest_process import OtherProcess


@dataclass(frozen=True, slots=True)
class MachineColumns:
    """The machine over cells of equal time, oldest first; NaN where it is not known.

    Attributes:
        own_share, others_share: of the time of all CPUs, by our processes and by others.
        frequency_ghz: of the CPUs we may use; only where it is measured.
        throttles: times that the CPU throttled for heat, in the mean of where that is known.
        largest: of each cell the process of others that took most, or None.
    """

    own_share: tuple[float, ...] = ()
    others_share: tuple[float, ...] = ()
    frequency_ghz: tuple[float, ...] = ()
    throttles: tuple[float, ...] = ()
    largest: tuple[OtherProcess | None, ...] = ()
