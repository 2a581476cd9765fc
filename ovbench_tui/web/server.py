"""The server: textual-serve's page and protocol, for one browser at a time, behind a guard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web
from textual_serve.server import Server, to_int

from ovbench_tui.console.messages import print_message
from ovbench_tui.web.guard import COOKIE, PARAMETER, Asked, Guard
from ovbench_tui.web.page import SECURITY_HEADERS, page
from ovbench_tui.web.session import WebSession

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_FONT_SIZES = range(8, 41)
_TURN_PATIENCE_S = 6.0
_BUSY = (
    "\r\n  Another browser runs this benchmark, and two at once would disturb each other.\r\n"
    "  Close the other page, then load this one again.\r\n"
)


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

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.middlewares.append(self._guarded)
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

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run the app for as long as the page is open; a second page is told to wait."""
        socket = web.WebSocketResponse(heartbeat=15)
        await socket.prepare(request)
        try:
            # A page that is loaded again comes while the old app is still leaving.
            await asyncio.wait_for(self._turn.acquire(), _TURN_PATIENCE_S)
        except asyncio.TimeoutError:
            await socket.send_bytes(_BUSY.encode())
            await socket.close()
            return socket
        try:
            await self._run(request, socket)
        finally:
            self._turn.release()
        return socket

    async def _run(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        async def close() -> None:
            await socket.close()

        session = WebSession(
            self.command,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=close,
            download_manager=self.download_manager,
        )
        session.arguments = self._arguments
        width = to_int(request.query.get("width", ""), 80)
        height = to_int(request.query.get("height", ""), 24)
        await session.start(width, height)
        try:
            await self._process_messages(socket, session)
        finally:
            await session.stop()

    async def on_startup(self, app: web.Application) -> None:
        """Say nothing yet: the port is known only once it listens."""

    async def listen(self) -> None:
        """Serve until the task is cancelled.

        Raises:
            OSError: the address cannot be used.
        """
        runner = web.AppRunner(await self._make_app(), handle_signals=False, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, self.host, self.port, shutdown_timeout=1.0)
            await site.start()
            host, port = runner.addresses[0][:2]
            shown = f"[{host}]" if ":" in host else host
            token = f"/?{PARAMETER}={self._guard.token}" if self._guard.token else "/"
            print_message(f"Open http://{shown}:{port}{token} in a browser; Ctrl-C ends it.")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()
