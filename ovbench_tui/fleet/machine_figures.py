"""The figures of a machine for the screen, made anew only where something has changed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from ovbench_tui import __version__
from ovbench_tui.fleet.machine import Machine, name_of
from ovbench_tui.fleet.machine_status import MachineFigures, MachineState, Outlier
from ovbench_tui.fleet.protocol import wire

_SPARK_S = 60
_SILENT_AFTER_S = 8.0
_NO_PULSE = wire.Heartbeat("", False, "", 0, 0, "", "")
AT_WORK = (MachineState.RUNNING, MachineState.WARMING_UP)

FEWEST = 4
"""Of fewer machines none is the odd one out."""

_FAR = 3.5
_SIGMAS_PER_MAD = 1.4826
_LEAST_SPREAD = 0.02
"""Of the median: machines that agree this well are alike, whatever their spread."""


def figures_of(
    machine: Machine,
    outlier: Outlier,
    usual: str,
    names: Mapping[str, int],
    now_s: float,
) -> MachineFigures:
    """The figures of one machine.

    Args:
        usual: the version of OpenVINO that most machines have.
        names: how many machines call themselves so.
    """
    silent_s = now_s - machine.last_seen_s
    is_silent = machine.state in AT_WORK and silent_s > _SILENT_AFTER_S
    name = name_of(machine)
    if names.get(name, 0) > 1:
        name = f"{name}/{machine.worker_name}"
    note = _note(machine, usual)
    reason = machine.reason
    if is_silent:
        reason = f"It has been silent for {silent_s:.0f} s."
    known = machine.figures
    if (
        known is not None
        and not is_silent
        and (known.outlier, known.note, known.name, known.reason) == (outlier, note, name, reason)
    ):
        return known
    hello, pulse = machine.hello, machine.pulse
    pulse = pulse or _NO_PULSE
    machine.figures = MachineFigures(
        key=machine.key,
        name=name,
        host=machine.host,
        state=machine.state,
        cpu=hello.cpu if hello else "",
        cores=hello.cpus if hello else 0,
        device=pulse.device,
        openvino=pulse.openvino,
        run_id=pulse.run_id,
        nireq=pulse.nireq,
        fps=pulse.figure("fps_now"),
        fps_mean=pulse.figure("fps_mean"),
        p50_ms=pulse.figure("p50_ms"),
        p99_ms=pulse.figure("p99_ms"),
        count=pulse.count,
        verdict=pulse.verdict,
        fps_cv=pulse.fps_cv,
        fps_steady=pulse.steady[0],
        outlier=outlier,
        reason=reason,
        note=note,
        last_seen_s=machine.last_seen_s,
        fps_history=tuple(machine.fps)[-_SPARK_S:],
    )
    return machine.figures


def _note(machine: Machine, usual: str) -> str:
    notes = []
    pulse, hello = machine.pulse, machine.hello
    if pulse is not None and usual and pulse.openvino and pulse.openvino != usual:
        notes.append(f"OpenVINO {pulse.openvino} here, {usual} on most others.")
    if hello is not None and hello.ovbench_tui != __version__:
        notes.append(f"ovbench-tui {hello.ovbench_tui} there, {__version__} here.")
    if machine.starts > 1 and not machine.state.is_over:
        notes.append("It was lost before, and has begun again.")
    return " ".join(notes)


def usual_version(machines: Sequence[Machine]) -> str:
    """The version of OpenVINO that most machines have; '' = none has reported one."""
    versions = Counter(m.pulse.openvino for m in machines if m.pulse and m.pulse.openvino)
    return versions.most_common(1)[0][0] if versions else ""


def find_outliers(fps: Mapping[str, float]) -> dict[str, Outlier]:
    """Return the machines whose FPS are far from the median of all.

    Far is a modified z-score above 3.5 (Iglewicz and Hoaglin, How to Detect and Handle
    Outliers, 1993): the distance in units of 1.4826 times the median absolute deviation. Half
    of the machines would have to be odd to move the median; a mean moves with each.

    Args:
        fps: by machine; finite.
    """
    if len(fps) < FEWEST:
        return {}
    middle = median(fps.values())
    spread = _SIGMAS_PER_MAD * median(abs(value - middle) for value in fps.values())
    far = _FAR * max(spread, _LEAST_SPREAD * middle)
    return {
        key: Outlier.SLOW if value < middle else Outlier.FAST
        for key, value in fps.items()
        if abs(value - middle) > far
    }


def measured_fps(machines: Iterable[Machine]) -> dict[str, float]:
    """The mean FPS of every machine that measures now."""
    return {
        machine.key: fps
        for machine in machines
        if machine.state is MachineState.RUNNING
        and machine.pulse is not None
        and machine.pulse.measuring
        and math.isfinite(fps := machine.pulse.figure("fps_mean"))
    }
