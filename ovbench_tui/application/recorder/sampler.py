"""Looks now and then which of the program's own functions its threads are in."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import sysconfig
import time
from types import CodeType, FrameType

from ovbench_tui.application.recorder.layout import UNKNOWN, Kind
from ovbench_tui.application.recorder.thread_state import ThreadStates
from ovbench_tui.application.recorder.writer import Writer

_EVERY_S = 0.02
_LIBRARIES = ("stdlib", "platstdlib", "purelib", "platlib")


class Sampler:
    """Samples the threads that call OpenVINO while they do not.

    Its thread is none that `threading` knows, and begins with the first infer request: a process
    that has threads is warned of when it forks, and OpenVINO has its own by then.
    """

    def __init__(self, writer: Writer, threads: ThreadStates) -> None:
        self._writer = writer
        self._threads = threads
        self._is_running = False
        self._functions: dict[CodeType, int] = {}
        self._is_library: dict[str, bool] = {}
        paths = sysconfig.get_paths()
        own = os.path.dirname(__file__)  # noqa: PTH120 - as it stands in code objects
        self._folders = (*(paths[name] for name in _LIBRARIES), own, "<")

    def begin(self) -> None:
        """Begin, once."""
        if not self._is_running:
            self._is_running = True
            _thread.start_new_thread(self._run, ())

    def _run(self) -> None:
        screen_pid = self._writer.screen_pid
        while True:
            time.sleep(_EVERY_S)
            if screen_pid and os.getppid() != screen_pid:
                screen_pid = 0
                os.kill(os.getpid(), signal.SIGTERM)  # as the end of a terminal would
            frames = sys._current_frames()  # noqa: SLF001 - the documented way
            for identifier, state in self._threads.all():
                frame = frames.get(identifier)
                if frame is not None and state.end_ns and not state.depth:
                    self._store(state.index, frame)
            # A frame that is kept keeps alive what its function has.
            frame = None
            frames.clear()

    def _store(self, thread: int, frame: FrameType) -> None:
        number = self._number(self._own(frame).f_code)
        now_ns = time.perf_counter_ns()
        self._writer.store(
            *(now_ns, now_ns, Kind.SAMPLE, thread, number, UNKNOWN),
            *(0, 0, 0, UNKNOWN, UNKNOWN, 0),
        )

    def _own(self, innermost: FrameType) -> FrameType:
        """The innermost frame of the program's own code; of a library's where there is none."""
        frame: FrameType | None = innermost
        while frame is not None:
            file = frame.f_code.co_filename
            is_library = self._is_library.get(file)
            if is_library is None:
                is_library = file.startswith(self._folders)
                self._is_library[file] = is_library
            if not is_library:
                return frame
            frame = frame.f_back
        return innermost

    def _number(self, code: CodeType) -> int:
        number = self._functions.get(code)
        if number is None:
            number = self._functions[code] = len(self._functions)
            self._writer.note(
                function=number,
                name=getattr(code, "co_qualname", code.co_name),
                file=code.co_filename,
                line=code.co_firstlineno,
            )
        return number
