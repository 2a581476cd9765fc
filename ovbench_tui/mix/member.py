"""A model of a mix: its name and its settings, and what is seen of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.feeders import AUTO, CALLBACK
from ovbench_tui.engine.api.results import AbView, RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.stats.limits import LimitResult
from ovbench_tui.stats.run_stats import PairedRatio


@dataclass(frozen=True, slots=True)
class Member:
    """One model.

    Attributes:
        name: no two of a mix have the same.
        config: without an end of its own.
    """

    name: str
    config: BenchmarkConfig


def named(configs: Sequence[BenchmarkConfig]) -> tuple[Member, ...]:
    """Give each model the name of its file without its ending; those that come again a number.

    Who collects completions is not left to trials: these would be disturbed by the others, and
    a feeder that spins would take a core from them.
    """
    members: list[Member] = []
    taken: set[str] = set()
    for config in configs:
        path = PurePath(config.model)
        name = stem = path.stem or path.name or config.model
        number = 1
        while name in taken:
            number += 1
            name = f"{stem}-{number}"
        taken.add(name)
        if config.feeder == AUTO:
            config = replace(config, feeder=CALLBACK)
        members.append(Member(name, config))
    return tuple(members)


@dataclass(frozen=True, slots=True)
class MemberView:
    """What is seen of a model of a mix.

    Attributes:
        turns: its run alone (A) and together (B); None = it was not measured in turns.
        failure: why it runs no more, in a sentence; '' = it does.
        is_fed: it is its turn, or all run.
    """

    member: Member
    snapshot: Snapshot
    turns: AbView | None = None
    failure: str = ""
    is_fed: bool = False

    @property
    def name(self) -> str:
        """Of the model in the mix."""
        return self.member.name

    @property
    def alone(self) -> RunView | None:
        """What it measured while no other ran; None before."""
        return _measured(self.turns.a) if self.turns is not None else None

    @property
    def together(self) -> RunView | None:
        """What it measured while all ran; None before."""
        if self.turns is not None:
            return _measured(self.turns.b)
        return _measured(self.snapshot.run)

    @property
    def fps(self) -> PairedRatio:
        """FPS together over FPS alone."""
        return self.turns.fps if self.turns is not None else PairedRatio("fps")

    @property
    def p50(self) -> PairedRatio:
        """The median latency together over that alone."""
        return self.turns.p50 if self.turns is not None else PairedRatio("p50_ms")

    @property
    def limits(self) -> tuple[LimitResult, ...]:
        """What becomes of its limits while all run; empty without any."""
        return self.together.limits if self.together is not None else ()

    @property
    def is_paced(self) -> bool:
        """Whether it runs at a rate of its own, and not as fast as it can."""
        return self.snapshot.requested.is_paced

    @property
    def run(self) -> RunView | None:
        """What it runs with; None before it runs."""
        return self.snapshot.run


def _measured(run: RunView | None) -> RunView | None:
    return run if run is not None and run.stats.count else None


def weighted_speedup(members: Sequence[MemberView]) -> float:
    """How much work they do together, of that which they do one after the other in the same time.

    The sum of each one's FPS together over its FPS alone (Snavely & Tullsen 2000, "Symbiotic
    jobscheduling for a simultaneous multithreaded processor", ASPLOS IX). Taking turns is 1.

    Returns:
        NaN where one is not known, or runs at a rate of its own, which is no measure of work.
    """
    if len(members) < 2 or any(one.is_paced for one in members):
        return math.nan
    return sum(one.fps.ratio for one in members)
