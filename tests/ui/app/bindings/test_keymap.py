"""The user's own keys: what is taken, what clashes, and that they do what they should."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from ovbench_tui.engine.api.snapshot import Notice
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.settings.schema import Keymap
from ovbench_tui.ui.app.bindings.keymap import actions, all_bindings, in_use, resolve
from ovbench_tui.ui.app.bindings.keys import APP_BINDINGS
from ovbench_tui.ui.app.preferences import Preferences
from ovbench_tui.ui.dialogs.help import HelpScreen
from ovbench_tui.ui.tabs.registry import TABS
from tests.ui.fakes import FakeSession, redraw, running, screen_text, settle, text_of


def keymap(**keys: str) -> Keymap:
    return tuple((name.replace("_", "-"), tuple(own.split())) for name, own in keys.items())


def test_every_action_has_a_name_of_its_own() -> None:
    names = [binding.id for binding in actions()]
    assert len(set(names)) == len(names)
    unnamed = [binding.key for binding in all_bindings() if not binding.id]
    assert sorted(unnamed) == [*(str(n) for n in range(1, len(TABS) + 1)), "ctrl+c"]


def test_the_keys_as_they_come_do_not_clash() -> None:
    own = tuple((str(b.id), tuple(b.key.split(","))) for b in actions())
    keys, problems = resolve(own)
    assert problems == ()
    assert len(keys) == len(own)


def test_characters_become_names() -> None:
    keys, problems = resolve(keymap(pause="? f9", help="ctrl+h", copy="!", log="_"))
    assert problems == ()
    assert keys == {
        "pause": "question_mark,f9",
        "help": "ctrl+h",
        "copy": "exclamation_mark",
        "log": "underscore",
    }


def test_keys_can_be_swapped() -> None:
    keys, problems = resolve(keymap(pause="r", reset="space"))
    assert problems == ()
    assert keys == {"pause": "r", "reset": "space"}


@pytest.mark.parametrize(
    ("own", "words", "left"),
    [
        (keymap(paus="p"), "unknown: did you mean pause?", {}),
        (keymap(whatever="p"), "is unknown: `ovbench-tui config`", {}),
        (keymap(pause="nokey"), "'nokey' is not a valid key", {}),
        (keymap(pause="cmd+x"), "'cmd+x' is not a valid key", {}),
        (keymap(pause="ctrl+"), "'ctrl+' is not a valid key", {}),
        (keymap(pause="m"), "m is taken by model: choose another key, or give model another", {}),
        (keymap(pause="ctrl+q"), "ctrl+q is taken by quit", {}),
        (keymap(pause="ctrl+c"), "ctrl+c is taken by quit", {}),
        (keymap(pause="3"), "3 is taken by", {}),
        (keymap(pause="z", copy="z"), "z is taken by zoom-out", {"copy": "z"}),
        (keymap(pause="P", copy="P"), "P is taken by pause", {"pause": "P"}),
    ],
)
def test_what_cannot_be_is_told_and_left_out(own: Keymap, words: str, left: dict[str, str]) -> None:
    keys, problems = resolve(own)
    assert words in problems[0].text
    if len(problems) == 1:
        assert keys == left


def test_a_clash_may_undo_what_rested_on_it() -> None:
    # Pause cannot have m, so space stays its own, and reset cannot have it.
    keys, problems = resolve(keymap(reset="space", pause="m"))
    assert keys == {}
    assert [problem.action for problem in problems] == ["pause", "reset"]


def test_what_one_tab_uses_itself_is_told_but_used_elsewhere() -> None:
    keys, problems = resolve(keymap(pause="p"), {"Runs": [Binding("p", "pin", "Pin")]})
    assert keys == {"pause": "p"}
    assert "on the tab Runs: Pin" in problems[0].text


def test_bindings_in_use_have_the_users_keys() -> None:
    bindings = in_use(APP_BINDINGS, {"pause": "p"})
    changed = [new for new, old in zip(bindings, APP_BINDINGS, strict=True) if new is not old]
    assert [(binding.id, binding.key) for binding in changed] == [("pause", "p")]


# --- on the screen ------------------------------------------------------------------------

OWN = Preferences(keymap=keymap(pause="p P", reset="space", more_requests="n", restart="R"))


async def test_own_keys_work_and_old_ones_do_not() -> None:
    session = FakeSession()
    async with running(session, preferences=OWN) as pilot:
        await pilot.press("p")
        assert session.pauses == 1
        await pilot.press("P")
        assert session.pauses == 2
        await pilot.press("space")
        assert (session.pauses, session.resets) == (2, 1)
        await pilot.press("r")
        assert session.resets == 1
        await pilot.press("plus", "n")
        await settle(pilot)
        assert [config.nireq for config in session.requested] == [5]


async def test_footer_help_and_messages_name_the_own_keys() -> None:
    session = FakeSession()
    async with running(session, size=(200, 60), preferences=OWN) as pilot:
        footer = pilot.app.monitor.footer
        assert "p Pause" in text_of(footer)[0]
        assert "space Reset" in text_of(footer)[0]
        await pilot.click(footer, offset=(text_of(footer)[0].index("Pause"), 0))
        await settle(pilot)
        assert session.pauses == 1
        notice = Notice(1, True, "The engine died.")
        session.set(state=WorkerState.FAILED, can_restart=True, notices=(notice,))
        await redraw(pilot)
        assert pilot.app.monitor.message.text == "The engine died. Press R to start another."
        await pilot.press("question_mark")
        await settle(pilot)
        assert isinstance(pilot.app.screen, HelpScreen)
        rows = [line.split("│")[1] for line in screen_text(pilot.app).split("\n") if "│" in line]
        assert any("p P " in row and "Pause or resume" in row for row in rows)


async def test_a_clash_is_told_and_the_own_key_of_the_action_stays() -> None:
    session = FakeSession()
    clashing = Preferences(keymap=keymap(pause="m"))
    async with running(session, preferences=clashing) as pilot:
        assert "keymap.pause: m is taken by model" in pilot.app.monitor.message.text
        await pilot.press("space")
        assert session.pauses == 1
        await pilot.press("m")
        await settle(pilot)
        assert pilot.app.screen is not pilot.app.monitor
