"""A headless Chromium, driven over its DevTools protocol."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pyte

from tests.e2e.terminal import PATIENCE_S

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser")) if p), "")


class Page:
    """One page; what its web sockets receive is shown on a terminal of our own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Event()
        self.complaints: list[str] = []
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self._reader = asyncio.ensure_future(self._read())

    @property
    def text(self) -> str:
        """What the page's terminal was told to show."""
        return "\n".join(self.screen.display)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, PATIENCE_S)

    async def open(self, url: str) -> None:
        for domain in ("Page", "Network", "Log", "Runtime"):
            await self.call(f"{domain}.enable")
        await self.call("Page.navigate", url=url)

    async def evaluate(self, expression: str) -> Any:
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def wait_until(self, expression: str) -> None:
        """Wait until an expression of JavaScript is true."""

        async def wait() -> None:
            while not await self.evaluate(expression):
                await asyncio.sleep(0.02)

        await asyncio.wait_for(wait(), PATIENCE_S)

    async def press(self, key: str) -> None:
        """Press a key while the terminal in the page has the focus."""
        await self.call("Page.bringToFront")
        await self.evaluate("document.querySelector('.xterm-helper-textarea').focus()")
        for kind in ("keyDown", "keyUp"):
            text = {"text": key} if kind == "keyDown" else {}
            await self.call("Input.dispatchKeyEvent", type=kind, key=key, **text)

    async def picture(self) -> bytes:
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def wait_for(self, condition: Callable[[str], object]) -> str:
        async def wait() -> str:
            # The text that was looked at is the one to return: another may be half of a frame.
            while not condition(text := self.text):
                self._changed.clear()
                await self._changed.wait()
            return text

        try:
            return await asyncio.wait_for(wait(), PATIENCE_S)
        except asyncio.TimeoutError:
            raise AssertionError(f"{self.text}\n{self.complaints}") from None

    async def _read(self) -> None:
        async for message in self._socket:
            reported = json.loads(message.data)
            if "id" in reported:
                self._answers.pop(reported["id"]).set_result(reported.get("result", reported))
            else:
                self._take(reported["method"], reported["params"])

    def _take(self, method: str, parameters: dict[str, Any]) -> None:
        if method == "Log.entryAdded":
            self.complaints.append(parameters["entry"]["text"])
        if method == "Network.webSocketCreated":
            size = dict(
                pair.split("=") for pair in parameters["url"].partition("?")[2].split("&") if pair
            )
            self.screen.resize(int(size.get("height", 24)), int(size.get("width", 80)))
            self.screen.reset()
        if method == "Network.webSocketFrameSent":
            # Of a page whose fonts come late the size changes once more.
            kind, *values = json.loads(parameters["response"]["payloadData"])
            if kind == "resize":
                self.screen.resize(values[0]["height"], values[0]["width"])
        if method == "Network.webSocketFrameReceived":
            frame = parameters["response"]
            if frame["opcode"] == 2:
                self._stream.feed(base64.b64decode(frame["payloadData"]))
                self._changed.set()


@contextlib.asynccontextmanager
async def open_browser(folder: Path, width: int, height: int) -> AsyncIterator[Page]:
    """Start Chromium with a profile in this folder, and give its first page."""
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
        *("--no-first-run", "--disable-background-networking", "--disable-dev-shm-usage"),
        f"--window-size={width},{height}",
        f"--user-data-dir={folder}",
        *("--remote-debugging-port=0", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        address = ""
        while "ws://" not in address:
            line = await asyncio.wait_for(process.stderr.readline(), PATIENCE_S)
            assert line, "Chromium did not start"
            address = line.decode(errors="replace")
        base = "http://" + address.partition("ws://")[2].partition("/")[0]
        drain = asyncio.ensure_future(process.stderr.read())
        async with aiohttp.ClientSession() as client:
            async with client.get(f"{base}/json/list") as answer:
                pages = [entry for entry in await answer.json() if entry["type"] == "page"]
            url = pages[0]["webSocketDebuggerUrl"]
            async with client.ws_connect(url, max_msg_size=0) as socket:
                yield Page(socket)
        drain.cancel()
    finally:
        process.kill()
        await process.wait()
