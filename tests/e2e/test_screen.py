"""What is on the screen: noise kept off it, its sizes, the mouse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.terminal import Terminal

Start = Callable[..., Terminal]

MEASURED = r"count +[1-9]"


def test_what_the_auto_plugin_prints_is_in_the_log(
    start: Start, environment: dict[str, str]
) -> None:
    environment["OPENVINO_LOG_LEVEL"] = "5"
    terminal = start("mobilenet-v2", "-d", "AUTO")
    terminal.wait_for_match(MEASURED)
    assert terminal.line_with("ovbench-tui") == 0
    assert b"plugin.cpp" not in terminal.raw
    terminal.type("L")
    terminal.wait_for_match(r"\]\[(AUTO|MULTI)\] ")
    terminal.type("\x1b")
    terminal.wait_for_text("Configuration", "● running")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert ended.main_screen.startswith("Model:")
    assert ".cpp:" not in ended.main_screen


def test_what_the_tensorflow_front_end_prints_is_in_the_log(start: Start, tmp_path: Path) -> None:
    (tmp_path / "text.pb").write_text("this is not a graph at all")
    terminal = start(str(tmp_path / "text.pb"))
    text = terminal.wait_for_text("Model 'text.pb' cannot be read")
    assert text.startswith(" ovbench-tui  text.pb")
    assert b"absl" not in terminal.raw
    terminal.type("L")
    terminal.wait_for_text("Written by OpenVINO", "Error parsing text-format")
    terminal.type("qq")
    ended = terminal.ended()
    assert ended.code == 2
    assert ended.main_screen.startswith("ovbench-tui: Model 'text.pb' cannot be read")


def test_sizes(start: Start, quiet: Quiet) -> None:
    terminal = start(*quiet, columns=80, lines=24)
    terminal.wait_for_match(MEASURED)
    terminal.wait_for(lambda text: "q Quit" in text.split("\n")[23], "the footer on line 24")

    terminal.resize(120, 40)
    terminal.wait_for(lambda text: "q Quit" in text.split("\n")[39], "the footer on line 40")
    terminal.wait_for_text("p99.9", "first inference")

    terminal.resize(30, 8)
    terminal.wait_for_text("terminal too small", "q quits")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen


def test_grown_again_after_it_was_too_small(start: Start, quiet: Quiet) -> None:
    terminal = start(*quiet, columns=30, lines=8)
    terminal.wait_for_text("terminal too small")
    terminal.resize(80, 24)
    terminal.wait_for_match(MEASURED)
    terminal.type("q")
    assert terminal.ended().code == 0


@pytest.mark.parametrize(("arrow", "step"), [("▸", 1), ("◂", -1)])
def test_a_click_on_an_arrow_changes_nireq(
    start: Start, arrow: str, step: int, quiet: Quiet
) -> None:
    terminal = start(*quiet, "-nireq", "3")
    terminal.wait_for_match(MEASURED)
    number = terminal.line_with(" nireq ")
    line = terminal.text.split("\n")[number]
    terminal.click(line.index(arrow), number)
    terminal.wait_for_match(rf"nireq +{3 + step} +◂")
    terminal.wait_for_match(rf"run \d+: nireq {3 + step} ")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert f"nireq {3 + step}," in ended.main_screen
