"""The batch that a model runs with where it leaves nothing else open and nobody gave one."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.layouts import batch_index, settle_layouts
from ovbench_tui.engine.api.model_info import PortInfo

_LEAST_RANK = 2
"""The one dimension of a vector is a length as often as a batch."""


def assumed_batch(
    inputs: Sequence[PortInfo], config: BenchmarkConfig, aliases: Sequence[frozenset[str]]
) -> int:
    """The smallest batch that a model takes of which only the batch is open; 0 = ask for more.

    That is so where of each dynamic input the first dimension, or the N of a layout that the
    user or the model has given, is the only one without a size. Shapes, a batch and files that
    are given say it themselves, and with ``-niter 0`` nothing is fed.

    Raises:
        BadInputError: as `settle_layouts`.
    """
    is_given = config.batch or config.shape or config.data_shape or config.sources
    dynamic = [port for port in inputs if port.is_dynamic]
    if is_given or not dynamic or config.iterations == 0:
        return 0
    layouts = settle_layouts(inputs, config.layout, aliases)
    least = 1
    for port in dynamic:
        is_open = [not size.isdigit() for size in port.shape]
        index = batch_index(port.shape, layouts[port.index].letters)
        if index is None or len(port.shape) < _LEAST_RANK or is_open.count(True) != 1:
            return 0
        if not is_open[index]:
            return 0
        low = port.shape[index].partition("..")[0]
        least = max(least, int(low) if low.isdigit() else 1)
    return least
