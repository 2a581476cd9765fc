"""Which executed layers of two compiled models do the same part of the model.

An executed layer stands for layers of the model, several where they were fused. Two that have one
of these in common belong together, and so does whatever is linked by others: the parts are the
connected components of that graph (union-find; Tarjan 1975, "Efficiency of a good but not linear
set union algorithm", Journal of the ACM 22). So every executed layer is in one part, and its time
counts once: what A does in one layer is held against the several of B that do the same.

What OpenVINO has added, as a Reorder, stands for no layer of the model and goes by its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ovbench_tui.engine.api.events import LayerTime
from ovbench_tui.layers.names import aliases, without_numbers
from ovbench_tui.reports.layer_table import executed_precision

_EXECUTED = "EXECUTED"


class Change(Enum):
    """What is otherwise in B; the value is what the user reads."""

    ADDED = "added"
    REMOVED = "removed"
    FUSED = "fused otherwise"
    PRECISION = "other precision"
    IMPLEMENTATION = "other implementation"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the model, and the places in the lists of layers that do it on each side."""

    a: tuple[int, ...]
    b: tuple[int, ...]
    changes: tuple[Change, ...]


def is_executed(layer: LayerTime) -> bool:
    """Whether it is a layer that takes time; what was fused away or is constant does not."""
    return layer.status == _EXECUTED or layer.real_ms > 0


def parts_of(a: Sequence[LayerTime], b: Sequence[LayerTime]) -> tuple[Part, ...]:
    """Put together what belongs together, in the order of A and then of B.

    Args:
        a, b: the layers of each side; those that are not executed are in no part.
    """
    sides = [
        [(place, layer) for place, layer in enumerate(layers) if is_executed(layer)]
        for layers in (a, b)
    ]
    other_names = aliases(*(_all_names(layer for _, layer in side) for side in sides))
    names_of = [
        {place: _names(layer) for place, layer in sides[0]},
        {place: tuple(other_names[name] for name in _names(layer)) for place, layer in sides[1]},
    ]
    linked = _Linked()
    for side, names_by_place in enumerate(names_of):
        for place, names in names_by_place.items():
            for name in names:
                linked.join((side, place), name)
    members: dict[object, tuple[list[int], list[int]]] = {}
    for side, names_by_place in enumerate(names_of):
        for place in names_by_place:
            members.setdefault(linked.root((side, place)), ([], []))[side].append(place)
    return tuple(
        Part(
            tuple(of_a),
            tuple(of_b),
            _changes(
                [a[place] for place in of_a],
                [b[place] for place in of_b],
                [names_of[0][place] for place in of_a],
                [names_of[1][place] for place in of_b],
            ),
        )
        for of_a, of_b in members.values()
    )


def implementation(layer: LayerTime) -> str:
    """How a layer is executed, without its precision, as ``brgconv_avx2_1x1``."""
    precision = executed_precision(layer.exec_type)
    return layer.exec_type[: -len(precision) - 1] if precision else layer.exec_type


def _names(layer: LayerTime) -> tuple[str, ...]:
    return layer.originals or (layer.name,)


def _all_names(layers: Iterable[LayerTime]) -> list[str]:
    return [name for layer in layers for name in _names(layer)]


def _changes(
    a: Sequence[LayerTime],
    b: Sequence[LayerTime],
    names_a: Sequence[Sequence[str]],
    names_b: Sequence[Sequence[str]],
) -> tuple[Change, ...]:
    if not a:
        return (Change.ADDED,)
    if not b:
        return (Change.REMOVED,)
    found = []
    if _fusion(names_a) != _fusion(names_b):
        found.append(Change.FUSED)
    if _all_of(executed_precision(one.exec_type) for one in a) != _all_of(
        executed_precision(one.exec_type) for one in b
    ):
        found.append(Change.PRECISION)
    if _all_of(map(implementation, a)) != _all_of(map(implementation, b)):
        found.append(Change.IMPLEMENTATION)
    return tuple(found)


def _fusion(names: Sequence[Sequence[str]]) -> list[list[str]]:
    """Which layers of the model each executed one stands for, whatever their counted numbers."""
    return sorted(sorted(map(without_numbers, several)) for several in names)


def _all_of(texts: Iterable[str]) -> set[str]:
    """All that occur; of layers that were fused otherwise there are more or fewer."""
    return set(texts)


class _Linked:
    """What is linked with what, directly or by others."""

    def __init__(self) -> None:
        self._above: dict[object, object] = {}

    def root(self, node: object) -> object:
        """The one that stands for all that is linked with it."""
        while (above := self._above.setdefault(node, node)) != node:
            self._above[node] = node = self._above[above]
        return node

    def join(self, one: object, other: object) -> None:
        """Link two of them."""
        self._above[self.root(other)] = self.root(one)
