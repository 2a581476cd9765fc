"""Values as eighths of a row."""

from __future__ import annotations

import math

from ovbench_tui.ui.widgets.spark_rows import spark


def test_each_eighth_has_its_block() -> None:
    values = [0.0, 0.001, 0.125, 0.126, 0.25, 0.26, 0.5, 0.51, 0.874, 0.876, 1.0]
    assert spark(values, 1.0) == "▁▁▁▂▂▃▄▅▇██"


def test_beyond_the_top_is_the_top_and_unknown_is_blank() -> None:
    assert spark([3.0, math.nan, math.inf, 2.0], 2.0) == "█ ██"


def test_without_a_scale_nothing_is_drawn() -> None:
    assert spark([1.0, 2.0], 0.0) == "  "
