"""Keeps equal property texts once, however many runs have them."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import RunStarted

_KEPT_AT_MOST = 10_000


class SharedPairs:
    """A session of hundreds of runs would otherwise hold each property's text as often."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def share(self, event: RunStarted) -> RunStarted:
        """Return the event with its properties taken from those seen before."""
        if len(self._pairs) > _KEPT_AT_MOST:
            self._pairs.clear()
        effective: EffectiveConfig = event.effective
        pairs = tuple(self._pairs.setdefault(pair, pair) for pair in effective.properties)
        return replace(event, effective=replace(effective, properties=pairs))
