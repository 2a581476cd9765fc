"""What a run was measured with, and what it must have in common with another, in plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ovbench_tui.config.token_counts import counts_text
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.comparable import Likeness, frames_of, shapes_text
from ovbench_tui.engine.api.feeders import way_of

FEEDER = "completions by"
"""Name of the part of a setup without which figures cannot be compared."""


def setup_of(
    model: Mapping[str, Any], requested: Mapping[str, Any], effective: Mapping[str, Any]
) -> dict[str, str]:
    """What a run was measured with, from the three parts of a document or of the history."""
    return {
        "model": text_of(model.get("name")),
        "source": text_of(model.get("source")),
        "device": text_of(effective.get("device")) or text_of(requested.get("device")),
        "hint": text_of(requested.get("hint")),
        "API": text_of(effective.get("api")),
        "nireq": text_of(effective.get("nireq")),
        "streams": text_of(effective.get("streams")),
        "threads": text_of(effective.get("threads")),
        "precision": text_of(effective.get("precision")),
        "batch": text_of(effective.get("batch")),
        "data shape": text_of(effective.get("data_shape")),
        "prompt tokens": _lengths(effective, "prompt_tokens"),
        "new tokens": _lengths(effective, "new_tokens"),
        "rate limit": text_of(requested.get("max_fps")),
        "arrivals": text_of(requested.get("arrivals")),
        "layer times": text_of(requested.get("perf_counts")),
        "inference only": text_of(effective.get("inference_only")),
        FEEDER: _feeder(effective),
    }


def _lengths(effective: Mapping[str, Any], name: str) -> str:
    """Of the sequences that a model generates; '' = it generates none."""
    lengths = effective.get("sequence_lengths")
    if not isinstance(lengths, list):
        return ""
    counts = [one.get(name) for one in lengths if isinstance(one, dict)]
    known = [int(count) for count in counts if is_count(count)]  # type: ignore[arg-type]
    return counts_text(known) if known else ""


def likeness_from(setup: Mapping[str, str], effective: Mapping[str, Any]) -> Likeness:
    """What a run did, from its setup and the effective part of a document or of the history."""
    groups = effective.get("shape_groups")
    if not isinstance(groups, list) or not groups:
        groups = [{"shapes": effective.get("data_shape"), "batch": effective.get("batch")}]
    places = effective.get("rotation")
    if isinstance(places, list) and all(is_count(one) and one < len(groups) for one in places):
        groups = [groups[place] for place in places] or groups
    sets = [(_shapes(group.get("shapes")), group.get("batch")) for group in groups]
    known = [(shapes, batch) for shapes, batch in sets if shapes and is_count(batch)]
    return Likeness(
        model=setup["model"],
        shapes=shapes_text(known[0][0]) if known else "",
        frame=frames_of(known) if len(known) == len(sets) else (),
        feeder_way=setup[FEEDER],
    )


def _shapes(inputs: object) -> list[list[int]]:
    """The shapes of all inputs; empty where one of them is not known."""
    if not isinstance(inputs, list):
        return []
    shapes = [one.get("shape") for one in inputs if isinstance(one, dict)]
    are_known = all(isinstance(one, list) and all(map(is_count, one)) for one in shapes)
    return shapes if are_known and len(shapes) == len(inputs) else []  # type: ignore[return-value]


def _feeder(effective: Mapping[str, Any]) -> str:
    """The run's way to collect completions; '' where it is not known, and with the sync API."""
    collected_by = effective.get("collected_by")
    if effective.get("api") == "sync" or collected_by not in ("callback", "feeder"):
        return ""
    return way_of(str(collected_by), spins=effective.get("feeder_spins") is True)


def is_count(value: object) -> bool:
    """Whether it is a whole number of 0 or more."""
    return isinstance(value, int) and is_number(value)


def is_number(value: object) -> bool:
    """Whether it is a number of 0 or more that a figure may have."""
    is_plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_plain and 0 <= value <= 1e18  # type: ignore[operator]


def text_of(value: object) -> str:
    """A value as text to show and to tell apart; '' = not known."""
    if value is None or value == []:
        return ""
    if isinstance(value, str):
        return printable(value, 120)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else ""
    return printable(json.dumps(value), 120)
