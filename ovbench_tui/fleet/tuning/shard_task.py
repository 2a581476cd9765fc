"""Measures a share of a spread search with the engine of a worker."""

from __future__ import annotations

from collections.abc import Callable

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.errors import OvbenchError
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.tuning.shard import Shard, start_share
from ovbench_tui.tuning.request import TunedSession, apply
from ovbench_tui.tuning.tuner import Tuner

STEP_S = 0.05
"""How often `step` should be called while something is measured."""


class ShareRunner:
    """Does one share after another, and tells what comes of each configuration.

    Args:
        base: with the model's path on this machine.

    Attributes:
        has_measured: since `forget` a share was measured, so what has failed may be one of its
            configurations.
    """

    def __init__(
        self,
        session: TunedSession,
        base: BenchmarkConfig,
        tell: Callable[[wire.Message], None],
    ) -> None:
        self._session = session
        self._base = base
        self._tell = tell
        self._tuner: Tuner | None = None
        self.has_measured = False
        self._number = 0
        self._reported = 0

    @property
    def is_busy(self) -> bool:
        """Whether a share is measured now."""
        return self._tuner is not None

    def begin(self, share: Shard) -> None:
        """Measure this share; one that is not over ends with what it has."""
        self.stop()
        self.has_measured = True
        self._number, self._reported = share.number, 0
        try:
            self._tuner = start_share(self._base, share)
        except OvbenchError as error:
            self._tell(wire.share_over_message(share.number, str(error)))

    def forget(self) -> None:
        """Something else runs: from now on a failure is no share's."""
        self.has_measured = False

    def stop(self) -> None:
        """End the share with what is measured of it."""
        if self._tuner is not None:
            self._tuner.stop()
            self._pass_on(self._tuner)

    def step(self, snapshot: Snapshot) -> None:
        """Look at what the engine has measured, and ask it for what is next."""
        tuner = self._tuner
        if tuner is None:
            return
        ask = tuner.step(snapshot)
        if ask is not None:
            apply(self._session, ask)
        self._pass_on(tuner)

    def _pass_on(self, tuner: Tuner) -> None:
        board = tuner.board
        for trial in board.trials[self._reported :]:
            self._tell(wire.tried_message(self._number, trial))
        self._reported = len(board.trials)
        if tuner.is_done:
            self._tuner = None
            # Nobody waits for a share that the machine was asked away from.
            reason = "" if tuner.was_overruled else board.reason
            self._tell(wire.share_over_message(self._number, reason))
