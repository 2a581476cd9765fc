"""Notes, in every Python process, what would leave this machine or fork."""

from __future__ import annotations

from pathlib import Path

# Python imports this module at its start, whatever it runs: so spawned processes have it, too.
# The hook sees what goes through the standard library, which is what an analytics module uses.
_HOOK = """
import os, sys, threading

NOTES, HANGS = {notes!r}, {hangs!r}

def note(what):
    with open(NOTES, "a") as file:
        file.write(f"{{os.getpid()}} {{what}}\\n")

def is_here(host):
    return host in (None, "", "localhost", "::1") or str(host).startswith(("127.", "/"))

def hook(event, arguments):
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_here(address[0]):
            note(f"{{event}} {{address}}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        if not is_here(arguments[0]):
            note(f"{{event}} {{arguments[0]}}")
            if HANGS:
                threading.Event().wait()
    elif event in ("os.fork", "os.forkpty"):
        note(f"{{event}} {{'in a loop' if 'asyncio' in sys.modules else 'before any loop'}}")

sys.addaudithook(hook)
"""


class Outgoing:
    """What programs with this environment have tried.

    Args:
        folder: an empty one.
        environment: is made to load the hook.
        hangs: whether a look-up never ends, as where a firewall drops every packet.
    """

    def __init__(self, folder: Path, environment: dict[str, str], *, hangs: bool) -> None:
        self._notes = folder / "notes"
        hook = folder / "hook"
        hook.mkdir()
        text = _HOOK.format(notes=str(self._notes), hangs=hangs)
        (hook / "sitecustomize.py").write_text(text)
        paths = [str(hook), *filter(None, [environment.get("PYTHONPATH", "")])]
        self.environment = environment | {"PYTHONPATH": ":".join(paths)}

    @property
    def noted(self) -> list[str]:
        """One line for each, with its process."""
        return self._notes.read_text().splitlines() if self._notes.exists() else []
