"""A search spread over the machines of one kind in a fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ovbench_tui.fleet.machine_status import with_model
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.state import FleetState
from ovbench_tui.fleet.tuning.distributed_search import DistributedSearch
from ovbench_tui.tuning.search.objective import SearchPlan
from ovbench_tui.tuning.state import TuningState


class FleetSearch:
    """Passes shares to engines, and to the search what they tell.

    Args:
        kind: of the machines that take part, as `FleetState.kinds` tells it; also later ones.
        fold: takes in what the machines have told.
        send: gives one engine a command.
    """

    def __init__(
        self,
        plan: SearchPlan,
        kind: object,
        machines: FleetState,
        *,
        fold: Callable[[], object],
        send: Callable[[wire.Command], None],
        clock: Callable[[], float],
    ) -> None:
        self._spread = DistributedSearch(plan, clock=clock)
        self._kind = kind
        self._machines = machines
        self._fold = fold
        self._send = send

    @property
    def board(self) -> TuningState:
        """What is known now."""
        return self._spread.board

    @property
    def is_done(self) -> bool:
        """Whether nothing more will be asked for."""
        return self._spread.is_done

    @property
    def was_overruled(self) -> bool:
        """Whether it ended because the machines were asked for something else."""
        return self._spread.was_overruled

    def advance(self) -> None:
        """Look at what was measured, and ask for what is next."""
        self._fold()

    def stop(self, why: str = "", *, is_overruled: bool = False) -> None:
        """End now; what is measured so far stays."""
        self._spread.stop(why, is_overruled=is_overruled)
        self._pass_on()

    def take(self, key: str, message: Mapping[str, Any]) -> None:
        """Take a message of a search.

        Raises:
            WireError: it cannot be understood.
        """
        if message.get("kind") == wire.SHARE_OVER:
            self._spread.end_share(key, *wire.share_over_of(message))
            return
        number, trial = wire.tried_of(message)
        if trial.run is not None:
            trial = replace(trial, run=with_model(trial.run, self._machines.config.model))
        self._spread.take(key, number, trial)

    def look(self) -> None:
        """See which machines there are, and go on."""
        machines = self._machines
        self._spread.see(machines.kinds().get(self._kind, {}), are_paused=machines.is_paused)
        self._pass_on()

    def _pass_on(self) -> None:
        while self._spread.deals:
            deal = self._spread.deals.popleft()
            self._send(wire.Command(wire.TUNE, task=deal.task, share=deal.share))
