"""Runs for a page out of --json documents: what was measured comes back, damage is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.errors import BadInputError
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.sharing.page import make_page
from ovbench_tui.sharing.shared_run import shared_run
from tests.unit.kept_runs import BEGAN
from tests.unit.sharing.pages import MACHINE, run_of


def document() -> dict[str, Any]:
    results = [run_of("", 280.0).result]
    made: dict[str, Any] = json.loads(
        json_document(Measurement(results, Ending(), ReportOptions(), MACHINE, created=BEGAN))
    )
    return made


def written(folder: Path, made: object) -> str:
    path = folder / "run.json"
    path.write_text(json.dumps(made), encoding="utf-8")
    return str(path)


def test_a_document_gives_the_run_that_it_was_made_of(tmp_path: Path) -> None:
    made = run_of("", 280.0)
    read = shared_run(written(tmp_path, document()) + "#1")
    assert read.name == "run.json, run 1"
    assert read.result.series.frames == made.result.series.frames
    assert read.result.series.p99_ms == pytest.approx(made.result.series.p99_ms, nan_ok=True)
    assert read.result.histogram == made.result.histogram
    assert read.result.view.config == made.result.view.config
    assert read.result.view.stats.fps_mean == 280.0
    assert read.machine == MACHINE
    assert read.measured_at == BEGAN
    assert make_page([read], "1").title == "m on CPU: 280 FPS"


def _without_nireq(made: dict[str, Any]) -> None:
    made["runs"][0]["requested"]["nireq"] = "many"


def _with_impossible_options(made: dict[str, Any]) -> None:
    made["runs"][0]["requested"]["nireq"] = -1


def _with_a_damaged_bin(made: dict[str, Any]) -> None:
    made["runs"][0]["histogram"] = [{"low_ms": []}]


def _without_figures(made: dict[str, Any]) -> None:
    made["runs"][0]["figures"]["count"] = 0


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_without_nireq, "is damaged or of another version"),
        (_with_impossible_options, "has a configuration that this version does not take"),
        (_with_a_damaged_bin, "a bin of the histogram"),
        (_without_figures, "holds no run that measured anything"),
    ],
)
def test_damage_is_one_sentence(
    damage: Callable[[dict[str, Any]], None], words: str, tmp_path: Path
) -> None:
    made = document()
    damage(made)
    with pytest.raises(BadInputError, match=words):
        shared_run(written(tmp_path, made))


def test_another_programs_report_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="is not a report of a run"):
        shared_run(written(tmp_path, {"execution_results": {}}))
