"""One app behind a web socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from ovbench_tui.web import app_process

_OUTPUT_WITHIN_S = 2.0
_MAX_WAITING_INPUT_BYTES = 16 << 20
"""Input that an app has not read; a hung one reads nothing, and what comes then is dropped."""


class WebSession(AppService):
    """textual-serve's service, with an end that cannot hang and an app that may die.

    Args:
        arguments: of the program.
        write_bytes: sends output to the page.
        write_str: sends a message to the page's script.
        close: closes the page's socket, with a reason to show; '' = the app has ended well.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        write_bytes: Callable[[bytes], Awaitable[None]],
        write_str: Callable[[str], Awaitable[None]],
        close: Callable[[str], Awaitable[None]],
        download_manager: DownloadManager,
    ) -> None:
        self._arguments = tuple(arguments)
        self._close = close
        self._ending: asyncio.Task[None] | None = None
        super().__init__(
            "ovbench-tui",
            write_bytes=_for_open_socket(write_bytes),
            write_str=_for_open_socket(write_str),
            close=self._close_well,
            download_manager=download_manager,
        )

    async def _close_well(self) -> None:
        await self._close("")

    @property
    def is_ending(self) -> bool:
        """Whether the app has been asked to end."""
        return self._ending is not None

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width=width, height=height)
        # What the terminal of the server can show says nothing about the browser.
        environment.pop("NO_COLOR", None)
        environment |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
        self._process = await app_process.start(self._arguments, environment)
        self._stdin = self._process.stdin
        return self._process

    async def run(self) -> None:
        """Pass on what the app writes, until it closes its output; then close the page."""
        await super().run()
        if self._process is None or self._ending is not None:
            return
        # The output is closed a moment before the exit code is there.
        ended = asyncio.ensure_future(self._process.wait())
        await asyncio.wait({ended}, timeout=_OUTPUT_WITHIN_S)
        ended.cancel()
        await self._close(app_process.describe_end(self._process.returncode))

    async def send_bytes(self, data: bytes) -> bool:
        """Send input to the app; returns False where it does not read."""
        return self._write(b"D", data)

    async def send_meta(self, data: dict[str, str | int | bool | None]) -> bool:
        """Send a message to the app's driver; returns False where it does not read."""
        return self._write(b"M", json.dumps(data).encode())

    def _write(self, kind: Literal[b"D", b"M"], payload: bytes) -> bool:
        """Write without waiting: who waits for a hung app would miss that the page closes."""
        if self._stdin is None or self._stdin.is_closing():
            return False
        if self._stdin.transport.get_write_buffer_size() > _MAX_WAITING_INPUT_BYTES:
            return False
        self._stdin.write(self.encode_packet(kind, payload))
        return True

    async def stop(self) -> None:
        """End the app, by force when it does not end by itself.

        Returns within `app_process.END_WITHIN_S` and a little more. Who is cancelled meanwhile
        leaves the ending to itself; later calls wait for the same.
        """
        if self._process is None:
            return
        if self._ending is None:
            self._ending = asyncio.ensure_future(self._end(self._process))
        await asyncio.shield(self._ending)

    def kill(self) -> None:
        """Kill the app at once."""
        if self._process is not None:
            app_process.kill(self._process)

    async def _end(self, process: Process) -> None:
        await self._download_manager.cancel_app_downloads(self.app_service_id)
        await app_process.end(process, lambda: self._write(b"M", b'{"type": "quit"}'))
        if self._task is not None:
            # A process that was not ours may hold the output open.
            await asyncio.wait({self._task}, timeout=_OUTPUT_WITHIN_S)
            self._task.cancel()
        sys.stdout.flush()  # what the app reported at its end is in there


def _for_open_socket(
    send: Callable[..., Awaitable[None]],
) -> Callable[..., Awaitable[None]]:
    """Drop what a page no longer takes: the app must be read to its end all the same."""

    async def guarded(data: object) -> None:
        with contextlib.suppress(ConnectionResetError, RuntimeError):
            await send(data)

    return guarded
