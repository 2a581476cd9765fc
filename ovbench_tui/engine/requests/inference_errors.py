"""Why an inference failed, in a sentence; what only states explain comes with a way round it."""

from __future__ import annotations

import re
from dataclasses import replace

from ovbench_tui.config.shapes import format_shape
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.state_reset import StateResetError

_STATE_REFUSED = re.compile(
    r"Can not clone with new dims|Invalid graph status|\b(?:Assign|ReadValue)\b"
)
"""What the CPU device (2026.4) says of a growing state with a dynamic batch, where it does not
fuse it with the attention behind it: the state keeps the size 0 that it began with."""


def inference_reason(error: BaseException, prepared: PreparedModel) -> str:
    """Say why an inference of `prepared` failed; no full stop, and never empty."""
    reason = reason_of(error)
    is_reset = isinstance(error, StateResetError)
    if not is_reset:
        if not (prepared.effective.growing_states and _STATE_REFUSED.search(str(error))):
            return reason
        reason = f"the device cannot keep its growing state: {reason}"
    shape = _with_fixed_batch(prepared)
    advice = f'fix the batch with -shape "{shape}"' if shape else "try another device"
    return f"{reason}; {advice}" + (", or leave --reset-state out" if is_reset else "")


def _with_fixed_batch(prepared: PreparedModel) -> str:
    """The inputs whose first size is dynamic, with the one they are fed with; '' = none."""
    fed = dict(prepared.effective.data_shape)
    fixed = [
        replace(port, shape=(str(fed[port.label][0]), *port.shape[1:]))
        for port in prepared.info.inputs
        if port.shape
        and "..." not in port.shape
        and not port.shape[0].isdigit()
        and fed.get(port.label)
    ]
    return ",".join(port.label + format_shape(port.shape) for port in fixed)
