"""Who collects the completions of a run: its names, its words, and which runs are comparable."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.option_values import FEEDERS

AUTO, CALLBACK, COLLECT, SPIN = FEEDERS


@dataclass(frozen=True, slots=True)
class FeederChosen:
    """How completions of a run are collected; see the fields of `EffectiveConfig`."""

    run_id: int
    collected_by: str
    feeder_spins: bool


NOT_COMPARABLE = "not comparable"
"""How the reason of a refused verdict ends."""

_BY = {CALLBACK: "callback", COLLECT: "the feeder", SPIN: "a spinning feeder"}


def way_of(collected_by: str, *, spins: bool) -> str:
    """The way of a run from `EffectiveConfig.collected_by` and `feeder_spins`."""
    if collected_by == "callback":
        return CALLBACK
    return SPIN if spins else COLLECT


def way_text(way: str) -> str:
    """Say by whom, after ``collected by``."""
    return _BY.get(way, way)


def why_unlike(a: str, b: str) -> str:
    """Why two runs with these ways cannot be compared, in a clause; '' = they can.

    Args:
        a, b: the ways; '' = not known, or one inference after the other.
    """
    if not a or not b or a == b:
        return ""
    return f"A was collected by {way_text(a)}, B by {way_text(b)}: {NOT_COMPARABLE}"
