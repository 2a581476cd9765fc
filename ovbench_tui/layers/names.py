"""Names that OpenVINO makes up by counting, brought together across two compiled models.

A layer without a name of its own is called by its type and a number that counts all nodes of the
process (`Node::get_friendly_name` in openvino/src/core/src/node.cpp), as ``Convert_9088``. One
node more, and all later ones have other numbers: the same name may then be another layer, and
the same layer has another name.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

_COUNTED = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Za-z0-9]*)_(\d+)(?![A-Za-z0-9])")


def without_numbers(name: str) -> str:
    """The name with ``#`` for each number that was counted."""
    return _COUNTED.sub(r"\1_#", name)


def aliases(a: Iterable[str], b: Iterable[str]) -> dict[str, str]:
    """For each name of B what it is called in A.

    Where names that differ in their numbers only are the same ones in A and B, or some of them
    are missing on one side, they are the model's own and stay. Where they are others, but as
    many, they are brought together in the order of their numbers. Otherwise nobody knows which
    is which: those of B get names that A does not have.
    """
    of_a, of_b = _by_pattern(a), _by_pattern(b)
    found: dict[str, str] = {}
    for pattern, names in of_b.items():
        others = of_a.get(pattern, [])
        if set(names) <= set(others) or set(names) >= set(others):
            found.update((name, name) for name in names)
        elif len(names) == len(others):
            found.update(zip(names, others, strict=True))
        else:
            found.update((name, f"{name} of B") for name in names)
    return found


def _by_pattern(names: Iterable[str]) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        found[without_numbers(name)].append(name)
    return {pattern: sorted(several, key=_numbers) for pattern, several in found.items()}


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(match[2]) for match in _COUNTED.finditer(name))
