"""When the states of a model begin anew, and what the user should know of them."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import EffectiveConfig


def resets_after(effective: EffectiveConfig, config: BenchmarkConfig) -> int:
    """Inferences of a request after which its state begins anew; 0 = never, or no state."""
    return (effective.reset_state or config.reset_state) if effective.states else 0


def reset_notice(effective: EffectiveConfig, config: BenchmarkConfig) -> str:
    """Say that an option has no effect, or that the figures have no end; '' = neither."""
    if config.reset_state and not effective.states:
        return "--reset-state is ignored: the model keeps no state between inferences."
    return effective.growth_sentence
