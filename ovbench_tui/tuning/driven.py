"""A search that is under way, as a screen or a command drives it."""

from __future__ import annotations

from typing import Protocol

from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.tuning.request import TunedSession, apply
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.tuner import Tuner


class Search(Protocol):
    """A search; `advance` is called several times a second until it is done."""

    @property
    def board(self) -> TuningState:
        """What is known now."""
        ...

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be asked for."""
        ...

    @property
    def was_overruled(self) -> bool:
        """Whether it ended because something else was asked for."""
        ...

    def advance(self) -> None:
        """Look at what was measured, and ask for what is next."""
        ...

    def stop(self, why: str = "") -> None:
        """End now; what is measured so far stays."""
        ...


class WatchedSession(TunedSession, Protocol):
    """A session whose figures can be pulled."""

    def snapshot(self, width: int) -> Snapshot:
        """Fold what was measured since the last call."""
        ...


class DrivenTuner:
    """A tuner that asks the session of this process.

    Attributes:
        seen: the last snapshot; None before the first.
    """

    def __init__(self, tuner: Tuner, session: WatchedSession) -> None:
        self._tuner = tuner
        self._session = session
        self.seen: Snapshot | None = None

    @property
    def board(self) -> TuningState:
        """What is known now."""
        return self._tuner.board

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be asked for."""
        return self._tuner.is_done

    @property
    def was_overruled(self) -> bool:
        """Whether it ended because the session was asked for something else."""
        return self._tuner.was_overruled

    def advance(self) -> None:
        """Look at what was measured, and ask for what is next."""
        self.seen = self._session.snapshot(0)
        ask = self._tuner.step(self.seen)
        if ask is not None:
            apply(self._session, ask)

    def stop(self, why: str = "") -> None:
        """End now; what is measured so far stays."""
        self._tuner.stop(why)
