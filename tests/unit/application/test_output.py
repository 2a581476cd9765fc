"""What a program prints under a screen: seen in lines, given back byte for byte."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

from ovbench_tui.application.output import OutputLine, ProgramOutput

_PROGRAM = r"""
import os, sys
print("terminal", sys.stdout.isatty())
print("\x1b[31mred\x1b[0m\ttab", flush=True)
sys.stderr.write("10 %\r50 %\r")
sys.stderr.flush()
os.write(1, b"\xff no text\n")
os.write(1, b"no end")
"""


class _Stream(io.TextIOWrapper):
    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal

    @property
    def written(self) -> bytes:
        self.flush()
        return self.buffer.getvalue()  # type: ignore[attr-defined, no-any-return]


def _run(monkeypatch: pytest.MonkeyPatch, *terminals: bool) -> tuple[ProgramOutput, list[_Stream]]:
    streams = [_Stream(is_terminal=is_one) for is_one in terminals]
    monkeypatch.setattr(sys, "stdout", streams[0])
    monkeypatch.setattr(sys, "stderr", streams[1])
    output = ProgramOutput((100, 30))
    stdout, stderr = output.child_ends
    child = subprocess.Popen([sys.executable, "-c", _PROGRAM], stdout=stdout, stderr=stderr)
    output.begin()
    child.wait()
    output.finish(timeout_s=60)
    return output, streams


def test_pipes_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    output, (stdout, stderr) = _run(monkeypatch, False, False)
    lines = output.lines(10)
    assert lines[:3] == (
        OutputLine("terminal False", False),
        OutputLine("red     tab", False),
        OutputLine("\N{REPLACEMENT CHARACTER} no text", False),
    )
    assert set(lines[3:]) == {OutputLine("no end", False), OutputLine("50 %", True)}
    output.give_back()
    assert stdout.written == b"terminal False\n\x1b[31mred\x1b[0m\ttab\n\xff no text\nno end"
    assert stderr.written == b"10 %\r50 %\r"
    output.give_back()
    assert stderr.written == b"10 %\r50 %\r"  # once


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")
def test_a_terminal_is_one_for_both_and_keeps_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    output, (stdout, stderr) = _run(monkeypatch, True, True)
    assert output.lines(1) == (OutputLine("no end", False),)
    assert output.text.splitlines()[0] == "terminal True"
    output.give_back()
    assert stdout.written.endswith(b"tab\n10 %\r50 %\r\xff no text\nno end")
    assert stderr.written == b""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo terminals")
def test_errors_that_go_into_a_file_stay_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    output, (stdout, stderr) = _run(monkeypatch, True, False)
    output.give_back()
    assert stdout.written.startswith(b"terminal True\n")
    assert stderr.written == b"10 %\r50 %\r"
