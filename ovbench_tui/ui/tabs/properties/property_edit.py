"""A configuration that asks for another value of a property."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ovbench_tui.config.benchmark import PROPERTIES, BenchmarkConfig
from ovbench_tui.config.device_properties import (
    NESTED,
    NESTING,
    entry_name,
    format_nested,
    parse_nested,
    refuse_reservation,
    split_device,
)
from ovbench_tui.config.option import Property, Scope
from ovbench_tui.errors import BadInputError

_FORBIDDEN_INSIDE = frozenset("{},:")


def with_property(config: BenchmarkConfig, name: str, text: str) -> BenchmarkConfig:
    """Ask for a value; '' asks for none, so that the device chooses.

    What has a field of its own in the configuration is set there, the rest in its
    `device_properties`.

    Args:
        name: with the device before it for one below a virtual device, as in
            ``CPU.NUM_STREAMS``.

    Raises:
        BadInputError: the value cannot be used; one sentence.
    """
    value = text.strip()
    device, _, key = name.rpartition(".")
    without = _without_entry(config, device, key)
    field, option = PROPERTIES.get(key, ("", None))
    if option is not None and option.scope in (_BELOW if device else _ABOVE):
        return _with_field(without, field, option, device, value)
    if not value:
        return without
    changed = _with_entry(without, device, key, value)
    refuse_reservation(changed.device_properties)
    return changed


_BELOW = (Scope.EACH, Scope.CPU)
_ABOVE = (Scope.ANY, *_BELOW)
"""The options that reach the devices below a virtual one, and those that are set without one."""


def _with_field(
    config: BenchmarkConfig, field: str, option: Property, device: str, text: str
) -> BenchmarkConfig:
    value = option.read(text)
    if option.scope is Scope.EACH:
        value = _for_device(config, getattr(config, field), device, value)
    return config.with_option(field, value)


def _for_device(config: BenchmarkConfig, present: str, device: str, value: str) -> str:
    """``4`` for all devices, or ``CPU:4,GPU:2`` where one of several is named."""
    targets = split_device(config.device)[1]
    if not device or targets == (device,):
        return value
    values = dict.fromkeys(targets, "" if ":" in present else present)
    parts = (entry.partition(":") for entry in present.split(","))
    values |= {name: text for name, colon, text in parts if colon}
    values[device] = value
    return ",".join(f"{name}:{text}" for name, text in values.items() if text)


def _without_entry(config: BenchmarkConfig, device: str, key: str) -> BenchmarkConfig:
    return _changed(config, device, lambda values: values.pop(key, None))


def _with_entry(config: BenchmarkConfig, device: str, key: str, value: str) -> BenchmarkConfig:
    if device and _FORBIDDEN_INSIDE & set(value):
        raise BadInputError(
            f"{device}.{key} {value!r} holds one of {{ }} , : and cannot be passed."
        )
    if not value.isprintable():
        raise BadInputError(f"{key} {value!r} holds what cannot be passed: write plain text.")

    def put(values: dict[str, str]) -> None:
        values[key] = value

    return _changed(config, device, put)


def _changed(
    config: BenchmarkConfig, device: str, change: Callable[[dict[str, str]], object]
) -> BenchmarkConfig:
    """Change the properties of -load_config's form that hold for the device that is used."""
    entries = dict(config.device_properties)
    kind = split_device(config.device)[0]
    entry = entry_name(config.device_properties, config.device) or kind
    values = dict(entries.get(entry, ()))
    if device and kind in NESTING:
        nested = parse_nested(values.pop(NESTED, "{}"))
        below = dict(nested.pop(device, {}))
        change(below)
        if below:
            nested[device] = below
        if nested:
            values[NESTED] = format_nested(nested)
    else:
        change(values)
    if values:
        entries[entry] = tuple(values.items())
    else:
        entries.pop(entry, None)
    return replace(config, device_properties=tuple(entries.items()))
