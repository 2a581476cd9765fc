"""Numbers of tokens: written as a number, a list or a range."""

from __future__ import annotations

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.token_counts import counts_of, counts_text, scaled
from ovbench_tui.errors import BadInputError


@pytest.mark.parametrize(
    ("text", "counts"), [("", (7,)), ("512", (512,)), ("64, 512", (64, 512)), ("8..8,9", (8, 9))]
)
def test_a_number_or_a_list_is_taken_in_its_order(text: str, counts: tuple[int, ...]) -> None:
    assert counts_of(text, 7, 0) == counts


def test_a_range_gives_different_lengths_that_the_seed_decides() -> None:
    drawn = counts_of("32..1024", 7, 3)
    assert len(set(drawn)) > 8
    assert all(32 <= count <= 1024 for count in drawn)
    assert drawn == counts_of("32..1024", 7, 3) != counts_of("32..1024", 7, 4)


@pytest.mark.parametrize(
    "text", ["0", "-1", "a", "1..", "..4", "9..3", "1,,2", "1000001", "٣", "1.5", "1;2", "4 5"]
)
@pytest.mark.parametrize("name", ["prompt_tokens", "new_tokens"])
def test_anything_else_is_refused_with_an_example(text: str, name: str) -> None:
    with pytest.raises(BadInputError, match=r"--(prompt|new)-tokens .* write 512, 64,512 or 32"):
        BenchmarkConfig(**{name: text})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "direction", "expected"),
    [
        ("512", 1, "1024"),
        ("512", -1, "256"),
        ("1", -1, "1"),
        ("64,512", 1, "128,1024"),
        ("32..1024", -1, "16..512"),
        ("1000000", 1, "1000000"),
    ],
)
def test_a_step_doubles_or_halves_every_number(text: str, direction: int, expected: str) -> None:
    assert scaled(text, direction) == expected
    BenchmarkConfig(prompt_tokens=scaled(text, direction))


def test_lengths_are_written_as_they_would_be_given() -> None:
    assert counts_text([512, 512]) == "512"
    assert counts_text([64, 32, 512]) == "32..512"


def test_other_lengths_take_no_recompile_but_another_run() -> None:
    config = BenchmarkConfig(model="m")
    for changed in (BenchmarkConfig("m", new_tokens="4"), BenchmarkConfig("m", prompt_tokens="4")):
        assert not config.needs_recompile(changed)
        assert config.needs_preparation(changed)
        assert config.needs_new_run(changed)
    assert not config.needs_preparation(BenchmarkConfig(model="m", nireq=2))
    assert config.needs_preparation(BenchmarkConfig(model="m", streams="2"))
