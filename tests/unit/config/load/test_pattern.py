"""The text of an arrival pattern: what is read, what is written, what is refused."""

from __future__ import annotations

import math

import pytest

from ovbench_tui.config.load.pattern import ArrivalPattern, check_arrivals, parse_arrivals
from ovbench_tui.errors import BadInputError

PATTERNS = {
    "constant:200": ArrivalPattern("constant", 200.0),
    "poisson:0.5,seed=7": ArrivalPattern("poisson", 0.5, seed=7),
    "bursts:200,period=2s,factor=5": ArrivalPattern("bursts", 200.0, 2.0, 5.0),
    "Bursts:1e3, period=500ms": ArrivalPattern("bursts", 1000.0, 0.5),
    "bursts:10,factor=2.5,seed=1": ArrivalPattern("bursts", 10.0, 1.0, 2.5, 1),
    "logs/day:1.CSV": ArrivalPattern("trace", path="logs/day:1.CSV"),
}


@pytest.mark.parametrize(("text", "pattern"), PATTERNS.items())
def test_a_pattern_is_read_and_its_text_is_read_alike(text: str, pattern: ArrivalPattern) -> None:
    assert parse_arrivals(text) == pattern
    assert parse_arrivals(pattern.text) == pattern
    assert check_arrivals(text) == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("200", "is not a pattern of arrivals: write constant:200"),
        ("weibull:3", "is not a pattern"),
        ("constant", "needs a rate in arrivals a second above 0"),
        ("constant:0", "needs a rate"),
        ("poisson:-3", "needs a rate"),
        ("poisson:nan", "needs a rate"),
        ("poisson:5s", "needs a rate"),
        ("poisson:2e9", "up to 100,000"),
        ("constant:5,seed=1", "'seed=1': constant takes nothing beside its rate"),
        ("poisson:5,period=1s", "poisson takes seed"),
        ("poisson:5,seed=x", "needs a seed from 0"),
        ("bursts:5,period=2m", "needs a period in s or ms"),
        ("bursts:5,period=0", "needs a period"),
        ("bursts:5,factor=0.5", "factor below 1"),
        ("bursts:50000,factor=3", "makes bursts of 150,000 arrivals a second"),
        ("bursts:5,factor=3s", "needs a factor"),
    ],
)
def test_what_is_no_pattern_is_refused_in_one_sentence(text: str, words: str) -> None:
    with pytest.raises(BadInputError) as refused:
        parse_arrivals(text)
    assert words in str(refused.value)
    assert check_arrivals(text) == str(refused.value)
    assert str(refused.value).endswith(".")


def test_another_rate_leaves_the_rest_and_a_trace_has_its_own() -> None:
    bursts = parse_arrivals("bursts:200,period=2s,factor=5,seed=3")
    assert bursts.at_rate(250).text == "bursts:250,period=2s,factor=5,seed=3"
    assert parse_arrivals("a.csv").at_rate(3).text == "a.csv"
    assert bursts.at_rate(1e9).text == "bursts:20000,period=2s,factor=5,seed=3"
    assert parse_arrivals("poisson:5").at_rate(1e9).text == "poisson:100000"


def test_how_long_no_arrival_is_no_surprise() -> None:
    assert parse_arrivals("constant:4").longest_gap_s == 0.25
    assert parse_arrivals("poisson:10").longest_gap_s == 3.0
    assert parse_arrivals("bursts:10,period=4s,factor=3").longest_gap_s == 5.0
    assert math.isinf(parse_arrivals("a.csv").longest_gap_s)
