"""Sizes of a dimension that are drawn: ``1..512``, ``1..512:zipf``, or those of a file."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from random import Random

from ovbench_tui.errors import BadInputError

_MAX_DIMENSION = 2**31 - 1
_ZIPF = ":zipf"
_SUMMED = 64
_EULER = 0.5772156649015329


@dataclass(frozen=True, slots=True)
class Sizes:
    """Where the sizes of one dimension come from; its text is what `parse_sizes` takes.

    Attributes:
        low, high: the smallest and the largest size of a range.
        is_zipf: the k-th size from `low` up is drawn with a probability proportional to 1/k, the
            law of G. K. Zipf, Human Behavior and the Principle of Least Effort (1949), with the
            exponent 1; else all with the same.
        file: the sizes stand in it, and the range is not used; '' = they are drawn.
    """

    low: int = 1
    high: int = 1
    is_zipf: bool = False
    file: str = ""

    def __str__(self) -> str:
        if self.file:
            return f"@{self.file}"
        return f"{self.low}..{self.high}{_ZIPF if self.is_zipf else ''}"

    def draw(self, count: int, seed: int) -> list[int]:
        """Draw sizes of a range.

        The distribution is cut into as many parts of the same probability as there are draws, and
        each gives one, in random order: so few sizes show the whole of it. With several dimensions
        that is Latin hypercube sampling (McKay, Beckman and Conover, Technometrics 21, 1979).
        The same text and the same seed always give the same sizes.
        """
        random = Random(f"{seed} {self}")  # noqa: S311 - sizes, no secret
        parts = list(range(count))
        random.shuffle(parts)
        return [self._quantile((part + random.random()) / count) for part in parts]

    def _quantile(self, probability: float) -> int:
        """The smallest size below which or at which the distribution reaches a probability."""
        width = self.high - self.low + 1
        if not self.is_zipf:
            return self.low + min(width - 1, int(probability * width))
        reached = probability * _harmonic(width)
        return self.low + min(width - 1, bisect_left(range(1, width), reached, key=_harmonic))


def parse_sizes(word: str, where: str) -> Sizes | None:
    """Read one dimension of a data shape; None where it is no range and no file.

    Args:
        where: the option and the whole text, at the begin of the error.

    Raises:
        BadInputError: for a range that is empty or has an open end, and for a file without a name.
    """
    if word.startswith("@"):
        if not word[1:].strip():
            raise BadInputError(f"{where}: '@' needs the name of a file with sizes behind it.")
        return Sizes(file=word[1:].strip())
    bare = word.removesuffix(_ZIPF)
    low, dots, high = (part.strip() for part in bare.partition(".."))
    if not dots:
        return None
    if not low or not high:
        raise BadInputError(f"{where}: the range {word} has no end: write low..high, as in 1..512.")
    if ":" in high:
        raise BadInputError(
            f"{where}: {word!r} is not a range of sizes: write 1..512, or 1..512{_ZIPF} for many"
            " small ones."
        )
    sizes = Sizes(whole_size(low, where), whole_size(high, where), is_zipf=bare != word)
    if sizes.low > sizes.high:
        raise BadInputError(f"{where}: the range {word} is empty; write low..high.")
    return sizes


def whole_size(word: str, where: str, lowest: int = 1) -> int:
    """Read a size.

    Raises:
        BadInputError: it is no whole number, below `lowest` or above what OpenVINO takes.
    """
    if not (word.isascii() and word.isdigit()):
        raise BadInputError(
            f"{where}: {word!r} is not a valid size; every size is a whole number above 0."
        )
    if len(word) > 10 or not lowest <= int(word) <= _MAX_DIMENSION:
        raise BadInputError(
            f"{where}: size {word} cannot be run; every size is a whole number above 0."
        )
    return int(word)


def _harmonic(count: int) -> float:
    """1 + 1/2 + ... + 1/count; beyond a few by its expansion (Knuth, TAOCP 1, 1.2.7)."""
    if count <= _SUMMED:
        return math.fsum(1 / number for number in range(1, count + 1))
    return math.log(count) + _EULER + 1 / (2 * count) - 1 / (12 * count**2)
