"""The server: textual-serve's page and protocol, for one browser at a time, behind a guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import WSCloseCode, WSMsgType, web
from textual_serve.server import Server, to_int

from ovbench_tui.console.messages import print_message
from ovbench_tui.web.app_process import END_WITHIN_S
from ovbench_tui.web.guard import COOKIE, PARAMETER, Asked, Guard
from ovbench_tui.web.input import read_message, read_size
from ovbench_tui.web.page import SCRIPT, SCRIPT_PATH, SECURITY_HEADERS, page
from ovbench_tui.web.session import WebSession

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FONT_SIZES = range(8, 41)
_RELOAD_S = 3.0
_LONGEST_REASON_BYTES = 123  # of a close frame
_BUSY = (
    "\r\n  Another browser runs this benchmark, and two at once would disturb each other.\r\n"
    "  Close the other page, then load this one again.\r\n"
)
_BUSY_REASON = b"Another browser runs this benchmark: close the other page first."


class WebServer(Server):
    """Serves the program with these arguments.

    Args:
        arguments: of the program, as on the command line.
        guard: whom to let in.
        port: 0 = any that is free.
    """

    def __init__(self, arguments: Sequence[str], guard: Guard, port: int) -> None:
        super().__init__("ovbench-tui", host=guard.host, port=port, title="ovbench-tui")
        self._arguments = tuple(arguments)
        self._guard = guard
        self._turn = asyncio.Lock()
        self._session: WebSession | None = None
        self._is_closing = False

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guarded)
        app.router.add_get(SCRIPT_PATH, self.handle_script)
        return app

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        given = request.query.get(PARAMETER)
        requested = Asked(
            request.headers.get("Host", ""),
            request.headers.get("Origin"),
            given if given is not None else request.cookies.get(COOKIE),
        )
        if refusal := self._guard.refusal(requested):
            return web.Response(status=403, text=refusal + "\n", headers=SECURITY_HEADERS)
        if given is not None:
            # Into a cookie, so that the token is neither in the history nor in a link.
            answer = web.Response(status=303, headers={"Location": "/", **SECURITY_HEADERS})
            answer.set_cookie(COOKIE, given, httponly=True, samesite="Strict")
            return answer
        return await handler(request)

    async def handle_index(self, request: web.Request) -> web.Response:
        """Answer with the page."""
        font_size = to_int(request.query.get("fontsize", ""), 14)
        font_size = min(max(font_size, _FONT_SIZES.start), _FONT_SIZES.stop - 1)
        scheme = "wss" if request.secure else "ws"
        text = page(self.title, f"{scheme}://{request.host}/ws", font_size)
        return web.Response(text=text, content_type="text/html", headers=SECURITY_HEADERS)

    async def handle_script(self, _request: web.Request) -> web.Response:
        """Answer with the page's own script."""
        return web.Response(text=SCRIPT, content_type="text/javascript", headers=SECURITY_HEADERS)

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for as long as the page is open; a second page is turned away."""
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        if not await self._take_turn():
            with contextlib.suppress(ConnectionResetError):
                await socket.send_bytes(_BUSY.encode())
            await socket.close(message=_BUSY_REASON)
            return socket
        try:
            await self._run(request, socket)
        finally:
            self._session = None
            self._turn.release()
        return socket

    async def _take_turn(self) -> bool:
        """Wait for the one place; False where another page has it, or the server ends.

        A page that is loaded again may come before the end of the old one is known.
        """
        is_free = await self._turn_within(_RELOAD_S)
        if not is_free and self._session is not None and self._session.is_ending:
            is_free = await self._turn_within(END_WITHIN_S)
        if is_free and self._is_closing:
            self._turn.release()
            return False
        return is_free

    async def _turn_within(self, patience_s: float) -> bool:
        try:
            return await asyncio.wait_for(self._turn.acquire(), patience_s)
        except asyncio.TimeoutError:
            return False

    async def _run(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        async def close(reason: str) -> None:
            code = WSCloseCode.INTERNAL_ERROR if reason else WSCloseCode.OK
            await socket.close(code=code, message=reason.encode()[:_LONGEST_REASON_BYTES])

        session = self._session = WebSession(
            self._arguments,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        size = read_size(request.query.get("width", ""), request.query.get("height", ""))
        try:
            await session.start(size.columns, size.lines)
        except OSError as error:  # no memory or descriptors for another process
            await close(f"The benchmark cannot be started: {error.strerror or error}.")
            return
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._pass_on(message.data, session, socket)
        finally:
            await session.stop()

    async def _pass_on(self, data: str, session: WebSession, socket: web.WebSocketResponse) -> None:
        message = read_message(data)
        if message is None:
            return
        if message.kind == "stdin":
            await session.send_bytes(message.text.encode("utf-8", "replace"))
        elif message.kind == "resize":
            await session.set_terminal_size(message.size.columns, message.size.lines)
        elif message.kind == "ping":
            with contextlib.suppress(ConnectionResetError):
                await socket.send_json(["pong", message.text])
        elif message.kind == "blur":
            await session.blur()
        elif message.kind == "focus":
            await session.focus()

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: the port is known only once it listens."""

    async def listen(self) -> None:
        """Serve until the task is cancelled.

        Raises:
            OSError: the address cannot be used.
        """
        runner = web.AppRunner(
            await self._make_app(), handle_signals=False, access_log=None, shutdown_timeout=1.0
        )
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.host, self.port)
            await site.start()
            host, port = runner.addresses[0][:2]
            shown = f"[{host}]" if ":" in host else host
            token = f"/?{PARAMETER}={self._guard.token}" if self._guard.token else "/"
            print_message(f"Open http://{shown}:{port}{token} in a browser; Ctrl-C ends it.")
            await asyncio.Event().wait()
        finally:
            self._is_closing = True
            await self._end_session()
            await runner.cleanup()

    async def _end_session(self) -> None:
        """End the app before the server; being interrupted again, kill it."""
        session = self._session
        if session is None:
            return
        try:
            await session.stop()
        except asyncio.CancelledError:
            session.kill()
            raise
