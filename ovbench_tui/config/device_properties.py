"""Properties by device, as -load_config holds them, and how benchmark_app nests them in text."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ovbench_tui.config.option_values import DeviceProperties, NamedTexts
from ovbench_tui.errors import BadInputError

NESTED = "DEVICE_PROPERTIES"
NESTING = frozenset({"AUTO", "MULTI", "HETERO"})
"""Virtual devices that pass on DEVICE_PROPERTIES; BATCH refuses it and passes on plain ones."""

NestedTexts = dict[str, dict[str, str]]

_RESERVATION = "ENABLE_CPU_RESERVATION"
_ON = frozenset({"yes", "true", "on", "1"})
"""What OpenVINO takes for true, in any case."""

_TAIL = re.compile(r"[.(:].*", re.DOTALL)


def split_device(device: str) -> tuple[str, tuple[str, ...]]:
    """Split ``AUTO:GPU,CPU`` into its kind and targets; a physical device is its own target.

    The batch of ``BATCH:CPU(4)`` and the minus of an excluded ``AUTO:-GPU`` are left out.
    """
    kind, colon, rest = device.partition(":")
    if not colon and kind not in NESTING:
        return kind, (kind,)
    names = [name.strip().partition("(")[0] for name in rest.split(",")]
    included = tuple(name for name in names if name and not name.startswith("-"))
    return kind, included or (() if kind in NESTING else (kind,))


def entry_name(properties: DeviceProperties, device: str) -> str:
    """Which entry holds for a device: its own, its kind's, or the one of its type; '' = none."""
    names = [name for name, _ in properties]
    kind = device.partition(":")[0]
    candidates = (device, kind, _TAIL.sub("", kind))
    return next((name for name in candidates if name in names), "")


def properties_of(properties: DeviceProperties, device: str) -> NamedTexts:
    """The properties that hold for a device; () where there are none."""
    name = entry_name(properties, device)
    return dict(properties).get(name, ())


def refuse_reservation(properties: DeviceProperties) -> None:
    """Refuse to reserve cores for any device, or for one below a virtual device.

    Raises:
        BadInputError: ENABLE_CPU_RESERVATION is on.
    """
    for _, values in properties:
        for name, text in values:
            below = parse_nested(text).values() if name == NESTED else ({name: text},)
            if any(inner.get(_RESERVATION, "").strip().lower() in _ON for inner in below):
                # Seen with OpenVINO 2026.4: not even the release of the model gives them back.
                raise BadInputError(
                    f"{_RESERVATION} takes the cores for as long as the process lives, so that"
                    " nothing else could be compiled: leave it out."
                )


def parse_nested(text: str) -> NestedTexts:
    """Read ``{CPU:{NUM_STREAMS:3},GPU:{NUM_STREAMS:5}}``.

    Raises:
        BadInputError: for any other form.
    """
    inside = _unwrap(text)
    nested: NestedTexts = {}
    start = 0
    while start < len(inside):
        brace = inside.find(":{", start)
        end = inside.find("}", brace + 2)
        device = inside[start:brace].strip()
        if brace < 0 or end < 0 or not device or inside[end + 1 : end + 2] not in ("", ","):
            raise BadInputError(_no_nested(text))
        values = inside[brace + 2 : end]
        nested[device] = dict(_parse_pair(pair, text) for pair in values.split(",") if pair)
        start = end + 2
    return nested


def format_nested(nested: Mapping[str, Mapping[str, object]]) -> str:
    """Write nested properties so that `parse_nested` and benchmark_app read them back."""
    devices = (
        device + ":{" + ",".join(f"{name}:{value}" for name, value in values.items()) + "}"
        for device, values in nested.items()
    )
    return "{" + ",".join(devices) + "}"


def _unwrap(text: str) -> str:
    stripped = text.strip()
    if not (stripped.startswith("{") and stripped.endswith("}") and len(stripped) > 1):
        raise BadInputError(_no_nested(text))
    return stripped[1:-1].strip()


def _parse_pair(pair: str, whole: str) -> tuple[str, str]:
    name, colon, value = (part.strip() for part in pair.partition(":"))
    if not colon or not name or "{" in pair:
        raise BadInputError(_no_nested(whole))
    return name, value


def _no_nested(text: str) -> str:
    shown = text if len(text) <= 60 else text[:60] + "…"
    return f"{NESTED} {shown!r} cannot be read: write {{CPU:{{NUM_STREAMS:3}},GPU:{{...}}}}."
