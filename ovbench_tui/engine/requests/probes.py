"""Inferences that run alone before a run: how long the shortest is, and the first of each shape."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

RunAlone = Callable[[], tuple[int, float]]
"""Runs one inference outside the ring; its shape group and latency in ms. Raises RuntimeError."""

_PROBES = 5
_PROBES_AT_MOST = 50
_PROBE_BUDGET_S = 0.3
_SURELY_FAST_MS, _SURELY_SLOW_MS = 0.8, 40.0
"""In between more inferences are looked at: a busy machine makes any of them many times slower."""


def fastest_ms(run_alone: RunAlone) -> float:
    """The shortest of a few inferences, before any other or when the queue is drained.

    Of a model that may be fast more are run: on a busy machine most take far longer, and the
    first of all may take many times as long on any.
    """
    fastest = float("inf")
    until_s = perf_counter() + _PROBE_BUDGET_S
    for number in range(_PROBES_AT_MOST):
        is_doubtful = _SURELY_FAST_MS <= fastest < _SURELY_SLOW_MS
        if number >= _PROBES and not is_doubtful:
            break
        fastest = min(fastest, run_alone()[1])
        if perf_counter() > until_s:
            break
    return fastest


def firsts_ms(run_alone: RunAlone, feeds: int, known: int) -> tuple[tuple[int, float], ...]:
    """The first inference with each shape of a rotation, as far as a moment allows.

    So a shape that cannot be run is mostly found before the run begins.

    Args:
        feeds: of the rotation, of which the first has run.
        known: shape group of that one.
    """
    found: dict[int, float] = {}
    until_s = perf_counter() + _PROBE_BUDGET_S
    for _ in range(feeds - 1):
        group, latency_ms = run_alone()
        found.setdefault(group, latency_ms)
        if perf_counter() > until_s:
            break
    found.pop(known, None)
    return tuple(found.items())
