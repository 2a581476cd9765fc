"""The properties a configuration asks for; free of OpenVINO, so that it can be written out."""

from __future__ import annotations

from typing import Any

from ovbench_tui.config.benchmark import OPTIONS, PROPERTIES, BenchmarkConfig
from ovbench_tui.config.device_properties import (
    NESTED,
    NESTING,
    entry_name,
    parse_nested,
    properties_of,
    refuse_reservation,
    split_device,
)
from ovbench_tui.config.option import Scope
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError


def compile_properties(config: BenchmarkConfig) -> dict[str, Any]:
    """Translate a configuration into the properties `Core.compile_model` takes.

    Streams, threads, pinning and precision of ``AUTO:x,y``, ``MULTI:x,y`` and ``HETERO:x,y``
    go to the devices named there; threads exist on the CPU only, so other devices are not
    given them. What the configuration itself says wins over its `device_properties`.

    Raises:
        BadInputError: when a value is given for a device that is not in use, cores are to be
            reserved, or a value cannot be handed to OpenVINO.
    """
    # Here, too: a configuration may come from the history or over a network.
    refuse_reservation(config.device_properties)
    kind, targets = split_device(config.device)
    properties: dict[str, Any] = dict(properties_of(config.device_properties, config.device))
    nested = parse_nested(properties.pop(NESTED, "{}"))
    properties |= _of_scope(config, Scope.ANY)
    if config.batch:
        # As benchmark_app: a batch that was asked for is not to be batched once more.
        properties["ALLOW_AUTO_BATCHING"] = "NO"
    values = _DeviceValues(config, targets)
    if kind not in NESTING:
        return properties | values.tuning(targets[0])
    if targets:
        tunings = {device: values.tuning(device) for device in targets}
    else:
        # AUTO chooses among all devices and hands plain properties to the chosen ones.
        properties |= values.shared()
        tunings = {device: values.named(device) for device in values.devices}
    for device, tuning in tunings.items():
        if tuning:
            nested[device] = nested.get(device, {}) | tuning
    if nested:
        properties[NESTED] = nested
    return properties


def properties_by_device(config: BenchmarkConfig) -> dict[str, dict[str, Any]]:
    """What -dump_config writes: the asked properties, and the unused ones of -load_config.

    Raises:
        BadInputError: as `compile_properties` does.
    """
    used = entry_name(config.device_properties, config.device)
    kind = split_device(config.device)[0]
    others = {name: dict(values) for name, values in config.device_properties if name != used}
    return others | {kind: compile_properties(config)}


def _of_scope(config: BenchmarkConfig, scope: Scope) -> dict[str, Any]:
    """The properties of the options that are passed to such devices."""
    written = {
        name: option.write(getattr(config, field))
        for name, (field, option) in PROPERTIES.items()
        if option.scope is scope and option.write is not None
    }
    return {name: value for name, value in written.items() if value}


class _DeviceValues:
    """What is tuned for each device by itself: for all devices, or for named ones."""

    def __init__(self, config: BenchmarkConfig, targets: tuple[str, ...]) -> None:
        self._cpu = _of_scope(config, Scope.CPU)
        self._shared: dict[str, Any] = {}
        self._named: dict[str, dict[str, Any]] = {}
        for name, (field, option) in PROPERTIES.items():
            if option.scope is not Scope.EACH or option.write is None:
                continue
            shared, named = _split(
                getattr(config, field), OPTIONS[field].name, config.device, targets
            )
            if shared:
                self._shared[name] = option.write(shared)
            for device, value in named.items():
                self._named.setdefault(device, {})[name] = option.write(value)

    @property
    def devices(self) -> tuple[str, ...]:
        """Those that are named, or are given what exists on the CPU only."""
        return tuple(dict.fromkeys([*self._named, *(("CPU",) if self._cpu else ())]))

    def shared(self) -> dict[str, Any]:
        """What is for whatever device is used."""
        return dict(self._shared)

    def named(self, device: str) -> dict[str, Any]:
        """What is for one device only."""
        is_cpu = device.partition(".")[0] == "CPU"
        return self._named.get(device, {}) | (self._cpu if is_cpu else {})

    def tuning(self, device: str) -> dict[str, Any]:
        """All that one device is to be given."""
        return self.shared() | self.named(device)


def _split(
    text: str, option: str, device: str, targets: tuple[str, ...]
) -> tuple[str, dict[str, str]]:
    """Split ``CPU:2,GPU:4`` by device; a text that names none is for every device."""
    if ":" not in text:
        return text, {}
    named: dict[str, str] = {}
    for entry in text.split(","):
        name, _, value = entry.partition(":")
        if targets and name not in targets:
            raise BadInputError(
                f"{option} {text}: {name} is not in use, -d is {printable(device)}."
            )
        named[name] = value
    return "", named
