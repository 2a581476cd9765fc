"""What two documents must have in common to be judged against each other."""

from __future__ import annotations

from typing import Any

import pytest

from ovbench_tui.compare.setup import FEEDER, likeness_from

_SETUP = {"model": "m", FEEDER: ""}
_GROUPS = [
    {"shapes": [{"input": "x", "shape": [1, size]}], "batch": 1, "name": ""} for size in (4, 9)
]


@pytest.mark.parametrize(
    ("rotation", "elements"),
    [
        (None, (4, 9)),
        ([], (4, 9)),
        ([0, 1, 0, 0], (4, 9, 4, 4)),
        ([0, 2], (4, 9)),
        ([-1], (4, 9)),
        (["a"], (4, 9)),
        (7, (4, 9)),
    ],
)
def test_shapes_count_as_often_as_they_come(rotation: Any, elements: tuple[int, ...]) -> None:
    found = likeness_from(_SETUP, {"shape_groups": _GROUPS, "rotation": rotation})
    assert found.frame == tuple((float(size),) for size in elements)
