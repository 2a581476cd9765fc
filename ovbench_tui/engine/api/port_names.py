"""Find the input or output the user means by a name."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.events import PortInfo
from ovbench_tui.errors import BadInputError


def match_port(
    ports: Sequence[PortInfo], name: str, aliases: Sequence[frozenset[str]] = ()
) -> PortInfo | None:
    """The port of that name, of that ``#index``, or with that alias; None without one."""
    for port in ports:
        if name in (port.name, f"#{port.index}"):
            return port
    for port, names in zip(ports, aliases, strict=False):
        if name in names:
            return port
    return None


def find_input(
    inputs: Sequence[PortInfo], name: str, aliases: Sequence[frozenset[str]], option: str
) -> PortInfo:
    """The input of that name.

    Raises:
        BadInputError: there is none; `option` is named in the sentence.
    """
    port = match_port(inputs, name, aliases)
    if port is None:
        known = ", ".join(port.label for port in inputs) or "none"
        raise BadInputError(
            f"{option}: the model has no input '{printable(name)}'; its inputs are {known}."
        )
    return port
