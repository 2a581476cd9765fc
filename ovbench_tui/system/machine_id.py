"""Which machine a run was measured on, told apart by what decides its speed."""

from __future__ import annotations

import hashlib
import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

_CPU_INFO = Path("/proc/cpuinfo")
_CPU_INFO_BYTES = 1 << 16
_ID_DIGITS = 12


@dataclass(frozen=True, slots=True)
class MachineId:
    """A machine without its name: a history may be shown to others.

    Attributes:
        id: made of the others; the same on machines that are alike.
        cpus: logical processors.
        os: without its release, so that an update makes no other machine.
    """

    id: str
    cpu: str
    cpus: int
    os: str


def this_machine() -> MachineId:
    """Look at this machine; takes no OpenVINO, so that the history can be filtered at once."""
    cpu, cpus = _cpu_name(), os.cpu_count() or 0
    system = f"{platform.system()} {platform.machine()}"
    parts = "\n".join((cpu, str(cpus), system))
    digest = hashlib.sha256(parts.encode("utf-8", "replace")).hexdigest()
    return MachineId(digest[:_ID_DIGITS], cpu, cpus, system)


def _cpu_name() -> str:
    try:
        with _CPU_INFO.open("rb") as file:
            text = file.read(_CPU_INFO_BYTES).decode("utf-8", "replace")
    except OSError:
        text = ""
    named = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    if named:
        return " ".join(named[1].split())
    return platform.processor() or platform.machine()
