"""Imports the program once; each start of it is then a fork, in surroundings of its own.

Importing is half of what a short run costs, and hundreds of tests start one. What is forked is a
process like any other: its own environment, folder, terminal, signals and exit code. How the
interpreter itself starts, and what is imported when, is for tests that start `PROGRAM`.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import json
import os
import pickle
import pkgutil
import runpy
import select
import signal
import socket
import struct
import sys
import termios
import traceback
from typing import Any, NoReturn

import ovbench_tui
from ovbench_tui.engine.models.preparation import Engine
from tests.engine.short_waits import shorten

_LENGTH = struct.Struct("I")
_NOT_PRELOADED = ("__main__", "own_program", ".recorder", ".fleet")


def _preload() -> None:
    for module in pkgutil.walk_packages(ovbench_tui.__path__, "ovbench_tui."):
        if not any(part in module.name for part in _NOT_PRELOADED):
            importlib.import_module(module.name)


def _shorten_waits() -> None:
    """The waits of the engine's own tests, and the devices found once, in a process apart.

    OpenVINO starts threads with the first device, and these would be missing after a fork.
    """
    readable, writable = os.pipe()
    if os.fork() == 0:
        with os.fdopen(writable, "wb") as stream:
            pickle.dump(Engine(allow_strings=False).discover(), stream)
        os._exit(0)
    os.close(writable)
    with os.fdopen(readable, "rb") as stream:
        found = pickle.load(stream)  # noqa: S301 - our own
    os.wait()
    shorten(found)


def _become_the_program(request: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Do what is done between a fork and the first line of the program."""
    if request["new_session"]:
        os.setsid()
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    if request["new_session"] and os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old = getattr(sys, name)
        stream = open(  # noqa: SIM115 - as the interpreter does it
            number,
            "w" if number else "r",
            buffering=1 if number == 2 or os.isatty(number) else -1,
            encoding=old.encoding,
            errors=old.errors,
            closefd=False,
        )
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.argv = ["ovbench_tui", *request["arguments"]]
    try:
        runpy.run_module("ovbench_tui", run_name="__main__", alter_sys=True)
    except BaseException:  # noqa: BLE001 - nothing of the server may run on in the child
        traceback.print_exc()
    os._exit(70)


def _receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH.size, 4)
    if not head:
        return None
    (length,) = _LENGTH.unpack(head)
    body = b""
    while len(body) < length:
        body += channel.recv(length - len(body))
    return json.loads(body), list(descriptors)


def _tell_of_the_ended(told: dict[int, int]) -> None:
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            status = told.pop(ended[0])
            with contextlib.suppress(BrokenPipeError):
                os.write(status, _LENGTH.pack(os.waitstatus_to_exitcode(ended[1]) & 0xFFFFFFFF))
            os.close(status)


def serve(channel: socket.socket) -> None:
    """Start what is asked for until the other end is closed.

    A request brings four descriptors: the three standard streams, and a pipe that is told the
    number of the process, and its exit code when it has ended.
    """
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    os.set_blocking(woken, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel, woken], [], [])
        if woken in ready:
            os.read(woken, 1 << 10)
            _tell_of_the_ended(told)
        if channel not in ready:
            continue
        received = _receive(channel)
        if received is None:
            return
        request, (*streams, status) = received
        child = os.fork()
        if child == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for descriptor in (channel.fileno(), woken, wakes, status, *told.values()):
                os.close(descriptor)
            _become_the_program(request, streams)
        told[child] = status
        os.write(status, _LENGTH.pack(child))
        for descriptor in streams:
            os.close(descriptor)


if __name__ == "__main__":
    _preload()
    _shorten_waits()
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
