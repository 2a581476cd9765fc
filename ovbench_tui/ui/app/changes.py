"""What the user has changed: to be undone, and what waits until it can be done."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ovbench_tui.ui.widgets.selector.choices import AvailableChoices, waits_for_value

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig

_KEPT = 50


class Changes:
    """Configurations that were left, and steps from a value that is not known yet."""

    def __init__(self) -> None:
        self._left: deque[BenchmarkConfig] = deque(maxlen=_KEPT)
        self._waiting: dict[str, int] = {}
        self._model = ""

    def note(self, before: BenchmarkConfig) -> None:
        """Keep a configuration that is left by a change."""
        if before.model:
            self._left.append(before)

    @property
    def last(self) -> BenchmarkConfig | None:
        """The configuration that was left last; None = none was."""
        return self._left[-1] if self._left else None

    def back(self, now: BenchmarkConfig) -> BenchmarkConfig | None:
        """The configuration before the last change; None = there is none."""
        self._waiting.clear()
        while self._left:
            before = self._left.pop()
            if before != now:  # a refused change was taken back already
                return before
        return None

    def wait(self, model: str, row: str, direction: int) -> int:
        """Add a step to what waits for this model; returns the steps that wait now."""
        if model != self._model:
            self._model = model
            self._waiting.clear()
        self._waiting[row] = self._waiting.get(row, 0) + direction
        return self._waiting[row]

    @property
    def is_waiting(self) -> bool:
        """Whether any step waits for a value."""
        return bool(self._waiting)

    def due(self, now: BenchmarkConfig, offer: AvailableChoices) -> Iterator[tuple[str, int]]:
        """The steps that can be made now; those for another model are dropped."""
        if self._waiting and now.model != self._model:
            self._waiting.clear()
        for row in [row for row in self._waiting if not waits_for_value(now, row, offer)]:
            yield row, self._waiting.pop(row)
