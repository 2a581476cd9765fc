"""The view of a run that measured nothing, for what only needs its configuration."""

from __future__ import annotations

import math
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.stats.run_stats import RunStats

_NOTHING = RunStats(*((0, 0, 0.0) + (math.nan,) * 11 + (0, 0.0)))


def make_view(config: BenchmarkConfig, prepared: PreparedModel, nireq: int) -> RunView:
    """As the session shows a run right after its model is compiled."""
    return RunView(
        run_id=1,
        config=config,
        effective=replace(prepared.effective, nireq=nireq),
        model=prepared.info,
        read_ms=prepared.read_ms,
        compile_ms=prepared.compile_ms,
        first_inference_ms=0.0,
        change="",
        stats=_NOTHING,
    )
