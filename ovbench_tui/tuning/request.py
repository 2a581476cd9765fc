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
    """

    config: BenchmarkConfig
    resets: bool = False
    restarts: bool = False


class TunedSession(Protocol):
    """What a tuner needs of a session."""

    def configure(self, config: BenchmarkConfig) -> None:
        """Ask for this configuration."""
        ...

    def reset_stats(self) -> None:
        """Begin the current run's statistics again."""
        ...

    def restart(self) -> None:
        """Start another engine after this one has died or got stuck."""
        ...


def apply(session: TunedSession, ask: Request) -> None:
    """Ask the session for what a tuner wants."""
    if ask.restarts:
        session.restart()
    session.configure(ask.config)
    if ask.resets:
        session.reset_stats()
