"""The whole text of errors, for the log: the user reads one sentence of it."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Callable

_NAME = "ovbench_tui.errors"


def log_error(error: BaseException) -> None:
    """Write the whole text into the log; nothing where there is none.

    Of a level below those that Python writes to the terminal where no log is set up.
    """
    logging.getLogger(_NAME).info("%s: %s", type(error).__name__, error)


def keep_errors(fd: int) -> Callable[[], None]:
    """Write every error from now on to the log that is open as `fd`.

    Returns:
        Ends it again.
    """
    logger = logging.getLogger(_NAME)
    handler = _Handler(fd)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False

    def end() -> None:
        logger.removeHandler(handler)
        if not logger.handlers:
            logger.setLevel(logging.NOTSET)
            logger.propagate = True

    return end


class _Handler(logging.Handler):
    def __init__(self, fd: int) -> None:
        super().__init__()
        self._fd = fd

    def emit(self, record: logging.LogRecord) -> None:
        data = f"{self.format(record).rstrip()}\n".encode("utf-8", "replace")
        with contextlib.suppress(OSError):  # what a full disk does not take is lost
            while data:
                data = data[os.write(self._fd, data) :]
