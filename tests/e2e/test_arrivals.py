"""Requests that arrive by themselves, from the command line to the document."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.e2e.piped import run_piped


def test_the_summary_and_the_document_account_for_every_arrival(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    words = (str(relu_model), "--arrivals", "constant:20000", "--queue-limit", "5", "-nireq", "1")
    result = run_piped(environment, *words, "-niter", "300", "--no-history")
    assert result.returncode == 0, result.stderr
    line = re.search(r"^Arrivals: +constant:20000: (\d+) came, 300 served", result.stdout, re.M)
    assert line is not None, result.stdout
    assert "Latency from the scheduled arrival:" in result.stdout
    assert re.search(r"^Waiting: +average ", result.stdout, re.M)
    assert re.search(r"^Service: +average ", result.stdout, re.M)
    document = run_piped(environment, *words, "-niter", "300", "--no-history", "--json")
    assert document.returncode == 0, document.stderr
    run = json.loads(document.stdout)["runs"][-1]
    load = run["figures"]["load"]
    assert load["offered"] == load["served"] + load["refused"] + load["expired"] + load["unserved"]
    assert load["served"] == 300
    assert load["queue_max"] <= 5
    assert run["requested"]["arrivals"] == "constant:20000"


def test_what_cannot_be_had_is_refused_in_one_sentence(
    environment: dict[str, str], relu_model: Path, tmp_path: Path
) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("1\n3\n2\n")
    for words, sentence in (
        (("--arrivals", "poisson"), "--arrivals 'poisson' needs a rate"),
        (("--arrivals", "poisson:5", "-max_irate", "5"), "exclude each other"),
        (("--arrivals", str(trace), "-niter", "5"), "goes back in time in line 3"),
        (("--arrivals", str(tmp_path / "none.csv"), "-niter", "5"), "was not found"),
    ):
        result = run_piped(environment, str(relu_model), *words, "--no-history")
        assert result.returncode == 2, (words, result.stderr)
        assert sentence in result.stderr
        assert "Traceback" not in result.stderr
