"""What is seen of a mix, and what can be asked of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.machine import MachineColumns
from ovbench_tui.mix.member import MemberView
from ovbench_tui.mix.plan import Turn


class Stage(Enum):
    """How far a mix is."""

    PREPARING = "preparing"
    """Not every model is ready yet."""

    RUNNING = "running"
    """All run together."""

    MOVING = "moving"
    """The models of the next turn begin to run, and the others to pause."""

    SETTLING = "settling"
    """They have, just now."""

    MEASURING = "measuring"
    """A turn is measured."""

    @property
    def is_of_turns(self) -> bool:
        """Whether each is measured alone, too."""
        return self in (Stage.MOVING, Stage.SETTLING, Stage.MEASURING)


@dataclass(frozen=True, slots=True)
class MixView:
    """A mix as of now.

    Attributes:
        turn: what is measured, or will be next; None = no turns are taken.
        rounds: whole rounds so far.
        measured_s: seconds of turns so far.
        is_between_rounds: a round was just over, or none has begun.
    """

    members: tuple[MemberView, ...]
    stage: Stage
    turn: Turn | None
    rounds: int
    measured_s: float
    is_paused: bool
    is_between_rounds: bool

    @property
    def is_preparing(self) -> bool:
        """Whether none has run yet."""
        return self.stage is Stage.PREPARING

    def has_lasted(self, duration_s: float) -> bool:
        """Whether turns were taken for so long, and a round is whole."""
        return self.rounds > 0 and self.is_between_rounds and self.measured_s >= duration_s

    @property
    def running(self) -> tuple[MemberView, ...]:
        """Those that have not failed."""
        return tuple(one for one in self.members if not one.failure)


class MixLike(Protocol):
    """A mix as the screen knows it; no call blocks, none may come from two threads."""

    @property
    def is_in_turns(self) -> bool:
        """Whether each is measured alone, too, as soon as all are ready."""
        ...

    def advance(self, columns: int = 0) -> MixView:
        """Fold what came since the last call, and go on with the plan."""
        ...

    def configure(self, number: int, config: BenchmarkConfig, search: str = "") -> None:
        """Request another configuration for one of the models, maybe as a trial of a search."""
        ...

    def take_turns(self, *, is_on: bool) -> None:
        """Measure each alone and all together from now on, or let all run."""
        ...

    def toggle_pause(self) -> None:
        """Let all of them pause, or go on."""
        ...

    def reset_stats(self) -> None:
        """Begin the statistics of all again."""
        ...

    def machine(self, first: int, cells: int, cell_s: float) -> MachineColumns:
        """The machine in cells of the time since the begin."""
        ...
