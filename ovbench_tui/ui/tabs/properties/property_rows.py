"""Every property of the device and of what runs on it: asked for, in effect, and who may set it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.device_properties import NESTED, NESTING, split_device
from ovbench_tui.errors import OvbenchError

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.devices import DeviceInfo, DeviceProperty
    from ovbench_tui.engine.api.results import RunView

_SAME = {"yes": "true", "no": "false", "1": "true", "0": "false"}
_LOG_WORDS = {"log_none": "no", "log_error": "err"}
_LEFT_TO_DEVICE = frozenset({"", "auto", "numa", "dynamic"})
"""Asked for these, the device chooses: whatever it takes is no clamping."""


@dataclass(frozen=True, slots=True)
class PropertyRow:
    """One property.

    Attributes:
        name: with the device before it where a virtual device passes it on, as in
            ``CPU.NUM_STREAMS``.
        requested: '' = nothing was asked for.
        effective: of the compiled model; None = it does not tell.
        of_device: before anything is asked for; None = it cannot be read.
        is_listed: the device lists it; else the compiled model alone has it.
        access: of the device: ``RO``, ``RW``, ``WO``; what the compiled model alone has is
            ``RO``, since it cannot be asked for.
        is_clamped: another value is in effect than was asked for.
    """

    name: str
    requested: str
    effective: str | None
    of_device: str | None
    access: str
    choices: tuple[str, ...] = ()
    range_text: str = ""
    is_clamped: bool = False
    is_listed: bool = True

    @property
    def is_writable(self) -> bool:
        """Whether it can be asked for, by compiling again."""
        return self.access != "RO"


def property_rows(
    run: RunView | None, config: BenchmarkConfig, devices: tuple[DeviceInfo, ...]
) -> tuple[PropertyRow, ...]:
    """Put together what the device lists, what was asked for and what runs.

    Args:
        config: tells the device while nothing runs.
    """
    if run is not None:
        config = run.config
    own = dict(_listed(config.device, devices))
    effective = dict(run.effective.properties) if run else {}
    requested = requested_properties(config)
    names = sorted({*own, *effective, *requested})
    return tuple(_row(name, own.get(name), effective, requested.get(name, "")) for name in names)


def requested_properties(config: BenchmarkConfig) -> dict[str, str]:
    """What a configuration asks for; nested ones as ``CPU.NUM_STREAMS``."""
    try:
        requested = compile_properties(config)
    except OvbenchError:
        return {}  # it cannot be compiled, and the message line says why
    nested: Mapping[str, Mapping[str, object]] = requested.pop(NESTED, {})
    texts = {name: str(value) for name, value in requested.items()}
    for device, values in nested.items():
        texts |= {f"{device}.{name}": str(value) for name, value in values.items()}
    return texts


def is_same_value(requested: str, effective: str) -> bool:
    """Whether two texts say the same: ``YES`` and ``true``, ``LATENCY`` and ``latency``."""
    first, second = _plain(requested), _plain(effective)
    if first == second:
        return True
    try:
        return float(first) == float(second)
    except ValueError:
        return False


def _row(
    name: str, listed: DeviceProperty | None, effective: Mapping[str, str], requested: str
) -> PropertyRow:
    value = effective.get(name)
    reported = _reported(name, effective) if value is None and requested else value
    is_clamped = (
        requested.casefold() not in _LEFT_TO_DEVICE
        and reported is not None
        and not is_same_value(requested, reported)
    )
    if listed is None:
        access = "RW" if requested else "RO"
        return PropertyRow(
            name, requested, reported, None, access, is_clamped=is_clamped, is_listed=False
        )
    return PropertyRow(
        name,
        requested,
        reported,
        listed.value,
        listed.access,
        listed.choices,
        listed.range_text,
        is_clamped,
    )


def _reported(name: str, effective: Mapping[str, str]) -> str | None:
    """What the devices below say of a property that a virtual one does not tell itself."""
    below = {value for key, value in effective.items() if key.rpartition(".")[2] == name}
    return next(iter(below)) if len(below) == 1 else None


def _listed(device: str, devices: tuple[DeviceInfo, ...]) -> Iterator[tuple[str, DeviceProperty]]:
    kind, targets = split_device(device)
    by_name = {info.name: info for info in devices}
    by_kind = {info.name.partition(":")[0]: info for info in reversed(devices)}
    info = by_name.get(device) or by_name.get(kind) or by_kind.get(kind)
    for one in info.properties if info else ():
        yield one.name, one
    if kind not in NESTING:
        return
    for target in targets:
        below = by_name.get(target) or by_name.get(target.partition(".")[0])
        for one in below.properties if below else ():
            yield f"{target}.{one.name}", one


def _plain(text: str) -> str:
    word = text.strip().casefold()
    word = _LOG_WORDS.get(word, word.removeprefix("log_"))
    return _SAME.get(word, word)
