"""Python imports this by its name before it runs the user's program, which so runs as alone.

Its ``__main__``, ``sys.argv``, tracebacks and exit code are Python's own work. Here the traces
of this folder are removed, and recording begins once the program imports OpenVINO.
"""

from __future__ import annotations

import os
import sys


def _begin() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120 - nothing imported
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if entries and entries[0] == folder:
        rest = os.pathsep.join(entries[1:])
        if rest:
            os.environ["PYTHONPATH"] = rest
        else:
            del os.environ["PYTHONPATH"]
    sys.path[:] = [entry for entry in sys.path if entry != folder]
    handle = os.environ.pop("OVBENCH_TUI_RECORDER", "")
    is_apart = bool(os.environ.pop("OVBENCH_TUI_APART", ""))
    if not handle:
        return
    known = "openvino_telemetry" in sys.modules
    root = folder
    for _ in range(4):
        root = os.path.dirname(root)  # noqa: PTH120
    sys.path.insert(0, root)
    try:
        from ovbench_tui.application.recorder.hook import record_openvino
        from ovbench_tui.application.recorder.keyboard import note_reading
        from ovbench_tui.application.recorder.writer import Writer, open_memory
    finally:
        sys.path.remove(root)
        if not known:  # ours keeps it off; the user's program decides for itself
            sys.modules.pop("openvino_telemetry", None)
    writer = Writer(*open_memory(handle))
    record_openvino(writer)
    if is_apart:
        writer.screen_pid = os.getppid()
        note_reading(writer)


def _run_other() -> None:
    """Run the sitecustomize of this machine, if there is one."""
    own = sys.modules.pop("sitecustomize", None)
    try:
        import sitecustomize  # type: ignore[import-not-found] # noqa: F401
    except ModuleNotFoundError as error:
        if error.name != "sitecustomize":
            raise
    finally:
        if own is not None:
            sys.modules.setdefault("sitecustomize", own)


_begin()
_run_other()
