"""The A/B tab: choosing B, the figures of both, ending it, at every size."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.stats.run_stats import PairedRatio, SliceFigures
from ovbench_tui.ui.tabs.ab.ab_rows import Scale, bar_line, scale_for
from ovbench_tui.ui.widgets.live import LiveWidget
from tests.ui.fakes import (
    CONFIG,
    SIZES,
    STATS,
    FakeSession,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)
from tests.ui.pictures import assert_picture
from tests.ui.tab_pilot import body, click_tab, open_tab
from tests.ui.tabs.test_tab_runs import session_of_runs

B = replace(CONFIG, nireq=2, streams="1")


def ab_view(pairs: int = 20, **changes: object) -> AbView:
    """B is a tenth slower, within a percent."""
    slices = []
    for pair in range(pairs):
        a = SliceFigures(pair, "A", 150, 150.0 + pair % 3, 0.5, 6.5)
        b = SliceFigures(pair, "B", 135, 135.0 + pair % 4, 0.5, 7.2)
        slices += [b, a] if pair % 2 else [a, b]
    a_run, b_run = FakeSession._run(3, CONFIG), FakeSession._run(2, B)
    view = AbView(
        AbPhase.RUNNING,
        requested=B,
        a=replace(a_run, stats=replace(STATS, fps_mean=302.0, p50_ms=6.5, p99_ms=9.1)),
        b=replace(b_run, stats=replace(STATS, fps_mean=272.0, p50_ms=7.2, p99_ms=11.4)),
        slices=tuple(slices),
        pairs=pairs,
        fps=PairedRatio("fps", pairs, 0.9, 0.889, 0.912),
        p50=PairedRatio("p50_ms", pairs, 1.108, 1.09, 1.125),
        number=2 * pairs,
    )
    return replace(view, **changes)


def session_of_ab(view: AbView | None) -> FakeSession:
    session = FakeSession()
    session.ab_view = view
    return session


async def open_ab(pilot: Pilot[None]) -> LiveWidget:
    return await open_tab(pilot, "ab")


@pytest.mark.parametrize("size", SIZES)
async def test_the_tab_shows_both_sides_and_the_ratio(size: tuple[int, int]) -> None:
    async with running(session_of_ab(ab_view()), size) as pilot:
        view = await open_ab(pilot)
        text = body(view)
        assert_picture(f"ab_{size[0]}x{size[1]}", text)
        for words in ("302 ", "272", "0.889 to 0.912", "B is 10.0 % slower", "20 pairs"):
            assert words in text


@pytest.mark.parametrize("size", [(44, 12), (44, 40), (60, 12), (80, 18)])
async def test_a_small_terminal_still_has_the_ratio(size: tuple[int, int]) -> None:
    async with running(session_of_ab(ab_view()), size) as pilot:
        text = body(await open_ab(pilot))
        assert "FPS of B to A" in text or "B/A 0.900" in text


async def test_a_click_opens_it_and_it_says_what_to_do() -> None:
    async with running(session_of_ab(None)) as pilot:
        text = body(await click_tab(pilot, "ab", "A/B"))
        assert "B differs in options" in " ".join(text.split())
        assert text_of(pilot.app.monitor.footer)[0].startswith(" o B's options  n B's model")


async def test_without_a_run_there_is_no_a() -> None:
    session = session_of_ab(None)
    session.set(run=None, state=WorkerState.IDLE)
    async with running(session) as pilot:
        view = await open_ab(pilot)
        assert "is being prepared: waiting for the engine" in body(view)
        await pilot.press("o")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
        assert session.abs_begun == []


async def test_what_b_differs_in_is_typed() -> None:
    session = session_of_ab(None)
    async with running(session) as pilot:
        view = await open_ab(pilot)
        await pilot.press("o")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = "-nirek 2"
        await pilot.press("enter")
        await settle(pilot)
        assert "did you mean -nireq" in screen_text(pilot.app)
        pilot.app.screen.query_one(Input).value = "-nireq 2 -nstreams 1"
        await pilot.press("enter")
        await settle(pilot)
        assert [config for config, _ in session.abs_begun] == [B]
        assert "B is being prepared beside A" in body(view)
        session.set(background="compiling mobilenet-v2 for CPU", background_s=3.4)
        await redraw(pilot)
        assert "compiling mobilenet-v2 for CPU, 3 s" in body(view)


async def test_another_model_may_be_b() -> None:
    session = session_of_ab(None)
    base = replace(CONFIG, data_shape=(("x", (1, 3)),))
    session.set(requested=base)
    async with running(session) as pilot:
        await open_ab(pilot)
        await pilot.press("n")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = "alexnet"
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        ((config, _),) = session.abs_begun
        assert (config.model, config.data_shape) == ("alexnet", ())


async def test_a_paused_engine_goes_on_for_it() -> None:
    session = session_of_ab(None)
    session.set(state=WorkerState.PAUSED)
    async with running(session) as pilot:
        await open_ab(pilot)
        await pilot.press("o")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert session.pauses == 1
        assert len(session.abs_begun) == 1


@pytest.mark.parametrize(("key", "kept"), [("escape", False), ("enter", True)])
async def test_it_ends_with_one_of_the_two(key: str, kept: bool) -> None:
    session = session_of_ab(ab_view())
    async with running(session) as pilot:
        view = await open_ab(pilot)
        await pilot.press(key)
        await settle(pilot)
        assert session.abs_ended == [kept]
        assert "over, 20 pairs" in body(view)
        assert ("B runs alone now." if kept else "A runs alone again.") in screen_text(pilot.app)
        await pilot.press(key)
        await settle(pilot)
        assert session.abs_ended == [kept]  # there is nothing to end


async def test_what_is_being_prepared_can_only_be_called_off() -> None:
    session = session_of_ab(AbView(AbPhase.PREPARING, B))
    async with running(session) as pilot:
        await open_ab(pilot)
        await pilot.press("enter")
        await settle(pilot)
        assert session.abs_ended == []
        await pilot.press("escape")
        await settle(pilot)
        assert session.abs_ended == [False]


async def test_a_row_of_the_runs_becomes_b() -> None:
    session = session_of_runs()
    async with running(session) as pilot:
        view = await open_tab(pilot, "runs")
        await pilot.press("down")
        await settle(pilot)
        chosen = view._chosen
        await pilot.press("a")
        await settle(pilot)
        assert session.abs_begun[0][0] == chosen.config
        assert pilot.app.monitor.tab == "ab"


async def test_why_it_never_began_is_said() -> None:
    reason = "B: Model 'x\x1b[31m.xml' was not found."
    async with running(session_of_ab(AbView(AbPhase.OVER, B, reason=reason))) as pilot:
        text = body(await open_ab(pilot))
        assert "was not found" in text
        assert "\x1b" not in text


async def test_only_another_slice_paints_it_again() -> None:
    session = session_of_ab(ab_view())
    async with running(session) as pilot:
        view = await open_ab(pilot)
        view.take_changed()
        painted = []
        view.paint = lambda: painted.append(1)  # type: ignore[method-assign]
        for _ in range(3):
            await redraw(pilot)
        assert painted == []
        session.ab_view = ab_view(21)
        await redraw(pilot)
        assert painted == [1]


async def test_before_the_first_pair_nothing_is_a_number() -> None:
    nothing = PairedRatio("fps", reason="there is no whole pair yet")
    view = ab_view(0, fps=nothing, p50=replace(nothing, figure="p50_ms"))
    async with running(session_of_ab(view)) as pilot:
        text = body(await open_ab(pilot))
        assert "there is no whole pair yet" in text
        assert "nan" not in text


# --- scale -------------------------------------------------------------------------------------


def test_the_scale_holds_the_widest_interval_with_1_in_its_middle() -> None:
    scale = scale_for([PairedRatio("fps", 9, 0.9, 0.87, 0.93)], 60)
    assert (scale.reach, scale.width % 2) == (0.2, 1)
    assert scale.place(1.0) == scale.width // 2
    assert scale.place(1.2) == scale.width - 1
    assert scale.place(1 / 1.2) == 0
    assert scale.place(1000.0) == scale.width - 1
    assert scale.place(0.0) == 0


def test_a_bar_says_by_its_colour_what_is_better() -> None:
    scale = Scale(0.2, 41)
    for figure, ratio, style in (
        ("fps", 0.9, "bad"),
        ("fps", 1.1, "good"),
        ("p50_ms", 0.9, "good"),
        ("p50_ms", 1.1, "bad"),
    ):
        line = bar_line("x", PairedRatio(figure, 9, ratio, ratio - 0.02, ratio + 0.02), scale)
        assert [part_style for text, part_style in line if "●" in text] == [style]
        assert len("".join(text for text, _ in line[1:4])) == scale.width
    unsure = bar_line("x", PairedRatio("fps", 9, 1.01, 0.95, 1.06), scale)
    assert [style for text, style in unsure if "●" in text] == ["value"]


def test_config_for_another_model_keeps_what_is_not_of_its_inputs() -> None:
    config = BenchmarkConfig(model="a", nireq=3, layout=(("x", "NC"),), single_frame=True)
    assert config.for_model("b") == BenchmarkConfig(model="b", nireq=3)
