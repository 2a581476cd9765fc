"""A small HTTP server beside a measurement: bounded in threads, descriptors and time."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

MAX_CONNECTIONS = 16
"""Each has a thread and a descriptor; a Prometheus server uses one at a time."""

_LONGEST_S = 10.0
"""From accepting a connection to its end; a scrape waits 2 s for its figures at most."""

_NO_DESCRIPTOR_PAUSE_S = 0.2


class Connections:
    """The open connections, oldest first; those that wait too long, or are too many, are shut.

    Shutting a socket wakes the thread that reads from it, which then closes it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began_s: dict[socket.socket, float] = {}
        self._served: set[socket.socket] = set()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._began_s)

    def add(self, connection: socket.socket, now_s: float) -> bool:
        """Take one in; where all places are taken, the oldest that has asked nothing is shut.

        Returns:
            False where all are being answered, so that this one must go.
        """
        with self._lock:
            if len(self._began_s) >= MAX_CONNECTIONS:
                idle = next((one for one in self._began_s if one not in self._served), None)
                if idle is None:
                    return False
                self._shut(idle)
            self._began_s[connection] = now_s
        return True

    def serve(self, connection: socket.socket) -> None:
        """Its request has been read: it is being answered from now on."""
        with self._lock:
            if connection in self._began_s:
                self._served.add(connection)

    def remove(self, connection: socket.socket) -> None:
        """It is closed."""
        with self._lock:
            self._began_s.pop(connection, None)
            self._served.discard(connection)

    def shut_older_than(self, limit_s: float) -> None:
        """Shut those that were accepted before this time."""
        with self._lock:
            for connection in [one for one, began_s in self._began_s.items() if began_s < limit_s]:
                self._shut(connection)

    def _shut(self, connection: socket.socket) -> None:
        self._began_s.pop(connection)
        self._served.discard(connection)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


class BoundedHttpServer(socketserver.ThreadingMixIn, HTTPServer):
    """Answers each connection in a thread of its own, and outlasts whatever a client does.

    Args:
        address: host and port to listen on; port 0 = any that is free.
        handler: makes the answers; calls `connections.serve` when it has read a request.

    Raises:
        OSError: the address cannot be used.
        ValueError: no host could be called like that.
    """

    daemon_threads = True
    request_queue_size = MAX_CONNECTIONS

    def __init__(
        self, address: tuple[str, int], handler: Callable[..., BaseHTTPRequestHandler]
    ) -> None:
        self.connections = Connections()
        found = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        self.address_family = found[0][0]
        super().__init__(found[0][4][:2], handler)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without looking up the host's name, which may take long."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; without a free descriptor not again at once, and again."""
        try:
            return self.socket.accept()
        except OSError:
            time.sleep(_NO_DESCRIPTOR_PAUSE_S)
            raise

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002
        """Whether there is a place for it."""
        return self.connections.add(request, time.monotonic())

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, however its answer went."""
        self.connections.remove(request)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """End the connections that take too long; called twice a second."""
        self.connections.shut_older_than(time.monotonic() - _LONGEST_S)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client that hangs up, or a thread too many, is no concern here."""
