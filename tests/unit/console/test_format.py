from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.console.format import (
    DASH,
    DURATION_WIDTH,
    duration_parts,
    format_count,
    format_duration,
    format_elapsed,
    format_fps,
    format_tick,
)


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0.0583, "58.30 µs"),
        (0.99994, "999.9 µs"),
        (0.99996, "1.000 ms"),
        (7.8123, "7.812 ms"),
        (12.434, "12.43 ms"),
        (583.14, "583.1 ms"),
        (999.96, "1.000 s "),
        (61_000, "61.00 s "),
        (math.nan, f"    {DASH} ms"),
    ],
)
def test_duration_has_the_unit_of_its_size(ms: float, text: str) -> None:
    assert format_duration(ms) == text


@given(st.floats(min_value=0, max_value=9.9e7))
def test_duration_never_jumps_in_width(ms: float) -> None:
    assert len(format_duration(ms)) == DURATION_WIDTH


@given(st.floats(min_value=1e-3, max_value=9e7))
def test_duration_keeps_three_digits(ms: float) -> None:
    number, unit = duration_parts(ms)
    back = float(number) * {"µs": 1e-3, "ms": 1.0, "s": 1e3}[unit]
    assert back == pytest.approx(ms, rel=1e-3)


@pytest.mark.parametrize(
    ("fps", "text"),
    [
        (0.0, "0.000"),
        (9.9996, "10.00"),
        (512.34, "512.3"),
        (15800.4, "15800"),
        (123456.0, "123456"),
        (1_234_567.0, "1.235M"),
        (math.nan, DASH),
        (math.inf, DASH),
    ],
)
def test_fps(fps: float, text: str) -> None:
    assert format_fps(fps) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.9, "0:00"), (75, "1:15"), (3723.9, "1:02:03"), (math.nan, "0:00")]
)
def test_elapsed(seconds: float, text: str) -> None:
    assert format_elapsed(seconds) == text


def test_count_sets_thousands_apart() -> None:
    assert format_count(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("value", "step", "text"),
    [
        (0.0, 5.0, "0"),
        (2.5, 0.5, "2.5"),
        (0.25, 0.05, "0.25"),
        (400.0, 200.0, "400"),
        (15_000.0, 5_000.0, "15k"),
        (2.5e6, 5e5, "2.5M"),
    ],
)
def test_tick(value: float, step: float, text: str) -> None:
    assert format_tick(value, step) == text
