"""After how many inferences a counted run ends."""

from __future__ import annotations

import math


def aligned_iterations(iterations: int, nireq: int, shape_groups: int, *, is_sync: bool) -> int:
    """Round up as benchmark_app does: to whole rounds of requests, or of shapes if those are more.

    Source: `get_number_iterations` of openvino.tools.benchmark.
    """
    if is_sync:
        return iterations
    step = shape_groups if shape_groups > nireq else nireq
    return math.ceil(iterations / step) * step
