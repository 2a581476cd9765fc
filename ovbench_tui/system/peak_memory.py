"""The most resident memory this process has ever had."""

from __future__ import annotations

import sys

if sys.platform != "win32":
    import resource

_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024


def peak_rss_bytes() -> int:
    """Peak resident set size; 0 where the system does not tell.

    ru_maxrss is in KiB on Linux and in bytes on macOS (getrusage(2) of either).
    """
    if sys.platform != "win32":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT_BYTES
    return 0
