"""What the message line has shown in this session, and when: the line itself has room for one."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime

from ovbench_tui.console.text import clean

_KEPT = 1000


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    """One sentence, and the local time at which it came."""

    at: datetime
    text: str


class MessageLog:
    """The newest messages, the oldest first."""

    def __init__(self) -> None:
        self._messages: deque[LoggedMessage] = deque(maxlen=_KEPT)

    def add(self, text: str) -> None:
        """Keep a sentence; an empty one only clears the message line."""
        if text:
            self._messages.append(LoggedMessage(datetime.now().astimezone(), clean(text)))

    @property
    def messages(self) -> tuple[LoggedMessage, ...]:
        """All that are kept."""
        return tuple(self._messages)
