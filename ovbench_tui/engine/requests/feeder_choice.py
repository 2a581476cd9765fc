"""Who collects completions and how the feeder waits: settled by trials, and then remembered.

Three ways, of which the last two start the next inference as they collect:

- ``callback``: OpenVINO's thread stores each completion. It must be handed the GIL for that, some
  tens of microseconds.
- ``collect``: the feeder takes the latency of an idle request just before it starts it again.
- ``spin``: the same, but the feeder looks for an idle request again and again instead of being
  woken, which takes a core.

The FPS of one model differ by a factor of 1.5 between them, so two runs are only comparable
where both went the same way. A single trial is a toss: now and then the system puts feeder and
inference on the same core for a while. So trials go on, in pairs with alternating order, until
it is clear how often one way wins, and of near equals a toss does not decide: the simpler wins.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from time import perf_counter, sleep

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.option import Cost
from ovbench_tui.engine.api.feeders import AUTO, CALLBACK, COLLECT, SPIN
from ovbench_tui.engine.requests.queue import Queue, Trials
from ovbench_tui.engine.requests.ring import LatencyRing

HANDOVER_MS = 0.02
"""What a callback costs an inference; seen: 2 to 3 % where two of 1 ms run at once."""
_LOST_IN_NOISE = 0.01
"""A share of the throughput that nobody can measure: there the callback stays."""
_CALLBACK_MARGIN = 1.05
"""The callback has never been the faster way where the feeder can collect, so it must prove to
be: a toss between equals must not decide."""
_SPIN_MARGIN = 1.1
"""With two requests on two CPUs spinning made 2.1 and 1.4 times as many inferences of a ReLU
and an MLP a second, with eight 0.7 times as many."""
_SPINS_BELOW_MS = 0.8
"""Being woken takes tens of microseconds; of longer inferences that is not worth a core."""
_CLEAR, _UNCLEAR = 0.8, 0.6
"""Of the rounds, a challenger that is faster wins more than the first part, and one that is not
fewer than the second."""
_EVIDENCE = math.log(99)
"""Likelihood ratio at which Wald's sequential test stops: at most 1 wrong choice in 100."""
_QUESTION_S = 1.5
"""For as long rounds go on; of slow models with many requests a single one takes long."""
_TRIAL_S = 0.015
_INFERENCES_A_TRIAL = 10
_SCRATCH = 1024
_APART_S = 0.002
"""Between rounds, so that the system may place the threads anew."""


class FeederMemory:
    """What was chosen, by all that the choice depends on; for as long as the engine lives."""

    def __init__(self) -> None:
        self._chosen: dict[object, str] = {}

    def recall(self, config: BenchmarkConfig, nireq: int) -> str:
        """What was chosen before; '' = nothing yet."""
        return self._chosen.get(_key(config, nireq), "")

    def keep(self, config: BenchmarkConfig, nireq: int, way: str) -> None:
        """Remember what was chosen."""
        self._chosen[_key(config, nireq)] = way


def _key(config: BenchmarkConfig, nireq: int) -> object:
    """The compiled model, which device and machine are part of, and how many requests there are."""
    compiled = (
        getattr(config, name) for name, row in OPTIONS.items() if row.cost is Cost.RECOMPILE
    )
    return (nireq, *compiled)


def may_choose(config: BenchmarkConfig) -> bool:
    """Whether anything but the callback comes into question.

    With a rate cap or arrivals the feeder sleeps when inferences complete, so it cannot collect
    them, and one inference after the other needs nobody. Without a first inference nothing may
    run before the measurement.
    """
    return config.api == "async" and not config.is_paced and config.first_inference


def is_worth_trials(fastest_ms: float, nireq: int) -> bool:
    """Whether a callback could cost more than noise.

    Args:
        fastest_ms: the shortest of some inferences that ran alone.
        nireq: so many, but not more than there are CPUs, may complete while one runs.
    """
    at_once = min(nireq, os.cpu_count() or nireq)
    return fastest_ms * _LOST_IN_NOISE <= HANDOVER_MS * at_once


def choose_way(
    feeder: Trials,
    rival: Trials,
    fastest_ms: float,
    go_on: Callable[[], bool],
    *,
    may_spin: bool,
) -> str:
    """Find the fastest way by trials; '' where something else was wanted before it was settled.

    Args:
        feeder: a queue without a callback, warm.
        rival: one of the same with a callback that stores, as in a run.
        go_on: False = something else is wanted first.
        may_spin: the run could spin.
    """
    seconds = max(_TRIAL_S, _INFERENCES_A_TRIAL * fastest_ms / 1e3)
    is_won = _is_faster(
        lambda: rival.trial_rate(seconds),
        lambda: feeder.trial_rate(seconds),
        _CALLBACK_MARGIN,
        go_on,
    )
    if is_won is None:
        return ""
    if is_won:
        return CALLBACK
    if not may_spin or fastest_ms >= _SPINS_BELOW_MS:
        return COLLECT
    is_won = _is_faster(
        lambda: feeder.trial_rate(seconds, spins=True),
        lambda: feeder.trial_rate(seconds),
        _SPIN_MARGIN,
        go_on,
    )
    if is_won is None:
        return ""
    return SPIN if is_won else COLLECT


