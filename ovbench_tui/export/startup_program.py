"""A program that starts as a run's model does, and says how long each part of it took."""

from __future__ import annotations

from ovbench_tui.engine.api.results import RunView
from ovbench_tui.export.snippet import program_parts

PHASES = (
    "process",
    "import",
    "core",
    "read",
    "compile",
    "inputs",
    "first inference",
    "second inference",
)
"""What a start consists of, in order. Adapting the model belongs to its reading."""

_MARKS = '''\
"""How long a start takes, part by part."""

import sys
import time

PAGE = {page}
marks = []


def mark(phase):
    try:
        with open("/proc/self/statm", "rb") as file:
            memory = int(file.read().split()[1]) * PAGE
    except OSError:  # only Linux has it
        memory = None
    marks.append((phase, time.perf_counter(), memory))


mark("process")
'''

_REPORT = """
import json
import os

try:
    is_cached = bool(compiled.get_property("LOADED_FROM_CACHE"))
except RuntimeError:  # not every device says
    is_cached = None
try:
    can_cache = "EXPORT_IMPORT" in core.get_property({device!r}, "OPTIMIZATION_CAPABILITIES")
except RuntimeError:
    can_cache = None
line = {{
    "begin_s": float(sys.argv[1]),
    "marks": marks,
    "is_cached": is_cached,
    "can_cache": can_cache,
}}
sys.stdout.write(json.dumps(line) + "\\n")
sys.stdout.flush()
os._exit(0)  # what is torn down is no part of a start
"""


def startup_program(run: RunView, page_bytes: int) -> str:
    """Write a program that prepares, compiles and infers twice as `run` does.

    Its argument is when it was started, in seconds of `time.perf_counter`. It prints a line of
    JSON: ``begin_s``, ``marks`` (the phase that ended, when, and the resident bytes then),
    ``is_cached``, whether the model came out of the cache, and ``can_cache``, whether the device
    exports models; null is unknown.

    Args:
        run: of a model from a file, which generates no tokens.
        page_bytes: of the system's memory.
    """
    parts = program_parts(run, "count < 1")
    marked = (
        (_MARKS.format(page=page_bytes), ""),
        (parts.imports, "import"),
        (parts.core, "core"),
        (parts.reading, "read"),
        (parts.compiling, "compile"),
        (parts.inputs, "inputs"),
        (parts.requests, "first inference"),
        (parts.loop, "second inference"),
        (_REPORT.format(device=run.config.device), ""),
    )
    return "".join(f"{text}\n" + (f'mark("{phase}")\n' if phase else "") for text, phase in marked)
