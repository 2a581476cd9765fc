"""Raw latencies on disk, written while they are measured, in bounded memory.

A .npy file holds one structured array with the float64 fields ``run``, ``time_s`` and
``latency_ms``; a .csv file has the same columns. Times count from the moment the file was
opened. The rows of a run are those its figures are made of: a run whose statistics begin again
loses those it has. The format of .npy is numpy's own (numpy.lib.format, version 1.0); the header is
written again at the end, when the number of rows is known.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection
from pathlib import Path
from time import perf_counter
from typing import BinaryIO, Protocol

import numpy as np
import numpy.typing as npt

from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_write import check_target, create_beside, take_name

Floats = npt.NDArray[np.float64]

COLUMNS = ("run", "time_s", "latency_ms")
ROW = np.dtype([(name, "<f8") for name in COLUMNS])

_ROWS_AT_ONCE = 8192
_NPY_HEADER_BYTES = 256
"""More than any number of rows takes, and a multiple of 64 as the format asks."""


class _RowFormat(Protocol):
    """How rows become bytes."""

    def header(self, rows: int) -> bytes:
        """Begin a file that holds so many rows; always of the same length."""
        ...

    def encode(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> bytes:
        """Encode an array of `ROW`."""
        ...


class _Npy:
    def header(self, rows: int) -> bytes:
        text = f"{{'descr': {ROW.descr!r}, 'fortran_order': False, 'shape': ({rows},), }}"
        length = _NPY_HEADER_BYTES - 10
        return (
            b"\x93NUMPY\x01\x00"
            + length.to_bytes(2, "little")
            + text.encode("ascii").ljust(length - 1)
            + b"\n"
        )

    def encode(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> bytes:
        return rows.tobytes()


class _Csv:
    def header(self, rows: int) -> bytes:  # noqa: ARG002 - a .csv file does not tell
        return (",".join(COLUMNS) + "\n").encode("ascii")

    def encode(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> bytes:
        # In whole nanoseconds, as OpenVINO counts.
        lines = (f"{run:.0f},{time_s:.9f},{ms:.6f}\n" for run, time_s, ms in rows.tolist())
        return "".join(lines).encode("ascii")


class LatencyFile:
    """A sink that streams to a file; trouble ends the writing, not the measurement.

    Attributes:
        rows: that the file holds.
    """

    def __init__(self, path: str, *, clock: Callable[[], float] = perf_counter) -> None:
        """Open the file's forerunner beside it; the name is taken by `close`.

        Raises:
            BadInputError: where no file could be written.
        """
        self._path = Path(path)
        check_target(self._path, "--latencies")
        self._format: _RowFormat = _Npy() if self._path.suffix.lower() == ".npy" else _Csv()
        self._origin_s = clock()
        self.rows = 0
        self._stopped_by = ""
        try:
            self._file, self._part = create_beside(self._path)
            self._begin(self._file)
        except OSError as error:
            raise BadInputError(
                f"--latencies {path!r} cannot be written: {error.strerror or error}."
            ) from error
        self._is_open = True

    def _begin(self, file: BinaryIO) -> None:
        header = self._format.header(0)
        file.write(header)
        file.flush()
        self._end = len(header)
        self._begins: dict[int, tuple[int, int]] = {}
        """Rows and bytes before the first row of each run."""

        self._ends: dict[int, int] = {}
        """Rows up to the last of each run."""

    @property
    def reason(self) -> str:
        """Why nothing more is written, in a sentence; '' = all is well."""
        if not self._stopped_by:
            return ""
        return (
            f"{self._name} ends after {self.rows} latencies, because it could not be"
            f" written any further: {self._stopped_by}."
        )

    def add(self, times_s: Floats, latencies_ms: Floats, run_id: int) -> None:
        """Write completions of one run; after a trouble they are dropped.

        Args:
            times_s: by `perf_counter`.
            latencies_ms: as many.
        """
        if len(latencies_ms):
            self._begins.setdefault(run_id, (self.rows, self._end))
        for start in range(0, len(latencies_ms), _ROWS_AT_ONCE):
            if self._stopped_by or not self._is_open:
                return
            piece = slice(start, start + _ROWS_AT_ONCE)
            rows = np.empty(len(latencies_ms[piece]), ROW)
            rows["run"] = run_id
            rows["time_s"] = times_s[piece] - self._origin_s
            rows["latency_ms"] = latencies_ms[piece]
            self._write(rows)
            self._ends[run_id] = self.rows

    def forget(self, run_ids: Collection[int]) -> None:
        """Drop the rows of the latest run, or of the latest two where these alternate.

        Args:
            run_ids: all that were written since the first of them.
        """
        begins = [self._begins[run_id] for run_id in run_ids if run_id in self._begins]
        if not begins or not self._is_open:
            return
        rows, end = min(begins)
        if any(last > rows for run_id, last in self._ends.items() if run_id not in run_ids):
            return  # another run came after them, so they are over
        for run_id in run_ids:
            self._begins.pop(run_id, None)
            self._ends.pop(run_id, None)
        # What stands behind the end is overwritten, or cut off when the file is finished.
        self.rows, self._end = rows, end

    def _write(self, rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> None:
        data = self._format.encode(rows)
        try:
            # Not where the last write ended, since an interrupt may have cut that one short.
            self._file.seek(self._end)
            self._file.write(data)
            # Now, not when the buffer is full: only then is it known what is in the file.
            self._file.flush()
        except OSError as error:
            self._stopped_by = error.strerror or str(error)
            return
        self.rows += len(rows)
        self._end += len(data)

    @property
    def is_complete(self) -> bool:
        """Whether all that was measured so far is in the file."""
        return not self._stopped_by

    def close(self) -> str:
        """Finish the file and say what became of it, in a sentence; later calls say nothing."""
        if not self._is_open:
            return ""
        self._is_open = False
        try:
            self._finish()
        except OSError as error:
            self._stopped_by = error.strerror or str(error)
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)
            return f"{self._name} was not written: {self._stopped_by}."
        return self.reason or f"{self.rows} latencies are in {self._name}."

    def _finish(self) -> None:
        # By the descriptor: what a failed write has left in the file's buffer is not wanted.
        fd = os.dup(self._file.fileno())
        try:
            with contextlib.suppress(OSError):
                self._file.close()
            os.ftruncate(fd, self._end)
            os.lseek(fd, 0, os.SEEK_SET)
            os.write(fd, self._format.header(self.rows))
        finally:
            os.close(fd)
        take_name(self._part, self._path)

    @property
    def _name(self) -> str:
        return f"'{printable(str(self._path))}'"
