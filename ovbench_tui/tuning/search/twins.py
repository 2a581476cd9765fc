"""Variants that a device runs as the very same, since it clamps without a word."""

from __future__ import annotations

from collections.abc import Sequence

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.tuning.search.space import Variant


def describe(variant: Variant, twin: Variant) -> str:
    """Name what of `twin` differs from `variant`, as in ``2 streams``."""
    parts: Sequence[str] = [
        words
        for differs, words in (
            (twin.streams != variant.streams, f"{twin.streams or 'auto'} streams"),
            (twin.threads != variant.threads, f"{twin.threads or 'automatic'} threads"),
            (twin.hint != variant.hint, f"hint {twin.hint}"),
            (twin.precision != variant.precision, twin.precision or "its default precision"),
            (twin.batch != variant.batch, f"batch {twin.batch or 'of the model'}"),
            (
                twin.kv_cache_precision != variant.kv_cache_precision,
                f"KV cache {twin.kv_cache_precision or 'by default'}",
            ),
        )
        if differs
    ]
    return ", ".join(parts)


def same_run_key(run: RunView) -> tuple[object, ...]:
    """Equal for runs that the device treats as the very same, however they were asked for."""
    effective = run.effective
    same = tuple(
        (name, value)
        for name, value in effective.properties
        if name not in ("PERFORMANCE_HINT", "LOADED_FROM_CACHE")
    )
    return effective.device, effective.batch, same


class Twins:
    """Remembers the variants that ran, to find those that a device runs as the very same."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], Variant] = {}

    def of(self, variant: Variant, run: RunView) -> Variant | None:
        """Another variant that ran as this one does; None where there is none, or none is known."""
        if not run.effective.properties:
            return None
        known = self._known.setdefault(same_run_key(run), variant)
        return known if known != variant else None
