"""Which options mean something where openvino-genai runs the model."""

from __future__ import annotations

from ovbench_tui.config.benchmark import OPTIONS
from ovbench_tui.config.option import Group

_WITHOUT = frozenset((Group.SHAPES, Group.PREPROCESSING))
_NONE_EITHER = frozenset(
    (
        *("sources", "max_fps", "arrivals", "queue_limit", "timeout_ms"),
        *("perf_counts", "reset_state", "extensions", "from_file", "check_tolerance"),
    )
)


def acts_on_pipelines(name: str) -> bool:
    """Whether an option has an effect there: openvino-genai makes the inputs, and schedules them.

    Args:
        name: of the field of `BenchmarkConfig`.
    """
    return OPTIONS[name].group not in _WITHOUT and name not in _NONE_EITHER
