"""What the machine did over a second; free of anything that reads it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ovbench_tui.system.largest_process import OtherProcess


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
