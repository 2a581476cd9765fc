"""Ends a child process with its parent, whatever the parent dies of."""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent_pid: int, number: int) -> None:
    """Ask Linux to send this process a signal when its parent dies; does nothing elsewhere.

    No thread of ours could do that: a native call may hold the GIL for minutes.

    Args:
        parent_pid: the parent as the parent itself knows it; it may be dead already.
        number: of the signal.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent_pid:
        os._exit(0)
