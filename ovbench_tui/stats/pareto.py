"""The trade between throughput and latency: what nothing else beats in both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

Name = TypeVar("Name")


def pareto_front(points: Iterable[tuple[Name, float, float]]) -> tuple[Name, ...]:
    """The points to which no other is ahead in FPS and latency both, by rising latency.

    Of equal points the first is taken.

    Args:
        points: name, latency in ms and FPS of each; where one of the two is not known (NaN) or
            0, the point is left out.
    """
    known = [point for point in points if point[1] > 0 and point[2] > 0]
    front: list[Name] = []
    best_fps = 0.0
    for name, _, fps in sorted(known, key=lambda point: (point[1], -point[2])):
        if fps > best_fps:
            best_fps = fps
            front.append(name)
    return tuple(front)