def scratch_ring() -> LatencyRing:
    """A ring for what nobody reads."""
    return LatencyRing(bytearray(LatencyRing.bytes_for(_SCRATCH)))


class FeederChooser:
    """Decides for one queue after the other, and remembers what the trials said."""

    def __init__(self) -> None:
        self._memory = FeederMemory()
        self._fastest_ms = 0.0
        self._is_open = False

    def begin(self, config: BenchmarkConfig, queue: Queue) -> None:
        """Let a queue record in the way that is known or fixed, or in the one trials need.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        way = self.way_without_trials(config, queue)
        self._is_open = not way
        queue.record(by_feeder=way != CALLBACK)
        queue.spins = way == SPIN and queue.may_spin and not config.iterations

    def way_without_trials(self, config: BenchmarkConfig, queue: Queue) -> str:
        """The way where trials are not needed; '' = they are.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        if not may_choose(config) or config.iterations == 0:
            return CALLBACK
        if config.feeder != AUTO:
            return config.feeder
        trials = queue.trials
        if trials is None:
            return CALLBACK
        known = self._memory.recall(config, queue.nireq)
        if known:
            return known
        self._fastest_ms = trials.fastest_ms()
        return "" if is_worth_trials(self._fastest_ms, queue.nireq) else CALLBACK

    def begin_alternation(self, queue: Queue) -> None:
        """Let a queue that spins wait to be woken, since another one takes turns with it."""
        queue.spins = False

    def end_alternation(self, config: BenchmarkConfig, queue: Queue) -> None:
        """Let a queue that runs alone again spin, if that is its way."""
        way = config.feeder if config.feeder != AUTO else self._memory.recall(config, queue.nireq)
        is_by_feeder = queue.collected_by == "feeder" and not config.iterations
        queue.spins = way == SPIN and is_by_feeder and queue.may_spin

    def is_open(self, config: BenchmarkConfig, queue: Queue) -> bool:
        """Whether trials are still to be made of the queue that has begun last."""
        return self._is_open and may_choose(config) and queue.collected_by == "feeder"

    def settle(
        self,
        config: BenchmarkConfig,
        queue: Queue,
        make_rival: Callable[[], Queue],
        go_on: Callable[[], bool],
    ) -> bool:
        """Make the trials and let the queue record in the way that has won.

        Returns:
            False where something else was wanted first.

        Raises:
            RuntimeError: an inference failed; the queue must be discarded.
        """
        rival = make_rival()
        rival.record(by_feeder=False)
        may_spin = queue.may_spin and not config.iterations
        try:
            ours, theirs = queue.trials, rival.trials
            if ours is None or theirs is None:
                raise AssertionError("only what has trials is open to a choice")
            way = choose_way(ours, theirs, self._fastest_ms, go_on, may_spin=may_spin)
        finally:
            rival.release()
        if not way:
            return False
        self._is_open = False
        # What could not spin has not been asked whether it should.
        if may_spin or way == CALLBACK:
            self._memory.keep(config, queue.nireq, way)
        if way == CALLBACK:
            queue.record(by_feeder=False)
        queue.spins = way == SPIN
        return True


def _is_faster(
    challenger: Callable[[], float],
    champion: Callable[[], float],
    margin: float,
    go_on: Callable[[], bool],
) -> bool | None:
    """Whether one is clearly faster than the other by the margin; None = it was not settled.

    By Wald's sequential probability ratio test (1945, Annals of Mathematical Statistics 16,
    p. 117) of the share of rounds won. Where the evidence does not suffice in time, it is not.
    """
    evidence = 0.0
    until_s = perf_counter() + _QUESTION_S
    is_first = True
    while perf_counter() < until_s:
        if not go_on():
            return None
        if is_first:
            ours, theirs = challenger(), champion()
        else:
            theirs, ours = champion(), challenger()
        is_first = not is_first
        if ours > margin * theirs:
            evidence += math.log(_CLEAR / _UNCLEAR)
        else:
            evidence += math.log((1 - _CLEAR) / (1 - _UNCLEAR))
        if abs(evidence) >= _EVIDENCE:
            break
        sleep(_APART_S)
    return evidence >= _EVIDENCE
