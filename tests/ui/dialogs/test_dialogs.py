"""The dialogs: what they show, hand back and refuse."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import DEFAULT_NAME, ZOO
from ovbench_tui.ui.dialogs.editor import EditorScreen
from ovbench_tui.ui.dialogs.picker import PickerScreen
from ovbench_tui.ui.dialogs.shape import ShapeScreen
from tests.ui.fakes import (
    CONFIG,
    SIZES,
    FakeSession,
    needs_shape,
    redraw,
    running,
    screen_text,
    settle,
    text_of,
)

DYNAMIC = BenchmarkConfig(model="[b]dynamic[/].onnx")


@pytest.mark.parametrize("size", SIZES)
async def test_without_a_model_the_picker_opens_with_the_default(size: tuple[int, int]) -> None:
    session = FakeSession(BenchmarkConfig())
    async with running(session, size=size) as pilot:
        await settle(pilot)
        assert isinstance(pilot.app.screen, PickerScreen)
        text = screen_text(pilot.app)
        assert ZOO[0].summary in text
        await pilot.press("enter")
        await settle(pilot)
        assert [config.model for config in session.requested] == [DEFAULT_NAME]
        assert pilot.app.screen is pilot.app.monitor


async def test_leaving_the_first_picker_says_how_to_come_back() -> None:
    session = FakeSession(BenchmarkConfig())
    async with running(session) as pilot:
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "No model is chosen." in text_of(pilot.app.monitor.message)[0]
        assert text_of(pilot.app.monitor.footer)[0].startswith(" m Choose a model")
        assert session.requested == []


async def test_the_picker_filters_by_what_is_typed() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", *"yolo")
        await settle(pilot)
        options = pilot.app.screen.query_one(OptionList)
        assert options.option_count == 2  # the match, and the text as a path
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested[-1].model == "yolo-v3-tf"


async def test_the_arrow_keys_move_in_the_list_while_typing() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", "down", "down", "up", "enter")
        await settle(pilot)
        assert session.requested[-1].model == ZOO[1].name


async def test_tab_leads_into_the_list() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", "tab", "down", "enter")
        await settle(pilot)
        assert session.requested[-1].model == ZOO[1].name


async def test_a_typed_path_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "models").mkdir()
    (tmp_path / "models/yolo-v3-tf [x].onnx").write_bytes(b"x" * 100)
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m")
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = "models/yolo-v3-tf [x].onnx"
        await settle(pilot)
        assert "yolo-v3-tf [x].onnx" in screen_text(pilot.app)
        await pilot.press("enter")
        for _ in range(1000):  # its files are looked at on a thread
            if pilot.app.screen is pilot.app.monitor:
                break
            await pilot.pause(0.01)
        assert session.requested[-1].model == "models/yolo-v3-tf [x].onnx"


async def test_a_mistyped_device_keeps_the_picker_open() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("d")
        await settle(pilot)
        for typed in ("GPPU", "AUTO:GPPU,CPU"):
            pilot.app.screen.query_one(Input).value = typed
            await settle(pilot)
            await pilot.press("enter")
            await settle(pilot)
            assert "Device GPPU is not on this machine: choose from CPU" in screen_text(pilot.app)
        assert session.requested == []


async def test_a_click_chooses() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m")
        await settle(pilot)
        await pilot.click(OptionList, offset=(3, 4))
        await settle(pilot)
        assert session.requested[-1].model == ZOO[2].name


async def test_devices_are_listed_with_their_names() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("d")
        await settle(pilot)
        assert "Some graphics" in screen_text(pilot.app)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert session.requested[-1].device == "GPU"


async def test_a_device_can_be_typed() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("d", *"AUTO", "colon", *"CPU", "enter")
        await settle(pilot)
        assert session.requested[-1].device == "AUTO:CPU"


async def test_hint_and_precision_are_lists() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("up", "enter")
        await settle(pilot)
        assert not pilot.app.screen.query(Input)
        await pilot.press("down", "enter")
        await settle(pilot)
        assert session.requested[-1].hint == "latency"
        await pilot.press(*["down"] * 4, "enter", "down", "enter")
        await settle(pilot)
        assert session.requested[-1].precision == "f32"


@pytest.mark.parametrize(
    ("row", "keys", "change"),
    [
        (0, "8", {"nireq": 8}),
        (1, "NUMA", {"streams": "NUMA"}),
        (2, "2", {"threads": 2}),
    ],
)
async def test_numbers_are_typed(row: int, keys: str, change: dict[str, object]) -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press(*["down"] * row, "enter", *keys, "enter")
        await settle(pilot)
        assert session.requested == [replace(CONFIG, **change)]


async def test_an_invalid_value_is_told_and_nothing_is_lost() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("enter", *"99999", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, EditorScreen)
        assert "out of range" in screen_text(pilot.app)
        assert pilot.app.screen.query_one(Input).value == "99999"
        assert session.requested == []
        await pilot.press("backspace", "backspace")
        await settle(pilot)
        assert "out of range" not in screen_text(pilot.app)
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested[-1].nireq == 999


async def test_an_emptied_editor_gives_the_choice_back_to_the_device() -> None:
    session = FakeSession(replace(CONFIG, nireq=7))
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("enter")
        await settle(pilot)
        assert pilot.app.screen.query_one(Input).value == "7"
        await pilot.press("backspace", "delete", "enter")
        await settle(pilot)
        assert session.requested[-1].nireq == 0


async def test_escape_changes_nothing() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        for key in ("m", "d"):
            await pilot.press(key, "x", "escape")
            await settle(pilot)
            assert pilot.app.screen is pilot.app.monitor
        assert session.requested == []


async def test_a_dynamic_model_asks_for_its_shape() -> None:
    session = FakeSession()
    needed = needs_shape(DYNAMIC, CONFIG)
    async with running(session, size=(80, 24)) as pilot:
        session.set(shape_needed=needed)
        await redraw(pilot)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ShapeScreen)
        text = screen_text(pilot.app)
        assert "[b]dynamic[" in text or "].onnx needs a shape" in text
        assert "ids   i64 [?,1..512]" in text
        assert pilot.app.screen.query_one(Input).value == "ids[1,128]"
        await pilot.press("end", "backspace", *",x]", "enter")
        await settle(pilot)
        assert "'x' is not a valid size" in screen_text(pilot.app)
        assert session.requested == []
        await pilot.press("backspace", "backspace", "backspace", "right_square_bracket", "enter")
        await settle(pilot)
        assert session.requested == [replace(DYNAMIC, data_shape=(("ids", (1, 128)),))]
        assert pilot.app.screen is pilot.app.monitor


async def test_sizes_that_are_drawn_answer_the_question() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        session.set(shape_needed=needs_shape(DYNAMIC, CONFIG))
        await redraw(pilot)
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = "ids[1,9..2]"
        await pilot.press("enter")
        await settle(pilot)
        assert "the range 9..2 is empty" in screen_text(pilot.app)
        pilot.app.screen.query_one(Input).value = "ids[1,1..512:zipf]"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [replace(DYNAMIC, data_shape=(("ids", (1, "1..512:zipf")),))]


async def test_a_model_is_not_reshaped_to_sizes_that_are_drawn() -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        session.set(shape_needed=replace(needs_shape(DYNAMIC, CONFIG), option="-shape"))
        await redraw(pilot)
        await settle(pilot)
        pilot.app.screen.query_one(Input).value = "ids[1,1..9]"
        await pilot.press("enter")
        await settle(pilot)
        assert "1..9 is no size to reshape it to" in " ".join(screen_text(pilot.app).split())
        assert session.requested == []


async def test_the_shape_is_asked_once_for_each_request() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        session.set(shape_needed=needs_shape(DYNAMIC, CONFIG))
        await redraw(pilot)
        await settle(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert "keeps running" in text_of(pilot.app.monitor.message)[0]
        await redraw(pilot)
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
        session.set(shape_needed=needs_shape(DYNAMIC, None))
        await redraw(pilot)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ShapeScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert "nothing runs" in text_of(pilot.app.monitor.message)[0]


async def test_the_shape_waits_until_another_dialog_is_closed() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m")
        session.set(shape_needed=needs_shape(DYNAMIC, None))
        await redraw(pilot)
        await settle(pilot)
        assert isinstance(pilot.app.screen, PickerScreen)
        await pilot.press("escape")
        await settle(pilot)
        await redraw(pilot)
        await settle(pilot)
        assert isinstance(pilot.app.screen, ShapeScreen)
