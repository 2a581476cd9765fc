"""What each row of the selector can be set to, and what the next and previous value is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from ovbench_tui.config.benchmark import APIS, HINTS, MAX_NIREQ, BenchmarkConfig
from ovbench_tui.console.text import clean
from ovbench_tui.engine.api.events import DeviceInfo, EffectiveConfig
from ovbench_tui.errors import BadInputError


class Row(Enum):
    """The rows of the selector, in their order on the screen."""

    MODEL = "Model"
    DEVICE = "Device"
    HINT = "Hint"
    NIREQ = "nireq"
    STREAMS = "Streams"
    THREADS = "Threads"
    PRECISION = "Precision"
    API = "API"
    RATE = "Rate cap"


@dataclass(frozen=True, slots=True)
class AvailableChoices:
    """What there is to choose from at the moment.

    Attributes:
        effective: of the running configuration; None while nothing ran yet.
        max_threads: processors of this machine.
        fps: what runs now, where a cap begins; 0 = nothing.
    """

    models: tuple[str, ...] = ()
    devices: tuple[DeviceInfo, ...] = ()
    effective: EffectiveConfig | None = None
    max_threads: int = 1
    fps: float = 0.0


def step(
    config: BenchmarkConfig, row: Row, direction: int, offer: AvailableChoices
) -> BenchmarkConfig:
    """Return `config` with `row` one choice further (+1) or back (-1); lists wrap around."""
    if row is Row.NIREQ:
        return replace(config, nireq=_step_nireq(config.nireq, direction, offer))
    if row is Row.STREAMS:
        count = int(config.streams) if config.streams.isdigit() else 0
        count = min(max(0, count + direction), max(offer.max_threads, count))
        return replace(config, streams=str(count) if count else "")
    if row is Row.THREADS:
        return replace(config, threads=min(max(0, config.threads + direction), offer.max_threads))
    if row is Row.RATE:
        return replace(config, max_fps=_step_rate(config.max_fps, direction, offer.fps))
    return with_value(config, row, _turn(values_of(config, row, offer), config, row, direction))


def more_requests(
    config: BenchmarkConfig, direction: int, offer: AvailableChoices
) -> BenchmarkConfig:
    """Return `config` with one infer request more or less, starting from what runs now."""
    if direction < 0 and config.nireq == 1:
        return config
    return step(config, Row.NIREQ, direction, offer)


def values_of(config: BenchmarkConfig, row: Row, offer: AvailableChoices) -> tuple[str, ...]:
    """Return the values a list row can take, the current one always among them."""
    if row is Row.MODEL:
        values: tuple[str, ...] = offer.models
    elif row is Row.DEVICE:
        values = tuple(device.name for device in offer.devices)
    elif row is Row.HINT:
        values = HINTS
    elif row is Row.API:
        values = APIS
    elif row is Row.PRECISION:
        values = ("", *precisions_of(config.device, offer.devices))
    else:
        values = ()
    current = value_of(config, row)
    return values if current in values or not current else (current, *values)


def precisions_of(device: str, devices: tuple[DeviceInfo, ...]) -> tuple[str, ...]:
    """Return the precisions that `device`, or the first device it is made of, lists."""
    for info in devices:
        if info.name == device and info.precisions:
            return info.precisions
    members = device.partition(":")[2].replace("(", ",").split(",")
    for info in devices:
        # AUTO by itself chooses among all of them.
        if info.precisions and (info.name in members or device == "AUTO"):
            return info.precisions
    return ()


def value_of(config: BenchmarkConfig, row: Row) -> str:
    """Return the row's value as it is typed in an editor; '' = left to the device."""
    if row is Row.MODEL:
        return config.model
    if row is Row.DEVICE:
        return config.device
    if row is Row.HINT:
        return config.hint
    if row is Row.NIREQ:
        return str(config.nireq) if config.nireq else ""
    if row is Row.STREAMS:
        return config.streams
    if row is Row.THREADS:
        return str(config.threads) if config.threads else ""
    if row is Row.API:
        return config.api
    if row is Row.RATE:
        return f"{config.max_fps:g}" if config.max_fps else ""
    return config.precision


def with_value(config: BenchmarkConfig, row: Row, text: str) -> BenchmarkConfig:
    """Return `config` with the row set to a typed value.

    Raises:
        BadInputError: when the value cannot be used; one sentence for the user.
    """
    value = text.strip()
    if row is Row.MODEL:
        return config if value == config.model else config.for_model(value)
    if row is Row.DEVICE:
        return replace(config, device=value)
    if row is Row.HINT:
        return replace(config, hint=value)
    if row is Row.NIREQ:
        return replace(config, nireq=_whole_number(value, "nireq", "optimal"))
    if row is Row.STREAMS:
        return replace(config, streams="" if value.lower() in ("", "auto") else value)
    if row is Row.THREADS:
        return replace(config, threads=_whole_number(value, "Threads", "auto"))
    if row is Row.API:
        return replace(config, api=value)
    if row is Row.RATE:
        return replace(config, max_fps=_rate(value))
    return replace(config, precision=value)


def _step_nireq(nireq: int, direction: int, offer: AvailableChoices) -> int:
    if nireq == 0:
        running = offer.effective.nireq if offer.effective else 0
        return min(max(0, running + direction), MAX_NIREQ)
    return min(max(0, nireq + direction), MAX_NIREQ)


def _step_rate(cap_fps: float, direction: int, fps: float) -> float:
    """Step through 1, 2, 5, 10, 20, ... frames a second; beyond the highest there is no cap."""
    steps = [digit * 10.0**power for power in range(7) for digit in (1, 2, 5)]
    if not cap_fps:
        lower = [step for step in steps if step < fps]
        return lower[-1] if direction < 0 and lower else 0.0
    further = [step for step in steps if (step - cap_fps) * direction > 0]
    if not further:
        return 0.0 if direction > 0 else cap_fps
    return further[0] if direction > 0 else further[-1]


def _rate(text: str) -> float:
    if text.lower() in ("", "0", "none", "unlimited"):
        return 0.0
    try:
        return float(text)
    except ValueError:
        raise BadInputError(
            f"The rate cap {clean(text)!r} is no number: give frames a second above 0, or nothing"
            " for no cap."
        ) from None


def _turn(values: tuple[str, ...], config: BenchmarkConfig, row: Row, direction: int) -> str:
    current = value_of(config, row)
    if not values:
        return current
    if current not in values:
        return values[0 if direction > 0 else -1]
    return values[(values.index(current) + direction) % len(values)]


def _whole_number(text: str, name: str, automatic: str) -> int:
    if text.lower() in ("", automatic):
        return 0
    if not (text.isascii() and text.isdigit()):
        raise BadInputError(
            f"{name} {clean(text)!r} is no number: give 1 or more, or nothing for {automatic}."
        )
    if len(text) > 9:
        raise BadInputError(f"{name} {text} is too large: give a number of at most 9 digits.")
    return int(text)
