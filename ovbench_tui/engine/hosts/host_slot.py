"""The host of a session's engine, which another may replace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ovbench_tui.engine.hosts.host import Host

_RETIRE_PATIENCE_S = 5.0
_KILLED_WITHIN_S = 0.2


class OpenHost(Protocol):
    """Makes a host, not yet started."""

    def __call__(self, *, isolated: bool) -> Host:
        """One that is isolated in a process of its own, or not."""
        ...


class HostSlot:
    """Holds the host, and the one before it until that is gone: no two measure at once.

    Args:
        notify: takes a sentence for the user.

    Attributes:
        host: the current one; while `is_changing` the one that is to go.
        isolated: the next gets a process of its own.
        others: more processes that are ours, of engines beside this one.
    """

    def __init__(
        self,
        open_host: OpenHost,
        clock: Callable[[], float],
        notify: Callable[[str], None],
        *,
        isolated: bool,
    ) -> None:
        self._open_host = open_host
        self._clock = clock
        self._notify = notify
        self.isolated = isolated
        self.others: Callable[[], list[int]] = list
        self.host = open_host(isolated=isolated)
        self._retired: Host | None = None
        self._retired_since_s = 0.0
        self._arrival = ""

    @property
    def is_changing(self) -> bool:
        """Whether a host is to be replaced and has not gone yet."""
        return self._retired is not None

    @property
    def pids(self) -> list[int]:
        """Of the processes of ours that infer, those of the hosts first."""
        return [*self.own_pids, *self.others()]

    @property
    def own_pids(self) -> list[int]:
        """Of the processes that the hosts have of their own."""
        hosts = (self.host, self._retired)
        return [host.pid for host in hosts if host is not None and host.pid]

    def retire(self, arrival: str) -> None:
        """Let the host end; `next_arrival` has another as soon as it has gone.

        Args:
            arrival: why there will be another.
        """
        self.host.stop()
        if self._retired is None:
            self._retired, self._retired_since_s = self.host, self._clock()
        self._arrival = arrival

    def next_arrival(self) -> str | None:
        """Why there is another host now, not yet started; None = there is none."""
        retired = self._retired
        if retired is None:
            return None
        if retired.alive:
            if self._clock() - self._retired_since_s <= _RETIRE_PATIENCE_S:
                return None
            retired.kill()
            if retired.pid is not None:
                return None
            # Native code holds the thread, and no thread can be ended from outside.
            self.isolated = True
            self._notify(
                "The old engine's thread does not end: it is left behind, may still use the"
                " processor, and the next engine gets a process of its own."
            )
        self._retired = None
        self.host = self._open_host(isolated=self.isolated)
        return self._arrival

    def stop(self) -> None:
        """Let every host end."""
        for host in self._hosts:
            host.stop()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end, and kill what has not ended in time; False = it does not end."""
        hosts = self._hosts
        ended = [host.join(timeout_s) for host in hosts]
        for host, has_ended in zip(hosts, ended, strict=True):
            if not has_ended:
                host.kill()
        return all(ended) or all(host.join(_KILLED_WITHIN_S) for host in hosts)

    @property
    def _hosts(self) -> list[Host]:
        return [host for host in (self.host, self._retired) if host is not None]
