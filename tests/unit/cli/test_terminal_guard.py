"""Where no guard can be, or none is wanted, the program runs without."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from ovbench_tui.cli.terminal_guard import guard_terminal

if sys.platform == "win32":
    pytest.skip("a terminal is guarded on POSIX only", allow_module_level=True)

import termios


def no_fork() -> int:
    raise BlockingIOError("no more processes")


def must_not_fork() -> int:
    raise AssertionError("forked")


def test_in_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    monkeypatch.setattr(termios, "tcgetattr", lambda _: [])
    monkeypatch.setattr(os, "fork", must_not_fork)
    guard_terminal().note_drawing()


def test_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal(_: int) -> list[int]:
        raise termios.error(25, "Inappropriate ioctl for device")

    monkeypatch.setattr(termios, "tcgetattr", no_terminal)
    monkeypatch.setattr(os, "fork", must_not_fork)
    guard_terminal().note_given_back()


def test_without_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(termios, "tcgetattr", lambda _: [])
    monkeypatch.setattr(os, "fork", no_fork)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    handler = signal.getsignal(signal.SIGCHLD)
    guard_terminal().note_drawing()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == mask
    assert signal.getsignal(signal.SIGCHLD) == handler
