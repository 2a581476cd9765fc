"""Samples of both sides in turn, each from a fresh compile in a process of its own.

A device keeps the means of its layers since the compile, so a compiled model gives one sample of
them and no more; and what differs from one compile to the next (memory, threads, the choice of an
implementation) is seen by no number of inferences.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.export.run_program import reply_of
from ovbench_tui.layers.sample import Sample, sample_of
from ovbench_tui.stats.comparison.alternation import Alternation, Side

_WARM_UP_S = 0.3
_WARM_UP_SHARE = 1 / 3
"""Of a sample at most: what means of whole microseconds lose is multiplied by their counts."""


@dataclass(frozen=True, slots=True)
class Program:
    """A side, as it is run.

    Attributes:
        path: of a program of `export.layers_program`.
        interpreter: of Python; None = that of this process.
        environment: variables of its process; None = those of this one.
    """

    path: Path
    interpreter: Path | None = None
    environment: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class TakenSample:
    """A sample, and whose it is.

    Attributes:
        pair: its number, from 0.
    """

    pair: int
    side: Side
    sample: Sample


class Measuring:
    """Measures one sample after the other; chance decides which side of a pair comes first.

    Args:
        pairs: of samples.
        sample_s: seconds that are measured in each.
        seed: of the order; None = another each time.
    """

    def __init__(
        self, a: Program, b: Program, *, pairs: int, sample_s: float, seed: int | None = None
    ) -> None:
        self._programs = {Side.A: a, Side.B: b}
        self._pairs = pairs
        self._sample_s = sample_s
        self._order = Alternation(seed=seed)
        self._taken: list[TakenSample] = []

    @property
    def is_over(self) -> bool:
        """Whether all are measured."""
        return self._order.pair == self._pairs

    @property
    def progress(self) -> str:
        """How far it is, in a line."""
        return f"sample {len(self._taken) + 1} of {2 * self._pairs} ({self._order.side.value})"

    @property
    def fraction(self) -> float:
        """How much is done."""
        return len(self._taken) / (2 * self._pairs)

    @property
    def taken(self) -> tuple[TakenSample, ...]:
        """All samples so far, as they were measured."""
        return tuple(self._taken)

    def of(self, side: Side) -> tuple[Sample, ...]:
        """The samples of a side so far."""
        return tuple(one.sample for one in self._taken if one.side is side)

    def measure(self) -> None:
        """Measure the next sample.

        Raises:
            KeyboardInterrupt: by the user.
            RunFailedError: it failed.
        """
        pair, side = self._order.pair, self._order.side
        program = self._programs[side]
        reply = reply_of(
            program.path,
            [repr(min(_WARM_UP_S, _WARM_UP_SHARE * self._sample_s)), repr(self._sample_s)],
            f"Sample {len(self._taken) + 1}, of {side.value},",
            interpreter=program.interpreter,
            environment=program.environment,
        )
        sample = sample_of(reply)
        self._taken.append(TakenSample(pair, side, sample))
        self._order.end_slice(sample.inferences, self._sample_s)
