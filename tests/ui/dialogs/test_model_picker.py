"""The model picker: recent models, built-in ones, and a walk through the folders."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from ovbench_tui.config.built_in_models import DEFAULT_NAME, ZOO
from ovbench_tui.settings.recent import RecentModels
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.dialogs import folder as folder_module
from ovbench_tui.ui.dialogs.folder import FolderListing, read_folder
from ovbench_tui.ui.dialogs.model_picker import ModelPicker, parent_folder, split_path
from tests.ui.fakes import CONFIG, FakeSession, running, screen_text, settle

_PATIENCE = 1000


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models, which is the current one."""
    root = tmp_path / "models"
    for name in ("b.onnx", "a.xml", "deep/inner.tflite", "deep/deeper/last.pb", ".hidden.xml"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 2000)
    for name in ("a.bin", "notes.txt", "saved/saved_model.pb"):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" if name.endswith(".pb") else b"")
    monkeypatch.chdir(root)
    return root


# --- reading ------------------------------------------------------------------------------


def names(listing: FolderListing, typed: str = "") -> list[str]:
    return [entry.name for entry in listing.matching(typed)]


def test_a_folder_lists_models_and_folders(models: Path) -> None:
    listing = read_folder(str(models))
    assert names(listing) == ["deep", "saved", "a.xml", "b.onnx"]
    assert names(listing, ".") == [".hidden.xml", "a.xml", "b.onnx"]
    saved = next(entry for entry in listing.entries if entry.name == "saved")
    assert saved.is_folder
    assert saved.is_model
    assert next(entry for entry in listing.entries if entry.name == "a.xml").size_bytes == 2000
    assert read_folder(str(models / "saved")).is_model


def test_xml_of_another_kind_is_not_offered(models: Path) -> None:
    (models / "junit.xml").write_text('<?xml version="1.0"?><testsuites tests="3"/>')
    (models / "ir.xml").write_text('\ufeff<?xml version="1.0"?>\n<net name="x" version="11"/>')
    (models / "empty.xml").write_bytes(b"")  # whoever chooses it is told that it is empty
    assert names(read_folder(str(models)), "xml") == ["a.xml", "empty.xml", "ir.xml"]


def test_what_begins_with_the_text_comes_first(models: Path) -> None:
    for name in ("mx.onnx", "ax.onnx", "xa.onnx"):
        (models / name).write_bytes(b"")
    assert names(read_folder(""), "x") == ["xa.onnx", "a.xml", "ax.onnx", "b.onnx", "mx.onnx"]
    assert names(read_folder(""), "x a") == ["a.xml", "ax.onnx", "xa.onnx"]


def test_odd_entries_are_left_out(models: Path) -> None:
    (models / "nowhere.xml").symlink_to(models / "gone")
    (models / "loop.xml").symlink_to(models / "loop.xml")
    if hasattr(os, "mkfifo"):
        os.mkfifo(models / "pipe.xml")
    (models / "link.xml").symlink_to(models / "a.xml")
    assert names(read_folder("")) == ["deep", "saved", "a.xml", "b.onnx", "link.xml"]


@pytest.mark.parametrize("text", ["gone/", "a.xml/", "a\0b/", "~nobody-of-this-name/"])
def test_what_cannot_be_read_is_said(models: Path, text: str) -> None:
    listing = read_folder(text)
    assert listing.problem
    assert listing.entries == ()


def test_a_large_folder_is_cut(models: Path) -> None:
    for number in range(50):
        (models / f"{number}.txt").write_bytes(b"")
    listing = read_folder("", most=10)
    assert listing.is_cut
    assert listing.looked_at == 10
    assert read_folder("", most_s=-1.0).is_cut
    assert not read_folder("").is_cut


