"""Sizes that are drawn: their words, and how often each size comes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.config.named.sizes import Sizes, parse_sizes
from ovbench_tui.config.shapes import format_data_shape, parse_data_shape
from ovbench_tui.errors import BadInputError

_RANGES = st.builds(
    lambda low, width, is_zipf: Sizes(low, low + width, is_zipf),
    st.integers(1, 2**30),
    st.integers(0, 2**30 - 1),
    st.booleans(),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ids[1,1..512]", (("ids", (1, "1..512")),)),
        ("[ 01 .. 8 , 2 .. 9:zipf ]", (("", ("1..8", "2..9:zipf")),)),
        ("a[1,@my sizes.txt][2,4..4],b[@~/x]", (("a", (1, "@my sizes.txt")), ("a", (2, "4..4")),
                                                ("b", ("@~/x",)))),
    ],
)  # fmt: skip
def test_words_of_a_data_shape_are_read_and_written(text: str, expected: object) -> None:
    shapes = parse_data_shape(text)
    assert shapes == expected
    assert parse_data_shape(format_data_shape(shapes)) == shapes
    assert parse_data_shape(format_data_shape(shapes), names=()) == shapes


@given(_RANGES)
def test_a_range_is_read_back(sizes: Sizes) -> None:
    assert parse_sizes(str(sizes), "-data_shape") == sizes


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("8..4", "the range 8..4 is empty"),
        ("0..4", "size 0 cannot be run"),
        ("1..", "has no end"),
        ("..4", "has no end"),
        ("1..4:normal", "write 1..512, or 1..512:zipf"),
        ("1..x", "'x' is not a valid size"),
        ("1..2147483648", "cannot be run"),
        ("@", "needs the name of a file"),
    ],
)
def test_a_range_that_cannot_be_is_refused(word: str, words: str) -> None:
    with pytest.raises(BadInputError, match=words.replace(".", r"\.")):
        parse_data_shape(f"[1,{word}]")


@given(_RANGES, st.integers(1, 40), st.integers(0, 9))
def test_what_is_drawn_lies_in_the_range(sizes: Sizes, count: int, seed: int) -> None:
    drawn = sizes.draw(count, seed)
    assert len(drawn) == count
    assert all(sizes.low <= size <= sizes.high for size in drawn)
    assert sizes.draw(count, seed) == drawn


def test_words_and_seeds_make_a_difference() -> None:
    drawn = Sizes(1, 512).draw(64, 0)
    assert Sizes(1, 512).draw(64, 1) != drawn
    assert sorted(drawn) != drawn, "they come in no order"
    others = Sizes(1, 511).draw(64, 0)
    assert sum(abs(a - b) < 8 for a, b in zip(drawn, others, strict=True)) < 16


def test_every_part_of_an_even_range_gives_one_size() -> None:
    """Of 1..640 in 64 draws each ten neighbours give exactly one."""
    drawn = Sizes(1, 640).draw(64, 5)
    assert sorted((size - 1) // 10 for size in drawn) == list(range(64))


@pytest.mark.parametrize("is_zipf", [False, True])
def test_sizes_come_as_often_as_their_law_says(is_zipf: bool) -> None:
    """Single draws of many seeds are independent of each other, so Pearson's test holds.

    With 9 degrees of freedom chi-square is above 27.88 once in a thousand times.
    """
    sizes, count = Sizes(5, 14, is_zipf), 4000
    seen = Counter(sizes.draw(1, seed)[0] for seed in range(count))
    weights = [1 / rank if is_zipf else 1.0 for rank in range(1, 11)]
    expected = [count * weight / sum(weights) for weight in weights]
    chi_square = sum(
        (seen[5 + place] - wanted) ** 2 / wanted for place, wanted in enumerate(expected)
    )
    assert chi_square < 27.88


def test_a_wide_range_follows_the_same_law() -> None:
    """Of 1..10000 by 1/k the share up to 100 is H(100) / H(10000) = 5.18738 / 9.78761 = 0.53."""
    drawn = Sizes(1, 10_000, is_zipf=True).draw(1000, 0)
    assert abs(sum(size <= 100 for size in drawn) - 530) <= 1
    assert abs(sum(size == 1 for size in drawn) - 102) <= 1, "1 / H(10000)"
