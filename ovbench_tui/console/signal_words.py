"""How a process came to its end, in words."""

from __future__ import annotations

import signal

_WORDS = {
    "SIGABRT": "aborted",
    "SIGBUS": "crashed",
    "SIGFPE": "crashed",
    "SIGILL": "crashed",
    "SIGKILL": "was killed",
    "SIGSEGV": "crashed",
}


def death_words(number: int) -> str:
    """Say what a signal did to a process, as in 'crashed (SIGSEGV)'."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    return f"{_WORDS.get(name, 'ended')} ({name})"
