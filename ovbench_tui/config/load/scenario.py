"""MLPerf LoadGen's scenarios by name: what each sets of the options of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ovbench_tui.config.load.pattern import MOST_PER_S, POISSON, ArrivalPattern
from ovbench_tui.errors import BadInputError

SINGLE_STREAM, MULTI_STREAM, SERVER, OFFLINE = "single-stream", "multi-stream", "server", "offline"
_MOST_SAMPLES = 65_536
_EXAMPLES = "single-stream, multi-stream:8, server:200 or offline"
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scenario:
    """How queries come, after LoadGen's definitions.

    Attributes:
        kind: single-stream sends a query of one sample as soon as the one before is answered,
            multi-stream one of several samples, server queries of one sample at random times, and
            offline has all samples at once. A sample is one frame of the model's input.
        number: samples of a query of a multi-stream, or queries a second of a server; else 0.
    """

    kind: str
    number: float = 0.0

    @property
    def options(self) -> dict[str, Any]:
        """The fields of the configuration that make a run of it."""
        if self.kind == SINGLE_STREAM:
            return {"api": "sync"}
        if self.kind == MULTI_STREAM:
            return {"api": "sync", "batch": int(self.number)}
        if self.kind == SERVER:
            return {"api": "async", "arrivals": ArrivalPattern(POISSON, self.number).text}
        return {"api": "async"}


def parse_scenario(text: str) -> Scenario:
    """Read a scenario's name with its number.

    Raises:
        BadInputError: what is wrong with it, as the end of a sentence that begins with the
            option's name.
    """
    kind, colon, rest = text.strip().lower().partition(":")
    if kind in (SINGLE_STREAM, OFFLINE) and not colon:
        return Scenario(kind)
    if kind in (MULTI_STREAM, SERVER):
        number = float(rest) if _NUMBER.fullmatch(rest) else 0.0
        if kind == SERVER and 0 < number <= MOST_PER_S:
            return Scenario(kind, number)
        if kind == MULTI_STREAM and 1 <= number <= _MOST_SAMPLES and number == int(number):
            return Scenario(kind, number)
        needs = (
            f"queries a second, above 0 and up to {MOST_PER_S:,.0f}, as in server:200"
            if kind == SERVER
            else f"samples of a query, 1 to {_MOST_SAMPLES}, as in multi-stream:8"
        )
        raise BadInputError(f"{text!r} needs the {needs}.")
    raise BadInputError(f"{text!r} is not a scenario: write {_EXAMPLES}.")


def check_scenario(text: str) -> str:
    """The sentence about a text that is no scenario, after the option's name; '' = it is fine."""
    try:
        parse_scenario(text) if text else None
    except BadInputError as error:
        return str(error)
    return ""


def with_scenario(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What a command line gives, and what its scenario makes of the rest.

    Args:
        given: values by the fields of the configuration.
        names: of the options, by their fields.

    Raises:
        BadInputError: an option is given that the scenario sets otherwise.
    """
    text = given.get("scenario", "")
    if not text or check_scenario(text):  # a text that is none is refused with the others
        return dict(given)
    options = parse_scenario(text).options
    for field, value in options.items():
        if field in given and given[field] != value:
            raise BadInputError(
                f"--scenario {text} runs with {names[field]} {value}, and {given[field]} is given:"
                " leave one of them out."
            )
    return {**given, **options}
