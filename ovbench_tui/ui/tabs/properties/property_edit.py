"""A configuration that asks for another value of a property."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.device_properties import (
    NESTED,
    NESTING,
    entry_name,
    format_nested,
    parse_nested,
    refuse_reservation,
    split_device,
)
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
    set_field = _FIELDS.get(key)
    if set_field is not None and (not device or key in _PER_DEVICE):
        return set_field(without, device, value)
    if not value:
        return without
    changed = _with_entry(without, device, key, value)
    refuse_reservation(changed.device_properties)
    return changed


def _set_hint(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    return replace(config, hint=value.lower() or "none")


def _set_streams(config: BenchmarkConfig, device: str, value: str) -> BenchmarkConfig:
    return replace(config, streams=_for_device(config, config.streams, device, value))


def _set_precision(config: BenchmarkConfig, device: str, value: str) -> BenchmarkConfig:
    return replace(config, precision=_for_device(config, config.precision, device, value))


def _set_threads(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    return replace(config, threads=_whole(value, "INFERENCE_NUM_THREADS"))


def _set_hint_nireq(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    return replace(config, hint_nireq=_whole(value, "PERFORMANCE_HINT_NUM_REQUESTS"))


def _set_pinning(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    words = {"TRUE": "YES", "FALSE": "NO"}
    return replace(config, threads_pinning=words.get(value.upper(), value.upper()))


def _set_cache(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    return replace(config, cache_dir=value)


def _set_perf_counts(config: BenchmarkConfig, _: str, value: str) -> BenchmarkConfig:
    if value.upper() not in ("", "YES", "NO", "TRUE", "FALSE"):
        raise BadInputError(f"PERF_COUNT takes YES or NO, not {value!r}.")
    return replace(config, perf_counts=value.upper() in ("YES", "TRUE"))


_FIELDS: Mapping[str, Callable[[BenchmarkConfig, str, str], BenchmarkConfig]] = {
    "PERFORMANCE_HINT": _set_hint,
    "NUM_STREAMS": _set_streams,
    "INFERENCE_PRECISION_HINT": _set_precision,
    "INFERENCE_NUM_THREADS": _set_threads,
    "PERFORMANCE_HINT_NUM_REQUESTS": _set_hint_nireq,
    "ENABLE_CPU_PINNING": _set_pinning,
    "CACHE_DIR": _set_cache,
    "PERF_COUNT": _set_perf_counts,
}
_PER_DEVICE = frozenset(
    {"NUM_STREAMS", "INFERENCE_PRECISION_HINT", "INFERENCE_NUM_THREADS", "ENABLE_CPU_PINNING"}
)
"""Fields that reach the devices below a virtual one, too; threads and pinning the CPU only."""


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


def _whole(value: str, name: str) -> int:
    if value == "":
        return 0
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise BadInputError(f"{name} {value!r} is no whole number: give 0 or more.")
    return int(value)


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
