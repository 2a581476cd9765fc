"""`--check`: the answers of a real run, its exit code and its document."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import openvino as ov
from openvino import opset13 as ops

from ovbench_tui.reports.json_report import schema_text
from tests.e2e.piped import run_piped


def test_answers_that_are_not_right_end_with_the_code_of_a_missed_limit(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    x = ops.parameter([1, 64], np.float32, name="x")
    drawn = ops.random_uniform([1, 64], np.float32(0.0), np.float32(1.0), "f32", 0, 0)
    other = tmp_path / "random.xml"
    ov.save_model(ov.Model([ops.multiply(x, drawn)], [x], "random"), other)
    for model, code, verdict in ((relu_model, 0, "passed"), (other, 4, "failed")):
        words = (str(model), "--no-tui", "-niter", "20", "--no-history", "--check", "--json")
        result = run_piped(environment, *words)
        assert result.returncode == code, result.stderr
        document = json.loads(result.stdout)
        jsonschema.validate(document, json.loads(schema_text()))
        run = document["runs"][-1]
        assert run["requested"]["check_tolerance"] == 0.01
        assert [(one["figure"], one["verdict"]) for one in run["limits"]] == [("answers", verdict)]
        assert len(run["effective"]["answers"]["outputs"]) == 1


def test_a_search_rejects_what_breaks_the_answers(
    environment: dict[str, str], tmp_path: Path
) -> None:
    x = ops.parameter([1, 64], np.float32, name="x")
    drawn = ops.random_uniform([1, 64], np.float32(0.0), np.float32(1.0), "f32", 0, 0)
    model = tmp_path / "random.xml"
    ov.save_model(ov.Model([ops.multiply(x, drawn)], [x], "random"), model)
    words = ("tune", str(model), "--nireq", "1,2", "--streams", "1", "--check", "1e-2", "--no-tui")
    result = run_piped(environment, *words, "--json", "--max-time", "60s")
    assert result.returncode == 3, result.stderr
    trials = json.loads(result.stdout)["trials"]
    assert trials
    for trial in trials:
        assert trial["reason"].startswith("Rejected, answers within 0.01 of the reference: failed")
