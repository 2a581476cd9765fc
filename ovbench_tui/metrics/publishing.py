"""A session that answers scrapes with its snapshots."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.messages import print_message
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from ovbench_tui.metrics.exchange import MetricsExchange
from ovbench_tui.metrics.server import MetricsServer, parse_address


class PublishingSession(Session):
    """A session; each snapshot, whoever takes it, is offered to the board."""

    def __init__(self, config: BenchmarkConfig, board: MetricsExchange, **options: Any) -> None:
        super().__init__(config, **options)
        self._board = board

    def snapshot(self, columns: int) -> Snapshot:
        """Fold what came since the last call, and answer a scrape that waits."""
        snapshot = super().snapshot(columns)
        self._board.offer(snapshot, self.latest_bins)
        return snapshot


@contextlib.contextmanager
def metrics_board(address_text: str) -> Iterator[MetricsExchange]:
    """Serve a board at this address (``PORT`` or ``HOST:PORT``) as long as it is used.

    Raises:
        BadInputError: the address is none, or cannot be used.
    """
    address = parse_address(address_text)
    board = MetricsExchange()
    server = MetricsServer(address, board)
    print_message(f"Metrics for Prometheus: http://{address.host}:{server.port}/metrics")
    if not address.is_loopback:
        print_message("Whoever reaches this address can read them; nothing protects it.")
    try:
        yield board
    finally:
        server.close()
