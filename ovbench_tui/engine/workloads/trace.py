"""Reads a trace: a CSV file whose first column is when each request arrived, in seconds."""

from __future__ import annotations

import math
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import read_input

_MOST_BYTES = 64 << 20
_GIVE = "a CSV file with the seconds of one arrival a line"


class Traces:
    """Reads a trace once, for all the queues that are built with it; again where it has changed."""

    def __init__(self) -> None:
        self._known: tuple[object, tuple[float, ...]] = None, ()

    def read(self, path: str) -> tuple[float, ...]:
        """As `read_trace`."""
        try:
            found = Path(path).stat()
        except OSError:
            return read_trace(path)
        key = path, found.st_mtime_ns, found.st_size
        if self._known[0] != key:
            self._known = key, read_trace(path)
        return self._known[1]


def read_trace(path: str) -> tuple[float, ...]:
    """The seconds of all arrivals after the first one.

    Lines that are empty are left out, and so is a first line that is no number, the heading.

    Raises:
        BadInputError: one sentence on the file, and where in it something is wrong.
    """
    where = f"--arrivals {printable(path)!r}"
    data = read_input(
        Path(path), where, _MOST_BYTES, give=_GIVE, kind="trace", hint=f": give {_GIVE}"
    )
    times_s: list[float] = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), start=1):
        word = line.replace(";", ",").partition(",")[0].strip().strip('"')
        if not line.strip():
            continue
        time_s = _seconds(word)
        if math.isnan(time_s):
            if number == 1:
                continue
            raise BadInputError(
                f"{where} has {printable(word[:40])!r} in line {number}, which is not a number of"
                " seconds."
            )
        if times_s and time_s < times_s[-1]:
            raise BadInputError(
                f"{where} goes back in time in line {number}, from {times_s[-1]:g} s to"
                f" {time_s:g} s: sort its lines."
            )
        times_s.append(time_s)
    if not times_s or times_s[-1] <= times_s[0]:
        raise BadInputError(f"{where} has no two arrivals at different times: give {_GIVE}.")
    return tuple(time_s - times_s[0] for time_s in times_s)


def _seconds(word: str) -> float:
    """NaN where it is no finite number."""
    try:
        value = float(word)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
