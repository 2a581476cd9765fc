"""The front of throughput over latency."""

from __future__ import annotations

import math

from ovbench_tui.stats.pareto import pareto_front


def test_only_what_nothing_beats_in_both_is_on_the_front() -> None:
    points = [("slow", 1.0, 10.0), ("beaten", 2.0, 9.0), ("fast", 4.0, 30.0), ("level", 5.0, 30.0)]
    assert pareto_front(points) == ("slow", "fast")
    assert pareto_front(reversed(points)) == ("slow", "fast")


def test_what_is_not_known_is_left_out() -> None:
    points = [("a", math.nan, 50.0), ("b", 0.0, 50.0), ("c", 3.0, math.nan), ("d", 3.0, 5.0)]
    assert pareto_front(points) == ("d",)
    assert pareto_front(()) == ()
