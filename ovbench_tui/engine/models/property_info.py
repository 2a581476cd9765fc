"""The properties of a device: values, who may write them, and what may be written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import openvino as ov

from ovbench_tui.engine.api.devices import DeviceProperty
from ovbench_tui.engine.models.properties import property_text

_SUPPORTED = "SUPPORTED_PROPERTIES"
_LEGAL = re.compile(r"(?:Supported values: |Expected only )([\w/, :]+)")
_LOG_LEVELS = ("LOG_NONE", "LOG_ERROR", "LOG_WARNING", "LOG_INFO", "LOG_DEBUG", "LOG_TRACE")
"""As they are passed; the members of OpenVINO's enumeration have other names."""

_RANGES = {
    "NUM_STREAMS": "RANGE_FOR_STREAMS",
    "PERFORMANCE_HINT_NUM_REQUESTS": "RANGE_FOR_ASYNC_INFER_REQUESTS",
}


def read_device_properties(
    core: ov.Core, device: str, probe: ov.Model | None = None
) -> tuple[DeviceProperty, ...]:
    """Read every property a device lists, sorted by name; () when it lists none.

    Args:
        device: as in ``CPU``; of a virtual one only its kind, as in ``MULTI``.
        probe: compiled with a wrong value for properties of which OpenVINO tells the legal
            values only in its refusal, some ms each; None = those have no choices.
    """
    supported = _read(core, device, _SUPPORTED)
    if not isinstance(supported, Mapping):
        return ()
    return tuple(_properties(core, device, supported, probe))


def _properties(
    core: ov.Core, device: str, supported: Mapping[str, object], probe: ov.Model | None
) -> Iterator[DeviceProperty]:
    for name in sorted(supported):
        access = str(supported[name])
        if name == _SUPPORTED:
            continue
        value = None if access == "WO" else _read(core, device, name)
        is_writable = access != "RO"
        yield DeviceProperty(
            name,
            None if value is None else property_text(value),
            access,
            _choices(core, device, name, value, probe) if is_writable else (),
            _range(core, device, name, supported) if is_writable else "",
        )


def _choices(
    core: ov.Core, device: str, name: str, value: object, probe: ov.Model | None
) -> tuple[str, ...]:
    if isinstance(value, bool):
        return "YES", "NO"
    if name == "LOG_LEVEL":
        return _LOG_LEVELS
    members = getattr(type(value), "__members__", None)
    if isinstance(members, Mapping):
        names: dict[int, str] = {}
        for key, member in members.items():  # some are there twice, a second time as DEFAULT
            names.setdefault(int(member), key)
        return tuple(names.values())
    if isinstance(value, ov.Type) and probe is not None:
        return _legal_values(core, device, name, probe)
    return ()


def _legal_values(core: ov.Core, device: str, name: str, probe: ov.Model) -> tuple[str, ...]:
    """What the device says it takes when it refuses a value."""
    try:
        core.compile_model(probe, device, {name: "?"})
    except (RuntimeError, TypeError) as error:
        found = _LEGAL.search(str(error))
        # 'undefined' is the older name of what is now called 'dynamic'.
        words = re.findall(r"\w+", found[1]) if found else []
        return tuple(word.replace("undefined", "dynamic") for word in words)
    return ()


def _range(core: ov.Core, device: str, name: str, supported: Mapping[str, object]) -> str:
    key = _RANGES.get(name, "")
    found = _read(core, device, key) if key in supported else None
    if isinstance(found, tuple) and len(found) >= 2 and found[1] > 1:
        return f"{found[0]} to {found[1]}"
    return ""


def _read(core: ov.Core, device: str, name: str) -> Any:
    try:
        return core.get_property(device, name)
    except (RuntimeError, TypeError):  # some that are listed cannot be read
        return None
