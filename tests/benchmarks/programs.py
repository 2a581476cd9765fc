"""One measurement of one program: ours with its screen, ours without, and benchmark_app."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.parsing import (
    Throughput,
    printed_after_screen,
    read_benchmark_app,
    read_summary,
)
from tests.benchmarks.processes import Terminal, run_to_end
from tests.benchmarks.settings import Settings

_BENCHMARK_APP = "import sys; from openvino.tools.benchmark.main import main; sys.exit(main())"


def our_command(model: Path, *options: str) -> list[str]:
    """The command line that starts ovbench-tui from this repository."""
    return [sys.executable, "-m", "ovbench_tui", str(model), *options]


def run_with_screen(settings: Settings, model: Path, nireq: int, *options: str) -> Throughput:
    """Ours in a real terminal of 120 x 40, at the default refresh."""
    command = our_command(model, *_shared_options(settings, nireq), *options)
    with Terminal(command, settings.environment, settings.folder) as terminal:
        return read_summary(printed_after_screen(terminal.wait_for_end(settings.timeout_s)))


def run_without_screen(settings: Settings, model: Path, nireq: int) -> Throughput:
    """Ours with ``--no-tui``."""
    command = our_command(model, "--no-tui", *_shared_options(settings, nireq))
    return read_summary(
        run_to_end(command, settings.environment, settings.folder, settings.timeout_s)
    )


def run_benchmark_app(settings: Settings, model: Path, nireq: int) -> Throughput:
    """benchmark_app with the same device, hint, requests and input precision."""
    command = [sys.executable, "-c", _BENCHMARK_APP, "-m", str(model)]
    command += _shared_options(settings, nireq)
    return read_benchmark_app(
        run_to_end(command, settings.environment, settings.folder, settings.timeout_s)
    )


def _shared_options(settings: Settings, nireq: int) -> list[str]:
    # Both would feed images as u8, each by its own reading of what an image is.
    options = ["-d", "CPU", "-hint", "throughput", "-t", str(settings.seconds), "-ip", "f32"]
    return [*options, "-nireq", str(nireq)] if nireq else options
