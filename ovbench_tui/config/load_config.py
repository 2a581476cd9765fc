"""-load_config and -dump_config: device properties as JSON, in benchmark_app's form."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ovbench_tui.config.benchmark import PROPERTIES, BenchmarkConfig
from ovbench_tui.config.device_properties import (
    NESTED,
    NESTING,
    entry_name,
    format_nested,
    parse_nested,
    refuse_reservation,
)
from ovbench_tui.config.option import Property, Scope
from ovbench_tui.config.option_values import DeviceProperties, NamedTexts
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import read_input

MAX_BYTES = 1 << 20


def load_settings(path: Path, device: str) -> dict[str, Any]:
    """Read a file of device properties, as values of the configuration's fields.

    A property that has an option of its own is under that option's name, so that the command
    line and a change on the screen win over it; all the rest is in ``device_properties``.

    Args:
        path: JSON as in ``{"CPU": {"NUM_STREAMS": "3"}}``, at most `MAX_BYTES`.
        device: that of the configuration, -d.

    Raises:
        BadInputError: when the file cannot be read, or holds something else.
    """
    where = f"-load_config '{printable(str(path))}'"
    data = read_input(path, where, MAX_BYTES, give="a JSON file", kind="settings file", hint="")
    document = _parse(data, where)
    try:
        settings = _fold(_properties(document), device)
        _check(settings)
    except BadInputError as error:
        raise BadInputError(f"{where}: {error}") from None
    return settings


def format_settings(properties: Mapping[str, Mapping[str, object]]) -> str:
    """Write properties by device as benchmark_app's -load_config reads them."""
    document = {
        device: {
            name: format_nested(value) if isinstance(value, Mapping) else str(value)
            for name, value in values.items()
        }
        for device, values in properties.items()
    }
    return json.dumps(document, indent=4)


def _parse(data: bytes, where: str) -> Any:
    try:
        document = json.loads(data.decode("utf-8-sig"))
        # JSON can write half of a character, as in "\\ud800", which no device could be given.
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise BadInputError(
            f"{where} has half of a character (an escape from \\ud800 to \\udfff without its other"
            " half): write the whole character."
        ) from None
    except json.JSONDecodeError as error:
        raise BadInputError(
            f"{where} is not valid JSON: {printable(error.msg)} in line {error.lineno}."
        ) from None
    except (ValueError, RecursionError):
        raise BadInputError(f"{where} is not JSON text in UTF-8.") from None
    return document


def _properties(document: object) -> DeviceProperties:
    if not isinstance(document, dict):
        raise BadInputError('it must hold one object, as in {"CPU": {"NUM_STREAMS": "3"}}.')
    devices: list[tuple[str, NamedTexts]] = []
    for device, values in document.items():
        if not isinstance(values, dict):
            raise BadInputError(
                f"'{printable(device)}' must hold an object of properties,"
                ' as in {"NUM_STREAMS": "3"}.'
            )
        texts = tuple((name, _text(device, name, value)) for name, value in values.items())
        devices.append((device, texts))
    return tuple(devices)


def _text(device: str, name: str, value: object) -> str:
    if isinstance(value, bool):
        return "YES" if value else "NO"
    if isinstance(value, str | int | float):
        text = str(value)
        return format_nested(parse_nested(text)) if name == NESTED else text
    if name == NESTED and isinstance(value, dict):
        parts = {
            part: {key: _text(part, key, inner) for key, inner in inners.items()}
            for part, inners in value.items()
            if isinstance(inners, dict)
        }
        if len(parts) == len(value):
            return format_nested(parts)
    raise BadInputError(
        f"{printable(device)}.{printable(name)} must be a text, a number, true or false."
    )


def _fold(properties: DeviceProperties, device: str) -> dict[str, Any]:
    """Take what has an option of its own out of the entry that holds for `device`."""
    entry = entry_name(properties, device)
    settings: dict[str, Any] = {}
    left: list[tuple[str, NamedTexts]] = []
    for name, values in properties:
        kept: list[tuple[str, str]] = []
        for key, text in values:
            field, option = PROPERTIES.get(key, ("", None)) if name == entry else ("", None)
            if option is not None and _means_the_same(option, device):
                settings[field] = option.read(text)
            else:
                kept.append((key, text))
        if kept:
            left.append((name, tuple(kept)))
    return settings | {"device_properties": tuple(left)}


def _means_the_same(option: Property, device: str) -> bool:
    """Whether the option means the same as its property does for this very device."""
    kind = device.partition(":")[0]
    if option.scope is Scope.EACH:
        return kind not in NESTING
    return option.scope is Scope.ANY or kind.partition(".")[0] == option.scope.name


def _check(settings: Mapping[str, Any]) -> None:
    """Let the configuration's own checks speak, with the file's name before them."""
    refuse_reservation(settings["device_properties"])
    BenchmarkConfig(**settings)
