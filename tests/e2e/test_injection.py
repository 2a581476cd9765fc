"""A model whose names hold escapes, bidi marks and markup: none of it reaches the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.piped import run_piped
from tests.e2e.terminal import Terminal
from tests.fuzz.models import tiny_onnx

Start = Callable[..., Terminal]

ESCAPES = "\x1b]0;owned\x07\x1b[38;5;199m\x9b31m\u202e\u2066\u061c\r\n\t"
FILE = f"a{ESCAPES}[bold red]b[@click=app.quit]c[unclosed d.onnx"
NAME = f"n{ESCAPES}[/][/bold][@click=app.quit]e[/]"
INJECTED = tuple(
    text.encode()
    for text in ("\x1b]0;", "\x1b[38;5;199m", "\x9b", "\u202e", "\u2066", "\u061c", "\x1b[31m")
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    path.write_bytes(tiny_onnx(NAME, f"o{NAME}", f"l{NAME}"))
    return path


def injected(raw: bytes) -> list[bytes]:
    return [sequence for sequence in INJECTED if sequence in raw]


def test_on_the_screen(start: Start, model: Path) -> None:
    terminal = start(str(model), "-pc", "-max_irate", "400", columns=140, lines=45)
    terminal.wait_for_match(r"count +[1-9]")
    seen = terminal.text
    for key, words in (
        ("2", "Pareto"),
        ("3", "Executed as"),
        ("4", "→ n"),
        ("5", ""),
        ("6", ""),
        ("7", ""),
        ("8", ""),
        ("9", ""),
        ("L", "Messages of this session"),
        ("x", "saves"),
        ("m", "lists this folder"),
        ("?", "finds a word on all pages"),
        ("\x10", "Search"),
    ):
        terminal.type(key)
        before = terminal.text
        terminal.wait_for(
            lambda text, words=words, before=before: words in text and text != before,
            f"{words!r} after {key!r}",
        )
        seen += terminal.text
        if not key.isdigit():
            terminal.type("\x1b")
            terminal.wait_for(lambda text, words=words: words not in text, f"{key!r} closed")
    assert "[bold red]b[@click=app.quit]" in seen, "markup is shown as it is"
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "[@click=app.quit]" in ended.main_screen
    assert injected(terminal.raw) == []


def test_without_a_screen(environment: dict[str, str], model: Path, tmp_path: Path) -> None:
    database = {"OVBENCH_TUI_HISTORY": str(tmp_path / "history.db")}
    measured = run_piped(environment | database, str(model), "--no-tui", "-niter", "40", "-pc")
    assert measured.returncode == 0, measured.stderr
    document = run_piped(environment | database, str(model), "--json", "-niter", "40")
    json.loads(document.stdout)
    report = tmp_path / f"r{ESCAPES}[x].json"
    report.write_text(document.stdout)
    outputs = [measured, document]
    for words in (
        ("history", "show", "1"),
        ("compare", str(report), str(model)),
        (str(tmp_path / f"missing{ESCAPES}.onnx"), "--no-tui"),
        (str(model), "--no-tui", "-niter", "1", "-shape", f"{NAME}[1]"),
        (str(model), "--no-tui", "-load_config", str(report)),
    ):
        outputs.append(run_piped(environment | database, *words))
        assert "Traceback" not in outputs[-1].stderr
    for output in outputs:
        raw = (output.stdout + output.stderr).encode("utf-8", "replace")
        assert injected(raw) == [], output.args
    assert "[@click=app.quit]" in measured.stdout
