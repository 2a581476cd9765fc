"""How long an engine takes before it measures, where a test is not about that."""

from __future__ import annotations

from multiprocessing.connection import Connection
from types import ModuleType

from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.hosts.child import run_child
from ovbench_tui.engine.hosts.shared_buffer import SharedBuffer
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests import feeder_choice
from ovbench_tui.engine.worker import alternating, preparing

_WARM_UP_S, _TRIAL_S, _QUESTION_S = 0.02, 0.001, 0.02

Found = tuple[tuple[DeviceInfo, ...], str]
"""The devices, and OpenVINO's version."""

SHORT_WAITS: tuple[tuple[ModuleType, str, float], ...] = (
    (preparing, "WARM_UP_S", _WARM_UP_S),
    (alternating, "WARM_UP_S", _WARM_UP_S),
    (feeder_choice, "_TRIAL_S", _TRIAL_S),
    (feeder_choice, "_QUESTION_S", _QUESTION_S),
)
"""Instead of those of the program; what they stand for happens all the same."""


def shorten(found: Found) -> None:
    """Shorten the waits of this process for good; it takes these devices for those it finds."""
    Engine.discover = lambda _: found  # type: ignore[method-assign]
    for module, name, value in SHORT_WAITS:
        setattr(module, name, value)


def run_short_child(
    found: Found, buffer: SharedBuffer, connection: Connection, parent_pid: int
) -> None:
    """The process of an isolated worker, with short waits."""
    shorten(found)
    run_child(buffer, connection, parent_pid)
