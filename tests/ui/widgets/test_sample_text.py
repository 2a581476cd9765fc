"""Figures that are no measurements are dashes, and percentiles show what they still need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.console.format import DASH
from ovbench_tui.stats.run_stats import RunStats
from tests.ui.fakes import NAN, SIZES, STATS, FakeSession, redraw, running, text_of

NOTHING = replace(
    STATS, count=0, elapsed_s=0.0, fps_now=0.0, fps_mean=0.0, fps_peak=0.0, min_ms=NAN, mean_ms=NAN,
    p50_ms=NAN, p90_ms=NAN, p95_ms=NAN, p99_ms=NAN, p999_ms=NAN, max_ms=NAN,
)  # fmt: skip


async def _rows(stats: RunStats, size: tuple[int, int]) -> dict[str, str]:
    """The Result panel by label; a label that comes twice is the one with the later value."""
    session = FakeSession()
    session.set_run(stats=stats)
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        words = [line.split() for line in text_of(pilot.app.monitor.stats)]
    found: dict[str, str] = {}
    for row in words:
        if "Run" in row:
            row = row[: row.index("Run")]  # what follows is how steady p99 is
        for label in ("now", "peak", "p50", "p90", "p95", "p99", "p99.9", "max", "count"):
            if label in row:
                rest = row[row.index(label) + 1 :]
                found[label] = " ".join(rest[: 2 if rest and rest[0] == "needs" else 1])
                if rest and rest[0] == "needs":
                    found[f"{label} value"] = rest[2]
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_measured_is_dashes(size: tuple[int, int]) -> None:
    session = FakeSession()
    session.set_run(stats=NOTHING)
    async with running(session, size=size) as pilot:
        await redraw(pilot)
        text = "\n".join(text_of(pilot.app.monitor.stats))
    assert "0.000" not in text
    rows = await _rows(NOTHING, size)
    assert {rows[label] for label in ("now", "peak", "p50", "p99.9")} == {DASH}


@pytest.mark.parametrize("size", SIZES)
async def test_a_percentile_of_one_inference_is_no_number(size: tuple[int, int]) -> None:
    rows = await _rows(replace(STATS, count=1), size)
    assert rows["peak"] == DASH
    for label in ("p50", "p90", "p99", "p99.9"):
        assert rows.get(f"{label} value", rows[label]) == DASH
    assert rows["max"] != DASH


async def test_a_small_sample_is_dimmed_and_shows_what_it_needs() -> None:
    stats = replace(STATS, count=300)
    rows = await _rows(stats, (120, 40))
    assert (rows["p99"], rows["p99 value"]) == ("needs 362", "5.50")
    assert (rows["p99.9"], rows["p99.9 value"]) == ("needs 6,336", DASH)  # it is the maximum
    assert rows["p95"] == "4.00"
    session = FakeSession()
    session.set_run(stats=stats)
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        parts = [part for row in pilot.app.monitor.stats._rows for part in row]
    styles = {style for text, style in parts if "5.50 ms" in text}
    assert styles == {"label"}
    assert {style for text, style in parts if "4.00 ms" in text} == {"value"}


async def test_a_peak_below_what_goes_on_now_is_no_peak() -> None:
    rows = await _rows(replace(STATS, fps_now=900.0, fps_peak=530.0), (120, 40))
    assert rows["peak"] == DASH
    assert (await _rows(STATS, (120, 40)))["peak"] == "530"
