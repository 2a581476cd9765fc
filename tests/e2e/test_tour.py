"""One tour through the program on a real terminal that visits all of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]


def visit_dialog(terminal: Terminal, key: str, *words: str) -> None:
    """Open a dialog, and leave it with escape.

    It is left when its words are gone: the footer shows around a small dialog, and a key typed
    before the program has read the escape would be taken for one held with alt.
    """
    terminal.type(key)
    terminal.wait_for_text(*words)
    terminal.type("\x1b")
    terminal.wait_for(lambda text: not any(word in text for word in words), f"{key} is left")
    terminal.wait_for_text("q Quit")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
def test_a_tour(start: Start, size: tuple[int, int]) -> None:
    terminal = start("mobilenet-v2", columns=size[0], lines=size[1], is_warm=False)
    terminal.wait_for_match(r"count +[1-9]")
    visit_dialog(terminal, "m", "filter, or type a path", "face-detection-0200")
    visit_dialog(terminal, "x", "benchmark_app command line", "c copies")
    visit_dialog(terminal, "L", "Messages of this session", "r reloads")
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
    ):
        terminal.type(keys)
        terminal.wait_for_text(*words)
    visit_dialog(terminal, "?", "ctrl+p opens all commands")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