def test_paths_are_split_and_climbed() -> None:
    assert [split_path(text) for text in ("", "yolo", "a/b", "a/", "..", "~", "/x")] == [
        ("", ""),
        ("", "yolo"),
        ("a/", "b"),
        ("a/", ""),
        ("../", ""),
        ("~/", ""),
        ("/", "x"),
    ]
    texts = ("a/b/", "a/", "./", "../", "../../", "/a/", "/", "//")
    assert [parent_folder(text) for text in texts] == [
        "a/",
        "./",
        "../",
        "../../",
        "../../../",
        "/",
        "/",
        "//",
    ]
    assert parent_folder("~/") == f"{Path.home().parent}/".replace("//", "/")


# --- on the screen ------------------------------------------------------------------------


async def chosen(pilot: Pilot[None]) -> None:
    """Wait until the files of a model were looked at and the picker has closed."""
    for _ in range(_PATIENCE):
        if pilot.app.screen is pilot.app.monitor:
            return
        await pilot.pause(0.01)
    raise AssertionError(screen_text(pilot.app))


async def listed(pilot: Pilot[None], *words: str) -> str:
    """Wait until all words are on the screen."""
    for _ in range(_PATIENCE):
        if all(word in screen_text(pilot.app) for word in words):
            break
        await pilot.pause(0.01)
    else:
        pytest.fail(f"{words} did not come:\n{screen_text(pilot.app)}")
    await settle(pilot)
    return screen_text(pilot.app)


def line_of(pilot: Pilot[None]) -> Input:
    return pilot.app.screen.query_one(Input)


async def test_a_path_is_walked_by_enter_and_backspace(models: Path) -> None:
    session = FakeSession()
    async with running(session, size=(80, 24)) as pilot:
        await pilot.press("m", ".", "slash")
        text = await listed(pilot, "deep/", "a.xml", "b.onnx", "saved/", "SavedModel")
        assert "notes.txt" not in text
        assert "2.0 kB" in text
        await pilot.press("enter")
        await listed(pilot, "deeper/", "inner.tflite")
        assert line_of(pilot).value == "./deep/"
        await pilot.press("enter")
        await listed(pilot, "last.pb")
        await pilot.press("backspace")
        assert line_of(pilot).value == "./deep/"
        await pilot.press(*"inn")
        await settle(pilot)
        assert "deeper" not in screen_text(pilot.app)
        await pilot.press("enter")
        await settle(pilot)
        assert [config.model for config in session.requested] == ["./deep/inner.tflite"]


async def test_the_list_offers_this_folder_and_the_way_up(models: Path) -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("m")
        await listed(pilot, "a.xml")
        await pilot.press("up", "up", "up", "up", "enter")  # over the first, round to the last
        await listed(pilot, "a.xml", "one folder up")
        await pilot.press("up", "enter")
        await listed(pilot, "models/")
        assert line_of(pilot).value == "../"
        await pilot.press("backspace")
        assert line_of(pilot).value == ""
        assert ZOO[0].summary in screen_text(pilot.app)


async def test_models_of_this_folder_stand_first_and_the_mark_stays(models: Path) -> None:
    session = FakeSession(CONFIG.for_model(""))
    async with running(session, size=(80, 24)) as pilot:
        text = await listed(pilot, "a.xml", "b.onnx", "SavedModel")
        assert "Press enter to run the marked model" in text
        assert "in this folder, 2.0 kB" in text
        assert text.index("a.xml") < text.index("b.onnx") < text.index(ZOO[0].name)
        options = pilot.app.screen.query_one(OptionList)
        assert options.highlighted is not None
        assert DEFAULT_NAME in str(options.get_option_at_index(options.highlighted).prompt)
        await pilot.press("up", "enter")
        await settle(pilot)
    assert session.requested[-1].model == "./b.onnx"


async def test_a_saved_model_is_chosen_as_a_folder(models: Path) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", *"./sav")
        await listed(pilot, "SavedModel")
        await pilot.press("enter")
        await chosen(pilot)
        assert session.requested[-1].model == "./saved"


