"""Slow work beside the screen: what waits for a disk or computes never holds up a frame."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

from textual.message_pump import MessagePump

from ovbench_tui.errors import OvbenchError

_T = TypeVar("_T")


def run_in_thread(
    owner: MessagePump,
    work: Callable[[], _T],
    done: Callable[[_T], None],
    failed: Callable[[OvbenchError], None],
) -> None:
    """Do `work` in a thread of its own; `done` or `failed` is called on the screen's thread.

    Nobody waits for the thread when the program ends, so a disk that is stuck keeps nobody in.

    Args:
        owner: whose work it is; once it is gone, nothing is called any more.
        failed: for what the user can be told; any other error ends the screen, as elsewhere.
    """

    def run() -> None:
        try:
            result = work()
        except OvbenchError as error:
            answer(failed, error)
        except Exception as error:  # noqa: BLE001 - it is raised again where it is seen
            answer(_raise, error)
        else:
            answer(done, result)

    def answer(call: Callable[[_T], None] | Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the screen has ended meanwhile
            owner.call_later(call, *arguments)

    threading.Thread(target=run, name="ovbench-background", daemon=True).start()


def _raise(error: Exception) -> None:
    raise error
