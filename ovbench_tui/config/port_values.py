"""Layouts and numbers by input name, as benchmark_app writes them; '' names every input."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable

from ovbench_tui.config.named.values import parse_named
from ovbench_tui.config.option_values import NamedNumbers, NamedTexts
from ovbench_tui.config.shapes import split_list
from ovbench_tui.errors import BadInputError

_LAYOUT = re.compile(r"(\.\.\.)?[A-Z?]*(\.\.\.[A-Z?]*)?", re.ASCII)


def parse_layout(
    text: str, option: str = "-layout", *, names: Collection[str] | None = None
) -> NamedTexts:
    """Parse ``[NCHW]``, ``input1[NCHW],input2[NC]``, or ``[NCHW],[NC]`` for the inputs in turn.

    Args:
        names: as for `parse_named`.

    Raises:
        BadInputError: for anything else.
    """
    end = "not a valid layout: write [NCHW] or input1[NCHW],input2[NC]"
    layouts: list[tuple[str, str]] = []
    entries = parse_named(text, option, end, _is_layout, takes_several=False, names=names)
    for name, (written, *_) in entries:
        layout = _letters(written)
        if not _is_layout(written):
            raise BadInputError(
                f"{option} {text!r}: {written!r} is not a valid layout;"
                " write a letter a dimension, as in NCHW, with ? or ... for others."
            )
        layouts.append((name, layout))
    return tuple(layouts)


def parse_channel_values(
    text: str, option: str, *, names: Collection[str] | None = None
) -> NamedNumbers:
    """Parse numbers by channel: ``[123,117,104]`` or ``data[1,2,3],info[4]``.

    Args:
        names: as for `parse_named`.

    Raises:
        BadInputError: for anything else.
    """
    end = "not a list of numbers: write [123.7,116.3,103.5] or data[1,2,3],info[4]"
    entries = parse_named(text, option, end, _are_numbers, takes_several=False, names=names)
    return tuple(
        (name, tuple(_parse_number(word, text, option) for word in split_list(group[0]) or [""]))
        for name, group in entries
    )


def format_bracketed(values: Iterable[tuple[str, str]]) -> str:
    """Write texts so that `parse_layout` reads them back."""
    return ",".join(f"{name}[{text}]" for name, text in values)


def format_numbers(values: NamedNumbers) -> str:
    """Write numbers so that `parse_channel_values` reads them back."""
    return format_bracketed(
        (name, ",".join(repr(number).removesuffix(".0") for number in numbers))
        for name, numbers in values
    )


def _letters(written: str) -> str:
    return "".join(split_list(written)).upper()


def _is_layout(written: str) -> bool:
    layout = _letters(written)
    return bool(layout) and _LAYOUT.fullmatch(layout) is not None


def _are_numbers(written: str) -> bool:
    try:
        return all(_parse_number(word, "", "") is not None for word in split_list(written) or [""])
    except BadInputError:
        return False


def _parse_number(word: str, whole: str, option: str) -> float:
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInputError(f"{option} {whole!r}: {word!r} is not a number; give one a channel.")
    return number
