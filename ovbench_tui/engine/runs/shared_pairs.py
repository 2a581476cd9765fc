"""Equal texts of many runs, kept once."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.engine.api.effective import EffectiveConfig
from ovbench_tui.engine.api.events import RunStarted

_SHARED_AT_MOST = 10_000


class SharedPairs:
    """Keeps equal property texts once: hundreds of runs would otherwise hold each as often."""

    def __init__(self) -> None:
        self._pairs: dict[tuple[str, str], tuple[str, str]] = {}

    def share(self, event: RunStarted) -> RunStarted:
        """Return the event with its properties taken from those seen before."""
        if len(self._pairs) > _SHARED_AT_MOST:
            self._pairs.clear()
        effective: EffectiveConfig = event.effective
        pairs = tuple(self._pairs.setdefault(pair, pair) for pair in effective.properties)
        return replace(event, effective=replace(effective, properties=pairs))
