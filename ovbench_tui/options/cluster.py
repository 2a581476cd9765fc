"""The options that name a cluster, for every command that uses one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ovbench_tui.errors import BadInputError
from ovbench_tui.options.cluster_address import Address
from ovbench_tui.options.conflicts import refuse

if TYPE_CHECKING:
    from ovbench_tui.options.invocation import Invocation

_LOCAL_AT_MOST = 64


def add_cluster_options(parser: argparse.ArgumentParser, heading: str = "Cluster") -> None:
    """Add them, in a group of their own."""
    add = parser.add_argument_group(heading).add_argument
    add("--scheduler", metavar="ADDRESS", help="of the Dask scheduler, as in tcp://HOST:8786")
    add(
        "--local",
        type=int,
        metavar="N",
        help="start N workers on this machine instead, to try it out: engines on one machine"
        " disturb each other",
    )
    add(
        "--every-worker",
        action="store_true",
        help="use every worker, also where several run on one machine",
    )
    add(
        "--no-ship",
        action="store_true",
        help="send no model: MODEL is a path that is good on every machine",
    )
    for name, what in (
        ("--tls-ca-file", "certificates to trust, for a tls:// scheduler"),
        ("--tls-cert", "our own certificate"),
        ("--tls-key", "its key"),
    ):
        add(name, metavar="FILE", help=what)


def names_cluster(given: argparse.Namespace) -> bool:
    """Whether any of them is given."""
    tls = (given.tls_ca_file, given.tls_cert, given.tls_key)
    wanted = (given.scheduler, given.local, given.every_worker, given.no_ship, *tls)
    # By identity: 0 is not a number of workers, which is to be told.
    return any(value is not None and value is not False for value in wanted)


def read_address(given: argparse.Namespace) -> Address:
    """Understand them.

    Raises:
        BadInputError: one sentence for the user.
    """
    if (given.scheduler is None) == (given.local is None):
        raise BadInputError(
            "Give either --scheduler tcp://HOST:PORT, or --local N for workers on this machine."
        )
    if given.local is not None and not 1 <= given.local <= _LOCAL_AT_MOST:
        raise BadInputError(f"--local {given.local}: give 1 to {_LOCAL_AT_MOST} workers.")
    has_tls = bool(given.tls_ca_file or given.tls_cert or given.tls_key)
    if has_tls and not (given.scheduler or "").startswith("tls://"):
        raise BadInputError("--tls-ca-file and the like need --scheduler tls://HOST:PORT.")
    return Address(
        scheduler=given.scheduler or "",
        local=given.local or 0,
        tls_ca_file=given.tls_ca_file or "",
        tls_cert=given.tls_cert or "",
        tls_key=given.tls_key or "",
        by_worker=given.every_worker or given.local is not None,
        ships_model=not given.no_ship,
    )


def refuse_what_stays_here(invocation: Invocation, command: str) -> None:
    """Refuse what other machines would lack, however it was written.

    Args:
        command: that was asked for, as in ``fleet``.

    Raises:
        BadInputError: one sentence for the user.
    """
    config = invocation.config
    refuse(
        command,
        (invocation.isolated, "--isolate", "a worker is a process of its own already"),
        (config.sources, "-i", "files of this machine are not on the others"),
        (config.extensions, "-extensions", "no library of this machine is sent"),
        (config.gpu_kernels, "-c", "no kernels of this machine are sent"),
    )
