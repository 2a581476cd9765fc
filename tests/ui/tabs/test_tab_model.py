"""The Model tab: ports, operations, arithmetic, and another shape of an input."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from ovbench_tui.console.numbers import DASH
from ovbench_tui.engine.api.answers import Answers
from ovbench_tui.engine.api.effective import ShapeGroup
from ovbench_tui.engine.api.model_info import ModelFacts, ModelInfo, PortInfo
from ovbench_tui.engine.api.pipeline_use import PipelineUse, RequestText
from ovbench_tui.stats.comparison.output_figures import OutputError
from ovbench_tui.ui.tabs.model.answer_text import answer_parts, answers_line
from ovbench_tui.ui.tabs.model.model_view import ModelView, achieved_text, scaled
from ovbench_tui.ui.tabs.model.request_lines import request_lines
from tests.ui.fakes import CONFIG, NAN, SIZES, FakeSession, model_info, redraw, running, settle
from tests.ui.pictures import assert_picture
from tests.ui.tab_pilot import body, click_key, click_tab, click_text, open_tab

FACTS = ModelFacts(
    operations=(("Convolution", 52), ("Add", 10), ("Relu", 8), ("Softmax", 1)),
    weights=(("f16", 3_400_000, 6_800_000), ("i64", 2, 16)),
    parameters=3_487_819,
    macs=154_083_200.0,
    weight_bytes=6_800_016,
    file_bytes=7_000_000,
)
INFO = ModelInfo(
    "two [red]inputs",
    "two.xml",
    "IR",
    (
        PortInfo(0, "data", ("1", "3", "160", "160"), "f32", "NCHW"),
        PortInfo(1, "ids", ("?", "1..512"), "i64"),
    ),
    (PortInfo(0, "", ("1", "1000"), "f32"),),
)


def _session() -> FakeSession:
    session = FakeSession()
    session.facts = FACTS
    run = session.view.run
    assert run is not None
    session.set_run(
        model=INFO,
        effective=replace(
            run.effective,
            data_shape=(("data", (1, 3, 160, 160)), ("ids", (1, 128))),
            input_rules=(("data", "f32, the model's own; random values"), ("ids", "i64")),
        ),
    )
    return session


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    name = f"{size[0]}x{size[1]}"
    async with running(_session(), size=size) as pilot:
        view = await open_tab(pilot, "model")
        assert_picture(f"model_{name}", body(view))
        await pilot.press("y")
        assert_picture(f"model_operations_{name}", body(view))


async def test_what_the_arithmetic_leaves_out_is_named_beside_it() -> None:
    session = _session()
    session.facts = replace(FACTS, uncounted=(("DFT", 2), ("If[red]", 1)))
    async with running(session) as pilot:
        view = await open_tab(pilot, "model")
        text = body(view)
    assert "at least 308 MFLOP an inference (estimate)" in text
    assert "Not counted: 2 DFT, 1 If[red]." in " ".join(text.split())


async def test_the_arithmetic_is_told_and_follows_the_rate() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await click_tab(pilot, "model", "Model")
        text = body(view)
        assert "308 MFLOP an inference (estimate)" in text
        assert "3.49 M parameters" in text
        assert "158 GFLOP/s now, 154 GFLOP/s mean" in text  # 512.34 and 500 FPS
        assert "count convolutions, matrix products, recurrent cells and attention" in text
        assert "at least" not in text
        assert "Not counted" not in text
        run = session.view.run
        assert run is not None
        session.set_run(stats=replace(run.stats, fps_now=100.0))
        await redraw(pilot)
        assert "30.8 GFLOP/s now" in body(view)


def test_arithmetic_is_of_inferences_not_of_frames() -> None:
    run = _session().view.run
    assert run is not None
    batched = replace(run, effective=replace(run.effective, batch=4))
    assert achieved_text(batched, FACTS).startswith("39.5 GFLOP/s now")
    groups = (ShapeGroup((), 2), ShapeGroup((), 6))
    rotating = replace(run, effective=replace(run.effective, shape_groups=groups))
    assert achieved_text(rotating, FACTS).startswith("39.5 GFLOP/s now")


def test_what_is_not_known_is_no_zero() -> None:
    run = _session().view.run
    assert run is not None
    idle = replace(run, stats=replace(run.stats, fps_now=NAN, fps_mean=NAN))
    assert achieved_text(idle, FACTS) == f"{DASH} now, {DASH} mean"
    assert achieved_text(run, ModelFacts()) == ""
    assert achieved_text(None, FACTS) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0 "), (999, "999 "), (1500, "1.50 k"), (61_987, "62.0 k"), (3.2e10, "32.0 G")],
)
def test_numbers_have_a_prefix(value: float, text: str) -> None:
    assert scaled(value) == text


async def test_until_it_is_counted_the_tab_says_so() -> None:
    session = _session()
    session.facts = None
    async with running(session) as pilot:
        view = await open_tab(pilot, "model")
        assert "Counting the operations" in body(view)
        assert "GFLOP" not in body(view)
        session.facts = FACTS
        await redraw(pilot)
        assert "GFLOP" in body(view)


async def test_what_cannot_be_known_says_why() -> None:
    session = _session()
    session.facts = ModelFacts(
        file_bytes=1000,
        unknown="Nothing more is known: a compiled blob lists only its inputs and outputs.",
    )
    async with running(session) as pilot:
        view = await open_tab(pilot, "model")
        assert "a compiled blob lists only its inputs and outputs" in body(view)
        assert "parameters" not in body(view)
        assert "1.00 kB on disk" in body(view)


async def test_without_a_run_the_tab_says_what_to_do() -> None:
    session = FakeSession(replace(CONFIG, model=""))
    async with running(session) as pilot:
        await pilot.press("escape")  # the model picker
        await settle(pilot)
        view = await open_tab(pilot, "model")
        assert "choose a model" in body(view)
        await pilot.press("enter", "y", "enter")
        assert pilot.app.is_running


async def test_a_static_input_is_reshaped() -> None:
    session = _session()
    async with running(session) as pilot:
        await open_tab(pilot, "model")
        await pilot.press("enter")
        await settle(pilot)
        field = pilot.app.screen.query_one(Input)
        assert field.value == "[1,3,160,160]"
        field.value = "[1,3,0]"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == []
        field.value = "[1,3,224,224]"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [replace(CONFIG, shape=(("data", ("1", "3", "224", "224")),))]


async def test_a_dynamic_input_is_fed_with_another_shape() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "model")
        await click_text(pilot, view, "→ ids")
        await click_text(pilot, view, "→ ids")
        field = pilot.app.screen.query_one(Input)
        assert field.value == "[1,128]"
        field.value = "[2,64]"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [replace(CONFIG, data_shape=(("ids", (2, 64)),))]


async def test_outputs_keep_their_shape() -> None:
    session = _session()
    async with running(session) as pilot:
        await open_tab(pilot, "model")
        await pilot.press("end", "enter")
        await settle(pilot)
        assert "Only inputs" in pilot.app.monitor.message.text
        assert pilot.app.screen is pilot.app.monitor


async def test_escape_leaves_the_shape() -> None:
    session = _session()
    async with running(session) as pilot:
        await open_tab(pilot, "model")
        await click_key(pilot, "Another shape")
        assert pilot.app.screen is not pilot.app.monitor
        await pilot.press("escape")
        await settle(pilot)
        assert session.requested == []


async def test_the_mouse_gives_the_keys_to_the_table_under_it() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "model")
        assert isinstance(view, ModelView)
        ports = view.table
        await click_text(pilot, view, "Convolution")  # its row has the cursor of that table
        assert view.table is not ports
        assert pilot.app.screen is pilot.app.monitor
        await pilot.press("down")
        assert view.table.row is not None
        assert view.table.row.key == "Add"
        await click_text(pilot, view, "Operation")
        assert view.table.sort_by[0] == "Operation"
        await click_text(pilot, view, "→ data")
        assert view.table is ports


async def test_typing_filters_the_operations() -> None:
    async with running(_session(), size=(80, 24)) as pilot:
        view = await open_tab(pilot, "model")
        await click_key(pilot, "Operations")
        await pilot.press("slash", *"soft", "enter")
        assert "Softmax" in body(view)
        assert "Convolution" not in body(view)
        await pilot.press("y")
        assert "→ data" in body(view)


async def test_frames_that_change_nothing_draw_nothing() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "model")
        await redraw(pilot)
        drawn: list[int] = []
        view.paint = lambda: drawn.append(1)  # type: ignore[method-assign]
        await redraw(pilot)
        assert drawn == []


async def test_a_small_body_is_drawn() -> None:
    session = _session()
    session.set_run(model=model_info())
    async with running(session, size=(44, 12)) as pilot:
        view = await open_tab(pilot, "model")
        assert "→ data" in body(view)
        await pilot.press("y", "down", "s", "y")


@pytest.mark.parametrize("has_facts", [True, False])
async def test_one_requests_text_is_read_as_it_comes(has_facts: bool) -> None:
    session = _session()
    session.facts = FACTS if has_facts else None
    session.text = RequestText(1, 12, 512, 2, "... the prompt ends", "Once upon")
    async with running(session, size=(120, 40)) as pilot:
        view = await open_tab(pilot, "model")
        assert "Once upon" not in body(view)  # only a pipeline's text is read
        session.set_run(pipeline=PipelineUse(1, 1, 1, 5.0, 5.0, 1 << 20))
        await redraw(pilot)
        assert "Request 12: 512 prompt tokens, 2 given" in body(view)
        assert "the prompt ends" in body(view)
        session.text = replace(session.text, tokens=4, text="Once upon\na \x1b[31mtime")
        await redraw(pilot)
        assert "4 given" in body(view)
        assert "a ·[31mtime" in body(view)


def test_of_a_text_its_end_has_the_room_there_is() -> None:
    text = RequestText(1, 1, 9, 9, "prompt", "\n".join(f"line {n}" for n in range(9)))
    for rows in (1, 2, 3, 5):
        lines = [
            "".join(part for part, _ in line).strip() for line in request_lines(text, 40, rows)
        ]
        assert len(lines) == rows
        if rows > 1:
            assert lines[-1] == "line 8"
    assert request_lines(RequestText(1), 40, 9) == []
    assert request_lines(None, 40, 9) == []
    assert request_lines(text, 40, 0) == []


def _checked(*outputs: OutputError, reason: str = "") -> FakeSession:
    session = _session()
    run = session.view.run
    assert run is not None
    answers = Answers("f32 on the CPU, latency hint", 1, outputs, reason)
    session.set_run(
        config=replace(run.config, check_tolerance=0.01),
        effective=replace(run.effective, answers=answers),
    )
    return session


async def test_an_output_that_is_not_right_is_marked_beside_its_port() -> None:
    wrong = OutputError("#0", (1, 1000), (1, 1000), 0, 0, 0, 0.5, 0.1, 0.25, 0.05, 0.98, 0.0, 0.6)
    async with running(_checked(wrong), size=(200, 60)) as pilot:
        view = await open_tab(pilot, "model")
        assert "answers within 0.01 of the reference: failed, off by 0.25 at most" in body(view)
        assert "off by 0.250, cosine 0.980000" in body(view)
        run = pilot.app.snapshot.run
        assert run is not None
        text = "off by 0.250, cosine 0.980000, top-1 0%, top-5 60%"
        assert answer_parts(run) == {"#0": (text, "bad")}
        assert answers_line(run)[0][1] == "bad"


async def test_answers_that_are_right_or_cannot_be_checked_are_said() -> None:
    right = OutputError("#0", (1, 2), (1, 2), 0, 0, 0, 0.0, 0.0, 0.0, 0.0, 1.0)
    for session, text, style in (
        (_checked(right), "passed, off by 0 at most", "good"),
        (_checked(reason="no output has numbers to compare"), "undecided, no output has", "warn"),
    ):
        async with running(session, size=(160, 40)) as pilot:
            view = await open_tab(pilot, "model")
            assert text in body(view)
            run = pilot.app.snapshot.run
            assert run is not None
            assert answers_line(run)[0][1] == style


def test_another_shape_and_values_that_are_no_numbers_are_named() -> None:
    other = OutputError("#0", (1, 2), (1, 3), 0, 0, 0, None)
    nan = replace(other, reference_shape=(1, 2), nan_count=1, nonfinite_mismatches=1)
    for output, text in (
        (other, "another shape than the reference: [1, 3]"),
        (nan, "1 NaN, 0 infinite"),
    ):
        run = _checked(output).view.run
        assert run is not None
        assert answer_parts(run) == {"#0": (text, "bad")}
