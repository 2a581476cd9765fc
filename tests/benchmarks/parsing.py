"""Reads what the measured programs, the terminal and the kernel say."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_QUOTED_CHARACTERS = 300
_SCREEN_LEFT = b"\x1b[?1049l"
_CONTROL = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1b[()][A-Z0-9]|\x1b[=>78]"
)
_OUR_FPS = re.compile(r"^Throughput:\s+([\d.]+) (?:FPS\s*$|tokens/s,)", re.MULTILINE)
_OUR_NIREQ = re.compile(r"^Configuration:.*\bnireq (\d+)\b", re.MULTILINE)
_THEIR_FPS = re.compile(r"^\[ INFO \] Throughput:\s+([\d.]+) FPS\s*$", re.MULTILINE)
_THEIR_NIREQ = re.compile(r"Start inference asynchronously, (\d+) inference requests?\b")
_MEDIAN = re.compile(r"^(?:\[ INFO \])? +Median:\s+([\d.]+) (ms|us)\s*$", re.MULTILINE)
_MS = {"ms": 1.0, "us": 0.001}
_YARDSTICK = re.compile(r"^([\d.]+) FPS, nireq (\d+)\s*$", re.MULTILINE)
_UI_COST = re.compile(rb"UI +([\d.]+) %")


class UnexpectedOutputError(RuntimeError):
    """A program ran, but did not print what a measurement needs."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """What one program measured: frames a second, and with how many infer requests.

    Attributes:
        median_ms: latency; NaN where the program does not tell it.
    """

    fps: float
    nireq: int
    median_ms: float = math.nan


def read_summary(text: str) -> Throughput:
    """Read the summary ovbench-tui prints in the end (of the last run, if there were more)."""
    return _throughput("ovbench-tui", text, _OUR_FPS, _OUR_NIREQ)


def read_benchmark_app(text: str) -> Throughput:
    """Read benchmark_app's output."""
    return _throughput("benchmark_app", text, _THEIR_FPS, _THEIR_NIREQ)


def read_yardstick(text: str) -> Throughput:
    """Read the one line of the C++ yardstick."""
    match = _YARDSTICK.search(text)
    if match is None:
        raise UnexpectedOutputError(f"The yardstick printed no FPS: {last_lines(text.encode())}")
    return Throughput(float(match[1]), int(match[2]))


def printed_after_screen(output: bytes) -> str:
    """What a full-screen program printed once it had given the screen back.

    Raises:
        UnexpectedOutputError: it never left the alternate screen.
    """
    screen, left, after = output.rpartition(_SCREEN_LEFT)
    if not left:
        raise UnexpectedOutputError(f"The screen was never given back: {last_lines(screen)}")
    return _plain(after)


def visible_characters(output: bytes) -> int:
    """Count what a terminal would show: no control sequences, no blanks."""
    return sum(1 for character in _plain(output) if character > " ")


def read_ui_cost_percent(output: bytes | bytearray) -> float:
    """The newest of the costs that ovbench-tui's status line showed, in percent of a core."""
    found = _UI_COST.findall(output)
    if not found:
        raise UnexpectedOutputError("No 'UI n %' was on the screen.")
    return float(found[-1])


def last_lines(output: bytes | bytearray) -> str:
    """The end of what was printed, in one line, for an error message."""
    lines = [line.strip() for line in _plain(output).splitlines() if line.strip()]
    return " / ".join(lines[-3:])[-_QUOTED_CHARACTERS:] or "nothing was printed"


def cpu_s_of_schedstat(text: str) -> float:
    """CPU seconds of a thread, of /proc/PID/task/TID/schedstat (nanoseconds come first)."""
    return int(text.split()[0]) / 1e9


def cpu_s_of_stat(text: str, ticks_per_s: int) -> float:
    """CPU seconds of a thread, of /proc/PID/task/TID/stat; its name may hold anything."""
    user, system = _stat_fields(text)[11:13]
    return (int(user) + int(system)) / ticks_per_s


def start_ticks_of_stat(text: str) -> int:
    """When a thread started, of its stat, in ticks since boot."""
    return int(_stat_fields(text)[19])


def rss_kib_of_status(text: str) -> int:
    """Resident memory, of /proc/PID/status."""
    match = re.search(r"^VmRSS:\s+(\d+) kB$", text, re.MULTILINE)
    if match is None:
        raise UnexpectedOutputError("There is no VmRSS in /proc/PID/status.")
    return int(match[1])


def _stat_fields(text: str) -> list[str]:
    """The fields from the third on (the state)."""
    return text[text.rindex(")") + 1 :].split()


def _throughput(
    program: str, text: str, fps: re.Pattern[str], nireq: re.Pattern[str]
) -> Throughput:
    rates, counts = fps.findall(text), nireq.findall(text)
    if not rates or not counts:
        raise UnexpectedOutputError(f"{program} printed no throughput: {last_lines(text.encode())}")
    median = _MEDIAN.search(text)
    median_ms = float(median[1]) * _MS[median[2]] if median else math.nan
    # Ours puts the last run first; the earlier ones have no line of their own like it.
    return Throughput(float(rates[0]), int(counts[0]), median_ms)


def _plain(output: bytes | bytearray) -> str:
    return _CONTROL.sub(b"", output).replace(b"\r", b"").decode("utf-8", "replace")
