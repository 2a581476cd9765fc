"""The keys of the footer that work on every tab: what the state calls for, then the usual ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.binding import Binding

from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.app.nothing_yet import is_stuck
from ovbench_tui.ui.widgets.hint import Hint, Hints, hint_of

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import Snapshot

_BY_ID = {binding.id: binding for binding in APP_BINDINGS if binding.id}


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the app's keys depend on.

    Attributes:
        undo: the model that taking back the last change brings back; None = there is none, and ''
            = it changes no model.
        is_message_cut: the message line has no room for the whole of its sentence.
        can_cancel: what goes on in the background can be given up.
        is_stuck: nothing runs until another model is chosen.
    """

    undo: str | None
    is_message_cut: bool
    is_paused: bool
    can_restart: bool
    can_cancel: bool
    is_stuck: bool


def situation_of(snapshot: Snapshot, *, undo: str | None, is_message_cut: bool) -> Situation:
    """What of the present state the keys depend on."""
    return Situation(
        undo=undo,
        is_message_cut=is_message_cut,
        is_paused=snapshot.state is WorkerState.PAUSED,
        can_restart=snapshot.can_restart,
        can_cancel=bool(snapshot.background) and snapshot.isolated,
        is_stuck=is_stuck(snapshot),
    )


def hints_of(situation: Situation, keys: Mapping[str, str]) -> Hints:
    """Return the app's keys, those first that the situation calls for.

    Args:
        keys: the user's own, by the action's id.
    """

    def hint(action_id: str, text: str = "", other_id: str = "") -> Hint:
        return hint_of(_BY_ID, keys, action_id, text, other_id)

    pressing: list[Hint] = []
    if situation.undo:
        pressing.append(hint("undo", f"Back to {situation.undo}"))
    if situation.can_restart:
        pressing.append(hint("restart"))
    if situation.can_cancel:
        pressing.append(hint("cancel"))
    if situation.is_paused:
        pressing.append(hint("pause", "Resume"))
    if situation.is_message_cut:
        pressing.append(hint("log", "Whole message"))
    if situation.is_stuck:
        pressing.append(hint("model", "Choose a model"))
    general = [
        hint("more-requests", other_id="fewer-requests"),
        *(() if situation.is_paused else (hint("pause"),)),
        *((hint("undo"),) if situation.undo == "" else ()),
        *(hint(name) for name in ("model", "device", "tune")),
        hint("sweep", "Sweep"),
        *(hint(name) for name in ("export", "reset", "log")),
        hint("capacity", "Capacity"),
        *(hint(name) for name in ("history", "commands", "copy", "self-check", "screenshot")),
        hint("draw-more", "Draw more", "draw-less"),
    ]
    return Hints(tuple(pressing), tuple(general), (hint("help"), hint("quit")))


def side_by_side_hints(
    bindings: Mapping[str, Binding],
    keys: Mapping[str, str],
    *,
    is_paused: bool,
    can_undo: bool,
    is_message_cut: bool,
) -> Hints:
    """Return the keys of an app that runs on many machines, or with many models, at once.

    Args:
        bindings: the app's, by the action's id.
        keys: the user's own, by the action's id.
    """

    def hint(action_id: str, text: str = "", other_id: str = "") -> Hint:
        return hint_of(bindings, keys, action_id, text, other_id)

    usual = ("tune", "device", "reset", "log", "commands", "copy", "screenshot")
    pressing = [hint("pause", "Resume")] if is_paused else []
    if is_message_cut:
        pressing.append(hint("log", "Whole message"))
    general = [
        hint("more-requests", other_id="fewer-requests"),
        *(() if is_paused else (hint("pause"),)),
        *((hint("undo"),) if can_undo else ()),
        hint("hint", other_id="previous-hint"),
        *(hint(name) for name in usual if name in bindings),
        hint("draw-more", "Draw more", "draw-less"),
    ]
    return Hints(tuple(pressing), tuple(general), (hint("help"), hint("quit")))
