"""What clients do to the metrics' server stays without consequence."""

from __future__ import annotations

import http.client
import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from ovbench_tui.metrics import http_server
from ovbench_tui.metrics.exchange import MetricsExchange
from ovbench_tui.metrics.http_server import MAX_CONNECTIONS, Connections
from ovbench_tui.metrics.server import Address, MetricsServer

PATIENCE_S = 60.0


@pytest.fixture
def server() -> Iterator[MetricsServer]:
    server = MetricsServer(Address("127.0.0.1", 0), MetricsExchange(patience_s=0.01))
    yield server
    server.close()


def status(server: MetricsServer, **headers: str) -> int:
    """Scrape; gives the status."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    connection.request("GET", "/metrics", headers=headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def connect(server: MetricsServer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)


def is_shut(client: socket.socket) -> bool:
    """Wait for the server's end of it, and say whether that came."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_idle_connections_make_room_and_a_scrape_is_answered(server: MetricsServer) -> None:
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(server)) for _ in range(20 * MAX_CONNECTIONS)]
        assert status(server) == 200
        # The scrape has come after all of them, so all but the last have lost their place.
        assert all(is_shut(client) for client in clients[:-MAX_CONNECTIONS])
        threads = [t for t in threading.enumerate() if "process_request" in t.name]
        assert len(threads) <= 2 * MAX_CONNECTIONS


@pytest.mark.parametrize("sent", [b"", b"GET /metrics HTTP/1.0\r\nX-Slow: "])
def test_a_connection_that_takes_too_long_is_shut(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    with connect(server) as client:
        client.sendall(sent)
        monkeypatch.setattr(http_server, "_LONGEST_S", 0.0)
        assert is_shut(client)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, 200),
        ({"Host": "localhost"}, 200),
        ({"Host": "[::1]:9100"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Host": ""}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_only_this_machine_is_answered(
    server: MetricsServer, headers: dict[str, str], expected: int
) -> None:
    assert status(server, **headers) == expected


def test_a_name_is_not_checked_where_other_machines_may_ask() -> None:
    address = Address("0.0.0.0", 0)  # noqa: S104 - that this is open is what is tested
    server = MetricsServer(address, MetricsExchange(patience_s=0.01))
    try:
        assert status(server, Host="box.example:9100") == 200
    finally:
        server.close()


def test_nonsense_is_not_printed(server: MetricsServer, capfd: pytest.CaptureFixture[str]) -> None:
    for sent in (b"\x16\x03\x01" + bytes(200), b"GET\r\n\r\n", b"A" * 100_000, b"GET / HTTP/9\r\n"):
        with connect(server) as client:
            client.sendall(sent)
    assert status(server) == 200
    assert capfd.readouterr() == ("", "")


def test_without_a_descriptor_it_waits_and_goes_on(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Accepting fails as with too many open files: no busy loop, and no end."""
    failures: list[float] = []
    accept = socket.socket.accept

    def fail_at_first(listener: socket.socket) -> object:
        if len(failures) < 3:
            failures.append(time.monotonic())
            raise OSError(24, "Too many open files")
        return accept(listener)

    monkeypatch.setattr(socket.socket, "accept", fail_at_first)
    assert status(server) == 200
    pauses = [after - before for before, after in itertools.pairwise(failures)]
    assert len(pauses) == 2
    assert min(pauses) > 0.1


def test_no_thread_is_left_for_a_connection(
    server: MetricsServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    start = threading.Thread.start
    refused: list[str] = []

    def refuse_once(thread: threading.Thread) -> None:
        if not refused:
            refused.append(thread.name)
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse_once)
    with connect(server) as client:
        assert is_shut(client)
    assert status(server) == 200
    assert refused
    assert capfd.readouterr().err == ""


def test_what_is_being_answered_keeps_its_place() -> None:
    connections = Connections()
    pairs = [socket.socketpair() for _ in range(MAX_CONNECTIONS + 1)]
    with ExitStack() as stack:
        for pair in pairs:
            for end in pair:
                stack.enter_context(end)
        ours = [pair[0] for pair in pairs]
        for one in ours[:-1]:
            assert connections.add(one, 0.0)
            connections.serve(one)
        assert not connections.add(ours[-1], 0.0)
        connections.remove(ours[3])
        assert connections.add(ours[-1], 1.0)
        connections.shut_older_than(0.5)
        assert len(connections) == 1
