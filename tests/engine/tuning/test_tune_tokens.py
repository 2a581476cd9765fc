"""Tuning a model that generates tokens, on the real engine."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.tuning.search.objective import Goal, Objective
from ovbench_tui.tuning.search.space import SearchSpace
from tests.engine.conftest import OpenSession
from tests.engine.language_models import save_stateful
from tests.engine.tuning.test_tune import _TIMEOUT_S, _command, _tune

LENGTHS = {"prompt_tokens": "8", "new_tokens": "4"}


def test_it_ranks_by_tokens_a_second(open_thread: OpenSession, tmp_path: Path) -> None:
    model = save_stateful(tmp_path / "decoder.xml", has_mask=True)
    base = BenchmarkConfig(model=str(model), **LENGTHS)  # type: ignore[arg-type]
    objective = Objective(Goal.TOKENS, ttft_p90_under_ms=1e6, tpot_p90_under_ms=1e6)
    space = SearchSpace(streams=("1",), nireq=(1, 2), kv_cache_precisions=("", "f32"))
    board = _tune(open_thread(replace(base, model="")), base, space, objective)
    assert board.reason == ""
    assert board.unit == "tokens/s"
    winner = board.winner
    assert winner is not None
    assert winner.run is not None
    figures = winner.figures
    assert 0 < figures.ttft_p90_ms.mid < 1e6
    assert 0 < figures.tpot_p90_ms.mid < 1e6
    best = max(trial.score.mid for trial in board.trials if trial.has_run)
    assert figures.fps.mid == winner.score.mid <= best
    tried = {trial.point.variant.kv_cache_precision for trial in board.trials}
    assert tried == {"", "f32"}


def test_limits_that_nothing_keeps_have_no_winner(open_thread: OpenSession, tmp_path: Path) -> None:
    model = save_stateful(tmp_path / "decoder.xml", has_mask=True)
    base = BenchmarkConfig(model=str(model), **LENGTHS)  # type: ignore[arg-type]
    objective = Objective(tpot_p90_under_ms=1e-6)
    board = _tune(open_thread(replace(base, model="")), base, SearchSpace(nireq=(1, 2)), objective)
    assert board.winner is None
    assert any(trial.has_run for trial in board.trials)


def test_the_command_says_tokens_and_exits_1_where_a_limit_is_missed(tmp_path: Path) -> None:
    model = str(save_stateful(tmp_path / "decoder.xml", has_mask=True))
    words = ("--prompt-tokens", "8", "--new-tokens", "4", "--nireq", "1", "--streams", "1")
    process = _command(tmp_path, model, *words, "--ttft-p90-under", "1e-6", "--json")
    out, err = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 1, err
    assert "tokens/s, TTFT p90" in err
    document = json.loads(out)
    assert "No configuration keeps TTFT p90 under 1e-06 ms" in document["why"]
    assert document["trials"][0]["ttft_p90_ms"]["value"] > 0


def test_tokens_of_a_model_that_generates_none_are_bad_input(
    tiny_models: Path, tmp_path: Path
) -> None:
    process = _command(tmp_path, str(tiny_models / "relu.xml"), "--objective", "tokens")
    out, err = process.communicate(timeout=_TIMEOUT_S)
    assert (process.returncode, out) == (2, "")
    assert "--objective tokens is for models that generate tokens" in err
