"""Where a cluster is, how to trust it, and which of its workers count."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Address:
    """A scheduler's address, or workers to start here.

    Attributes:
        scheduler: as in ``tcp://HOST:8786``; '' = one is started here.
        local: workers to start here.
        tls_ca_file, tls_cert, tls_key: files for a ``tls://`` scheduler; '' = Dask's own
            configuration.
        by_worker: every worker counts as a machine; else those of one host are one.
        ships_model: False where each machine has the model already.
    """

    scheduler: str = ""
    local: int = 0
    tls_ca_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""
    by_worker: bool = False
    ships_model: bool = True

    @property
    def text(self) -> str:
        """The scheduler, in words."""
        return self.scheduler or f"{self.local} on this machine"
