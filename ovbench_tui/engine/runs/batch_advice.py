"""What can be done about the batch of a model: nothing is advised that its inputs do not have."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.api.layouts import batch_index, with_one_first_size
from ovbench_tui.engine.api.model_info import PortInfo


def layout_with_batch(inputs: Sequence[PortInfo]) -> str:
    """A -layout that says which dimension is the batch; '' where no input can have one.

    Returns:
        Of the inputs of unknown layout that have a dimension, as in ``[N...]``, or with names
        where there are several inputs; those whose first sizes are not the same batch are left out.
    """
    able = [port for port in inputs if port.shape and not port.layout]
    if not able:
        return ""
    if len(inputs) == 1:
        return "[NC]" if len(able[0].shape) == 2 and "..." not in able[0].shape else "[N...]"
    return ",".join(f"{port.label}[N...]" for port in with_one_first_size(able))


def takes_batch(inputs: Sequence[PortInfo]) -> bool:
    """Whether -b would find a dimension to set in any of the inputs."""
    return any(batch_index(port.shape, port.layout) is not None for port in inputs)
