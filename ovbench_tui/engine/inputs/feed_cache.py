"""The last feeds that were read from files, for the next compile of the same model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.option_values import NamedSources
from ovbench_tui.config.shapes import NamedDataShapes
from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.feeds import InputSchedule


class FeedCache:
    """Keeps the last plan: decoding hundreds of images takes seconds, a compile may not.

    Random inputs are not kept; making them takes milliseconds. Feeds are never written to, so
    the run that uses them and this cache share them.
    """

    def __init__(self) -> None:
        self._key: tuple[object, ...] | None = None
        self._plan: InputSchedule | None = None

    def get(
        self,
        config: BenchmarkConfig,
        inputs: tuple[PortInfo, ...],
        make: Callable[[], InputSchedule],
    ) -> InputSchedule:
        """Return the kept plan if nothing it was made from has changed, else make another.

        Args:
            inputs: as fed, with their layouts.
            make: may raise; nothing is kept then.
        """
        key = (
            inputs,
            config.model,
            config.data_shape,
            config.seed,
            config.layout,
            config.sources,
            config.reset_state,
            _stamps(config.sources),
            _size_stamps(config.data_shape),
        )
        if self._plan is not None and key == self._key:
            return self._plan
        self._key = self._plan = None
        plan = make()
        if config.sources:
            self._key, self._plan = key, plan
        return plan


def _stamps(sources: NamedSources) -> tuple[object, ...]:
    """When each file or folder was last written; inside a folder only comings and goings."""
    return tuple(_stamp(text) for _, texts in sources for text in texts)


def _size_stamps(shapes: NamedDataShapes) -> tuple[object, ...]:
    """The same of the files that sizes are read from."""
    sizes = (size for _, shape in shapes for size in shape)
    return tuple(_stamp(size[1:]) for size in sizes if isinstance(size, str) and size[0] == "@")


def _stamp(text: str) -> tuple[int, int] | None:
    try:
        found = Path(text).expanduser().stat()
    except (OSError, RuntimeError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size
