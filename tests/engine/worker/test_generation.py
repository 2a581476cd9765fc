"""Sessions with models that generate tokens."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.stats.run_stats import GenerationStats
from tests.engine.conftest import OpenSession, measured, wait_for
from tests.engine.language_models import save_stateful, save_with_past


@pytest.fixture(scope="module", params=["state", "ports"])
def decoder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    path = tmp_path_factory.mktemp("m") / "decoder.xml"
    make = save_with_past if request.param == "ports" else _save_masked
    return str(make(path))


def _save_masked(path: Path) -> Path:
    return save_stateful(path, has_mask=True)


def config_of(model: str, **values: object) -> BenchmarkConfig:
    values = {"prompt_tokens": "6", "new_tokens": "4"} | values
    return BenchmarkConfig(model=model, **values)  # type: ignore[arg-type]


def run_of(snapshot: Snapshot) -> tuple[RunView, GenerationStats]:
    run = snapshot.run
    assert run is not None
    assert run.stats.generation is not None
    return run, run.stats.generation


@pytest.mark.parametrize("nireq", [1, 2])
@pytest.mark.parametrize("api", ["async", "sync"])
def test_a_counted_run_counts_every_token_and_every_request_once(
    open_session: OpenSession, decoder: str, nireq: int, api: str
) -> None:
    config = config_of(decoder, nireq=nireq, iterations=80, api=api)
    run, generation = run_of(wait_for(open_session(config), lambda s: s.finished))
    assert run.effective.unit == "tokens/s"
    assert run.stats.count == run.stats.frames == 80
    began, whole = generation.ttft.count, generation.request.count
    assert generation.tpot.count == 80 - began
    # With one request at once they are 20 whole ones; else as many as that may be cut at the end.
    assert (
        whole <= 20 <= began <= whole + nireq if run.effective.nireq > 1 else whole == began == 20
    )
    assert generation.prompt_tokens == began * 6
    assert run.stats.p50_ms == pytest.approx(generation.tpot.p50_ms)
    # Rates are of the same time as the tokens a second.
    assert generation.input_tokens_per_s == pytest.approx(run.stats.fps_mean * began * 6 / 80)
    assert generation.requests_per_s == pytest.approx(run.stats.fps_mean * whole / 80)
    assert generation.request.p50_ms > generation.ttft.p50_ms


def test_a_timed_run_begins_with_whole_requests(open_thread: OpenSession, decoder: str) -> None:
    config = config_of(decoder, duration_s=0.2, nireq=2)
    _, generation = run_of(wait_for(open_thread(config), lambda s: s.finished))
    # Two requests are cut at the end; none is at the begin, as warm-up is no part of any.
    assert 0 <= generation.ttft.count - generation.request.count <= 2


def test_other_lengths_begin_a_run_of_the_same_compiled_model(
    open_session: OpenSession, decoder: str
) -> None:
    session = open_session(config_of(decoder))
    before, _ = run_of(wait_for(session, measured(20)))
    session.configure(config_of(decoder, prompt_tokens="3,9", new_tokens="2"))
    after, generation = run_of(wait_for(session, measured(20, run_id=before.run_id + 1)))
    assert after.effective.sequence_lengths == ((3, 2), (9, 2))
    assert after.effective.prompt_text == "3..9"
    assert after.change == "prompt 3,9 tokens, output 2 tokens"
    assert after.compile_ms == before.compile_ms
    assert generation.request.count > 0


def test_lengths_that_do_not_fit_are_refused_and_the_run_goes_on(
    open_thread: OpenSession, tmp_path: Path
) -> None:
    model = str(_save_masked(tmp_path / "m.xml"))
    session = open_thread(config_of(model))
    before, _ = run_of(wait_for(session, measured(8)))
    session.configure(config_of(model, prompt_tokens="5000"))
    snapshot = wait_for(session, lambda s: any(notice.is_error for notice in s.notices))
    said = next(notice.text for notice in snapshot.notices if notice.is_error)
    assert "A prompt of 5,000 tokens and 4 new ones" in said
    after, _ = run_of(wait_for(session, measured(before.stats.count + 20)))
    assert after.run_id == before.run_id
    assert session.snapshot(0).requested.prompt_tokens == "6"


def test_the_lengths_have_no_effect_on_other_models_and_that_is_said(
    open_thread: OpenSession, tiny_models: Path
) -> None:
    config = BenchmarkConfig(
        model=str(tiny_models / "relu.xml"), prompt_tokens="8", ttft_p90_under_ms=5.0
    )
    snapshot = wait_for(open_thread(config), measured(2))
    assert snapshot.run is not None
    assert snapshot.run.stats.generation is None
    told = [notice.text for notice in snapshot.notices]
    assert any("--prompt-tokens and --ttft-p90-under are ignored" in text for text in told)


def test_a_b_of_another_length_alternates(open_thread: OpenSession, decoder: str) -> None:
    session = open_thread(config_of(decoder))
    wait_for(session, measured(8))
    session.begin_ab(config_of(decoder, new_tokens="8"), slice_s=0.02)
    wait_for(session, lambda _: (view := session.ab()) is not None and view.pairs >= 3)
    view = session.ab()
    assert view is not None
    assert view.b is not None
    assert view.b.effective.sequence_lengths == ((6, 8),)
    assert all(piece.frames == piece.count for piece in view.slices)
