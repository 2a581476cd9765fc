"""Dataclasses made into what JSON can hold (RFC 8259): no NaN, no infinity, no lone surrogate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

PairNames = Mapping[tuple[str, str], tuple[str, str]]
"""For a class and a field that holds pairs: what the two members of a pair are called."""


class PlainData:
    """Translates dataclasses, field by field, with their own names.

    Args:
        pairs: fields that become lists of objects, since a name may come more than once.
        objects: classes and fields whose pairs, of unique names, become one object.
    """

    def __init__(self, pairs: PairNames, objects: frozenset[tuple[str, str]]) -> None:
        self._pairs = pairs
        self._objects = objects

    def of(self, value: Any) -> Plain:
        """Translate any value; a number that is not finite becomes None."""
        if isinstance(value, Enum):
            return self.of(value.value)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        if isinstance(value, str):
            return value.encode("utf-8", "replace").decode("utf-8")
        if value is None or isinstance(value, (bool, int)):
            return value
        if isinstance(value, Mapping):
            return {str(self.of(str(name))): self.of(member) for name, member in value.items()}
        if is_dataclass(value):
            return self._of_dataclass(value)
        if isinstance(value, Sequence):
            return [self.of(member) for member in value]
        raise TypeError(f"{type(value).__name__} has no place in a JSON document")

    def _of_dataclass(self, value: Any) -> dict[str, Plain]:
        kind = type(value).__name__
        return {
            field.name: self._of_field((kind, field.name), getattr(value, field.name))
            for field in fields(value)
        }

    def _of_field(self, place: tuple[str, str], value: Any) -> Plain:
        if place in self._objects:
            return self.of(_as_object(value))
        if place in self._pairs:
            first, second = self._pairs[place]
            return [{first: self.of(name), second: self.of(member)} for name, member in value]
        return self.of(value)


def _as_object(pairs: Any) -> dict[str, Any]:
    return {
        name: _as_object(member) if isinstance(member, tuple) else member for name, member in pairs
    }
