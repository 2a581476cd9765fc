"""Reads the fields of a message, each refused where it is something else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ovbench_tui.errors import OvbenchError
from ovbench_tui.reports.plain_data import RUN_DATA, NotThisDataError

_MOST_CHARACTERS = 8_000_000


class WireError(ValueError):
    """A message that cannot be understood; the text says why."""


def numbers(
    message: Mapping[str, Any], name: str, length: int, kinds: frozenset[type]
) -> tuple[Any, ...]:
    """So many numbers of these kinds."""
    numbers = message.get(name)
    if not isinstance(numbers, (list, tuple)) or len(numbers) != length:
        raise WireError(f"its {name} are not {length} numbers")
    if not kinds.issuperset(map(type, numbers)):
        raise WireError(f"its {name} are not numbers")
    return tuple(numbers)


def sentences(message: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Texts, one after the other."""
    sentences = message.get(name)
    if not isinstance(sentences, (list, tuple)) or not all(
        isinstance(sentence, str) for sentence in sentences
    ):
        raise WireError(f"its {name} are not sentences")
    return tuple(sentences)


def text(message: Mapping[str, Any], name: str) -> str:
    """A text."""
    text = message.get(name)
    if not isinstance(text, str):
        raise WireError(f"its {name} is not text")
    return text


def whole(message: Mapping[str, Any], name: str) -> int:
    """A whole number below 2**62."""
    number = message.get(name)
    if type(number) is not int or not 0 <= number < 1 << 62:
        raise WireError(f"its {name} is not a number")
    return number


def object_of(text: str) -> dict[str, Any]:
    """A JSON object in a text."""
    if len(text) > _MOST_CHARACTERS:
        raise WireError("it is far too long")
    try:
        plain = json.loads(text)
    except (ValueError, RecursionError):
        raise WireError("it is not valid JSON") from None
    if not isinstance(plain, dict):
        raise WireError("it is not an object")
    return plain


def made(kind: type[Any], text: str) -> Any:
    """A dataclass that was written as a JSON object."""
    try:
        return RUN_DATA.to(kind, object_of(text))
    except (NotThisDataError, OvbenchError) as error:
        raise WireError(str(error)) from None
