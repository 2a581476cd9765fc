from __future__ import annotations

from ovbench_tui.console.columns import aligned

_ROWS = [("name", "FPS", "note"), ("a", "1234.50", ""), ("longer", "7", "best")]


def test_numbers_end_at_the_right() -> None:
    assert aligned(_ROWS) == ["name        FPS  note", "a       1234.50", "longer        7  best"]


def test_which_columns_begin_at_the_left_can_be_said() -> None:
    assert aligned(_ROWS, left=(2,)) == [
        "  name      FPS  note",
        "     a  1234.50",
        "longer        7  best",
    ]
    assert aligned([("a", "b"), ("cc", "d")], left=(0, 1)) == ["a   b", "cc  d"]


def test_no_rows_are_no_lines() -> None:
    assert aligned([]) == []
