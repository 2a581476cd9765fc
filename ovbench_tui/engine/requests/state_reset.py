"""When and how the states of a model begin anew, and what the user should know of them."""

from __future__ import annotations

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.effective import EffectiveConfig


class StateResetError(RuntimeError):
    """The device could not reset the state of a request."""


def reset_state(request: ov.InferRequest) -> None:
    """Let the states of a request begin anew.

    Raises:
        StateResetError: the device cannot do it.
    """
    try:
        request.reset_state()
    except RuntimeError as error:
        raise StateResetError(f"its state cannot be reset ({reason_of(error)})") from error


def resets_after(effective: EffectiveConfig, config: BenchmarkConfig) -> int:
    """Inferences of a request after which its state begins anew; 0 = never, or no state."""
    return (effective.reset_state or config.reset_state) if effective.states else 0


def reset_notice(effective: EffectiveConfig, config: BenchmarkConfig) -> str:
    """Say that an option has no effect, or what becomes of the states; '' = there are none."""
    if config.reset_state and not effective.states:
        return "--reset-state is ignored: the model keeps no state between inferences."
    if effective.growth_sentence or not effective.states or effective.generates:
        return effective.growth_sentence
    if effective.reset_state:
        return ""
    whose = "a state" if effective.states == 1 else f"{effective.states} states"
    return (
        f"The model keeps {whose} from one inference to the next, never reset (as in"
        " benchmark_app): --reset-state N begins anew every N inferences."
    )
