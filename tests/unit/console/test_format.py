from __future__ import annotations

import math

import pytest

from ovbench_tui.console.format import (
    format_count,
    format_duration_ticks,
    format_elapsed,
    format_fps,
    format_tick,
    format_ticks,
)
from ovbench_tui.console.numbers import DASH


@pytest.mark.parametrize(
    ("fps", "text"),
    [
        (0.0, "0.000"),
        (9.9996, "10.0"),
        (99.96, "100"),
        (512.34, "512"),
        (1234.4, "1234"),
        (15800.4, "15800"),
        (123456.0, "123456"),
        (1_234_567.0, "1.23M"),
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


@pytest.mark.parametrize(
    ("ticks", "texts"),
    [
        ((), []),
        ((0.0, 0.1 + 0.2, 0.6), ["0", "0.3", "0.6"]),
        ((0.0, 500.0, 1000.0), ["0", "500", "1000"]),
        ((0.0, 10_000.0, 20_000.0), ["0", "10k", "20k"]),
    ],
)
def test_ticks(ticks: tuple[float, ...], texts: list[str]) -> None:
    assert format_ticks(ticks) == texts


@pytest.mark.parametrize(
    ("ticks_ms", "texts"),
    [
        ((), []),
        ((5.0, 50.0, 500.0), ["5 ms", "50 ms", "0.5 s"]),
        ((0.02, 0.2, 2.0), ["20 µs", "200 µs", "2 ms"]),
        ((0.0, 200.0, 400.0, 600.0), ["0", "0.2 s", "0.4 s", "0.6 s"]),
        ((0.0, 100.0, 200.0), ["0", "100 ms", "200 ms"]),
        ((0.0, 0.2, 0.4), ["0", "200 µs", "400 µs"]),
        ((1e5,), ["100 s"]),
    ],
)
def test_ticks_of_a_latency_axis_are_short_and_have_units(
    ticks_ms: tuple[float, ...], texts: list[str]
) -> None:
    assert format_duration_ticks(ticks_ms) == texts
    assert all(len(text) <= 6 for text in texts)
