"""What the system says a process is doing."""

from __future__ import annotations

import psutil


def is_stopped(pid: int) -> bool:
    """Whether the process is stopped by a signal or a tracer; False where it is gone."""
    try:
        return psutil.Process(pid).status() in (psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)
    except psutil.Error:
        return False
