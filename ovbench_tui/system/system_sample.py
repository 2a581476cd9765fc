"""What a look at the machine finds, the cheap one of every second and that of the System tab.

Free of anything that reads it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.system.largest_process import OtherProcess

NOT_THERE = "not there"
NO_PERMISSION = "no permission"
UNREADABLE = "unreadable"
NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Reading:
    """A number, or why there is none.

    Attributes:
        why: one of `NOT_THERE`, `NO_PERMISSION`, `UNREADABLE` and `NOT_YET`; '' with a number.
    """

    value: float | None = None
    why: str = NOT_THERE

    @classmethod
    def of(cls, value: float | None, why: str = NOT_THERE) -> Reading:
        """Make one of a number, or of none and why."""
        return cls(value, "" if value is not None else why)


@dataclass(frozen=True, slots=True)
class Core:
    """One logical CPU over the time since the look before; None = it is not told.

    Attributes:
        is_usable: this process may run there.
        busy: share of the time from 0 to 1, all processes, without what was stolen.
        own: our threads' share; a thread counts where it ran last.
        ghz: measured now; `min_ghz` and `max_ghz` the limits of the hardware.
        nominal_ghz: what the system reports instead where nothing measures the clock, as on
            most virtual machines; it never changes.
    """

    number: int
    is_usable: bool = True
    busy: float | None = None
    own: float | None = None
    ghz: float | None = None
    min_ghz: float | None = None
    max_ghz: float | None = None
    nominal_ghz: float | None = None


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """One of our processes; None = it is not told.

    Attributes:
        name: ``program``, or ``engine`` for the isolated one.
    """

    name: str
    pid: int
    rss_bytes: int | None = None
    threads: int | None = None
    files: int | None = None


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A GPU or NPU, as far as sysfs tells of it.

    Attributes:
        busy: share of the time since the look before, of all processes.
    """

    name: str
    mhz: Reading = Reading()
    min_mhz: float | None = None
    max_mhz: float | None = None
    busy: Reading = Reading()
    memory_bytes: Reading = Reading()


@dataclass(frozen=True, slots=True)
class SystemSample:
    """The machine over the time since the look before; None = it does not tell.

    Attributes:
        time_s: end of that time, `perf_counter` seconds.
        cost_ms: how long the look took.
        own_share, others_share, steal_share: of the time of all CPUs.
        largest: the process of others that takes most; None also while they take little.
        package_w: power of all processor packages; `memory_w` of the memory.
        throttle_count: thermal throttling events since the system's start.
        quota_cpus: CPUs' worth of time a control group allows; None also without a limit.
        throttled_share: how much of the time the control group made us wait, per CPU usable.
        memory_limit_bytes, memory_used_bytes: of the control group; None also without a limit.
        accelerators: what was found; `gpu_why` and `npu_why` say why there is none.
    """

    time_s: float
    cost_ms: float
    cores: tuple[Core, ...] = ()
    load: tuple[float, float, float] | None = None
    own_share: float | None = None
    others_share: float | None = None
    steal_share: float | None = None
    largest: OtherProcess | None = None
    processes: tuple[ProcessFacts, ...] = ()
    memory_total_bytes: int | None = None
    memory_free_bytes: int | None = None
    memory_limit_bytes: int | None = None
    memory_used_bytes: int | None = None
    quota_cpus: float | None = None
    throttled_share: float | None = None
    temperature_c: float | None = None
    throttle_count: int | None = None
    package_w: Reading = Reading()
    memory_w: Reading = Reading()
    accelerators: tuple[Accelerator, ...] = ()


@dataclass(frozen=True, slots=True)
class MachineSample:
    """The machine over the time since the sample before; None = it does not tell.

    Shares are fractions of all CPUs of the machine.

    Attributes:
        time_s: end of that time, `perf_counter` seconds.
        others_share: CPU time of processes that are not ours.
        own_share: of this process and the engine's.
        steal_share: what the hypervisor gave to other virtual machines.
        frequency_ghz: of the CPUs we may use, now.
        temperature_c: of the CPU, now.
        throttle_count: thermal throttling events since the system's start.
        cpus: CPUs of the machine; `usable_cpus` those this process may run on.
        quota_cpus: CPUs' worth of time a control group allows; None also when unlimited.
        throttled_share: how much of the time the control group made us wait, per CPU
            usable; may pass 1 where many threads wait.
        since_s: begin of the time that the shares are of; `time_s` is its end.
        engine_rss_bytes: resident memory of the process that infers, now; 0 = unknown.
        largest: the process of others that takes most; None also while they take little.
        own_rss_bytes: resident memory of this process and the engine's, now; 0 = unknown.
        package_w: power of all processor packages.
        busy_cores: number of each CPU, and the share of the time for which it was busy.
    """

    time_s: float
    others_share: float | None = None
    own_share: float | None = None
    steal_share: float | None = None
    frequency_ghz: float | None = None
    temperature_c: float | None = None
    throttle_count: int | None = None
    cpus: int | None = None
    usable_cpus: int | None = None
    quota_cpus: float | None = None
    throttled_share: float | None = None
    since_s: float = math.inf
    engine_rss_bytes: int = 0
    largest: OtherProcess | None = None
    own_rss_bytes: int = 0
    package_w: float | None = None
    busy_cores: tuple[tuple[int, float], ...] = ()
