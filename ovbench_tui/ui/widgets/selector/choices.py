"""What each row of the selector can be set to, and what the next and previous value is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig
from ovbench_tui.config.load.pattern import POISSON, parse_arrivals
from ovbench_tui.config.option import Edit, Step
from ovbench_tui.config.option_types import MAX_COUNT
from ovbench_tui.config.option_values import MAX_NIREQ
from ovbench_tui.config.pipeline_options import acts_on_pipelines
from ovbench_tui.config.token_counts import scaled
from ovbench_tui.console.text import clean
from ovbench_tui.errors import BadInputError

if TYPE_CHECKING:
    from ovbench_tui.engine.api.devices import DeviceInfo
    from ovbench_tui.engine.api.effective import EffectiveConfig
    from ovbench_tui.engine.api.results import RunView

EDITS: Mapping[str, Edit] = {name: row.edit for name, row in OPTIONS.items() if row.edit}
"""What the screen edits: field and how it is edited; the selector's rows come in this order."""

ROWS = tuple(name for name, edit in EDITS.items() if edit.is_row)
"""All rows that the selector can have, in their order on the screen."""


def is_offered(row: str, run: RunView | None) -> bool:
    """Whether what runs has a use for it."""
    return row in _offered(*_kind_of(run))


def rows_for(run: RunView | None, requested: BenchmarkConfig | None = None) -> tuple[str, ...]:
    """The rows that there are for what runs and what is requested; None = nothing is."""
    arrive = requested is not None and bool(requested.arrivals)
    return _rows(*_kind_of(run), arrive=arrive)


def _kind_of(run: RunView | None) -> tuple[bool, bool]:
    """Whether it generates tokens, and whether openvino-genai runs it."""
    return run is not None and run.effective.generates, run is not None and run.model.is_pipeline


@cache
def _offered(generates: bool, is_pipeline: bool) -> tuple[str, ...]:
    return tuple(
        row
        for row in EDITS
        if (generates or not EDITS[row].of_generation)
        and (not is_pipeline or acts_on_pipelines(row))
    )


@cache
def _rows(generates: bool, is_pipeline: bool, *, arrive: bool) -> tuple[str, ...]:
    # What keeps arrivals from queueing makes room for them.
    return tuple(
        row
        for row in ROWS
        if row in _offered(generates, is_pipeline)
        and (arrive or not EDITS[row].of_open_loop)
        and not (arrive and row == "max_fps")
    )


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
    config: BenchmarkConfig, row: str, direction: int, offer: AvailableChoices
) -> BenchmarkConfig:
    """Return `config` with `row` one choice further (+1) or back (-1); lists wrap around."""
    value = getattr(config, row)
    kind = EDITS[row].step
    if kind is Step.REQUESTS:
        running = offer.effective.nireq if offer.effective else 0
        return config.with_option(row, min(max(0, (value or running) + direction), MAX_NIREQ))
    if kind is Step.COUNT:
        text = str(value)
        count = int(text) if text.isdigit() else 0
        most = max(offer.max_threads, count) if isinstance(value, str) else offer.max_threads
        return with_value(config, row, str(min(max(0, count + direction), most) or ""))
    if kind is Step.DOUBLE:
        running = getattr(offer.effective, EDITS[row].effective) if offer.effective else 0
        return config.with_option(row, _double(value or running, direction))
    if kind is Step.TOKENS:
        text = value or (getattr(offer.effective, EDITS[row].effective) if offer.effective else "")
        return with_value(config, row, scaled(text, direction))
    if kind is Step.RATE:
        return config.with_option(row, _step_rate(value, direction, offer.fps))
    if kind is Step.ARRIVALS:
        return config.with_option(row, _step_arrivals(value, direction, offer.fps))
    return with_value(config, row, _turn(values_of(config, row, offer), config, row, direction))


