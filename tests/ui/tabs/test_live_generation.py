"""The Live tab and the Runs tab while a model generates tokens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App

from ovbench_tui.stats.run_stats import GenerationStats, GroupStats
from tests.ui.fakes import (
    STATS,
    FakeSession,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)
from tests.ui.tab_pilot import body, open_tab


def _latencies(count: int, p50_ms: float) -> GroupStats:
    return GroupStats(
        count=count,
        min_ms=p50_ms / 2,
        mean_ms=p50_ms,
        p50_ms=p50_ms,
        max_ms=9 * p50_ms,
        p90_ms=2 * p50_ms,
        p99_ms=3 * p50_ms,
    )


def _generating(session: FakeSession, requests: int = 700) -> FakeSession:
    run = session.view.run
    assert run is not None
    session.set_run(
        effective=replace(run.effective, sequence_lengths=((64, 128), (512, 128))),
        stats=replace(
            STATS,
            generation=GenerationStats(
                ttft=_latencies(requests, 310.0),
                tpot=_latencies(12_000, 21.0),
                request=_latencies(requests, 2900.0),
                prompt_tokens=9_000,
                input_tokens_per_s=1234.0,
                requests_per_s=0.51,
            ),
        ),
    )
    return session


def _rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.split("\n")]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_figures_are_those_of_tokens(size: tuple[int, int]) -> None:
    async with running(_generating(FakeSession()), size=size) as pilot:
        await redraw(pilot)
        stats = "\n".join(text_of(pilot.app.monitor.stats))
        words = stats.split()
        for heading in ("TTFT", "TPOT", "Request", "Tok/s"):
            assert heading in words
        for value in ("310", "620", "930", "21.0", "42.0", "63.0", "2900", "1234", "0.51", "512"):
            assert value in words, value
        assert "FPS" not in screen_text(pilot.app)


async def test_the_charts_and_sparklines_are_called_by_what_they_show() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        monitor = pilot.app.monitor
        assert "FPS" in text_of(monitor.fps_chart)[0]
        _generating(session)
        await redraw(pilot)
        assert "Tokens/s, output" in text_of(monitor.fps_chart)[0]
        assert "TPOT, time per output token" in text_of(monitor.latency_chart)[0]
        assert text_of(monitor.sparks)[0].split()[0] == "tokens"


async def test_percentiles_of_few_requests_say_what_they_need() -> None:
    async with running(_generating(FakeSession(), requests=40), size=(120, 40)) as pilot:
        await redraw(pilot)
        rows = _rows("\n".join(text_of(pilot.app.monitor.stats)))
        begin = rows.index(["TTFT"])
        assert rows[begin + 1] == ["p50", "310", "ms"]
        assert rows[begin + 2][:3] == ["p90", "needs", "24"]
        assert rows[begin + 3][:3] == ["p99", "needs", "622"]


async def test_the_lengths_are_rows_that_step_and_take_any_text() -> None:
    session = _generating(FakeSession())
    session.is_slow = True
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        selector = pilot.app.monitor.selector
        shown = "\n".join(text_of(selector))
        assert "Prompt     default (64..512)" in shown
        assert "New tokens default (128)" in shown
        while selector.row != "prompt_tokens":
            await pilot.press("down")
        await pilot.press("right")
        await settle(pilot)
        assert session.requested[-1].prompt_tokens == "128..1024"
        await pilot.press("down", "left")
        await settle(pilot)
        assert selector.row == "new_tokens"
        assert session.requested[-1].new_tokens == "64"
        await pilot.press("enter")
        await settle(pilot)
        await pilot.press("backspace", "backspace", *"32..256", "enter")
        await settle(pilot)
        assert session.requested[-1].new_tokens == "32..256"


async def test_the_rows_are_there_for_such_models_only() -> None:
    session = FakeSession()
    async with running(session, size=(120, 40)) as pilot:
        assert "New tokens" not in "\n".join(text_of(pilot.app.monitor.selector))
        _generating(session)
        await redraw(pilot)
        while pilot.app.monitor.selector.row != "new_tokens":
            await pilot.press("down")
        run = session.view.run
        assert run is not None
        session.set_run(effective=replace(run.effective, sequence_lengths=()), stats=STATS)
        await redraw(pilot)
        assert pilot.app.monitor.selector.row == "nireq"
        assert "New tokens" not in "\n".join(text_of(pilot.app.monitor.selector))


async def test_the_runs_show_the_unit() -> None:
    session = FakeSession()
    async with running(session, size=(200, 60)) as pilot:
        first = session.view.run
        _generating(session)
        run = session.view.run
        assert first is not None
        assert run is not None
        session.set(run=replace(run, run_id=2))
        await redraw(pilot)
        view = await open_tab(pilot, "runs")
        assert "tok/s" in body(view)
        assert "tokens/s against run 2" in body(view)
        session.set(past_runs=(first,))
        await redraw(pilot)
        assert "500 tok/s" in body(view), "beside runs of other models"


async def test_the_limits_of_first_and_other_tokens_are_marked_and_drawn() -> None:
    session = _generating(FakeSession())
    limits = {"ttft_p90_under_ms": 700.0, "tpot_p90_under_ms": 41.0}
    run = session.view.run
    assert run is not None
    session.set_run(config=replace(run.config, **limits))
    session.view = replace(session.view, requested=replace(session.view.requested, **limits))
    async with running(session, size=(120, 40)) as pilot:
        await redraw(pilot)
        rows = _rows("\n".join(text_of(pilot.app.monitor.stats)))
        assert rows[rows.index(["TTFT"]) + 2][:2] == ["p90", "✓620"]
        assert rows[rows.index(["TPOT"]) + 2][:2] == ["p90", "✗42.0"]


async def test_the_palette_sets_the_limits_of_such_a_model_only() -> None:
    session = FakeSession()
    rows = {"TTFT limit: choose", "TPOT limit: choose", "Prompt: choose"}
    async with running(session) as pilot:
        assert not rows & _palette(pilot.app)
        _generating(session)
        await redraw(pilot)
        assert rows <= _palette(pilot.app)
        pilot.app.set_value("ttft_p90_under_ms", "350")
        await redraw(pilot)
        assert session.view.requested.ttft_p90_under_ms == 350.0


def _palette(app: App[None]) -> set[str]:
    return {command.title for command in app.get_system_commands(app.screen)}
