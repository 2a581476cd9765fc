"""Tuning a language model that openvino-genai runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.space import SearchSpace
from tests.engine.conftest import OpenSession
from tests.engine.tuning.test_tune import _tune


def test_requests_and_tokens_of_a_step_are_varied(llama: Path, open_pipeline: OpenSession) -> None:
    base = BenchmarkConfig(model=str(llama), prompt_tokens="8", new_tokens="4", hint="latency")
    space = SearchSpace(hints=("latency",), nireq=(1, 2), batched_tokens=(0, 512))
    objective = Objective(Goal.TOKENS, ttft_p90_under_ms=1e6)
    board = _tune(open_pipeline(base), base, space, objective)
    assert board.reason == ""
    winner = board.winner
    assert winner is not None
    assert winner.run is not None
    assert winner.run.config.batched_tokens == winner.point.variant.batched_tokens
    assert winner.figures.unit == "tokens/s"
    assert 0 < winner.figures.ttft_p90_ms.mid < 1e6
    measured = {trial.point.variant.batched_tokens for trial in board.trials if trial.has_run}
    assert measured == {0, 512}
    assert replace(winner.run.config, nireq=1).needs_recompile(
        replace(winner.run.config, batched_tokens=64)
    )
