"""The user's own keys: checked against what is taken, and put in the place of an action's."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType
from textual.keys import (
    KEY_NAME_REPLACEMENTS,
    REPLACED_KEYS,
    Keys,
    key_to_character,
)

from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS, TAB_BINDINGS
from ovbench_tui.ui.tabs.live.live_keys import LIVE_BINDINGS
from ovbench_tui.ui.widgets.key_text import key_text

if TYPE_CHECKING:
    from ovbench_tui.settings.schema import Keymap

_ALWAYS = {"ctrl+q": "quit", "ctrl+c": "quit"}
_MODIFIERS = {"ctrl", "alt", "shift", "super", "hyper", "meta"}
_NAMED = {key.value for key in Keys} | {f"f{number}" for number in range(1, 25)}


@dataclass(frozen=True, slots=True)
class KeymapProblem:
    """A line of the keymap that is not used."""

    action: str
    text: str


def all_bindings() -> tuple[Binding, ...]:
    """Everything that works without a dialog on the first tab."""
    return (*APP_BINDINGS, *TAB_BINDINGS, *LIVE_BINDINGS)


def actions() -> tuple[Binding, ...]:
    """Every action that a keymap may give other keys."""
    return tuple(binding for binding in all_bindings() if binding.id)


def in_use(bindings: Iterable[BindingType], keys: Mapping[str, str]) -> list[BindingType]:
    """Return the bindings with the user's keys.

    Args:
        keys: by action, as `resolve` returns them.
    """
    return [
        binding.with_key(keys[binding.id], None)
        if isinstance(binding, Binding) and binding.id is not None and binding.id in keys
        else binding
        for binding in bindings
    ]


def resolve(
    keymap: Keymap, others: Mapping[str, Sequence[BindingType]] | None = None
) -> tuple[dict[str, str], tuple[KeymapProblem, ...]]:
    """Return the keys that can be used by action, as Textual takes them, and what is wrong.

    A key that is taken clashes unless its owner gets other keys; of two actions with the same
    key the one that is named first in the keymap has it.

    Args:
        others: keys of single tabs by the tab's title; they win there, which is told.
    """
    owners = {binding.id: binding for binding in actions()}
    problems: list[KeymapProblem] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for action, words in keymap:
        keys = tuple(_long_name(word) for word in words)
        if action not in owners:
            problems.append(KeymapProblem(action, _unknown(action, [str(n) for n in owners])))
        elif unknown := [word for word, key in zip(words, keys, strict=True) if not _is_key(key)]:
            problems.append(
                KeymapProblem(
                    action,
                    f"{printable(unknown[0])!r} is not a valid key:"
                    " give a character or a name as in f5,"
                    " ctrl+t, space, pageup.",
                )
            )
        else:
            wanted[action] = keys
    while clash := _first_clash(wanted):
        problems.append(clash)
        del wanted[clash.action]
    for title, bindings in (others or {}).items():
        problems += _hidden(wanted, title, bindings)
    return {action: ",".join(keys) for action, keys in wanted.items()}, tuple(problems)


def _first_clash(wanted: Mapping[str, tuple[str, ...]]) -> KeymapProblem | None:
    taken = dict(_ALWAYS)
    for binding in all_bindings():
        if binding.id not in wanted:
            for key in binding.key.split(","):
                taken.setdefault(key, binding.id or _what(binding))
    for action, keys in wanted.items():
        for key in keys:
            owner = taken.setdefault(key, action)
            if owner != action:
                return KeymapProblem(
                    action,
                    f"{key_text(key)} is taken by {owner}: choose another key, or give {owner}"
                    " another.",
                )
    return None


def _hidden(
    wanted: Mapping[str, tuple[str, ...]], title: str, bindings: Sequence[BindingType]
) -> list[KeymapProblem]:
    own = {
        key: _what(binding)
        for binding in bindings
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    }
    return [
        KeymapProblem(action, f"{key_text(key)} does something else on the tab {title}: {own[key]}")
        for action, keys in wanted.items()
        for key in keys
        if key in own
    ]


def _what(binding: Binding) -> str:
    return (binding.tooltip or binding.description).partition(",")[0].rstrip(".") or binding.action


def _long_name(word: str) -> str:
    """Return ``question_mark`` for ``?``; names stay as they are."""
    if len(word) != 1 or word.isalnum():
        return word
    try:
        name = unicodedata.name(word).lower().replace("-", "_").replace(" ", "_")
    except ValueError:
        return word
    return KEY_NAME_REPLACEMENTS.get(name, name)


def _is_key(key: str) -> bool:
    *modifiers, last = key.split("+")
    if not set(modifiers) <= _MODIFIERS:
        return False
    is_named = key in _NAMED or last in _NAMED or last in REPLACED_KEYS
    return is_named or (last != "" and key_to_character(last) is not None)


def _unknown(action: str, known: Sequence[str]) -> str:
    close = closest(action, known)
    meant = f"did you mean {close}?" if close else "`ovbench-tui config` lists all there are."
    return f"action {printable(action)} is unknown: {meant}"
