"""Which key does what a command of the palette does, found by the action behind both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ovbench_tui.ui.app.bindings.keymap import all_bindings
from ovbench_tui.ui.widgets.hint import first_key

_PREFIX = "action_"


def keys_by_action(keys: Mapping[str, str]) -> dict[str, str]:
    """Return the key of every action, as ``pick('model')``; of several keys, one a binding.

    Args:
        keys: the user's own, by the action's id.
    """
    found: dict[str, list[str]] = {}
    for binding in all_bindings():
        action = binding.action.removeprefix("app.").removeprefix("screen.")
        key = first_key(binding, keys)
        if key not in found.setdefault(action, []):
            found[action].append(key)
    return {action: " ".join(names) for action, names in found.items()}


def keys_of(command: Callable[..., Any], by_action: Mapping[str, str]) -> str:
    """Return the keys that do what a command does; '' where no key does."""
    return by_action.get(_action_of(command), "")


def _action_of(command: Callable[..., Any]) -> str:
    """Write what is called as an action; '' where it is none."""
    if not isinstance(command, partial):
        return getattr(command, "__name__", "").removeprefix(_PREFIX)
    name = getattr(command.func, "__name__", "")
    if name == "run_action":
        return str(command.args[0])
    if not name.startswith(_PREFIX):
        return ""
    arguments = ", ".join(map(repr, command.args))
    return f"{name.removeprefix(_PREFIX)}({arguments})"