def waits_for_value(config: BenchmarkConfig, row: str, offer: AvailableChoices) -> bool:
    """Whether a step must wait: it begins at what runs, and that is not known yet."""
    if EDITS[row].step not in (Step.REQUESTS, Step.DOUBLE, Step.TOKENS) or getattr(config, row):
        return False
    return offer.effective is None or not getattr(offer.effective, EDITS[row].effective)


def values_of(config: BenchmarkConfig, row: str, offer: AvailableChoices) -> tuple[str, ...]:
    """Return the values a list row can take, the current one always among them."""
    kind = EDITS[row].step
    values: tuple[str, ...] = ()
    if kind is Step.MODEL:
        values = offer.models
    elif kind is Step.DEVICE:
        values = tuple(device.name for device in offer.devices)
    elif kind is Step.PRECISION:
        values = ("", *precisions_of(config.device, offer.devices))
    elif kind is Step.CHOICE:
        values = OPTIONS[row].known_words
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


def value_of(config: BenchmarkConfig, row: str) -> str:
    """Return the row's value as it is typed in an editor; '' = left to the device."""
    value = getattr(config, row)
    if isinstance(value, float):
        return f"{value:g}" if value else ""
    return str(value) if value else ""


def with_value(config: BenchmarkConfig, row: str, text: str) -> BenchmarkConfig:
    """Return `config` with the row set to a typed value.

    Raises:
        BadInputError: when the value cannot be used; one sentence for the user.
    """
    typed = text.strip()
    edit = EDITS[row]
    if edit.step is Step.MODEL:
        return config if typed == config.model else config.for_model(typed)
    is_automatic = bool(edit.automatic) and typed.lower() in ("", "auto", "optimal", edit.automatic)
    default = OPTIONS[row].default
    value: object = typed
    if is_automatic:
        value = default
    elif edit.step is Step.RATE:
        value = _rate(typed)
    elif edit.step is Step.LIMIT:
        value = _limit(typed, edit)
    elif isinstance(default, int):
        value = _whole_number(typed, edit)
    return config.with_option(row, value)


def _double(value: int, direction: int) -> int:
    """Step through 1, 2, 4, 8, ...; below 1 the number is left to the model."""
    if direction > 0:
        return min(1 << value.bit_length(), MAX_COUNT)
    return (1 << (value - 1).bit_length()) >> 1 if value > 1 else 0


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


def _step_arrivals(text: str, direction: int, fps: float) -> str:
    """Step the rate of a pattern; without one begin with random arrivals below what runs."""
    if not text:
        return f"{POISSON}:{_step_rate(0.0, -1, fps) or 1.0:g}"
    pattern = parse_arrivals(text)
    rate = _step_rate(pattern.rate, direction, fps) if pattern.rate else 0.0
    return pattern.at_rate(rate or pattern.rate).text


def _rate(text: str) -> float:
    if text.lower() in ("0", "unlimited"):
        return 0.0
    try:
        return float(text)
    except ValueError:
        raise BadInputError(
            f"The rate cap {clean(text)!r} is not a number: give"
            " frames a second above 0, or nothing"
            " for no cap."
        ) from None


def _limit(text: str, edit: Edit) -> float:
    try:
        return float(text)
    except ValueError:
        raise BadInputError(
            f"The {edit.title} {clean(text)!r} is not a number: give one above 0, or nothing for"
            " no limit."
        ) from None


def _turn(values: tuple[str, ...], config: BenchmarkConfig, row: str, direction: int) -> str:
    current = value_of(config, row)
    if not values:
        return current
    if current not in values:
        return values[0 if direction > 0 else -1]
    return values[(values.index(current) + direction) % len(values)]


def _whole_number(text: str, edit: Edit) -> int:
    if not (text.isascii() and text.isdigit()):
        raise BadInputError(
            f"{edit.title} {clean(text)!r} is not a number: give 1 or more, or nothing for"
            f" {edit.automatic}."
        )
    if len(text) > 9:
        raise BadInputError(f"{edit.title} {text} is too large: give a number of at most 9 digits.")
    return int(text)
