"""The device properties of a configuration, as a file for -load_config."""

from __future__ import annotations

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.compile_properties import properties_by_device
from ovbench_tui.config.load_config import format_settings


def settings_json(config: BenchmarkConfig) -> str:
    """Write what the device is asked for; benchmark_app's -load_config reads it, ours too."""
    return format_settings(properties_by_device(config)) + "\n"
