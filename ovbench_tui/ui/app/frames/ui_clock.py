"""The CPU time that the screen itself takes: the thread that draws and the one that writes."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ovbench_tui.ui.app.frames.writer import find_writer


def cpu_clock_of_ui() -> Callable[[], float]:
    """Return a clock of CPU seconds of the calling thread plus Textual's writer thread.

    Call it, and the clock, on the thread that draws. Where the system has no CPU clock for
    another thread, the writer (a small share) is left out.
    """
    if sys.platform == "win32":
        return time.thread_time
    # macOS has none.
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    writer = find_writer()
    if clock_of is None or writer is None or writer.ident is None:
        return time.thread_time
    writer_clock = clock_of(writer.ident)

    def read() -> float:
        if not writer.is_alive():
            return time.thread_time()
        return time.thread_time() + time.clock_gettime(writer_clock)

    return read
