"""How far an A/B without a screen is, in a line."""

from __future__ import annotations

import math

from ovbench_tui.engine.api.results import AbPhase, AbView


def describe(what: str, view: AbView | None, left_s: float) -> str:
    """Say in one line how far it is.

    Args:
        what: goes on in the background; '' = nothing.
        left_s: seconds until the end; NaN before it has begun.
    """
    if view is None or view.phase is AbPhase.PREPARING or view.a is None or view.b is None:
        return what
    parts = [] if math.isnan(left_s) else [f"{max(0.0, left_s):.0f} s left"]
    parts.append("1 pair" if view.pairs == 1 else f"{view.pairs} pairs")
    if view.pairs:
        parts.append(f"A {view.a.stats.fps_mean:.1f} {view.unit}")
        parts.append(f"B {view.b.stats.fps_mean:.1f} {view.unit}")
        interval = ""
        if not math.isnan(view.fps.low):
            interval = f" ({view.fps.low:.3f} to {view.fps.high:.3f})"
        parts.append(f"B/A {view.fps.ratio:.3f}{interval}")
    return "  ".join(parts)
