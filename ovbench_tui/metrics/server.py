"""The HTTP side: one page for Prometheus, on the loopback address unless told otherwise."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.metrics.exchange import MetricsExchange
from ovbench_tui.web.guard import Asked, Guard, is_loopback

if TYPE_CHECKING:
    from prometheus_client.core import Metric

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen; port 0 = any that is free."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can ask."""
        return is_loopback(self.host)


def parse_address(text: str) -> Address:
    """Read ``PORT`` or ``HOST:PORT``; an IPv6 address stands in brackets.

    Raises:
        BadInputError: it is neither.
    """
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    is_port = port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 65535
    if not is_port:
        raise BadInputError(f"--metrics '{text}': give a port from 0 to 65535, or HOST:PORT.")
    return Address(host or LOOPBACK, int(port))


class _Collector:
    def __init__(self, board: MetricsExchange) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        from ovbench_tui.metrics.families import families

        posting = self._board.ask()
        if posting is not None:
            yield from families(posting)

    def describe(self) -> list[Metric]:
        """Nothing: registering must not wait for figures."""
        return []


class MetricsServer:
    """Serves the board's figures from a thread of its own until it is closed.

    Raises:
        BadInputError: the address cannot be used, or prometheus-client cannot be loaded.
    """

    def __init__(self, address: Address, board: MetricsExchange) -> None:
        from ovbench_tui.metrics.http_server import BoundedHttpServer

        handler = _handler(board, Guard(address.host, token=""))
        try:
            self._server = BoundedHttpServer((address.host, address.port), handler)
        except (OSError, ValueError) as error:  # ValueError: no name could be like that
            cause = getattr(error, "strerror", None) or str(error)
            raise BadInputError(
                f"--metrics cannot listen on {address.host}:{address.port}: {cause}."
            ) from None
        self.port = self._server.server_port
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(board: MetricsExchange, guard: Guard) -> type[BaseHTTPRequestHandler]:
    """Make what answers a scrape with the board's figures, when the guard lets it in."""
    try:
        from prometheus_client import CollectorRegistry, MetricsHandler, ProcessCollector
    except (ImportError, OSError) as error:
        raise BadInputError(
            cannot_load("--metrics", "the package prometheus-client", error)
        ) from None

    from ovbench_tui.metrics.http_server import BoundedHttpServer

    figures = CollectorRegistry()
    figures.register(_Collector(board))
    ProcessCollector(registry=figures)

    class Handler(MetricsHandler):
        registry = figures

        def do_GET(self) -> None:  # noqa: N802 - as http.server calls it
            """Answer a scrape."""
            assert isinstance(self.server, BoundedHttpServer)  # noqa: S101 - it made this
            self.server.connections.serve(self.connection)
            headers = self.headers
            # The page of another site may ask by a name of its own that leads to this machine.
            asked = Asked(headers.get("Host", ""), headers.get("Origin"), token=None)
            if refusal := guard.refusal(asked):
                self.send_error(403, explain=refusal)
                return
            super().do_GET()

    return Handler
