from __future__ import annotations

import threading

from ovbench_tui.ui.app.end_signals import ShutdownWatchdog


def test_what_does_not_end_is_ended() -> None:
    left = threading.Event()
    numbers: list[int] = []

    def leave(number: int) -> None:
        numbers.append(number)
        left.set()

    departure = ShutdownWatchdog(leave, patience_s=0.01)
    departure.begin(1)
    departure.begin(15)
    assert left.wait(60)
    assert numbers == [1]


def test_what_ends_is_left_alone() -> None:
    numbers: list[int] = []
    departure = ShutdownWatchdog(numbers.append, patience_s=3600)
    departure.complete()
    departure._wait(1)  # as its thread does
    assert numbers == []
