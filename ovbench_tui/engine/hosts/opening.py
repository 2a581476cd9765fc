"""Which host a worker gets."""

from __future__ import annotations

from ovbench_tui.engine.hosts.host import Host
from ovbench_tui.engine.hosts.thread_host import ThreadHost


def open_host(*, isolated: bool) -> Host:
    """A worker in a process of its own, or in a thread of this one; not yet started."""
    if isolated:
        from ovbench_tui.engine.hosts.process_host import ProcessHost

        return ProcessHost()
    return ThreadHost()
