"""A language model from the command line: summary, JSON against the schema, and compare."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema

from ovbench_tui.reports.json_report import schema_text
from tests.e2e.piped import run_piped
from tests.engine.language_models import save_stateful


def test_a_language_model_runs_by_itself_and_is_compared(
    environment: dict[str, str], tmp_path: Path
) -> None:
    model = str(save_stateful(tmp_path / "decoder.xml", has_mask=True))
    options = ["--no-tui", "-t", "1", "--no-history", "--prompt-tokens", "16", "--new-tokens", "8"]
    result = run_piped(environment, model, *options)
    assert result.returncode == 0
    for words in (
        r"Count: +\d+ output tokens, \d+ whole requests?",
        r"Sequences: +16 prompt tokens, 8 new ones; \d+ at once",
        r"TTFT: +average .*, p50 .*, p90 .*, p99 .* \(time to first token\)",
        r"TPOT: +average .*, p50 .*, p90 .*, p99 .* \(time per output token\)",
        r"Request: +average ",
        r"Throughput: +[\d.]+ tokens/s, [\d.]+ input tokens/s, [\d.]+ requests/s",
    ):
        assert re.search(words, result.stdout), words
    assert "FPS" not in result.stdout
    assert "a prompt of 16 tokens, then 8 new ones" in result.stderr
    reports = []
    for name, new_tokens in (("a", "8"), ("b", "4")):
        text = run_piped(environment, model, *options[1:-1], new_tokens, "--json").stdout
        document = json.loads(text)
        jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
        (run,) = document["runs"]
        assert run["figures"]["generation"]["ttft"]["count"] > 0
        assert run["effective"]["sequence_lengths"] == [
            {"prompt_tokens": 16, "new_tokens": int(new_tokens)}
        ]
        reports.append(tmp_path / f"{name}.json")
        reports[-1].write_text(text, encoding="utf-8")
    said = run_piped(environment, "compare", *map(str, reports)).stdout
    for name in ("tokens/s", "TPOT p50", "TPOT p99", "TTFT p50", "TTFT p99", "request p50"):
        assert re.search(rf"^{name}\b", said, re.MULTILINE), name
    assert "Not alike: new tokens 8 / 4." in said
