"""The Layers tab: collecting, grouping, filtering, writing, at every size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from ovbench_tui.config.model_file import ModelFormat
from ovbench_tui.engine.api.events import LayerTime, ProfileTaken
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.tabs.layers.layers_view import LayersView
from tests.ui.fakes import (
    CONFIG,
    NAN,
    SIZES,
    Clock,
    FakeSession,
    redraw,
    running,
    screen_text,
    settle,
)
from tests.ui.pictures import assert_picture
from tests.ui.tab_pilot import body, click_key, click_tab, click_text, open_tab

COLLECTING = replace(CONFIG, perf_counts=True)
LAYERS = (
    LayerTime("data", "Parameter", "unknown_f32", "NOT_RUN", 0.0, 0.0),
    *(
        LayerTime(
            f"block{n}/conv", "Convolution", "brgconv_avx2_1x1_f32", "EXECUTED", 0.3 / n, 0.2 / n
        )
        for n in range(1, 21)
    ),
    LayerTime("block1/relu", "Relu", "undef", "NOT_RUN", 0.0, 0.0),
    LayerTime("block2/relu", "Relu", "undef", "OPTIMIZED_OUT", 0.0, 0.0),
    LayerTime("quantized [red]模型", "Convolution", "jit_avx2_I8", "EXECUTED", 0.5, 0.5),
    LayerTime("softmax", "Softmax", "jit_avx2_f32", "EXECUTED", 0.01, 0.01),
)


def _session(*, layers: tuple[LayerTime, ...] = LAYERS) -> FakeSession:
    session = FakeSession(COLLECTING)
    session.profile = ProfileTaken(1, (layers,)) if layers else None
    return session


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with running(_session(), size=size) as pilot:
        view = await open_tab(pilot, "layers")
        assert_picture(f"layers_{name}", body(view))
        await pilot.press("y")
        assert_picture(f"layers_types_{name}", body(view))
        await pilot.press("a")
        assert_picture(f"layers_precisions_{name}", body(view))


@pytest.mark.parametrize("size", [*SIZES, (44, 12)])
async def test_before_any_layer_time_the_tab_says_what_to_do(size: tuple[int, int]) -> None:
    session = FakeSession()
    async with running(session, size=size) as pilot:
        view = await open_tab(pilot, "layers")
        text = " ".join(body(view).split())
        assert "To collect them the model is compiled again" in text
        if size[1] > 12:
            assert "compiled again with PERF_COUNT" in text
        assert session.profiles_requested == 0
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [COLLECTING]
        await pilot.press("enter")  # asked for already
        await settle(pilot)
        assert session.requested == [COLLECTING]


async def test_of_a_pipeline_the_tab_says_why_there_are_none_and_offers_nothing() -> None:
    session = FakeSession()
    run = session.view.run
    assert run is not None
    session.set_run(model=replace(run.model, format=ModelFormat.GGUF.value))
    async with running(session, size=(80, 24)) as pilot:
        view = await open_tab(pilot, "layers")
        assert "openvino-genai runs this model, and reports no layer times." in body(view)
        assert "Collect" not in screen_text(pilot.app)
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == []


async def test_a_click_opens_the_tab_and_collects() -> None:
    session = FakeSession()
    session.is_slow = True
    async with running(session) as pilot:
        await click_tab(pilot, "layers", "Layers")
        await click_key(pilot, "Collect layer times")
        assert session.requested == [COLLECTING]
        assert "PERF_COUNT" in pilot.app.monitor.message.text


async def test_while_it_compiles_the_tab_says_so() -> None:
    session = FakeSession()
    session.is_slow = True
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        await pilot.press("enter")
        await settle(pilot)
        assert "is being compiled with PERF_COUNT" in body(view)


@pytest.mark.parametrize("way", ["key", "click"])
async def test_collecting_ends(way: str) -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        if way == "key":
            await pilot.press("o")
            await settle(pilot)
        else:
            await click_key(pilot, "Stop collecting")
        assert session.requested == [CONFIG]
        assert "block1/conv" not in body(view)


async def test_nothing_to_end() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await open_tab(pilot, "layers")
        await pilot.press("o")
        await settle(pilot)
        assert session.requested == []
        assert "No layer times are collected" in pilot.app.monitor.message.text


async def test_looks_come_every_few_seconds_while_the_tab_is_seen() -> None:
    session, clock = _session(), Clock()
    clock.now_s = 100.0

    async def requested_at(now_s: float) -> int:
        clock.now_s = now_s
        await redraw(pilot)
        return session.profiles_requested

    async with running(session, clock=clock) as pilot:
        await redraw(pilot)
        assert session.profiles_requested == 0
        await open_tab(pilot, "layers")
        assert session.profiles_requested == 1
        assert await requested_at(101.9) == 1
        assert await requested_at(102.1) == 2
        for now_s in (104.2, 106.3, 108.4):
            await requested_at(now_s)
        assert session.profiles_requested == 5
        assert await requested_at(112.0) == 5  # by now every 5 s
        assert await requested_at(113.5) == 6
        session.set(measuring=False)
        assert await requested_at(150.0) == 6
        session.set(measuring=True)
        await pilot.press("1")
        assert await requested_at(200.0) == 6


async def test_slow_models_are_looked_at_less_often() -> None:
    session, clock = _session(), Clock()
    run = session.view.run
    assert run is not None
    session.set_run(stats=replace(run.stats, p50_ms=1000.0))
    async with running(session, clock=clock) as pilot:
        await open_tab(pilot, "layers")
        clock.now_s = 19.0
        await redraw(pilot)
        assert session.profiles_requested == 1
        clock.now_s = 20.5
        await redraw(pilot)
        assert session.profiles_requested == 2


async def test_a_paused_run_is_looked_at_once() -> None:
    session, clock = _session(), Clock()
    session.set(state=WorkerState.PAUSED, measuring=False)
    run = session.view.run
    assert run is not None
    session.set_run(stats=replace(run.stats, p50_ms=NAN))
    async with running(session, clock=clock) as pilot:
        await open_tab(pilot, "layers")
        clock.now_s = 60.0
        await redraw(pilot)
        assert session.profiles_requested == 1


async def test_the_longest_layer_is_first_and_the_unexecuted_are_named() -> None:
    async with running(_session(), size=(200, 60)) as pilot:
        view = await open_tab(pilot, "layers")
        lines = body(view).split("\n")
        assert "22 of 25 layers executed" in lines[0]
        assert "1 not in f32" in lines[0]
        assert "quantized [red]" in lines[3]
        assert "i8" in lines[3]
        assert [line.split()[-1] for line in lines if "relu" in line] == ["fused", "fused"]
        assert next(line for line in lines if " data " in line).split()[-2:] == ["not", "run"]


@pytest.mark.parametrize("press", ["slash", "f"])
async def test_typing_filters(press: str) -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "layers")
        await pilot.press(press, *"fused")
        text = body(view)
        assert "block1/relu" in text
        assert "block1/conv" not in text
        assert "2 of 25" in text
        await pilot.press("escape")
        assert "block1/conv" in body(view)


async def test_the_cursor_moves_and_its_layer_is_told_in_full() -> None:
    async with running(_session(), size=(80, 24)) as pilot:
        view = await open_tab(pilot, "layers")
        assert "jit_avx2_I8" in body(view).split("\n")[-1]
        await pilot.press("down")
        assert "block1/conv" in body(view).split("\n")[-1]
        await pilot.press("end")
        await pilot.press("home")
        assert "jit_avx2_I8" in body(view).split("\n")[-1]


async def test_sorting_by_key_and_title() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "layers")
        assert isinstance(view, LayersView)
        await click_text(pilot, view, "Type")
        assert view.table.sort_by[0] == "Type"
        await pilot.press("s")
        assert view.table.sort_by[0] != "Type"
        await pilot.press("S")


@pytest.mark.parametrize("way", ["key", "click"])
async def test_the_layers_are_written(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(_session()) as pilot:
        await open_tab(pilot, "layers")
        if way == "key":
            await pilot.press("w")
            await settle(pilot)
        else:
            await click_key(pilot, "Write CSV")
        assert pilot.app.screen.query_one(Input).value == "layers-mobilenet-v2.csv"
        await pilot.press("enter")
        await settle(pilot)
        assert "Written to" in pilot.app.monitor.message.text
    lines = (tmp_path / "layers-mobilenet-v2.csv").read_text().splitlines()
    assert lines[0].startswith("layer,type,executed_as,precision,status")
    assert lines[1].startswith("quantized [red]模型,Convolution,jit_avx2_I8,i8,executed,0.5,")
    assert len(lines) == 26


async def test_a_place_that_cannot_be_written_is_told_in_the_dialog(tmp_path: Path) -> None:
    async with running(_session()) as pilot:
        await open_tab(pilot, "layers")
        await pilot.press("w")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = str(tmp_path / "nowhere" / "layers.csv")
        await pilot.press("enter")
        await settle(pilot)
        assert pilot.app.screen is not pilot.app.monitor
        await pilot.press("escape")
        await settle(pilot)
        assert list(tmp_path.iterdir()) == []


async def test_without_layers_nothing_is_written() -> None:
    async with running(FakeSession()) as pilot:
        await open_tab(pilot, "layers")
        await pilot.press("w")
        await settle(pilot)
        assert "There are no layer times" in pilot.app.monitor.message.text


async def test_why_there_are_none_is_told() -> None:
    session = _session(layers=())
    session.profile = ProfileTaken(1, (), "", "The device tells no layer times: not implemented")
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        assert "The device tells no layer times" in body(view)


async def test_other_runs_begin_anew() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        session.profile = None
        session.configure(replace(COLLECTING, nireq=7))
        await redraw(pilot)
        assert "block1/conv" not in body(view)
        assert "the first appear in a moment" in body(view)


@pytest.mark.parametrize(
    ("devices", "words"),
    [("CPU", "means over all inferences"), ("GPU.0", "mean of 2 looks")],
)
async def test_what_the_times_are_is_told(devices: str, words: str) -> None:
    session = _session()
    run = session.view.run
    assert run is not None
    session.set_run(effective=replace(run.effective, execution_devices=devices))
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        session.profile = ProfileTaken(1, (LAYERS,))
        await redraw(pilot)
        assert words in body(view)


async def test_frames_in_between_draw_nothing() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "layers")
        await redraw(pilot)
        drawn: list[int] = []
        view.paint = lambda: drawn.append(1)  # type: ignore[method-assign]
        await redraw(pilot)
        assert drawn == []


async def test_every_small_body_is_drawn() -> None:
    async with running(_session(), size=(44, 12)) as pilot:
        view = await open_tab(pilot, "layers")
        assert "quantized" in body(view)
        await pilot.press("down", "y", "pagedown", "s")


# --- against a baseline ----------------------------------------------------------------------

WAS = (
    LayerTime("conv", "Convolution", "jit_avx2_f32", "EXECUTED", 0.3, 0.3, ("conv", "relu")),
    LayerTime("softmax", "Softmax", "jit_avx2_f32", "EXECUTED", 0.1, 0.1, ("softmax",)),
)
NOW = (
    LayerTime("conv", "Convolution", "jit_avx2_bf16", "EXECUTED", 0.15, 0.15, ("conv",)),
    LayerTime("relu", "Relu", "jit_avx2_f32", "EXECUTED", 0.05, 0.05, ("relu",)),
    LayerTime("to_softmax", "Reorder", "jit_uni_f32", "EXECUTED", 0.02, 0.02),
    LayerTime("softmax", "Softmax", "jit_avx2_f32", "EXECUTED", 0.12, 0.12, ("softmax",)),
)


async def _another_run(pilot: Pilot[None], session: FakeSession, *layers: LayerTime) -> None:
    """Another configuration, whose layers are these."""
    run = session.view.run
    assert run is not None
    session.set(past_runs=(*session.view.past_runs, run))
    session.profile = None
    session.configure(replace(session.view.requested, precision="bf16"))
    session.set_run(compile_ms=run.compile_ms + 1)  # it was compiled again
    await redraw(pilot)
    session.profile = ProfileTaken(run.run_id + 1, (layers,))
    await redraw(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_pictures_of_a_comparison(size: tuple[int, int]) -> None:
    session = _session(layers=WAS)
    async with running(session, size=size) as pilot:
        view = await open_tab(pilot, "layers")
        await _another_run(pilot, session, *NOW)
        await pilot.press("p")
        assert_picture(f"layers_baseline_{size[0]}x{size[1]}", body(view))


@pytest.mark.parametrize("way", ["key", "click"])
async def test_layers_are_compared_with_those_of_the_first_run(way: str) -> None:
    session = _session(layers=WAS)
    async with running(session, size=(200, 60)) as pilot:
        view = await open_tab(pilot, "layers")
        await _another_run(pilot, session, *NOW)
        if way == "key":
            await pilot.press("p")
        else:
            await click_key(pilot, "Compare")
        lines = body(view).split("\n")
        assert "Against run 1 (the first)  340 µs, was 400 µs" in lines[0]
        assert "1 added, 1 fused otherwise, 1 other precision" in lines[1]
        assert "one sample each: no interval" in lines[0]
        conv = next(line for line in lines if line.split()[:1] == ["conv"])
        assert "0.67" in conv.split()  # 0.15 + 0.05 beside 0.3
        assert "fused otherwise, other precision" in conv
        softmax = next(line for line in lines if line.split()[:1] == ["softmax"])
        assert "1.20" in softmax.split()
        reorder = next(line for line in lines if line.split()[:1] == ["to_softmax"])
        assert "added" in reorder.split()
        assert "conv Convolution jit_avx2_bf16 + relu Relu jit_avx2_f32, was conv" in lines[-1]
        await pilot.press("p")
        assert "layers executed" in body(view)


async def test_a_run_that_was_not_compiled_again_is_no_other_sample() -> None:
    session = _session(layers=WAS)
    async with running(session, size=(120, 40)) as pilot:
        view = await open_tab(pilot, "layers")
        run = session.view.run
        assert run is not None
        session.configure(replace(COLLECTING, nireq=7))
        session.set_run(
            compile_ms=run.compile_ms,
            effective=replace(run.effective, execution_devices="CPU"),
        )
        session.profile = ProfileTaken(2, (WAS,))
        await redraw(pilot)
        await pilot.press("p")
        assert "not compiled again" in body(view)
        assert "The means go on from those of the baseline." in body(view)


async def test_the_run_that_is_pinned_in_the_runs_tab_is_the_baseline() -> None:
    session = _session(layers=NOW)
    async with running(session, size=(200, 60)) as pilot:
        view = await open_tab(pilot, "layers")
        await _another_run(pilot, session, *WAS)
        await _another_run(pilot, session, *WAS)
        await pilot.press("p")
        assert "Against run 1 (the first)" in body(view)
        await open_tab(pilot, "runs")
        await pilot.press("home", "down", "p")
        await settle(pilot)
        await open_tab(pilot, "layers")
        await redraw(pilot)
        assert "Against run 2 (pinned)" in body(view)
        assert "the same layers" in body(view)


async def test_a_comparison_goes_on_with_the_next_run_and_ends_with_a_grouping() -> None:
    session = _session(layers=WAS)
    async with running(session, size=(120, 40)) as pilot:
        view = await open_tab(pilot, "layers")
        await _another_run(pilot, session, *NOW)
        await pilot.press("p")
        await _another_run(pilot, session, *WAS)
        assert "Against run 1" in body(view)
        assert "the same layers" in body(view)
        await pilot.press("y")
        assert "Against run 1" not in body(view)
        assert "Softmax" in body(view)


async def test_without_another_run_it_is_said_how_there_is_one() -> None:
    async with running(_session(layers=WAS)) as pilot:
        await open_tab(pilot, "layers")
        await pilot.press("p")
        await settle(pilot)
        assert "No other run of this model has layer times yet" in pilot.app.monitor.message.text
    async with running(FakeSession()) as pilot:
        await open_tab(pilot, "layers")
        await pilot.press("p")
        await settle(pilot)
        assert "no layer times yet that could be compared" in pilot.app.monitor.message.text


async def test_what_is_compared_is_what_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = _session(layers=WAS)
    async with running(session) as pilot:
        await open_tab(pilot, "layers")
        await _another_run(pilot, session, *NOW)
        await pilot.press("p", "w")
        await settle(pilot)
        await pilot.press("enter")
        await settle(pilot)
    lines = (tmp_path / "layers-mobilenet-v2.csv").read_text().splitlines()
    assert lines[0].startswith("layer,changes,a_ms,b_ms,difference_ms,ratio")
    assert len(lines) == 4
