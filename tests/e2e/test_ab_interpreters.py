"""`ovbench-tui ab --b-python`: one configuration in two Python interpreters."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.e2e.piped import run_piped


def test_the_same_openvino_twice_does_the_same_work(
    environment: dict[str, str], relu_model: Path
) -> None:
    words = ("ab", str(relu_model), "--b-python", sys.executable, "-t", "3", "-nireq", "2")
    result = run_piped(environment, *words, "--json")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["pairs"] >= 3
    assert document["a"]["openvino"] == document["b"]["openvino"]
    assert document["properties"] == []
    assert document["layers"] == []
    ratio = document["ratio"]["fps"]
    assert ratio["value"] > 0
    assert (
        sum(one["count"] for one in document["slices"] if one["side"] == "A")
        == (document["a"]["count"])
    )
    assert document["a"]["command"].startswith("ovbench-tui ")


def test_what_cannot_be_compared_is_said_at_once(
    environment: dict[str, str], relu_model: Path
) -> None:
    result = run_piped(environment, "ab", str(relu_model), "--b-python", "/nowhere/python")
    assert result.returncode == 2
    assert "--b-python /nowhere/python: there is no such interpreter." in result.stderr
