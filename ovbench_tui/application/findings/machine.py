"""What else wants the CPUs: the program's own threads, and other processes."""

from __future__ import annotations

from ovbench_tui.application.findings.finding import Finding
from ovbench_tui.application.surroundings import Surroundings

_OTHERS = 0.25
_FULL = 0.2
"""A machine with less of its CPU time left is full: who wants to run has to wait."""

_CROWDED = 1.5
_FEWEST_BUSY = 2


def crowded_threads(around: Surroundings) -> Finding | None:
    """More threads of the program than CPUs: they take turns, and inferences wait for each."""
    load = around.threads
    if load is None or load.wanting < _CROWDED * around.cpus:
        return None
    if load.busy < around.cpus + _FEWEST_BUSY:
        return None
    loaded = f" It has loaded {', '.join(load.libraries)}." if load.libraries else ""
    return Finding(
        "crowded-threads",
        1.0,
        f"{load.busy} threads of the program are busy on {around.cpus} CPUs, and"
        f" {load.wanting:.1f} want one at any time: OpenVINO's wait for the others.{loaded}",
        "Give the others fewer threads, as by cv2.setNumThreads(1), torch.set_num_threads(1) or"
        " OMP_NUM_THREADS=1, or OpenVINO by INFERENCE_NUM_THREADS",
    )


def other_processes(around: Surroundings) -> Finding | None:
    """A machine that is full of others' work."""
    if not (around.others_cpu > _OTHERS and around.idle_cpu < _FULL):
        return None
    return Finding(
        "other-processes",
        1.0,
        f"Other processes took {around.others_cpu:.0%} of this machine's CPU time, and only"
        f" {around.idle_cpu:.0%} was left.",
        "End them, or take the figures for those of a shared machine",
    )
