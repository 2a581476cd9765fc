"""The program that says how long each layer takes, as a device keeps means or does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.export.layers_program import layers_program
from ovbench_tui.export.run_program import reply_of
from ovbench_tui.layers.sample import sample_of
from tests.engine.conftest import OpenSession, measured, wait_for


@pytest.mark.parametrize("is_running_mean", [True, False])
def test_it_reports_layers_and_the_latency_of_the_same_inferences(
    is_running_mean: bool, open_thread: OpenSession, tiny_models: Path, tmp_path: Path
) -> None:
    model = str(tiny_models / "heavy.xml")
    session = open_thread(BenchmarkConfig(model=model, nireq=1, streams="1", perf_counts=True))
    run = wait_for(session, measured(1)).run
    assert run is not None
    program = tmp_path / "layers.py"
    program.write_text(layers_program(run, is_running_mean=is_running_mean), encoding="utf-8")
    reply = reply_of(program, ["0.05", "0.1"], "Sample 1")
    assert (reply["warm"]["count"] >= 2) is is_running_mean
    found = sample_of(reply)
    assert found.inferences == reply["count"] >= 3
    (relu,) = (layer for layer in found.layers if layer.status == "EXECUTED")
    assert relu.originals
    assert relu.real_ms > 0
    if is_running_mean:  # as the CPU's are: the one layer is a part of the latency
        cut_off_us = 1 + reply["warm"]["count"] / reply["count"]
        assert relu.real_ms <= found.latency_ms + cut_off_us / 1e3
    assert found.layers_ms + found.outside_ms == pytest.approx(found.latency_ms)
