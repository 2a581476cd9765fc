"""Takes the wrappers out of the tracebacks that Python prints when a program ends by one."""

from __future__ import annotations

import sys
from pathlib import PurePath
from types import TracebackType

_FOLDER = str(PurePath(__file__).parent)


def hide_wrappers() -> None:
    """Let Python print tracebacks without frames of this folder, as long as it prints them."""
    print_error = sys.excepthook

    def excepthook(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        _clean(error, set())
        print_error(kind, error, error.__traceback__ or traceback)

    sys.excepthook = excepthook


def _clean(error: BaseException | None, seen: set[int]) -> None:
    """Clean an error, and those that it came from."""
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        error.__traceback__ = _without_wrappers(error.__traceback__)
        _clean(error.__cause__, seen)
        error = error.__context__


def _without_wrappers(traceback: TracebackType | None) -> TracebackType | None:
    kept = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(_FOLDER):
            kept.append(traceback)
        traceback = traceback.tb_next
    for before, after in zip(kept, [*kept[1:], None], strict=True):
        before.tb_next = after
    return kept[0] if kept else None
