"""Find the input or output the user means by a name."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.named.own_names import by_own_names
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
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


def names_of(
    ports: Sequence[PortInfo], aliases: Sequence[frozenset[str]] = ()
) -> tuple[frozenset[str], ...]:
    """Every name by which the user may call each port, but for ``#index``."""
    known = aliases or (frozenset[str](),) * len(ports)
    return tuple(names | {port.name} for port, names in zip(ports, known, strict=True))


def by_known_names(config: BenchmarkConfig, model: ModelInfo) -> BenchmarkConfig:
    """As `by_own_names`, of a model of whose names one a port is known; else as it is."""
    try:
        return by_own_names(config, names_of(model.inputs), names_of(model.outputs))
    except BadInputError:
        return config


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