async def test_what_is_typed_without_a_path_finds_files_here_too(models: Path) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", *"onnx")
        await listed(pilot, "b.onnx", "use this as the path")
        await pilot.press("enter")
        await settle(pilot)
        assert session.requested[-1].model == "./b.onnx"


async def test_characters_are_deleted_one_by_one(models: Path) -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("m", *"./deep/in", "backspace", "backspace")
        assert line_of(pilot).value == "./deep/"
        await pilot.press("home", "backspace")
        assert line_of(pilot).value == "./deep/"


async def test_a_folder_that_is_not_there_is_said(models: Path) -> None:
    async with running(FakeSession()) as pilot:
        await pilot.press("m", *"gone/")
        await listed(pilot, "There is no folder 'gone/'.")


async def test_a_large_folder_says_that_it_is_cut(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        (models / f"{number:03}.onnx").write_bytes(b"")
    async with running(FakeSession()) as pilot:
        await pilot.press("m", ".", "slash")
        await listed(pilot, "the first 200 are shown: type to filter")
        await pilot.press(*"29")
        await listed(pilot, "299.onnx")
        assert "are shown" not in screen_text(pilot.app)
    monkeypatch.setattr(folder_module, "MOST_ENTRIES", 20)
    monkeypatch.setattr(read_folder, "__kwdefaults__", {"most": 20, "most_s": 5.0})
    async with running(FakeSession()) as pilot:
        await pilot.press("m", ".", "slash")
        await listed(pilot, "only the first 20 entries")


async def test_a_dead_mount_does_not_freeze_the_screen() -> None:
    answer = threading.Event()

    def read(text: str) -> FolderListing:
        answer.wait(60)
        return FolderListing(problem=f"late {text}")

    async with running(FakeSession()) as pilot:
        picker = ModelPicker([], [], current="", marked="", check=str, identify=str, read=read)
        pilot.app.push_screen(picker)
        await settle(pilot)
        await pilot.press(*"dead/x")
        await settle(pilot)
        assert "reading dead/ ..." in screen_text(pilot.app)
        await pilot.press("backspace", "backspace")
        assert line_of(pilot).value == ""
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor
        answer.set()  # what comes too late for the dialog is nobody's trouble
        await settle(pilot)


async def test_recent_models_come_first(tmp_path: Path) -> None:
    recent = RecentModels(tmp_path / "recent.json")
    new = tmp_path / "new.onnx"
    new.write_bytes(b"x")
    recent.add("/somewhere/[red]old.xml")
    recent.add(str(new))
    recent.add(ZOO[0].name)
    session = FakeSession()
    async with running(session, preferences=Preferences(recent=recent)) as pilot:
        await pilot.press("m")
        await settle(pilot)
        text = screen_text(pilot.app)
        assert text.index("new.onnx") < text.index("[red]old.xml") < text.index(ZOO[0].summary)
        assert "recent, in /somewhere" in text
        await pilot.press(*"new", "enter")
        await chosen(pilot)
        assert session.requested[-1].model == str(new)
    assert RecentModels(tmp_path / "recent.json").names[0] == str(new)


@pytest.mark.parametrize("typed", ["resnt50.xml", "./gone.onnx", "./notes.txt"])
async def test_a_mistyped_model_keeps_the_picker_open(models: Path, typed: str) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.press("m", *typed)
        await listed(pilot, "use this as the path")
        await pilot.press("enter")
        await listed(pilot, "was not found" if "notes" not in typed else "notes.txt' ")
        assert isinstance(pilot.app.screen, ModelPicker)
        assert line_of(pilot).value == typed
        assert session.requested == []
        await pilot.press("backspace")  # the complaint goes with what it was about
        await settle(pilot)
        line_of(pilot).value = "./b.onnx"
        await settle(pilot)
        await pilot.press("enter")
        await chosen(pilot)
        assert session.requested[-1].model == "./b.onnx"
