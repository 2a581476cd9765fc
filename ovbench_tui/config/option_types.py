"""How options read, check and write their values."""

from __future__ import annotations

import argparse
import itertools
import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from ovbench_tui.config.option_values import (
    PORT_PRECISIONS,
    NamedNumbers,
    NamedTexts,
)
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError

MAX_COUNT = 2**31 - 1

_COUNT = r"(AUTO|NUMA|\d{1,6})"
_PER_DEVICE = rf"\w+(\.\d+)?:{_COUNT}"
_STREAMS = re.compile(rf"({_COUNT}|{_PER_DEVICE}(,{_PER_DEVICE})*)", re.IGNORECASE | re.ASCII)
_PRECISIONS = re.compile(r"\w+|\w+(\.\d+)?:\w+(,\w+(\.\d+)?:\w+)*", re.ASCII)
_STREAM_WORDS = {"-1": "AUTO", "-2": "NUMA"}
_ON = frozenset({"YES", "TRUE", "1"})
_OFF = frozenset({"NO", "FALSE", "0"})


# -- words of the command line --------------------------------------------------------------


def lower(word: str) -> str:
    """Read a word whose case does not matter."""
    return word.lower()


def upper(word: str) -> str:
    """Read a word that OpenVINO writes in capitals."""
    return word.upper()


def percents(text: str) -> list[float]:
    """Read ``75,99.9%``."""
    return [float(word.strip().rstrip("%")) for word in text.split(",")]


# argparse names the function in its message: "invalid list of percents value: 'x'".
percents.__name__ = "list of percents"


def flat(groups: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """Put the values of an option that is given several times together, each once."""
    return tuple(dict.fromkeys(itertools.chain(*groups)))


def left_out_if_zero(value: float) -> str:
    """Write a number so that it is read back exactly; 0 says nothing."""
    return repr(value) if value else ""


def joined(values: Sequence[object]) -> str:
    """Write values with commas between."""
    return ",".join(value if isinstance(value, str) else repr(value) for value in values)


# -- values of properties -------------------------------------------------------------------


def count_property(name: str) -> Callable[[str], int]:
    """Read a property that is a whole number; an empty text is 0."""

    def read(text: str) -> int:
        word = text.strip()
        if not word:
            return 0
        if not (word.isascii() and word.isdigit() and len(word) <= 9):
            raise BadInputError(
                f"{name} {printable(text)!r} is not a whole number: give 0 or more."
            )
        return int(word)

    return read


def switch_property(name: str) -> Callable[[str], bool]:
    """Read a property that is on or off; an empty text is off."""

    def read(text: str) -> bool:
        word = text.strip().upper()
        if word and word not in _ON | _OFF:
            raise BadInputError(f"{name} {printable(text)!r} is neither YES nor NO.")
        return word in _ON

    return read


def yes_no_property(name: str) -> Callable[[str], str]:
    """Read a property that is YES, NO, or left to the device ('')."""
    is_on = switch_property(name)
    return lambda text: ("YES" if is_on(text) else "NO") if text.strip() else ""


def streams_property(text: str) -> str:
    """Read NUM_STREAMS, which compiled models report as a number."""
    return _STREAM_WORDS.get(text.strip(), text.strip())


def streams_value(streams: str) -> str:
    """NUM_STREAMS as OpenVINO takes it."""
    return streams.upper() if streams.upper() in _STREAM_WORDS.values() else streams


# -- checks: the sentence about a bad value, after the option's name; '' = it is fine ---------


def between(low: float, high: float, allowed: str) -> Callable[[float | None], str]:
    """Check a number against a range, which `allowed` says in words; None is not given."""

    def check(value: float | None) -> str:
        if value is None:
            return ""
        shown = value if isinstance(value, int) else f"{value:g}"
        return "" if low <= value <= high else f"{shown} is out of range: give {allowed}."

    return check


def one_of(words: Sequence[str]) -> Callable[[str], str]:
    """Check a word against those there are; '' is left to the device."""
    return lambda value: (
        "" if not value or value in words else f"{value!r} is unknown: choose {', '.join(words)}."
    )


def must_be_one_of(hints: Sequence[str]) -> Callable[[str], str]:
    """Check a word that must be given."""
    return lambda value: (
        "" if value in hints else f"{value!r} is unknown: choose {', '.join(hints)}."
    )


def device_text(device: str) -> str:
    """Check a device string."""
    if device.strip() and device.isprintable():
        return ""
    return f"{device!r} is not a valid device: write for example CPU, GPU or AUTO."


def streams_text(streams: str) -> str:
    """Check a number of streams, for all devices or by device."""
    if not streams or _STREAMS.fullmatch(streams):
        return ""
    return f"{streams!r} is not a valid stream count: write 4, AUTO or CPU:4,GPU:2."


def precision_text(precision: str) -> str:
    """Check an inference precision, for all devices or by device."""
    if not precision or _PRECISIONS.fullmatch(precision):
        return ""
    return f"{precision!r} is not a valid precision: write f32 or CPU:bf16,GPU:f16."


def utf8_text(path: str) -> str:
    """Check a name that OpenVINO is given, which takes no other encoding."""
    if any("\ud800" <= letter <= "\udfff" for letter in path):
        return f"{path!r}: this name is not UTF-8, which OpenVINO cannot be given; choose another."
    return ""


def libraries(paths: Sequence[str]) -> str:
    """Check a list of files."""
    return "" if all(path.strip() for path in paths) else "has an empty part: write path1,path2."


def duration(seconds: float | None) -> str:
    """Check seconds of measurement."""
    if seconds is None or (math.isfinite(seconds) and seconds > 0):
        return ""
    return f"{seconds:g} is not a valid duration: give seconds above 0."


def rate(fps: float) -> str:
    """Check a limit of frames a second."""
    if math.isfinite(fps) and fps >= 0:
        return ""
    return f"{fps:g} is not a valid rate: give frames a second, or 0 for no limit."


def tolerance(word: str) -> float:
    """Read a number that need not be given, so that what stands there may be another word."""
    try:
        return float(word)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{word!r} is no tolerance; if it is the MODEL, put it first or use -m"
        ) from None


def limit(unit: str) -> Callable[[float], str]:
    """Make the check of a limit in this unit, where 0 is none."""

    def check(value: float) -> str:
        if math.isfinite(value) and value >= 0:
            return ""
        return f"{value:g} is not a valid limit: give {unit} above 0, or 0 for none."

    return check


def iterations(count: int | None) -> str:
    """Check a number of inferences."""
    if count is None or 0 <= count <= MAX_COUNT:
        return ""
    return f"{count} is out of range: give 1 to {MAX_COUNT}, or 0 to compile only."


def percentiles(values: Sequence[float]) -> str:
    """Check latency percentiles."""
    bad = [percent for percent in values if not 0 < percent <= 100]
    return f"{bad[0]:g} is out of range: give above 0 up to 100." if bad else ""


def port_precisions(values: NamedTexts) -> str:
    """Check element types by name."""
    for name, precision in values:
        if wrong := one_of(PORT_PRECISIONS)(precision):
            return f"{name}: {wrong}"
    return ""


def channel_numbers(values: NamedNumbers) -> str:
    """Check numbers by channel."""
    for name, numbers in values:
        if not numbers or not all(map(math.isfinite, numbers)):
            return f"of {name or 'the inputs'!r} are not numbers: give one a channel."
    return ""


def channel_divisors(values: NamedNumbers) -> str:
    """Check numbers by channel that divide."""
    if any(0 in numbers for _, numbers in values):
        return "holds a 0, and nothing can be divided by it."
    return channel_numbers(values)
