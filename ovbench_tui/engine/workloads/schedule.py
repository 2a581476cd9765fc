"""Schedules: the seconds at which requests arrive, from the pattern alone."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count
from random import Random

from ovbench_tui.config.load.pattern import BURSTS, CONSTANT, POISSON, ArrivalPattern


def schedule(pattern: ArrivalPattern, trace_s: Sequence[float] = ()) -> Iterator[float]:
    """The seconds of all arrivals after the begin, ascending and without an end.

    The same pattern gives the same seconds on every machine.

    Args:
        trace_s: of a trace: what its file says, ascending, from 0; at least 2.
    """
    if pattern.kind == CONSTANT:
        return _constant(pattern.rate)
    if pattern.kind == POISSON:
        return _poisson(pattern.rate, pattern.seed)
    if pattern.kind == BURSTS:
        return _bursts(pattern)
    return _repeated(trace_s)


def _constant(rate: float) -> Iterator[float]:
    # Multiplied, since a sum of gaps drifts.
    return (number / rate for number in count())


def _poisson(rate: float, seed: int) -> Iterator[float]:
    """Gaps of an exponential distribution, by its inverse (Devroye 1986, II.2)."""
    random = Random(seed).random  # noqa: S311 - gaps, no secret
    time_s = 0.0
    while True:
        time_s -= math.log(1.0 - random()) / rate
        yield time_s


def _bursts(pattern: ArrivalPattern) -> Iterator[float]:
    """A Poisson process that runs only at the begin of each period, so much the faster."""
    burst_s = pattern.period_s / pattern.factor
    for time_s in _poisson(pattern.rate * pattern.factor, pattern.seed):
        bursts, within_s = divmod(time_s, burst_s)
        yield bursts * pattern.period_s + within_s


def _repeated(trace_s: Sequence[float]) -> Iterator[float]:
    """A trace again and again, its mean gap between the last arrival and the first."""
    length_s = trace_s[-1] * len(trace_s) / (len(trace_s) - 1)
    for turn in count():
        begin_s = turn * length_s
        for time_s in trace_s:
            yield begin_s + time_s
