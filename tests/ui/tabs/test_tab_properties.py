"""The Properties tab: requested against effective, and changing what can be changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from ovbench_tui.console.numbers import DASH
from ovbench_tui.engine.api.devices import DeviceInfo, DeviceProperty
from ovbench_tui.ui.tabs.properties.properties_view import PropertiesView
from tests.ui.fakes import CONFIG, DEVICES, SIZES, FakeSession, redraw, running, settle
from tests.ui.pictures import assert_picture
from tests.ui.tab_pilot import body, click_key, click_tab, click_text, open_tab

PROPERTIES = (
    DeviceProperty("COMPATIBILITY_CHECK", None, "RO"),
    DeviceProperty("DEVICE_ID", "", "RW"),
    DeviceProperty("ENABLE_HYPER_THREADING", "yes", "RW", ("YES", "NO")),
    DeviceProperty("FULL_DEVICE_NAME", "Some [bold]processor", "RO"),
    DeviceProperty("INFERENCE_NUM_THREADS", "0", "RW"),
    DeviceProperty("NUM_STREAMS", "1", "RW", (), "1 to 2"),
    DeviceProperty("PERFORMANCE_HINT", "latency", "RW", ("LATENCY", "THROUGHPUT")),
    DeviceProperty("WEIGHTS_PATH", None, "WO"),
)
CPU = DeviceInfo("CPU", "Some processor", ("f32", "bf16"), properties=PROPERTIES)
EFFECTIVE = (
    ("ENABLE_HYPER_THREADING", "no"),
    ("INFERENCE_NUM_THREADS", "2"),
    ("NETWORK_NAME", "mobilenet-v2"),
    ("NUM_STREAMS", "2"),
    ("PERFORMANCE_HINT", "throughput"),
)


def _session(**requested: object) -> FakeSession:
    session = FakeSession(replace(CONFIG, **requested))
    session.set(devices=(CPU, *DEVICES[1:]))
    run = session.view.run
    assert run is not None
    session.set_run(effective=replace(run.effective, properties=EFFECTIVE))
    return session


def _line(view: object, name: str) -> str:
    return next(line for line in body(view).split("\n") if line.startswith(f" {name}"))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
async def test_pictures(size: tuple[int, int]) -> None:
    async with running(_session(streams="100"), size=size) as pilot:
        view = await open_tab(pilot, "properties")
        assert_picture(f"properties_{size[0]}x{size[1]}", body(view))


async def test_clamped_values_stand_out() -> None:
    async with running(_session(streams="100")) as pilot:
        view = await click_tab(pilot, "properties", "Properties")
        assert isinstance(view, PropertiesView)
        assert "Not as requested: NUM_STREAMS 100 → 2" in body(view)
        row = next(row for row in view.table.rows if row.key == "NUM_STREAMS")
        assert [cell.style for cell in row.cells[1:3]] == ["warn", "warn"]
        await pilot.press("slash", *"clamped", "enter")
        assert [row.key for row in view.table.seen] == ["NUM_STREAMS"]


async def test_every_property_tells_its_value_and_access() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "properties")
        assert _line(view, "COMPATIBILITY_CHECK").split()[-3:] == [DASH, "unavailable", "read"]
        assert _line(view, "NETWORK_NAME").split()[1:] == ["mobilenet-v2", DASH, "read"]
        assert _line(view, "DEVICE_ID").split()[-2:] == ["empty", "write"]
        assert _line(view, "PERFORMANCE_HINT").split() == [
            "PERFORMANCE_HINT",
            "THROUGHPUT",
            "throughput",
            "latency",
            "write",
        ]


async def _choose(pilot: object, view: object, name: str) -> None:
    assert isinstance(view, PropertiesView)
    assert view.table.select(name)
    await pilot.press("enter")  # type: ignore[attr-defined]
    await settle(pilot)  # type: ignore[arg-type]


async def test_a_value_is_chosen_from_those_the_device_tells() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "properties")
        await _choose(pilot, view, "PERFORMANCE_HINT")
        await pilot.press(*"latency", "enter")
        await settle(pilot)
        assert session.requested == [replace(CONFIG, hint="latency")]


async def test_a_value_is_typed_and_a_bad_one_is_told_in_the_dialog() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "properties")
        await _choose(pilot, view, "INFERENCE_NUM_THREADS")
        field = pilot.app.screen.query_one(Input)
        field.value = "many"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == []
        assert pilot.app.screen is not pilot.app.monitor
        field.value = "1"
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested == [replace(CONFIG, threads=1)]


async def test_what_has_no_field_is_passed_to_the_device_and_taken_back() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "properties")
        await _choose(pilot, view, "ENABLE_HYPER_THREADING")
        await pilot.press(*"no", "enter")
        await settle(pilot)
        requested = replace(
            CONFIG, device_properties=(("CPU", (("ENABLE_HYPER_THREADING", "NO"),)),)
        )
        assert session.requested == [requested]
        await redraw(pilot)
        assert isinstance(view, PropertiesView)
        assert view.property_row is not None
        assert view.property_row.requested == "NO"
        await click_key(pilot, "Leave to the device")
        assert session.requested == [requested, CONFIG]
        await pilot.press("u")
        await settle(pilot)
        assert session.requested == [requested, CONFIG]
        assert "left to the device already" in pilot.app.monitor.message.text


async def test_what_can_only_be_read_says_so() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "properties")
        await _choose(pilot, view, "FULL_DEVICE_NAME")
        assert pilot.app.screen is pilot.app.monitor
        assert "FULL_DEVICE_NAME can only be read" in pilot.app.monitor.message.text


async def test_closing_the_dialog_changes_nothing() -> None:
    session = _session()
    async with running(session) as pilot:
        view = await open_tab(pilot, "properties")
        await _choose(pilot, view, "NUM_STREAMS")
        assert "It takes 1 to 2" in str(pilot.app.screen.query(".explanation").first().render())
        await pilot.press("escape")
        await settle(pilot)
        assert session.requested == []


@pytest.mark.parametrize("way", ["key", "click"])
async def test_only_what_can_be_written(way: str) -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "properties")
        if way == "key":
            await pilot.press("w")
        else:
            await click_key(pilot, "Only writable")
        assert "FULL_DEVICE_NAME" not in body(view)
        assert "NUM_STREAMS" in body(view)
        await pilot.press("w")
        assert "FULL_DEVICE_NAME" in body(view)


async def test_a_second_click_on_a_row_opens_its_editor() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "properties")
        await click_text(pilot, view, "NUM_STREAMS")
        assert pilot.app.screen is pilot.app.monitor
        await click_text(pilot, view, "NUM_STREAMS")
        assert pilot.app.screen is not pilot.app.monitor


async def test_before_a_device_is_known_the_tab_says_so() -> None:
    session = FakeSession(replace(CONFIG, model=""))
    session.set(devices=(), run=None)
    async with running(session) as pilot:
        await pilot.press("escape")  # the model picker
        await settle(pilot)
        view = await open_tab(pilot, "properties")
        assert "PERFORMANCE_HINT" in body(view)  # it is asked for
        session.set(devices=(CPU,))
        await redraw(pilot)
        assert "Some [bold]processor" in body(view)


async def test_frames_in_between_draw_nothing() -> None:
    async with running(_session()) as pilot:
        view = await open_tab(pilot, "properties")
        await redraw(pilot)
        drawn: list[int] = []
        view.paint = lambda: drawn.append(1)  # type: ignore[method-assign]
        await redraw(pilot)
        assert drawn == []


async def test_a_small_body_is_drawn() -> None:
    async with running(_session(), size=(44, 12)) as pilot:
        view = await open_tab(pilot, "properties")
        assert "COMPATIBILITY" in body(view)
        await pilot.press("down", "pagedown", "end", "s")
