"""What a tuner wants of a session, and how the session gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ovbench_tui.config.benchmark import BenchmarkConfig


@dataclass(frozen=True, slots=True)
class Request:
    """What the session is to be asked for.

    Attributes:
        config: to run.
        resets: it runs already, so only its statistics begin again.
        restarts: the engine has died: start another first.
        search: the mark that its run gets; '' = none.
    """

    config: BenchmarkConfig
    resets: bool = False
    restarts: bool = False
    search: str = ""


class TunedSession(Protocol):
    """What a tuner needs of a session."""

    def configure(self, config: BenchmarkConfig, search: str = "") -> None:
        """Ask for this configuration, as a trial of a search where that has a mark."""
        ...

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        ...

    def restart(self) -> None:
        """Start a new engine after this one has died or hung."""
        ...


def apply(session: TunedSession, ask: Request) -> None:
    """Ask the session for what a tuner wants."""
    if ask.restarts:
        session.restart()
    session.configure(ask.config, ask.search)
    if ask.resets:
        session.reset_stats()
