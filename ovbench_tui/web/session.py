"""One app behind a web socket, as a process of its own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from textual_serve.app_service import AppService

import ovbench_tui

_END_PATIENCE_S = 10.0

# With -m or a plain -c Python would look for modules in the current folder first, and that may
# be one of downloaded models.
_PROGRAM = """import sys
sys.path[:] = [*filter(None, sys.path), {root!r}]
from ovbench_tui.cli.main import run
if __name__ == "__main__":
    run()
"""
_ROOT = str(Path(ovbench_tui.__file__).parents[1])


class WebSession(AppService):
    """textual-serve's service, with the arguments as they are and an end that cannot hang.

    Args of `AppService`; `arguments` are those of the program in place of its shell command.
    """

    arguments: tuple[str, ...] = ()

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        environment = self._build_environment(width=width, height=height)
        # What the terminal of the server can show says nothing about the browser.
        environment.pop("NO_COLOR", None)
        environment |= {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", _PROGRAM.format(root=_ROOT), *self.arguments),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environment,
        )
        self._stdin = self._process.stdin
        return self._process

    async def stop(self) -> None:
        """End the app, by force when it does not end by itself."""
        try:
            await asyncio.wait_for(super().stop(), _END_PATIENCE_S)
        except asyncio.TimeoutError:
            if self._process is not None:
                self._process.kill()
        if self._process is not None:
            await self._process.wait()
        sys.stdout.flush()  # what the app told at its end is in there
