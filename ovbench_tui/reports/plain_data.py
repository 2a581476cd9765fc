"""Dataclasses made into what JSON can hold, and back (RFC 8259: no NaN, no lone surrogate)."""

from __future__ import annotations

import json
import math
import sys
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from typing import Any, TypeVar

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]

PairNames = Mapping[tuple[str, str], tuple[str, str]]
"""For a class and a field that holds pairs: what the two members of a pair are called."""


_Made = TypeVar("_Made")


class NotThisDataError(ValueError):
    """Plain data that the dataclass cannot be made of; the text says which member."""


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

    def to(self, kind: type[_Made], plain: object) -> _Made:
        """Make a dataclass again of what `of` made of it; a float that is None becomes NaN.

        Members it does not know are left out, and fields without a member keep their defaults,
        so that other versions' data can be read.

        Raises:
            NotThisDataError: a member is missing or of another type.
            OvbenchError: as the dataclass itself refuses values.
        """
        made: _Made = self._to(kind, plain, kind.__name__)
        return made

    def _to(self, kind: Any, plain: Any, where: str) -> Any:
        if is_dataclass(kind):
            return self._to_dataclass(kind, plain, where)
        origin, arguments = typing.get_origin(kind), typing.get_args(kind)
        if origin is tuple:
            return self._to_tuple(arguments, plain, where)
        if origin in (types.UnionType, typing.Union):
            if plain is None and type(None) in arguments:
                return None
            kinds = [argument for argument in arguments if argument is not type(None)]
            # Of plain values, as a size that is a number or a range; else there is but one.
            return self._to(type(plain) if type(plain) in kinds else kinds[0], plain, where)
        if kind is float:
            if plain is None:
                return math.nan
            is_number = isinstance(plain, (int, float)) and not isinstance(plain, bool)
            if is_number and abs(plain) <= sys.float_info.max:
                return float(plain)
        elif isinstance(kind, type) and issubclass(kind, Enum):
            if any(plain == member.value for member in kind):
                return kind(plain)
        elif kind in (bool, int, str) and type(plain) is kind:
            return plain
        raise NotThisDataError(f"{where} is not of the expected type")

    def _to_dataclass(self, kind: Any, plain: Any, where: str) -> Any:
        if not isinstance(plain, dict):
            raise NotThisDataError(f"{where} is not an object")
        hints = typing.get_type_hints(kind)
        known = {field.name: field for field in fields(kind)}
        missing = [
            name for name, field in known.items() if name not in plain and not _has_default(field)
        ]
        if missing:
            raise NotThisDataError(f"{where} has no {missing[0]}")
        return kind(
            **{
                name: self._to(
                    hints[name],
                    self._unpaired((kind.__name__, name), plain[name], where),
                    f"{where}.{name}",
                )
                for name in known
                if name in plain
            }
        )

    def _to_tuple(self, arguments: Any, plain: Any, where: str) -> Any:
        if len(arguments) == 2 and arguments[1] is Ellipsis:
            if isinstance(plain, dict):
                plain = list(plain.items())
            if isinstance(plain, (list, tuple)):
                return tuple(self._to(arguments[0], member, where) for member in plain)
        elif isinstance(plain, (list, tuple)) and len(plain) == len(arguments):
            pairs = zip(arguments, plain, strict=True)
            return tuple(self._to(argument, member, where) for argument, member in pairs)
        raise NotThisDataError(f"{where} is not a list of the expected length")

    def _unpaired(self, place: tuple[str, str], plain: Any, where: str) -> Any:
        if place not in self._pairs or not isinstance(plain, list):
            return plain
        first, second = self._pairs[place]
        if not all(isinstance(pair, dict) and first in pair and second in pair for pair in plain):
            raise NotThisDataError(f"{where}.{place[1]} is not a list of {first} and {second}")
        return [(pair[first], pair[second]) for pair in plain]

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


def _has_default(field: Field[Any]) -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _as_object(pairs: Any) -> dict[str, Any]:
    return {
        name: _as_object(member) if isinstance(member, tuple) else member for name, member in pairs
    }


RUN_DATA = PlainData(
    pairs={
        ("BenchmarkConfig", "data_shape"): ("input", "shape"),
        ("BenchmarkConfig", "shape"): ("input", "shape"),
        ("BenchmarkConfig", "layout"): ("input", "layout"),
        ("BenchmarkConfig", "sources"): ("input", "sources"),
        ("BenchmarkConfig", "port_precisions"): ("port", "precision"),
        ("BenchmarkConfig", "mean_values"): ("input", "values"),
        ("BenchmarkConfig", "scale_values"): ("input", "values"),
        ("EffectiveConfig", "data_shape"): ("input", "shape"),
        ("EffectiveConfig", "assumed_shape"): ("input", "shape"),
        ("EffectiveConfig", "input_rules"): ("input", "rule"),
        ("EffectiveConfig", "sequence_lengths"): ("prompt_tokens", "new_tokens"),
        ("EffectiveConfig", "carried"): ("output", "input"),
        ("ShapeGroup", "shapes"): ("input", "shape"),
        ("RunStats", "percentiles_ms"): ("percent", "latency_ms"),
        ("GroupStats", "percentiles_ms"): ("percent", "latency_ms"),
    },
    objects=frozenset(
        {("BenchmarkConfig", "device_properties"), ("EffectiveConfig", "properties")}
    ),
)
"""What runs are written and read with: the JSON document, the history."""


def json_text(document: Mapping[str, Any]) -> str:
    """What a command has found as JSON, laid out for reading; what is not known is null."""
    plain = PlainData({}, frozenset()).of(document)
    return json.dumps(plain, ensure_ascii=False, allow_nan=False, indent=2)
