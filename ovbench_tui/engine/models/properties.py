"""Properties of a device: what a compiled model got of those that were asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import openvino as ov

from ovbench_tui.config.device_properties import NESTED
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.effective import EffectiveConfig

_SUPPORTED = "SUPPORTED_PROPERTIES"
_UNNAMED = "???"
"""Name of an enumeration's value that is no member, as of a partitioner that nobody has set."""


def read_effective(compiled: ov.CompiledModel, device: str) -> EffectiveConfig:
    """Read what a compiled model runs with.

    The number of infer requests, the batch and the data shape are the caller's to fill in.
    """
    own = dict(_readable(compiled))
    nested = own.pop(NESTED, None)
    parts: dict[str, Mapping[str, Any]] = {}
    if isinstance(nested, Mapping):
        parts = {name: part for name, part in nested.items() if isinstance(part, Mapping)}
    table = {name: property_text(value) for name, value in own.items()}
    for name, part in parts.items():
        table |= {
            f"{name}.{key}": property_text(value)
            for key, value in part.items()
            if key != _SUPPORTED
        }
    return EffectiveConfig(
        device=device,
        execution_devices=property_text(own.get("EXECUTION_DEVICES", "")),
        hint=_hint(own, parts),
        optimal_nireq=_count(own.get("OPTIMAL_NUMBER_OF_INFER_REQUESTS")),
        streams=_setting("NUM_STREAMS", own, parts),
        threads=_setting("INFERENCE_NUM_THREADS", own, parts),
        precision=_setting("INFERENCE_PRECISION_HINT", own, parts),
        loaded_from_cache=own.get("LOADED_FROM_CACHE") is True,
        properties=tuple(sorted(table.items())),
    )


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
        NESTED,
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
        return property_text(own[name])
    texts = {device: property_text(part[name]) for device, part in parts.items() if name in part}
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


def property_text(value: Any) -> str:
    """Write a property's value short: ``f32``, ``throughput``, ``2``, ``yes``, ``CPU,GPU``."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, ov.Type):
        return str(value.get_type_name())
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {property_text(part)}" for key, part in sorted(value.items()))
    if isinstance(value, list | tuple | set | frozenset):
        return ",".join(
            sorted(map(property_text, value))
            if isinstance(value, set)
            else map(property_text, value)
        )
    name = getattr(value, "name", None)  # OpenVINO's enumerations are no Python Enum
    if name == _UNNAMED:
        return "unset"
    return printable(name.lower() if isinstance(name, str) else str(value), limit=2000)
