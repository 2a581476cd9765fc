"""The memory of a run is that of the samples that fall into it."""

from __future__ import annotations

import numpy as np
import pytest

from ovbench_tui.engine.api.events import RunStarted
from ovbench_tui.engine.runs.machine_record import _moment
from ovbench_tui.engine.runs.open_run import open_run
from ovbench_tui.stats.steadiness import Verdict
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


def test_beside_the_first_figures_it_never_stands_that_the_run_warms_up() -> None:
    run = open_run(1, "", STARTED)
    assert run.view(10.0, lambda: ()).stability.verdict is Verdict.WARMING_UP
    run.accumulator.set_state(feeding=True, measuring=True, warming=False, time_s=10.0)
    times_s = 10.0 + np.arange(1, 6) / 100
    run.accumulator.add(times_s, np.full(5, 9.0), np.zeros(5, dtype=np.uint32))
    view = run.view(10.06, lambda: ())
    assert view.stats.count == 5
    assert view.stability.verdict is Verdict.SETTLING


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


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_leak_of_the_measured_time_is_a_note(is_alone: bool) -> None:
    run = open_run(1, "", STARTED)
    run.accumulator.set_state(feeding=True, measuring=True, warming=False, time_s=10.0)
    samples = []
    for second in range(1, 61):
        rss_bytes = (200 + second) << 20  # 60 MiB a minute
        own_bytes = rss_bytes + (100 << 20) * is_alone
        sample = MachineSample(10.0 + second, engine_rss_bytes=rss_bytes, own_rss_bytes=own_bytes)
        samples.append(sample)
        run.accumulator.note_machine(sample.time_s, _moment(None, sample))
    view = run.view(70.0, lambda: samples)
    assert view.memory_trend is not None
    assert view.memory_trend.is_alone is is_alone
    assert view.memory_trend.mib_per_minute == pytest.approx(60.0)
    assert view.memory_trend.sentence in view.stability.notes
