"""Inputs of language models, recognised by the names that exporters of such models give them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.inputs.value_bounds import Order, ValueBounds

_PAST = re.compile(r"past|(^|[._/])(k|v|key|value|kv)?_?cache", re.IGNORECASE)
_HIGHEST = 2**31 - 1


class Role(Enum):
    """What an input of a language model holds."""

    MASK = "attention_mask"
    """A 1 for each token, of the past and of this inference."""
    POSITIONS = "position_ids"
    BEAM = "beam_idx"
    """For each sequence of the batch the one whose state it goes on with."""
    PAST = "past"
    """Keys or values of earlier tokens, as an input."""
    IDS = "input_ids"
    """The tokens of this inference, as numbers or embedded."""
    OTHER = ""


def roles_of(inputs: Sequence[PortInfo], *, is_stateful: bool) -> tuple[Role, ...]:
    """The role of each input; all `OTHER` where a model has neither a state nor a past.

    Without either a mask is just a mask, and gets the values that benchmark_app gives it.
    """
    roles = tuple(_role(port) for port in inputs)
    if is_stateful or Role.PAST in roles:
        return roles
    return (Role.OTHER,) * len(roles)


def values_of(role: Role) -> ValueBounds | None:
    """The values that the role demands, beside what the input indexes."""
    match role:
        case Role.MASK:
            return ValueBounds(0, 1, "every token counts", exact=(1,))
        case Role.POSITIONS:
            return ValueBounds(0, _HIGHEST, "a position for each token", Order.COUNTING)
        case Role.BEAM:
            return ValueBounds(0, _HIGHEST, "each sequence goes on with itself", Order.COUNTING)
    return None


def _role(port: PortInfo) -> Role:
    rank = len(port.shape)
    is_float = port.element_type.startswith(("f", "bf"))
    if port.name in ("attention_mask", "decoder_attention_mask") and rank == 2:
        return Role.MASK
    if port.name == "position_ids" and not is_float:
        return Role.POSITIONS
    if port.name == "beam_idx" and rank == 1:
        return Role.BEAM
    if (port.name == "input_ids" and rank == 2) or (port.name == "inputs_embeds" and rank == 3):
        return Role.IDS
    if rank >= 3 and _PAST.search(port.name) and "..." not in port.shape:
        return Role.PAST
    return Role.OTHER
