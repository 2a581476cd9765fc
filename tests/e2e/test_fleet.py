"""The screen of a fleet in a real terminal, on a cluster that the program starts itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.terminal import Terminal

pytest.importorskip("distributed", reason="the extra 'fleet' is not installed")

pytestmark = pytest.mark.slow


def test_two_local_workers_are_seen_changed_and_told_at_the_end(
    start: Callable[..., Terminal],
) -> None:
    terminal = start("fleet", "mobilenet-v2", "--local", "2", "-nireq", "1", "--no-history")
    terminal.wait_for_text("2 of 2 run", "● running")
    assert terminal.line_with("ovbench-tui fleet") == 0
    terminal.type("+")
    terminal.wait_for_text("nireq 2")
    terminal.wait_for_text("2 of 2 run")
    terminal.type("\r")
    terminal.wait_for_text("p99.9", "Compiled model", "esc All machines")
    terminal.wait_for_match(r"count +[1-9]")
    terminal.type("\x1b")
    terminal.wait_for_text("together")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "of 2 machines measured" in ended.main_screen
    assert b"distributed" not in ended.raw
