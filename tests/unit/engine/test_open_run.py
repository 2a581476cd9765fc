"""The memory of a run is that of the samples that fall into it."""

from __future__ import annotations

from ovbench_tui.engine.api.events import RunStarted
from ovbench_tui.engine.runs.open_run import open_run
from ovbench_tui.system.system_sample import MachineSample
from tests.unit.reported import VIEW

STARTED = RunStarted(
    run_id=1,
    config=VIEW.config,
    effective=VIEW.effective,
    model=VIEW.model,
    read_ms=1.0,
    compile_ms=1.0,
    first_inference_ms=1.0,
    change="",
    ring_count=0,
    time_s=10.0,
    peak_rss_bytes=900,
)


def test_only_samples_of_the_run_count_and_the_largest_stays() -> None:
    run = open_run(1, "", STARTED)
    run.take_memory([])
    before = MachineSample(9.9, engine_rss_bytes=800)  # of the run before, or a compile
    run.take_memory([before])
    assert run.peak_rss_bytes == 0
    later = [
        MachineSample(time_s, engine_rss_bytes=rss_bytes)
        for time_s, rss_bytes in ((11.0, 300), (12.0, 500), (13.0, 400), (14.0, 0))
    ]
    run.take_memory([before, *later])
    assert run.peak_rss_bytes == 500
    run.take_memory(later[-1:])
    assert run.peak_rss_bytes == 500
