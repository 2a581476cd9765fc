"""A key of the footer: what is pressed, what it does, and the action behind a click on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from textual.binding import Binding, BindingType

from ovbench_tui.console.text import width_of
from ovbench_tui.ui.widgets.key_text import key_text


@dataclass(frozen=True, slots=True)
class Hint:
    """One key, what it does in a word or two, and the action behind it.

    Attributes:
        action: without a namespace it is one of the widget that has the focus.
        other_key, other_action: a second key that does the opposite, as ``-`` beside ``+``.
    """

    key: str
    text: str
    action: str
    other_key: str = ""
    other_action: str = ""

    @property
    def shown_key(self) -> str:
        """The key, or both."""
        return f"{self.key}/{self.other_key}" if self.other_key else self.key

    @property
    def width(self) -> int:
        """Cells in the footer, with those that set it apart."""
        return width_of(self.shown_key) + width_of(self.text) + 3


@dataclass(frozen=True, slots=True)
class Hints:
    """What a footer is made from, each part the most important first.

    Attributes:
        pressing: what the state calls for, as ``Resume`` while paused; before all else.
        general: what works on every tab; behind the tab's own.
        last: at the end of the line, and never left out for others.
    """

    pressing: tuple[Hint, ...] = ()
    general: tuple[Hint, ...] = ()
    last: tuple[Hint, ...] = ()

    def around(
        self, own: Sequence[Hint], taken: frozenset[str] = frozenset(), more: Sequence[Hint] = ()
    ) -> tuple[tuple[Hint, ...], tuple[Hint, ...]]:
        """Return the hints in their order, and those at the end of the line.

        Args:
            own: of the tab.
            taken: keys, as shown, that mean something else on this tab.
            more: of the tab, but less important than the general ones.
        """
        pressing = [hint for hint in self.pressing if hint.key not in taken]
        known = {hint.key for hint in (*pressing, *own)}
        general = [h for h in self.general if h.key not in taken and h.key not in known]
        return (*pressing, *own, *general, *more), self.last


def hint_of(
    bindings: Mapping[str, Binding],
    keys: Mapping[str, str],
    action_id: str,
    text: str = "",
    other_id: str = "",
) -> Hint:
    """Return the hint of an action of the app, by the key that the user has given it.

    Args:
        bindings: by the action's id.
        keys: the user's own, by the action's id.
        text: '' = the binding's.
        other_id: the action that does the opposite.
    """
    binding = bindings[action_id]
    other = bindings.get(other_id)
    return Hint(
        first_key(binding, keys),
        text or binding.description,
        _full(binding.action),
        first_key(other, keys) if other else "",
        _full(other.action) if other else "",
    )


def first_key(binding: Binding, keys: Mapping[str, str]) -> str:
    """The key as it is printed on the keyboard; of several the first."""
    own = keys.get(binding.id or "", "")
    if not own and binding.key_display:
        return binding.key_display
    return key_text((own or binding.key).partition(",")[0])


def keys_taken(bindings: Iterable[BindingType]) -> frozenset[str]:
    """All keys of these bindings, as they are printed on the keyboard."""
    return frozenset(
        key_text(key)
        for binding in bindings
        if isinstance(binding, Binding)
        for key in binding.key.split(",")
    )


def _full(action: str) -> str:
    return action if "." in action.partition("(")[0] else f"app.{action}"
