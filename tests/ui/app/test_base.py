"""Palette, theme, clipboard, pictures, help and progress."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from textual.command import Command
from textual.pilot import Pilot
from textual.widgets import OptionList

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.errors import BadInputError
from ovbench_tui.settings.recent import RecentModels
from ovbench_tui.ui.app.app import OvbenchApp
from ovbench_tui.ui.app.copy_and_save import save_picture
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.dialogs.help import HelpScreen, PageScroll
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
    until,
)


def titles(app: OvbenchApp) -> list[str]:
    return [command.title for command in app.get_system_commands(app.screen)]


async def choose(pilot: Pilot[None], typed: str, title: str) -> None:
    """Type in the palette, and take the first command once it is the one of this title."""
    await pilot.press("ctrl+p", *typed)

    def shown() -> list[str | None]:
        return [
            option.hit.text
            for options in pilot.app.screen.query(OptionList)
            for option in options.options
            if isinstance(option, Command)
        ]

    await until(pilot, lambda: shown()[:1] == [title])
    await pilot.press("enter")
    await settle(pilot)


# --- palette ------------------------------------------------------------------------------


async def test_only_what_makes_sense_is_offered() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        app = pilot.app
        assert titles(app)[0] == "Pause"
        assert not {"Resume", "Cancel", "Restart the engine", "Tab: Live"} & set(titles(app))
        assert {"Tab: Runs", "Self-check", "Charts: next", "Reset"} <= set(titles(app))
        session.set(state=WorkerState.PAUSED)
        app.frame()
        assert titles(app)[0] == "Resume"
        assert not {"Pause", "Self-check"} & set(titles(app))
        session.set(state=WorkerState.FAILED, can_restart=True)
        app.frame()
        assert titles(app)[0] == "Restart the engine"
        assert not {"Pause", "Resume", "Reset"} & set(titles(app))
        session.set(state=WorkerState.RUNNING, can_restart=False, background="compiling x")
        app.frame()
        assert "Cancel" not in titles(app)  # not in a thread
        session.set(isolated=True)
        app.frame()
        assert titles(app)[0] == "Cancel"
        assert "Engine: in this process" in titles(app)
        await pilot.press("2")
        await settle(pilot)
        assert "Tab: Live" in titles(app)
        assert not {"Tab: Runs", "Charts: next"} & set(titles(app))


async def test_before_anything_runs_little_is_offered() -> None:
    session = FakeSession(BenchmarkConfig())
    async with running(session) as pilot:
        found = set(titles(pilot.app))
        assert not {"Pause", "Reset", "Export", "Self-check", "Copy the summary"} & found
        assert {"Model: mobilenet-v2", "Help", "Quit"} <= found


async def test_choices_are_commands_of_their_own() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        found = titles(pilot.app)
        assert {"Device: GPU", "Device: MULTI:CPU", "Hint: latency", "API: sync"} <= set(found)
        assert not {"Device: CPU", "Hint: throughput", "Model: mobilenet-v2"} & set(found)
        await choose(pilot, "hint: lat", "Hint: latency")
        assert session.requested == [replace(CONFIG, hint="latency")]
        await choose(pilot, "tab: sys", "Tab: System")
        assert pilot.app.monitor.tab == "system"


async def test_recent_models_are_commands_and_no_markup(tmp_path: Path) -> None:
    recent = RecentModels(tmp_path / "recent.json")
    recent.add("/x/[red]evil[nothing].xml")
    session = FakeSession()
    async with running(session, preferences=Preferences(recent=recent)) as pilot:
        await choose(pilot, "evil", "Model: [red]evil[nothing].xml")
        assert session.requested[-1].model == "/x/[red]evil[nothing].xml"


async def test_the_palette_shows_the_order_of_importance() -> None:
    session = FakeSession()
    session.set(state=WorkerState.FAILED, can_restart=True)
    async with running(session) as pilot:
        await redraw(pilot)
        await choose(pilot, "", "Restart the engine")
        assert not session.view.can_restart


async def test_the_end_of_the_refresh_rates_is_not_offered() -> None:
    app = OvbenchApp(CONFIG, FakeSession, refresh_hz=15.0)
    async with app.run_test() as pilot:
        await settle(pilot)
        assert "Draw more often" not in titles(app)
        assert "Draw less often" in titles(app)


# --- theme --------------------------------------------------------------------------------


async def test_the_users_theme_is_used_and_a_new_one_kept() -> None:
    kept: list[str] = []
    wishes = Preferences(theme="nord", keep_theme=kept.append)
    async with running(FakeSession(), preferences=wishes) as pilot:
        await settle(pilot)
        assert pilot.app.theme == "nord"
        assert kept == []
        await choose(pilot, "theme: dracula", "Theme: dracula")
        assert pilot.app.theme == "dracula"
        assert kept == ["dracula"]


async def test_an_unknown_theme_is_told() -> None:
    async with running(FakeSession(), preferences=Preferences(theme="nrod")) as pilot:
        assert pilot.app.theme == "textual-dark"
        assert "There is no theme 'nrod'" in pilot.app.monitor.message.text


async def test_a_theme_that_cannot_be_kept_is_told() -> None:
    def keep(name: str) -> None:
        raise BadInputError(f"{name} was not kept.")

    async with running(FakeSession(), preferences=Preferences(keep_theme=keep)) as pilot:
        pilot.app.theme = "nord"
        await settle(pilot)
        assert pilot.app.monitor.message.text == "nord was not kept."
        assert pilot.app.theme == "nord"


async def test_trouble_with_the_settings_is_told_and_all_works() -> None:
    session = FakeSession()
    reason = Preferences(reason="config.toml, line 3: this is no [red]TOML.")
    async with running(session, preferences=reason) as pilot:
        await redraw(pilot)
        assert "line 3: this is no [red]TOML." in screen_text(pilot.app)
        await pilot.press("space")
        assert session.pauses == 1


# --- clipboard and pictures ---------------------------------------------------------------


async def test_the_summary_is_copied() -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("ctrl+y")
        assert "Throughput:      500.00 FPS" in pilot.app.clipboard
        assert "mobilenet-v2" in pilot.app.clipboard
        assert "is copied" in pilot.app.monitor.message.text


@pytest.mark.parametrize("config", [BenchmarkConfig(), CONFIG])
async def test_there_is_nothing_to_copy_before_anything_is_measured(
    config: BenchmarkConfig,
) -> None:
    session = FakeSession(config)
    if config.model:
        session.set_run(stats=replace(STATS, count=0))
    async with running(session) as pilot:
        await settle(pilot)
        await pilot.press("escape")  # leaves the picker that asks for a model
        await settle(pilot)
        await pilot.press("ctrl+y")
        assert pilot.app.clipboard == ""
        assert "nothing has been measured" in pilot.app.monitor.message.text


async def test_a_picture_is_saved_in_the_chosen_folder(tmp_path: Path) -> None:
    wishes = Preferences(screenshots=str(tmp_path))
    async with running(FakeSession(), preferences=wishes) as pilot:
        await redraw(pilot)
        await pilot.press("ctrl+s")
        (file,) = tmp_path.iterdir()
        assert file.name.startswith("ovbench-tui-2")
        assert file.name.endswith(".svg")
        text = file.read_text(encoding="utf-8")
        assert text.startswith("<svg")
        assert "mobilenet-v2" in text
        assert "url(http" not in text
        assert str(file) in pilot.app.monitor.message.text


async def test_a_page_of_the_run_is_saved(tmp_path: Path) -> None:
    wishes = Preferences(screenshots=str(tmp_path))
    session = FakeSession()
    async with running(session, preferences=wishes) as pilot:
        await settle(pilot)
        await pilot.press("W")
        await until(pilot, lambda: "The report is in" in pilot.app.monitor.message.text)
        (file,) = tmp_path.iterdir()
        assert str(file) in pilot.app.monitor.message.text
        text = file.read_text(encoding="utf-8")
        assert "<h1>mobilenet-v2 on CPU: 500 FPS</h1>" in text
        session.set_run(stats=replace(STATS, count=0))
        await redraw(pilot)
        await pilot.press("W")
        await settle(pilot)
        assert "nothing has been measured" in pilot.app.monitor.message.text


async def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    wishes = Preferences(screenshots=str(tmp_path / "none"))
    async with running(FakeSession(), preferences=wishes) as pilot:
        await settle(pilot)
        await pilot.press("W")
        await until(pilot, lambda: "No report was saved" in pilot.app.monitor.message.text)
        assert "No such file" in pilot.app.monitor.message.text


async def test_a_picture_of_a_dialog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with running(FakeSession()) as pilot:
        await pilot.press("m")
        await settle(pilot)
        await pilot.press("ctrl+s")
        await settle(pilot)
        (file,) = tmp_path.iterdir()
        assert "esc&#160;closes" in file.read_text(encoding="utf-8")
        assert "The screenshot is in" in screen_text(pilot.app)


def test_a_picture_never_takes_a_name_that_is_there(tmp_path: Path) -> None:
    now = datetime(2026, 11, 24, 9, 8, 7)
    (tmp_path / "ovbench-tui-20261124-090807.svg").write_text("mine")
    target = tmp_path / "target"
    (tmp_path / "ovbench-tui-20261124-090807-2.svg").symlink_to(target)
    text, is_error = save_picture("<svg/>", str(tmp_path), now)
    assert not is_error
    assert text.endswith("ovbench-tui-20261124-090807-3.svg.")
    assert (tmp_path / "ovbench-tui-20261124-090807.svg").read_text() == "mine"
    assert not target.exists()


@pytest.mark.parametrize("folder", ["gone", "file", "~nobody-of-this-name"])
def test_where_no_picture_can_be_saved_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    text, is_error = save_picture("<svg/>", folder, datetime.now().astimezone())
    assert is_error
    assert text.startswith(f"No screenshot was saved in {folder}: ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")  # noqa: PTH110
def test_a_full_disk_leaves_no_half_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: Path, mode: str) -> object:
        self.touch()
        return Path("/dev/full").open("wb", buffering=0)

    real_open = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda self, mode="r", **k: (
            fails(self, mode) if mode == "xb" else real_open(self, mode, **k)
        ),
    )
    text, is_error = save_picture("<svg/>", str(tmp_path), datetime.now().astimezone())
    assert is_error
    assert "No space left" in text
    assert list(tmp_path.iterdir()) == []


# --- help ---------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [*SIZES, (44, 12)])
async def test_all_of_the_help_can_be_reached(size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        page = pilot.app.screen.query_one(PageScroll)
        seen = [screen_text(pilot.app)]
        for _ in range(40):
            if page.scroll_target_y >= page.max_scroll_y:
                break
            await pilot.press("pagedown")
            await until(pilot, lambda: page.scroll_y == page.scroll_target_y)
            seen.append(screen_text(pilot.app))
        assert page.scroll_y == page.max_scroll_y
        text = "\n".join(seen)
        for piece in ("Row above", "Previous tab", "ctrl+s", "Draw more often", "All commands"):
            assert piece in text
        assert ("pgup pgdn scroll" in seen[0]) is (size != (200, 60))
        if size == (44, 12):
            return
        await pilot.press("home")
        await pilot.pause(0.01)
        await pilot.press("j")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)


async def test_the_help_stands_in_two_columns_where_there_is_room() -> None:
    async with running(FakeSession(), size=(200, 60)) as pilot:
        await pilot.press("question_mark")
        await settle(pilot)
        line = next(line for line in screen_text(pilot.app).split("\n") if "Row above" in line)
        assert "What is measured now" in line
        await pilot.resize_terminal(100, 60)
        await settle(pilot)
        line = next(line for line in screen_text(pilot.app).split("\n") if "Row above" in line)
        assert "measured" not in line


async def test_the_help_is_about_the_open_tab() -> None:
    async with running(FakeSession(), size=(200, 60)) as pilot:
        await pilot.press("2", "question_mark")
        await settle(pilot)
        text = screen_text(pilot.app)
        assert "Row above" not in text or "Sort" in text
        assert "Compare with this run" in text


# --- progress -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"background": "reading x.xml", "background_s": 1.26}, "reading x.xml 1.3 s …"),
        ({"background": "reshaping x", "background_s": 0.1}, "reshaping x 0.1 s …"),
        ({"background": "compiling x for CPU", "background_s": 3.0}, "3.0 s of about 6.2 s …"),
        (
            {"background": "running the first inference of x", "background_s": 2.0},
            "running the first inference of x 2.0 s …",
        ),
        ({"state": WorkerState.WARMING_UP}, "warming up 1.0 s …"),
    ],
)
async def test_each_stage_is_told_with_its_time(
    tmp_path: Path, changes: dict[str, object], text: str
) -> None:
    recent = RecentModels(tmp_path / "recent.json")
    recent.add("/x.xml", "CPU", 6.2)
    recent.add("/y.xml", "GPU", 1.0)
    session = FakeSession()
    session.set(requested=BenchmarkConfig(model="/x.xml"), **changes)
    async with running(session, preferences=Preferences(recent=recent)) as pilot:
        await redraw(pilot)
        assert text_of(pilot.app.monitor.message)[0].rstrip().endswith(text)


async def test_a_compile_of_this_session_is_what_the_next_may_take() -> None:
    session = FakeSession()
    session.set_run(compile_ms=2500.0)
    session.set(background="compiling mobilenet-v2 for CPU", background_s=0.5)
    async with running(session) as pilot:
        await redraw(pilot)
        assert "0.5 s of about 2.5 s" in text_of(pilot.app.monitor.message)[0]
        session.set(requested=replace(CONFIG, device="GPU"))
        await redraw(pilot)
        assert "about" not in text_of(pilot.app.monitor.message)[0]
