"""`ovbench-tui load` and `--scenario`: a real model, a document, a file, runs in the history."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.piped import run_piped

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal


def test_on_a_terminal_the_app_opens_on_the_search_and_leaves_the_table(
    start: Callable[..., Terminal], relu_model: Path, tmp_path: Path
) -> None:
    rates = tmp_path / "rates.csv"
    terminal = start("load", str(relu_model), "--p99-under", "200", "--csv", str(rates))
    terminal.wait_for_text("Capacity, p99 under 200 ms", "2 rounds", "measuring: poisson:")
    terminal.type(" ")
    terminal.wait_for_text("stopped")
    terminal.type("2")
    terminal.wait_for_text("load (")
    terminal.type("q")
    ended = terminal.ended()
    assert ended.code == 0
    assert "with all requests busy" in ended.main_screen
    with rates.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert rows
    assert all(float(row["offered_per_s"]) > 0 for row in rows)


def test_a_scenario_is_judged_and_a_missed_limit_ends_with_its_code(
    environment: dict[str, str], relu_model: Path
) -> None:
    words = (str(relu_model), "--scenario", "server:400", "--no-history", "-niter", "1400")
    for limit_ms, code, verdict in (("0.0001", 4, "failed"), ("10000", 0, "passed")):
        result = run_piped(environment, *words, "--p99-under", limit_ms, "--json")
        assert result.returncode == code, result.stderr
        run = json.loads(result.stdout)["runs"][-1]
        assert run["limits"][0]["verdict"] == verdict
        assert run["requested"]["arrivals"] == "poisson:400"
        assert run["figures"]["over_limit"] == (1400 if code else 0)
        scenario = run["scenario"]
        assert not scenario["is_valid"]
        assert "of 600 s" in scenario["missing"][0]
        assert len(scenario["missing"]) == (2 if code else 1)
        assert scenario["early_stopping_ms"] > 0
