"""An app that hangs or dies under its page, and a page that asks for too much."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil
import pyte
import pytest

from ovbench_tui.web import app_process, server
from ovbench_tui.web.guard import Guard
from ovbench_tui.web.input import MAX_COLUMNS, MAX_LINES
from tests.e2e.browser import CHROMIUM, open_browser
from tests.e2e.terminal import PATIENCE_S

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")


class Socket(Protocol):
    """What is read from, in a page's place."""

    async def receive(self, timeout: float | None = None) -> Any:
        """Wait for the next message."""
        ...


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """A hung app is given up soon, and what an app inherits is the tests' own."""
    monkeypatch.setattr(app_process, "QUIT_WITHIN_S", 0.5)
    monkeypatch.setattr(app_process, "TERMINATE_WITHIN_S", 0.5)
    monkeypatch.setattr(server, "_RELOAD_S", 0.5)
    monkeypatch.setattr(os, "environ", dict(environment))


@asynccontextmanager
async def serving(
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[tuple[str, Callable[[], object]]]:
    """A server in this process: its address, and what ends it."""
    addresses: asyncio.Queue[str] = asyncio.Queue()
    monkeypatch.setattr(server, "print_message", addresses.put_nowait)
    listening = asyncio.ensure_future(
        server.WebServer(["mobilenet-v2"], Guard("127.0.0.1", ""), 0).listen()
    )
    try:
        sentence = await asyncio.wait_for(addresses.get(), PATIENCE_S)
        found = re.search(r"http\S+", sentence)
        assert found
        yield found[0], listening.cancel
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(listening, PATIENCE_S)


async def drawn(socket: Socket, least_bytes: int = 2000) -> bytes:
    """Wait until the app has drawn something; gives it."""
    seen = b""
    while len(seen) < least_bytes:
        message = await socket.receive(PATIENCE_S)
        assert message.type is aiohttp.WSMsgType.BINARY, message
        seen += message.data
    return seen


def the_app() -> psutil.Process:
    (app,) = (
        child
        for child in psutil.Process().children()
        if "end_with_parent" in " ".join(child.cmdline())
    )
    return app


async def until_gone(*processes: psutil.Process) -> None:
    _, left = await asyncio.to_thread(psutil.wait_procs, list(processes), PATIENCE_S)
    assert left == []


async def test_a_hung_app_ends_with_its_page_and_gives_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(monkeypatch) as (url, _), aiohttp.ClientSession() as client:
        first = await client.ws_connect(f"{url}ws?width=80&height=24")
        await drawn(first)
        app = the_app()
        app.suspend()
        await first.close()
        # Loaded again at once, as by F5: the new app waits for the end of the old one.
        async with client.ws_connect(f"{url}ws?width=80&height=24") as second:
            await drawn(second)
            await until_gone(app)
            await second.send_json(["stdin", "q"])


async def test_a_hung_app_ends_with_its_page_though_much_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a hung app does not read must not keep the server from seeing the page's end."""
    async with serving(monkeypatch) as (url, _), aiohttp.ClientSession() as client:
        socket = await client.ws_connect(f"{url}ws")
        await drawn(socket)
        app = the_app()
        app.suspend()
        for _ in range(40):
            await socket.send_json(["stdin", "x" * 1_000_000])
        await socket.send_json(["ping", "1"])
        message = await socket.receive(PATIENCE_S)
        while message.type is aiohttp.WSMsgType.BINARY:
            message = await socket.receive(PATIENCE_S)
        assert message.json() == ["pong", "1"]
        await socket.close()
        await until_gone(app)


async def test_a_hung_app_ends_with_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serving(monkeypatch) as (url, end),
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{url}ws") as socket,
    ):
        await drawn(socket)
        app = the_app()
        app.suspend()
        end()
        await until_gone(app)


async def test_a_healthy_app_is_asked_to_end_with_its_server(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(app_process, "QUIT_WITHIN_S", PATIENCE_S)
    async with (
        serving(monkeypatch) as (url, end),
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{url}ws?width=120&height=40") as socket,
    ):
        screen = pyte.Screen(120, 40)
        stream = pyte.ByteStream(screen)
        while not re.search(r"count +[1-9]", "\n".join(screen.display)):
            stream.feed(await drawn(socket, 1))
        app = the_app()
        end()
        await until_gone(app)
    assert "Model:" in capsys.readouterr().out


async def test_a_page_is_told_that_its_app_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as (url, _), aiohttp.ClientSession() as client:
        async with client.ws_connect(f"{url}ws") as socket:
            await drawn(socket)
            the_app().kill()
            message = await socket.receive(PATIENCE_S)
            while message.type is aiohttp.WSMsgType.BINARY:
                message = await socket.receive(PATIENCE_S)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.extra == "The benchmark ended unexpectedly (SIGKILL)."
        async with client.ws_connect(f"{url}ws") as again:
            await drawn(again)


async def test_a_page_of_any_size_costs_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(monkeypatch) as (url, _), aiohttp.ClientSession() as client:
        address = f"{url}ws?width=1000000000&height=1000000000"
        async with client.ws_connect(address, max_msg_size=0) as socket:
            seen = await drawn(socket, 100_000)
            environment = the_app().environ()
            assert int(environment["COLUMNS"]) == MAX_COLUMNS
            assert int(environment["ROWS"]) == MAX_LINES
            await socket.send_json(["resize", {"width": 10**9, "height": 10**9}])
            for nonsense in ("[[[", '["stdin", 7]', '["resize", {"width": [], "height": {}}]'):
                await socket.send_str(nonsense)
            await socket.send_json(["stdin", "?"])  # it still draws after all of that
            await drawn(socket, 1000)
            assert the_app().memory_info().rss < 2**30
            assert seen


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")
async def test_the_browser_shows_that_the_app_died_and_offers_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with (
        serving(monkeypatch) as (url, end),
        open_browser(tmp_path / "profile", 1200, 800) as page,
    ):
        await page.open(url)
        await page.wait_for(lambda text: "mobilenet-v2" in text)
        app = the_app()
        app.send_signal(signal.SIGKILL)
        await wait_for_note(page.evaluate, "The benchmark ended unexpectedly (SIGKILL).")
        page.screen.reset()
        await page.evaluate("document.querySelector('.ended a').click()")
        await page.wait_for(lambda text: re.search(r"count +[1-9]", text))
        await page.press("q")
        await wait_for_note(page.evaluate, "The session has ended.")
        end()


async def wait_for_note(evaluate: Callable[[str], Awaitable[Any]], words: str) -> None:
    """Wait until the page's note is seen, with a link beside these words."""
    shown = "getComputedStyle(document.querySelector('.ended')).display"
    text = f"{shown} == 'flex' ? document.querySelector('.ended').innerText : ''"

    async def wait() -> None:
        while words not in (found := str(await evaluate(text))):
            await asyncio.sleep(0.05)
        assert "Start another" in found

    await asyncio.wait_for(wait(), PATIENCE_S)
