"""Which runs may be judged against each other: those that do the same work, collected alike."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.feeders import NOT_COMPARABLE, why_unlike

_MOST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two runs must have in common.

    Attributes:
        model: its name or path; '' = not known.
        shapes: of the inputs, for the user; '' = not known.
        frame: elements that each input has in a frame, at each place of the rotation of shapes,
            so that another batch is the same work; empty = not known.
        feeder_way: who collects the completions; '' = not known, or nobody.
    """

    model: str = ""
    shapes: str = ""
    frame: tuple[tuple[float, ...], ...] = ()
    feeder_way: str = ""


def likeness_of(model: str, effective: EffectiveConfig) -> Likeness:
    """Of a run of this process, or of one that was read with all that is known of it."""
    groups = [(group.shapes, group.batch) for group in effective.rotating_groups]
    groups = groups or [(effective.data_shape, effective.batch)]
    sets = [([shape for _, shape in shapes], batch) for shapes, batch in groups]
    return Likeness(model, shapes_text(sets[0][0]), frames_of(sets), effective.feeder_way)


def frames_of(
    groups: Iterable[tuple[Sequence[Sequence[int]], int]],
) -> tuple[tuple[float, ...], ...]:
    """Elements of each input in a frame, from the shapes and the batch of each group."""
    frames = (
        tuple(math.prod(shape) / max(1, batch) for shape in shapes) for shapes, batch in groups
    )
    return tuple(frame for frame in frames if frame)


def shapes_text(shapes: Sequence[Sequence[int]]) -> str:
    """As in ``[1,3,224,224]``."""
    text = ",".join(f"[{','.join(map(str, shape))}]" for shape in shapes)
    return text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 3]}..."


def why_not_comparable(a: Likeness, b: Likeness) -> str:
    """Why the figures of two runs must not be judged, in a clause; '' = they may be."""
    if a.model and b.model and a.model != b.model:
        return f"A ran {a.model}, B ran {b.model}: {NOT_COMPARABLE}"
    if a.frame and b.frame and a.frame != b.frame:
        return f"A ran inputs of {a.shapes}, B of {b.shapes}: {NOT_COMPARABLE}"
    return why_unlike(a.feeder_way, b.feeder_way)


def advice_on(why: str) -> str:
    """The same as a sentence, with what can be done about it."""
    is_feeder = "collected by" in why
    return f"{why}." + (" Measure both with the same --feeder." if is_feeder else "")
