"""The connection to a Dask cluster, and a cluster of this machine where one is wanted."""

from __future__ import annotations

import contextlib
import logging
import signal
import sys
from collections.abc import Iterator
from typing import Any

from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.dask_modules import load_dask
from ovbench_tui.fleet.task_reason import cause_of
from ovbench_tui.options.cluster_address import Address

_CONNECT_TIMEOUT_S = 10.0
_NOWHERE = "127.0.0.1:0"
"""For Dask's pages on what it does, which cannot all be left out: this machine alone sees them."""

_NETWORK_ERRORS = (OSError, TimeoutError, RuntimeError, ValueError)
"""What Dask raises when a scheduler or a worker is gone; its CommClosedError is an OSError."""


@contextlib.contextmanager
def connected(address: Address, timeout_s: float = _CONNECT_TIMEOUT_S) -> Iterator[Any]:
    """Yield a Dask client of the cluster, and close both as far as they are ours.

    Raises:
        BadInputError: nothing answers there, or Dask cannot be loaded.
    """
    dask, distributed = load_dask()
    _log_to_descriptor_2()
    with contextlib.ExitStack() as stack:
        security = None
        if address.tls_ca_file or address.tls_cert or address.tls_key:
            security = distributed.Security(
                tls_ca_file=address.tls_ca_file or None,
                tls_client_cert=address.tls_cert or None,
                tls_client_key=address.tls_key or None,
                require_encryption=True,
            )
        where = address.scheduler
        if address.local:
            # The profiler looks at every thread a hundred times a second, and disturbs.
            stack.enter_context(dask.config.set({"distributed.worker.profile.enabled": False}))
            try:
                # Without TLS every user of this machine could run code as this one.
                security = distributed.Security.temporary()
                with _interrupts_kept_from_children():
                    cluster = distributed.LocalCluster(
                        n_workers=address.local,
                        threads_per_worker=1,
                        processes=True,
                        host="127.0.0.1",
                        protocol="tls",
                        security=security,
                        dashboard_address=_NOWHERE,
                        worker_dashboard_address=_NOWHERE,
                        memory_limit=0,
                        silence_logs=logging.ERROR,
                    )
                stack.callback(_close, cluster)
            except (*_NETWORK_ERRORS, ImportError) as error:
                raise BadInputError(f"No cluster can be started here: {cause_of(error)}.") from None
            where = cluster.scheduler_address
        try:
            client = distributed.Client(
                where, timeout=timeout_s, set_as_default=False, security=security
            )
        except (*_NETWORK_ERRORS, TypeError) as error:
            raise BadInputError(
                f"No Dask scheduler answers at {where}: {cause_of(error)}; start one with"
                " 'dask scheduler', and 'dask worker' on each machine."
            ) from None
        stack.callback(_close, client)
        yield client


def _close(closable: Any) -> None:
    with contextlib.suppress(*_NETWORK_ERRORS):  # gone already: that is what is wanted
        closable.close(timeout=5)


@contextlib.contextmanager
def _interrupts_kept_from_children() -> Iterator[None]:
    """Ctrl-C goes to every process of the terminal, and the workers are still needed then.

    Threads and processes that are started meanwhile keep the mask, restarted workers, too.
    """
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _log_to_descriptor_2() -> None:
    """Let Dask's log go where native noise goes: its own handlers would write on the screen."""
    for name in ("distributed", "distributed.client", "bokeh", "tornado", "tornado.application"):
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
    # As long as the program lives: at its end threads of Dask may still have something to say.
    stream = open(2, "w", closefd=False)  # noqa: SIM115 - a descriptor, not a path
    logging.getLogger("distributed").addHandler(logging.StreamHandler(stream))
