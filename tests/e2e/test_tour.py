"""One tour through the program on a real terminal that visits all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_tour(start: Start, size: tuple[int, int]) -> None:
    terminal = start("mobilenet-v2", columns=size[0], lines=size[1])
    terminal.wait_for_match(r"count +[1-9]")
    for keys, words in (
        ("v", ("Latency",)),  # another chart
        ("z", ("running",)),  # zoomed
        ("+", ("run 2",)),
        ("2", ("FPS against run 1", "nireq 3")),  # what was tried
        ("3", ("layer times",)),
        ("\r", ("with layer times", "Convolution")),  # collected: compiled again
        ("4", ("GFLOP/s", "M parameters")),
        ("5", ("AVAILABLE_DEVICES", "EXECUTION_DEVICES")),
        ("6", ("CPU, ours",)),
        ("7", ("nireq",)),
        ("8", ("A/B",)),
        ("9", ("History",)),
        ("1", ("Configuration" if size[0] >= 100 else "nireq",)),
        ("?", ("Keys",)),
        ("\x1b", ("q Quit",)),
    ):
        terminal.type(keys)
        terminal.wait_for_text(*words)
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
