"""The text of an arrival pattern: when requests come, whatever becomes of those before them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from ovbench_tui.errors import BadInputError

CONSTANT, POISSON, BURSTS, TRACE = "constant", "poisson", "bursts", "trace"

DEFAULT_PERIOD_S, DEFAULT_FACTOR = 1.0, 5.0
MOST_PER_S = 1e5
"""Of more than some hundred thousand a second the feeder could not even count the drops."""
_LONGEST_S = 3600.0
_MOST_FACTOR = 1e4
_MOST_SEED = 2**31 - 1
_RARE_GAP = 30
"""A gap of a Poisson process that is so many times its mean comes once in 10 ** 13 gaps."""

_EXAMPLES = "constant:200, poisson:200, bursts:200,period=2s,factor=5 or a CSV file of times"
_NUMBER = re.compile(r"((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(s|ms)?", re.ASCII)
_UNITS_S = {"s": 1.0, "ms": 1e-3}
_SETTINGS = {CONSTANT: (), POISSON: ("seed",), BURSTS: ("period", "factor", "seed")}


@dataclass(frozen=True, slots=True)
class ArrivalPattern:
    """When requests arrive.

    Attributes:
        kind: one of the words above.
        rate: mean arrivals a second; 0 of a trace, whose file says it.
        period_s, factor: of bursts: once a period all of its requests come, so many times as
            densely as their mean rate, and then none.
        seed: of the random gaps.
        path: of a trace.
    """

    kind: str
    rate: float = 0.0
    period_s: float = DEFAULT_PERIOD_S
    factor: float = DEFAULT_FACTOR
    seed: int = 0
    path: str = ""

    @property
    def text(self) -> str:
        """What `parse_arrivals` makes this of."""
        if self.kind == TRACE:
            return self.path
        parts = [f"{self.kind}:{_written(self.rate)}"]
        if self.kind == BURSTS:
            parts += [f"period={_written(self.period_s)}s", f"factor={_written(self.factor)}"]
        return ",".join([*parts, *([f"seed={self.seed}"] if self.seed else [])])

    @property
    def longest_gap_s(self) -> float:
        """Seconds without an arrival that are no surprise; infinity = nobody knows."""
        if self.kind == TRACE:
            return math.inf
        if self.kind == CONSTANT:
            return 1 / self.rate
        if self.kind == POISSON:
            return _RARE_GAP / self.rate
        return self.period_s + _RARE_GAP / (self.rate * self.factor)

    @property
    def densest_per_s(self) -> float:
        """Arrivals a second where they are densest; 0 of a trace."""
        return self.rate * self.factor if self.kind == BURSTS else self.rate

    def at_rate(self, rate: float) -> ArrivalPattern:
        """The same at another rate, at most the highest; a trace has that of its file."""
        if self.kind == TRACE:
            return self
        most = MOST_PER_S / self.factor if self.kind == BURSTS else MOST_PER_S
        return replace(self, rate=min(rate, most))


@lru_cache(maxsize=32)  # a run that is watched is looked at in every frame
def parse_arrivals(text: str) -> ArrivalPattern:
    """Read an arrival pattern.

    Raises:
        BadInputError: what is wrong with it, as the end of a sentence that begins with the
            option's name.
    """
    kind, colon, rest = text.strip().partition(":")
    if kind.lower() not in _SETTINGS:
        if text.strip().lower().endswith(".csv"):
            return ArrivalPattern(TRACE, path=text.strip())
        raise BadInputError(f"{text!r} is not a pattern of arrivals: write {_EXAMPLES}.")
    kind = kind.lower()
    rate, *settings = rest.split(",") if colon else [""]
    pattern = ArrivalPattern(kind, _number(text, rate, "rate", "arrivals a second", MOST_PER_S))
    for setting in settings:
        pattern = _with_setting(pattern, setting, text)
    if pattern.factor < 1:
        raise BadInputError(f"{text!r} has a factor below 1: bursts are denser than the mean.")
    if pattern.densest_per_s > MOST_PER_S:
        raise BadInputError(
            f"{text!r} makes bursts of {pattern.densest_per_s:,.0f} arrivals a second: give a rate"
            f" and a factor of at most {MOST_PER_S:,.0f} together."
        )
    return pattern


def check_arrivals(text: str) -> str:
    """The sentence about a text that is no pattern, after the option's name; '' = it is fine."""
    try:
        parse_arrivals(text) if text else None
    except BadInputError as error:
        return str(error)
    return ""


def _with_setting(pattern: ArrivalPattern, setting: str, text: str) -> ArrivalPattern:
    name, _, value = (part.strip() for part in setting.partition("="))
    allowed = _SETTINGS[pattern.kind]
    if name.lower() not in allowed:
        known = f"takes {', '.join(allowed)}" if allowed else "takes nothing beside its rate"
        raise BadInputError(f"{text!r} has the unknown part {setting!r}: {pattern.kind} {known}.")
    if name.lower() == "period":
        return replace(pattern, period_s=_number(text, value, "period", "s or ms", _LONGEST_S))
    if name.lower() == "factor":
        return replace(pattern, factor=_number(text, value, "factor", "a number", _MOST_FACTOR))
    if not (value.isascii() and value.isdigit() and int(value[:12]) <= _MOST_SEED):
        raise BadInputError(f"{text!r} needs a seed from 0 to {_MOST_SEED}, as in seed=1.")
    return replace(pattern, seed=int(value))


def _number(text: str, word: str, name: str, unit: str, most: float) -> float:
    match = _NUMBER.fullmatch(word.strip().lower())
    value = float(match[1]) if match else 0.0
    if match and match[2]:
        value = value * _UNITS_S[match[2]] if name == "period" else 0.0
    if not 0 < value <= most:
        raise BadInputError(f"{text!r} needs a {name} in {unit} above 0 and up to {most:,.0f}.")
    return value


def _written(value: float) -> str:
    """A number so that it is read back exactly."""
    return repr(value).removesuffix(".0")
