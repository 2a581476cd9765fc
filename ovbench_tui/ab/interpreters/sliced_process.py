"""A process that measures one configuration, slice by slice."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, cast

import numpy as np
import numpy.typing as npt

from ovbench_tui.console.error_log import log_error
from ovbench_tui.errors import RunFailedError

_PATIENCE_S = 60.0
_CLOSE_S = 3.0


@dataclass(frozen=True, slots=True)
class Layer:
    """How a device executes a layer of the compiled model.

    Attributes:
        kind: the type of layer.
        precision: that it is computed in.
        implementation: as the device names it.
    """

    kind: str
    precision: str
    implementation: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a process says of itself before it measures.

    Attributes:
        openvino: its version.
        properties: of the compiled model, by name.
        layers: as executed, by name; empty where the device does not list them.
    """

    openvino: str
    properties: Mapping[str, str]
    layers: Mapping[str, Layer]


@dataclass(frozen=True, slots=True)
class Slice:
    """What was measured in a slice.

    Attributes:
        seconds: that it took.
        latencies_ms: of the inferences, as they completed, [count].
    """

    count: int
    frames: int
    seconds: float
    latencies_ms: npt.NDArray[np.float64]


class SlicedProcess:
    """Runs a program of `export.sliced_program` in an interpreter.

    It ends with its standard input, so it outlives this process by a slice at most.

    Args:
        name: for messages, as in ``B (OpenVINO 2025.4.1)``.
        interpreter: of Python.
        program: its text.
        environment: its environment variables.

    Raises:
        RunFailedError: it cannot be started.
    """

    def __init__(
        self, name: str, interpreter: Path, program: str, environment: Mapping[str, str]
    ) -> None:
        self._name = name
        self._folder = tempfile.TemporaryDirectory(prefix="ovbench-tui-")
        script = Path(self._folder.name) / "measure.py"
        script.write_text(program, encoding="utf-8")
        self._errors = Path(self._folder.name) / "stderr"
        self._replies: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._is_waiting_since_s: float | None = None
        self._patience_s = 0.0
        try:
            with self._errors.open("wb") as errors:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [os.fspath(interpreter), os.fspath(script)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    env=dict(environment),
                    text=True,
                    encoding="utf-8",
                    errors="replace",  # native code prints what it likes
                    # Ctrl-C is for this process, which ends the other.
                    start_new_session=sys.platform != "win32",
                )
        except OSError as error:
            self._folder.cleanup()
            raise RunFailedError(
                f"{interpreter} cannot be started ({error.strerror}): give a Python interpreter."
            ) from error
        self._orders = cast("TextIO", self._process.stdin)
        output = cast("TextIO", self._process.stdout)
        threading.Thread(target=self._read, args=(output,), daemon=True).start()

    def begin_slice(self, seconds: float) -> None:
        """Let it measure; `take_slice` has the outcome some time later."""
        self._is_waiting_since_s = time.monotonic()
        self._patience_s = _PATIENCE_S + 20 * seconds
        with contextlib.suppress(OSError):  # that it has ended is found where it is read
            self._orders.write(f"{seconds!r}\n")
            self._orders.flush()

    def take_announcement(self) -> Announcement | None:
        """What it says of itself; None = not yet.

        Raises:
            RunFailedError: it has failed.
        """
        reply = self._take()
        if reply is None:
            return None
        layers = {name: Layer(*values) for name, values in reply["layers"].items()}
        return Announcement(reply["openvino"], reply["properties"], layers)

    def take_slice(self) -> Slice | None:
        """What the slice begun last has measured; None = it goes on.

        Raises:
            RunFailedError: it has failed, or hangs.
        """
        reply = self._take()
        if reply is not None:
            latencies_ms = np.array(reply["latencies_ms"], dtype=np.float64)
            return Slice(reply["count"], reply["frames"], reply["seconds"], latencies_ms)
        since_s = self._is_waiting_since_s
        if since_s is not None and time.monotonic() - since_s > self._patience_s:
            raise RunFailedError(f"{self._name} hangs: it has not answered for a minute.")
        return None

    def close(self) -> None:
        """End it, and remove its files."""
        with contextlib.suppress(OSError):
            self._orders.close()
        self._process.terminate()
        self._wait()
        self._folder.cleanup()

    def _wait(self) -> int:
        try:
            return self._process.wait(_CLOSE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _read(self, output: TextIO) -> None:
        with contextlib.suppress(OSError, ValueError):  # closed under it
            for line in output:
                self._replies.put(line)
        self._replies.put("")

    def _take(self) -> dict[str, Any] | None:
        """The next reply; what a library prints between them is none."""
        while not self._replies.empty():
            line = self._replies.get()
            if not line:
                raise RunFailedError(self._why_ended())
            try:
                reply = json.loads(line)
            except ValueError:
                continue
            if isinstance(reply, dict):
                return reply
        return None

    def _why_ended(self) -> str:
        """Its output has ended, and so has it, unless something closed that alone."""
        self._process.terminate()
        code = self._wait()
        text = self._errors.read_text(encoding="utf-8", errors="replace").strip()
        log_error(RunFailedError(f"{self._name}: {text}"))
        if "No module named" in text:
            module = text.rpartition("No module named ")[2].splitlines()[0].strip("'")
            return f"{self._name} has no package {module}: install it there."
        reason = text.splitlines()[-1] if text else f"exit code {code}"
        if not text and not code:
            reason = "it said nothing, so it is no Python interpreter"
        return f"{self._name} has ended: {reason}"
