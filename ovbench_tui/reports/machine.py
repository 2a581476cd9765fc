"""The machine a measurement was made on, as far as the standard library and OpenVINO tell."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.devices import DeviceInfo


@dataclass(frozen=True, slots=True)
class Machine:
    """What figures should be read with.

    Attributes:
        cpu: the processor's name; '' where nobody tells it.
        cpus: logical processors of the machine.
        usable_cpus: those this process may run on.
        devices: OpenVINO's, with their full names.
    """

    cpu: str
    cpus: int
    usable_cpus: int
    os: str
    python: str
    openvino: str
    devices: tuple[DeviceInfo, ...]


def describe_machine(devices: Sequence[DeviceInfo], openvino_version: str) -> Machine:
    """Look at the machine; `devices` and the version come from the session."""
    names = [device.full_name for device in devices if device.name == "CPU"]
    cpus = os.cpu_count() or 0
    affinity = getattr(os, "sched_getaffinity", None)
    return Machine(
        cpu=names[0] if names else platform.processor(),
        cpus=cpus,
        usable_cpus=len(affinity(0)) if affinity else cpus,
        os=platform.platform(),
        python=platform.python_version(),
        openvino=openvino_version,
        devices=tuple(devices),
    )
