from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.charts.marker_row import MARK, marker_row


def test_texts_stand_right_of_their_marks() -> None:
    assert marker_row({2: "nireq 8", 14: "CPU"}, 30) == "  ▼ nireq 8   ▼ CPU"


def test_a_text_ends_before_the_next_mark() -> None:
    assert marker_row({0: "a long description", 10: "b"}, 30) == "▼ a long… ▼ b"
    assert marker_row({0: "long", 3: "b", 4: "c"}, 30) == "▼  ▼▼ c"


def test_at_the_right_edge_the_text_stands_left_of_its_mark() -> None:
    assert marker_row({18: "nireq 8"}, 20) == "          nireq 8 ▼"


def test_marks_outside_are_left_out() -> None:
    assert marker_row({-1: "a", 20: "b"}, 20) == ""


@given(st.dictionaries(st.integers(-5, 50), st.text(max_size=30), max_size=8), st.integers(1, 40))
def test_every_mark_stands_in_its_place(texts: dict[int, str], columns: int) -> None:
    row = marker_row({place: text.replace(MARK, "") for place, text in texts.items()}, columns)
    assert width_of(row) <= columns
    marks = [width_of(row[:n]) for n, letter in enumerate(row) if letter == MARK]
    assert marks == sorted(place for place in texts if 0 <= place < columns)
