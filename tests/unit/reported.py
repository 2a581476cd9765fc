"""A run made up for the reports: two infer requests, three layers, awkward names."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.effective import DrawnSizes, EffectiveConfig, ShapeGroup
from ovbench_tui.engine.api.events import LayerTime, ProfileTaken
from ovbench_tui.engine.api.model_info import ModelInfo, PortInfo
from ovbench_tui.engine.api.results import RunResult, RunView
from ovbench_tui.stats.run_stats import GroupStats, RunStats

STATS = RunStats(
    count=2817, dropped=3, elapsed_s=10.00697, fps_now=0.0, fps_mean=281.504123456,
    fps_peak=300.0, min_ms=5.5, mean_ms=7.04, p50_ms=6.931234, p90_ms=7.5, p95_ms=7.9,
    p99_ms=8.25, p999_ms=12.125, max_ms=13.0, warmup_count=12, warmup_s=0.31, frames=5634,
    percentiles_ms=((75.0, 7.25),),
)  # fmt: skip
NOTHING = RunStats(
    count=0, dropped=0, elapsed_s=0.0, fps_now=0.0, fps_mean=float("nan"), fps_peak=0.0,
    min_ms=float("nan"), mean_ms=float("nan"), p50_ms=float("nan"), p90_ms=float("nan"),
    p95_ms=float("nan"), p99_ms=float("nan"), p999_ms=float("nan"), max_ms=float("nan"),
    warmup_count=0, warmup_s=0.0,
)  # fmt: skip


def layer(name: str, real_ms: float, status: str = "EXECUTED") -> LayerTime:
    return LayerTime(name, "Convolution", "jit_avx2_f32", status, real_ms, real_ms / 2)


REQUESTS = (
    (layer("input", 0.0, "NOT_RUN"), layer("conv;1", 1.0), layer("relu", 0.5)),
    (layer("input", 0.0, "NOT_RUN"), layer("conv;1", 2.0), layer("relu", 0.5)),
)
PORT = PortInfo(0, "data", ("2", "3", "224", "224"), "u8", "NCHW")
VIEW = RunView(
    run_id=1,
    config=BenchmarkConfig(
        model="m.xml", duration_s=10.0, percentiles=(75.0,), layout=(("data", "NCHW"),)
    ),
    effective=EffectiveConfig(
        device="CPU",
        nireq=2,
        streams="2",
        threads="2",
        precision="f32",
        batch=2,
        shape_groups=(ShapeGroup((("data", (2, 3, 224, 224)),), 2),),
        input_rules=(("data", "u8, because it is an image"),),
        properties=(("NUM_STREAMS", "2"),),
    ),
    model=ModelInfo("m", "m.xml", "IR", (PORT,), ()),
    read_ms=12.5,
    compile_ms=250.125,
    first_inference_ms=0.0421,
    change="",
    stats=STATS,
    peak_rss_bytes=2**27,
)
RESULT = RunResult(VIEW, ((6.9, 6.95, 2800), (12.9, 13.0, 14)), ProfileTaken(1, REQUESTS))

GROUPS = tuple(
    GroupStats(count=5, min_ms=1.0, mean_ms=mean_ms, p50_ms=1.5, max_ms=9.0, first_ms=11.5)
    for mean_ms in (2.0, 4.0)
)
ROTATING = replace(
    RESULT,
    view=replace(
        VIEW,
        effective=replace(
            VIEW.effective,
            shape_groups=tuple(ShapeGroup((("data", (n, 16)),), n) for n in (1, 4)),
            rotation=(0, 0, 1, 0),
            drawn_sizes=(DrawnSizes("1..8:zipf", (1, 1, 4, 1)),),
        ),
        stats=replace(STATS, groups=GROUPS),
    ),
)
COMPILED = RunResult(
    replace(
        VIEW,
        config=replace(VIEW.config, iterations=0, duration_s=None),
        stats=NOTHING,
        first_inference_ms=float("nan"),
    ),
    (),
)
