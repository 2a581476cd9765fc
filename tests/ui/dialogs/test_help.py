"""The help: keys first, then the manual's pages, and a search over all of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input, Markdown, OptionList, Tabs

from ovbench_tui.manual.pages import TOPICS, read_page
from ovbench_tui.ui.dialogs.help import HelpScreen
from tests.ui.fakes import SIZES, FakeSession, running, screen_text, settle, until


async def opened(pilot: Pilot[None]) -> HelpScreen:
    await pilot.press("question_mark")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, HelpScreen)
    return screen


async def look_for(pilot: Pilot[None], words: str) -> None:
    """Paste what is looked for, which draws once rather than at each letter."""
    await pilot.press("slash")
    pilot.app.screen.query_one(Input).post_message(Paste(words))
    await until(pilot, lambda: pilot.app.screen.query_one(Input).value == words)
    await pilot.pause()


def shows(pilot: Pilot[None], text: str) -> Callable[[], bool]:
    return lambda: text in screen_text(pilot.app)


def _is_scrolled_to(pilot: Pilot[None], text: str, topic: str) -> bool:
    """Whether the text is seen, and the page's beginning no longer."""
    shown = screen_text(pilot.app)
    return text in shown and read_page(topic).summary not in shown


async def test_every_page_opens() -> None:
    async with running(FakeSession()) as pilot:
        screen = await opened(pilot)
        for topic in TOPICS:
            await pilot.press("right")
            await until(pilot, shows(pilot, read_page(topic).summary))
            assert screen.query_one(Tabs).active == topic
            assert "Row above" not in screen_text(pilot.app)
        await pilot.press("right")  # and round to the keys
        await until(pilot, shows(pilot, "Row above"))


@pytest.mark.parametrize("size", SIZES)
async def test_pages_are_turned_both_ways_at_any_size(size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        screen = await opened(pilot)
        assert "Row above" in screen_text(pilot.app)
        for key, topic in (("left", TOPICS[-1]), ("right", "keys"), ("right", TOPICS[0])):
            await pilot.press(key)
            summary = "Row above" if topic == "keys" else read_page(topic).summary
            await until(pilot, shows(pilot, summary))
            assert screen.query_one(Tabs).active == topic
        assert "Row above" not in screen_text(pilot.app)
        await pilot.press("q")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


@pytest.mark.parametrize("size", [*SIZES, (44, 12)])
async def test_a_word_is_found_on_any_page(size: tuple[int, int]) -> None:
    async with running(FakeSession(), size=size) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"UNPICKLES")
        await until(pilot, shows(pilot, "Security"))
        assert "unpickles" in screen_text(pilot.app)
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(Tabs).active == "security")
        # It is in the middle of the page, which is scrolled to it.
        await until(pilot, lambda: _is_scrolled_to(pilot, "unpickles", "security"))
        assert screen.query_one(Input).value == ""
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_of_several_places_one_is_chosen() -> None:
    async with running(FakeSession()) as pilot:
        screen = await opened(pilot)
        await look_for(pilot, "p99-under")
        places = screen.query_one(OptionList)
        listed = [str(option.prompt) for option in places.options]
        assert len(listed) > 1
        wanted = next(place for place, text in enumerate(listed) if "Commands" in text)
        await pilot.press(*["down"] * (wanted - (places.highlighted or 0)), "enter")
        await until(pilot, lambda: screen.query_one(Tabs).active == "commands")
        await until(pilot, shows(pilot, "ovbench-tui load model.xml --p99-under 20"))


async def test_a_place_on_the_page_that_is_shown() -> None:
    async with running(FakeSession()) as pilot:
        await opened(pilot)
        await pilot.press("right")
        await until(pilot, shows(pilot, read_page("start").summary))
        await look_for(pilot, "dynamic shapes benchmark_app")
        await pilot.press("enter")
        await until(pilot, shows(pilot, "No page contains that."))  # in no paragraph all of them
        await pilot.press("escape")
        await look_for(pilot, "only the batch is open")
        await pilot.press("enter")
        await until(pilot, lambda: _is_scrolled_to(pilot, "Where only the batch is open", "start"))


async def test_keys_are_found_like_words() -> None:
    async with running(FakeSession(), size=(80, 24)) as pilot:
        screen = await opened(pilot)
        await pilot.press("right")
        await until(pilot, shows(pilot, read_page("start").summary))
        assert "All commands: type" not in screen_text(pilot.app)
        await pilot.press("slash", *"ctrl+p", "enter")
        await until(pilot, lambda: screen.query_one(Tabs).active == "keys")
        await until(pilot, shows(pilot, "All commands: type"))


async def test_escape_leaves_the_search_first() -> None:
    async with running(FakeSession()) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"q?", "escape")
        await settle(pilot)
        assert pilot.app.screen is screen
        assert "Row above" in screen_text(pilot.app)
        await pilot.press("escape")
        await settle(pilot)
        assert pilot.app.screen is pilot.app.monitor


async def test_what_is_on_no_page() -> None:
    async with running(FakeSession()) as pilot:
        screen = await opened(pilot)
        await pilot.press("slash", *"xyzzy")
        await until(pilot, shows(pilot, "No page contains that."))
        await pilot.press("enter", "down", "up", "pageup")
        await settle(pilot)
        assert pilot.app.screen is screen


async def test_links_lead_to_other_pages_and_nowhere_else() -> None:
    async with running(FakeSession()) as pilot:
        screen = await opened(pilot)
        page = screen.query_one(Markdown)
        page.post_message(Markdown.LinkClicked(page, "numbers.md"))
        await until(pilot, shows(pilot, read_page("numbers").summary))
        page.post_message(Markdown.LinkClicked(page, "../../README.md"))
        await settle(pilot)
        assert screen.query_one(Tabs).active == "numbers"
        assert read_page("numbers").summary in screen_text(pilot.app)


async def test_a_page_is_chosen_by_its_name() -> None:
    async with running(FakeSession()) as pilot:
        await opened(pilot)
        await pilot.click("#errors")
        await until(pilot, shows(pilot, read_page("errors").summary))
        await pilot.press("right")
        await until(pilot, shows(pilot, read_page("commands").summary))


async def test_the_help_is_left_while_a_page_is_still_read() -> None:
    async with running(FakeSession()) as pilot:
        app = pilot.app
        for keys in (("right", "escape"), ("right", "right", "q"), ("slash", "n", "enter", "q")):
            await opened(pilot)
            for key in (*keys, "escape", "escape"):
                app.post_message(Key(key, key if len(key) == 1 else None))
            await until(pilot, lambda: app.screen is app.monitor)
        await settle(pilot)
        assert app.is_running
        assert app.crash == ""
