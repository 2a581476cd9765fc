"""Properties of a device: what a configuration asks for, and what a compiled model got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import openvino as ov

from ovbench_tui.config import BenchmarkConfig
from ovbench_tui.engine.events import EffectiveConfig
from ovbench_tui.engine.printable import printable
from ovbench_tui.errors import BadInputError

_NESTING = frozenset({"AUTO", "MULTI", "HETERO"})
"""Virtual devices that pass on DEVICE_PROPERTIES; BATCH refuses it and passes on plain ones."""

_NESTED = "DEVICE_PROPERTIES"
_SUPPORTED = "SUPPORTED_PROPERTIES"
_STREAM_WORDS = frozenset({"AUTO", "NUMA"})


def compile_properties(config: BenchmarkConfig) -> dict[str, Any]:
    """Translate a configuration into the properties `Core.compile_model` takes.

    Streams, threads and precision of ``AUTO:x,y``, ``MULTI:x,y`` and ``HETERO:x,y`` go to the
    devices named there; threads exist on the CPU only, so other devices are not given them.

    Raises:
        BadInputError: when streams are given for a device that is not in use.
    """
    kind, targets = split_device(config.device)
    properties: dict[str, Any] = {}
    if config.hint != "none":
        properties["PERFORMANCE_HINT"] = config.hint.upper()
    if config.hint_nireq:
        properties["PERFORMANCE_HINT_NUM_REQUESTS"] = config.hint_nireq
    if config.cache_dir:
        properties["CACHE_DIR"] = config.cache_dir
    shared, streams = _parse_streams(config)
    if kind not in _NESTING:
        properties |= _tuning(config, targets[0], streams.get(targets[0], shared))
        return properties
    if not targets:
        # AUTO chooses among all devices and hands plain properties to the chosen ones.
        if shared:
            properties["NUM_STREAMS"] = shared
        if config.precision:
            properties["INFERENCE_PRECISION_HINT"] = config.precision
        nested = {device: {"NUM_STREAMS": count} for device, count in streams.items()}
        if config.threads:
            nested.setdefault("CPU", {})["INFERENCE_NUM_THREADS"] = str(config.threads)
    else:
        nested = {
            device: _tuning(config, device, streams.get(device, shared)) for device in targets
        }
    nested = {device: values for device, values in nested.items() if values}
    if nested:
        properties[_NESTED] = nested
    return properties


def split_device(device: str) -> tuple[str, tuple[str, ...]]:
    """Split ``AUTO:GPU,CPU`` into its kind and targets; a physical device is its own target.

    The batch of ``BATCH:CPU(4)`` and the minus of an excluded ``AUTO:-GPU`` are left out.
    """
    kind, colon, rest = device.partition(":")
    if not colon and kind not in _NESTING:
        return kind, (kind,)
    names = [name.strip().partition("(")[0] for name in rest.split(",")]
    included = tuple(name for name in names if name and not name.startswith("-"))
    return kind, included or (() if kind in _NESTING else (kind,))


def read_effective(compiled: ov.CompiledModel, device: str) -> EffectiveConfig:
    """Read what a compiled model runs with.

    The number of infer requests, the batch and the data shape are the caller's to fill in.
    """
    own = dict(_readable(compiled))
    nested = own.pop(_NESTED, None)
    parts: dict[str, Mapping[str, Any]] = {}
    if isinstance(nested, Mapping):
        parts = {name: part for name, part in nested.items() if isinstance(part, Mapping)}
    table = {name: _text(value) for name, value in own.items()}
    for name, part in parts.items():
        table |= {f"{name}.{key}": _text(value) for key, value in part.items() if key != _SUPPORTED}
    return EffectiveConfig(
        device=device,
        execution_devices=_text(own.get("EXECUTION_DEVICES", "")),
        hint=_hint(own, parts),
        optimal_nireq=_count(own.get("OPTIMAL_NUMBER_OF_INFER_REQUESTS")),
        streams=_setting("NUM_STREAMS", own, parts),
        threads=_setting("INFERENCE_NUM_THREADS", own, parts),
        precision=_setting("INFERENCE_PRECISION_HINT", own, parts),
        loaded_from_cache=own.get("LOADED_FROM_CACHE") is True,
        properties=tuple(sorted(table.items())),
    )


def _parse_streams(config: BenchmarkConfig) -> tuple[str, dict[str, str]]:
    """Split -nstreams into the count for every device and those for named ones."""
    if ":" not in config.streams:
        return _stream_count(config.streams), {}
    named: dict[str, str] = {}
    _, targets = split_device(config.device)
    for entry in config.streams.split(","):
        device, _, count = entry.partition(":")
        if targets and device not in targets:
            raise BadInputError(
                f"-nstreams {config.streams}: {device} is not in use, -d is"
                f" {printable(config.device)}."
            )
        named[device] = _stream_count(count)
    return "", named


def _stream_count(text: str) -> str:
    return text.upper() if text.upper() in _STREAM_WORDS else text


def _tuning(config: BenchmarkConfig, device: str, streams: str) -> dict[str, Any]:
    """The properties one physical device is tuned with."""
    tuning: dict[str, Any] = {}
    if streams:
        tuning["NUM_STREAMS"] = streams
    if config.threads and device.partition(".")[0] == "CPU":
        tuning["INFERENCE_NUM_THREADS"] = str(config.threads)
    if config.precision:
        tuning["INFERENCE_PRECISION_HINT"] = config.precision
    return tuning


def _readable(compiled: ov.CompiledModel) -> Iterator[tuple[str, Any]]:
    """Every property that can be read: some listed ones throw, some unlisted ones work."""
    supported = _read(compiled, _SUPPORTED)
    names = set(supported) if isinstance(supported, Mapping) else set()
    names |= {
        "EXECUTION_DEVICES",
        "LOADED_FROM_CACHE",
        "OPTIMAL_NUMBER_OF_INFER_REQUESTS",
        "PERFORMANCE_HINT",
        "NUM_STREAMS",
        "INFERENCE_NUM_THREADS",
        "INFERENCE_PRECISION_HINT",
        _NESTED,
    }
    for name in sorted(names - {_SUPPORTED}):
        value = _read(compiled, name)
        if value is not None:
            yield name, value


def _read(compiled: ov.CompiledModel, name: str) -> Any:
    try:
        return compiled.get_property(name)
    except (RuntimeError, TypeError, AttributeError):
        return None


def _setting(name: str, own: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
    """A property of the model itself, or of the devices below it: ``2``, or ``CPU 2, GPU 4``."""
    if name in own:
        return _text(own[name])
    texts = {device: _text(part[name]) for device, part in parts.items() if name in part}
    if len(set(texts.values())) == 1:
        return next(iter(texts.values()))
    return ", ".join(f"{device} {text}" for device, text in texts.items())


def _hint(own: Mapping[str, Any], parts: Mapping[str, Mapping[str, Any]]) -> str:
    """The hint; where MULTI says one thing and its devices run with another, both."""
    above = _setting("PERFORMANCE_HINT", own, {}).lower()
    below = _setting("PERFORMANCE_HINT", {}, parts).lower()
    return above if above == below or not below else f"{above} ({below})" if above else below


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(value: Any) -> str:
    """Write a property's value short: ``f32``, ``throughput``, ``2``, ``yes``, ``CPU,GPU``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, ov.Type):
        return str(value.get_type_name())
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_text(part)}" for key, part in sorted(value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(sorted(map(_text, value)) if isinstance(value, set) else map(_text, value))
    name = getattr(value, "name", None)  # OpenVINO's enumerations are no Python Enum
    return printable(name.lower() if isinstance(name, str) else str(value), limit=2000)
