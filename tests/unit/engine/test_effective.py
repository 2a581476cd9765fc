"""What a run became, in the words of every report."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ovbench_tui.engine.api.effective import EffectiveConfig, ShapeGroup
from ovbench_tui.reports.summary import format_summary
from ovbench_tui.ui.tabs.runs.run_rows import effective_text
from tests.unit.reported import VIEW


def of_batches(*batches: int) -> EffectiveConfig:
    groups = tuple(ShapeGroup((("x", (batch, 256)),), batch) for batch in batches)
    return EffectiveConfig(batch=batches[0], shape_groups=groups)


@pytest.mark.parametrize(
    ("batches", "text"),
    [
        ((4,), "4"),
        ((4, 4), "4"),
        ((1, 4, 32), "1/4/32"),
        ((1, 2, 3, 4, 5, 6, 7), "1/2/3/4/5/6/..."),
    ],
)
def test_each_batch_of_a_rotation_is_shown(batches: tuple[int, ...], text: str) -> None:
    effective = of_batches(*batches)
    assert effective.batch_text == text
    run = replace(VIEW, effective=effective)
    assert f", batch {text}," in format_summary([run])
    assert f"batch {text} " in effective_text(run)
