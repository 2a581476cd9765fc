"""`ovbench-tui serve`: the same app in a browser page."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import secrets
import signal
from collections.abc import Sequence
from importlib.util import find_spec

from ovbench_tui.cli.interrupts import INTERRUPTED
from ovbench_tui.console.messages import print_message
from ovbench_tui.errors import BadInputError, cannot_load
from ovbench_tui.options.invocation import read_invocation
from ovbench_tui.settings.file import read_settings
from ovbench_tui.web.guard import Guard, is_loopback

_TOKEN = "OVBENCH_TUI_TOKEN"  # noqa: S105 - the name of a variable
_TOKEN_LENGTH = 16


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted; returns 130 then, 0 when told to end."""
    given, rest = _parser().parse_known_args(list(arguments))
    if not 0 <= given.port <= 65535:
        raise BadInputError(f"--port {given.port}: give 0 to 65535; 0 takes any that is free.")
    invocation = read_invocation(rest, read_settings().settings)
    if not invocation.has_screen or invocation.wants_schema or invocation.wants_dashboard:
        raise BadInputError("serve shows the screen in a browser: leave --no-tui and --json out.")
    if invocation.config.model:
        from ovbench_tui.config.model_file import identify

        identify(invocation.config.model)
    if find_spec("textual_serve") is None:
        raise BadInputError(
            "serve needs the extra 'web': install it with pip install 'ovbench-tui[web]'."
        )
    guard = Guard(given.host, _token())
    if not is_loopback(given.host):
        print_message(
            f"{given.host} can be reached from other machines: whoever has the address below can"
            " run models and write files as you, and nothing is encrypted."
        )
    return _serve(rest, guard, given.port)


def _parser() -> argparse.ArgumentParser:
    from ovbench_tui.options.parser import OneLineParser

    parser = OneLineParser(
        prog="ovbench-tui serve",
        usage="%(prog)s [MODEL] [--host HOST] [--port PORT] [OPTIONS]",
        description="The live screen in a browser page. All OPTIONS of ovbench-tui work.",
        epilog="The address contains a token, because other users of this machine can reach it too:"
        f" a random one, or that of the variable {_TOKEN}.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="the address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000, help="0 = any free one (default 8000)")
    return parser


def _token() -> str:
    chosen = os.environ.get(_TOKEN, "")
    if chosen and (len(chosen) < _TOKEN_LENGTH or not chosen.isascii() or not chosen.isalnum()):
        raise BadInputError(
            f"{_TOKEN} is too easy: give at least {_TOKEN_LENGTH} letters and digits."
        )
    return chosen or secrets.token_hex(_TOKEN_LENGTH)


def _serve(arguments: Sequence[str], guard: Guard, port: int) -> int:
    try:
        from ovbench_tui.web.server import WebServer
    except (ImportError, OSError) as error:
        raise BadInputError(cannot_load("serve", "the package textual-serve", error)) from None
    code = 0

    async def run() -> None:
        nonlocal code
        task = asyncio.ensure_future(WebServer(arguments, guard, port).listen())

        def end(number: int) -> None:
            nonlocal code
            code = 0 if number == signal.SIGTERM else 128 + number
            task.cancel()

        loop = asyncio.get_running_loop()
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            # What is ignored stays so: nohup means it.
            if number is None or signal.getsignal(number) is signal.SIG_IGN:
                continue
            with contextlib.suppress(NotImplementedError):  # on Windows Ctrl-C raises instead
                loop.add_signal_handler(number, end, number)
        with contextlib.suppress(asyncio.CancelledError):
            await task

    try:
        asyncio.run(run())
    except (OSError, ValueError) as error:  # ValueError: no name could be like that
        cause = getattr(error, "strerror", None) or str(error)
        raise BadInputError(f"Cannot listen on {guard.host}:{port}: {cause}.") from None
    except KeyboardInterrupt:
        return INTERRUPTED
    return code
