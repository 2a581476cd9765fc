"""Where a cluster is, and how to trust it."""

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
    """

    scheduler: str = ""
    local: int = 0
    tls_ca_file: str = ""
    tls_cert: str = ""
    tls_key: str = ""

    @property
    def text(self) -> str:
        """The scheduler, in words."""
        return self.scheduler or f"{self.local} on this machine"
