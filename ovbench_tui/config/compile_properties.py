"""The properties a configuration asks for; free of OpenVINO, so that it can be written out."""

from __future__ import annotations

from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.device_properties import (
    NESTED,
    NESTING,
    entry_name,
    parse_nested,
    properties_of,
    refuse_reservation,
    split_device,
)
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError

_STREAM_WORDS = frozenset({"AUTO", "NUMA"})


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
    if config.hint != "none":
        properties["PERFORMANCE_HINT"] = config.hint.upper()
    if config.hint_nireq:
        properties["PERFORMANCE_HINT_NUM_REQUESTS"] = config.hint_nireq
    if config.cache_dir:
        if any("\ud800" <= letter <= "\udfff" for letter in config.cache_dir):
            raise BadInputError(
                f"-cdir {config.cache_dir!r}: this name is not UTF-8, which OpenVINO"
                " cannot be given; choose another folder."
            )
        properties["CACHE_DIR"] = config.cache_dir
    if config.perf_counts:
        properties["PERF_COUNT"] = "YES"
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


class _DeviceValues:
    """Streams, precision, threads and pinning, each for all devices or for named ones."""

    def __init__(self, config: BenchmarkConfig, targets: tuple[str, ...]) -> None:
        self._config = config
        self._streams, self._named_streams = _split(
            config.streams, "-nstreams", config.device, targets
        )
        self._precision, self._named_precisions = _split(
            config.precision, "-infer_precision", config.device, targets
        )

    @property
    def devices(self) -> tuple[str, ...]:
        """Those that are named, or are given what exists on the CPU only."""
        has_threads = self._config.threads or self._config.threads_pinning
        names = [*self._named_streams, *self._named_precisions, *(("CPU",) if has_threads else ())]
        return tuple(dict.fromkeys(names))

    def shared(self) -> dict[str, str]:
        """What is for whatever device is used."""
        return _properties(self._streams, self._precision)

    def named(self, device: str) -> dict[str, str]:
        """What is for one device only."""
        tuning = _properties(
            self._named_streams.get(device, ""), self._named_precisions.get(device, "")
        )
        if device.partition(".")[0] == "CPU":
            if self._config.threads:
                tuning["INFERENCE_NUM_THREADS"] = str(self._config.threads)
            if self._config.threads_pinning:
                tuning["ENABLE_CPU_PINNING"] = self._config.threads_pinning
        return tuning

    def tuning(self, device: str) -> dict[str, str]:
        """All that one device is to be given."""
        return self.shared() | self.named(device)


def _properties(streams: str, precision: str) -> dict[str, str]:
    properties: dict[str, str] = {}
    if streams:
        properties["NUM_STREAMS"] = streams.upper() if streams.upper() in _STREAM_WORDS else streams
    if precision:
        properties["INFERENCE_PRECISION_HINT"] = precision
    return properties


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
