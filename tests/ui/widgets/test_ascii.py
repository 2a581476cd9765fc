"""ASCII only, and no colour: nothing else reaches the terminal, and everything keeps its place."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.tabs.registry import TABS
from ovbench_tui.ui.widgets.ascii_text import AsciiTable, why_ascii
from tests.ui.fakes import SIZES, FakeSession, redraw, running, screen_text, settle

UTF8 = {"TERM": "xterm-256color", "LANG": "en_US.UTF-8"}


@given(st.characters(exclude_categories=("Cs", "Cc")))
def test_every_character_keeps_its_width(letter: str) -> None:
    plain = letter.translate(AsciiTable())
    assert plain.isascii()
    assert len(plain) == cell_len(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me")


def test_ascii_stays_as_it_is() -> None:
    text = "".join(chr(code) for code in range(128))
    assert text.translate(AsciiTable()) == text


def test_what_the_charts_draw_can_be_told_apart() -> None:
    table = AsciiTable()
    assert "▁▂▃▄▅▆▇█".translate(table) == "_:-=+*##"
    assert "⠀⠉⣀⠛⣿⡇".translate(table) == " '.\"#|"
    assert "╭─╮│╰╯┤".translate(table) == ".-.|''+"
    assert "Größe … 4 → 2 ±".translate(table) == "Gro?e ~ 4 > 2 ~"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"TERM": "linux"}, "TERM=linux"),
        ({"TERM": "dumb"}, "TERM=dumb"),
        ({"TERM": "vt100-w"}, "TERM=vt100-w"),
        ({"TERM": ""}, "TERM is not set"),
        ({"TERM": "linux", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, ""),
        ({"LANG": "de_DE.utf8@euro"}, ""),
        ({"LANG": "C"}, "LANG=C"),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, "LANG=C"),  # as Python sets it
        ({"LANG": "", "LC_CTYPE": "C.UTF-8"}, ""),
        ({"LC_CTYPE": "ru_RU.KOI8-R"}, "LC_CTYPE=ru_RU.KOI8-R"),
        ({"LC_ALL": "en_US.ISO-8859-1"}, "LC_ALL=en_US.ISO-8859-1"),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, ""),
        ({"LANG": ""}, ""),
    ],
)
def test_when_the_terminal_is_trusted_with_ascii_only(changes: dict[str, str], reason: str) -> None:
    assert why_ascii(UTF8 | changes) == reason


@pytest.mark.parametrize("size", [*SIZES, (44, 12)])
async def test_no_tab_and_no_dialog_draws_anything_else(size: tuple[int, int]) -> None:
    session = FakeSession()
    plain = Preferences(is_ascii=True)
    async with running(session, size=size, preferences=plain) as pilot:
        for number in range(1, len(TABS) + 1):
            await pilot.press(str(number))
            await redraw(pilot)
            text = screen_text(pilot.app)
            assert text.isascii(), [letter for letter in text if not letter.isascii()]
            assert all(len(line) == size[0] for line in text.split("\n"))
        await pilot.press("1")
        for keys in (("m",), ("m", "z"), ("d",), ("x",), ("L",), ("question_mark",), ("ctrl+p",)):
            await pilot.press(*keys)
            await settle(pilot)
            assert screen_text(pilot.app).isascii(), keys
            await pilot.press("escape")
            await settle(pilot)


async def test_the_same_screen_in_both_alphabets() -> None:
    texts = []
    for is_ascii in (False, True):
        async with running(FakeSession(), preferences=Preferences(is_ascii=is_ascii)) as pilot:
            await redraw(pilot)
            texts.append(screen_text(pilot.app))
    assert not texts[0].isascii()
    translated = texts[0].translate(AsciiTable())
    differs = {(a, b) for a, b in zip(translated, texts[1], strict=True) if a != b}
    # What dots tell by their shape, letters tell: the fill, and which line is the second one.
    assert differs == {("#", ":"), (".", "*"), ("-", "*")}


@pytest.mark.parametrize(("value", "is_grey"), [("1", True), ("", False)])
async def test_no_color_means_grey_everywhere(
    monkeypatch: pytest.MonkeyPatch, value: str, is_grey: bool
) -> None:
    monkeypatch.setenv("NO_COLOR", value)
    async with running(FakeSession(), size=(200, 60)) as pilot:
        colours = set()
        for keys in (("1",), ("2",), ("m",), ("escape", "question_mark")):
            await pilot.press(*keys)
            await settle(pilot)
            colours |= _colours(pilot.app)
        assert all(len(set(colour)) == 1 for colour in colours) is is_grey


def _colours(app: object) -> set[tuple[int, int, int]]:
    strips = app.screen._compositor.render_strips()  # type: ignore[attr-defined]
    return {
        tuple(colour.get_truecolor())
        for strip in strips
        for segment in strip
        if segment.style is not None
        for colour in (segment.style.color, segment.style.bgcolor)
        if colour is not None
    }
