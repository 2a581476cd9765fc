"""A language model run by openvino-genai: measured, changed while it runs, refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import GENAI_FILE, TOKENIZER_FILE, ModelFormat, identify
from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.inputs.isolation import IsolationNeeded
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.session import Session
from ovbench_tui.errors import BadInputError
from ovbench_tui.export import python_snippet
from tests.engine.conftest import OpenSession, in_state, measured, wait_for
from tests.engine.pipelines.tiny_llama import write_gguf

SHORT = {"prompt_tokens": "8", "new_tokens": "4", "hint": "latency"}


def test_tokens_first_tokens_and_whole_requests_are_counted(
    llama: Path, open_pipeline: OpenSession
) -> None:
    session = open_pipeline(BenchmarkConfig(model=str(llama), nireq=2, **SHORT))
    snapshot = wait_for(session, measured(100))
    run = snapshot.run
    assert run is not None
    assert snapshot.isolated
    assert (run.effective.unit, run.effective.nireq) == ("tokens/s", 2)
    generation = run.stats.generation
    assert generation is not None
    # Every request has four tokens, of which two requests may be unfinished at either end.
    assert abs(generation.request.count - run.stats.count / 4) <= 2 * 2
    pipeline = wait_for(session, lambda now: bool(now.run and now.run.pipeline)).run.pipeline
    assert (pipeline.requests, pipeline.waiting) == (2, 0)
    assert 0 < pipeline.cache_percent <= 100
    prefill, decode = run.stats.groups
    assert abs(prefill.count - decode.count / 3) <= 2 * 2


def test_requests_and_lengths_change_without_loading_anew(
    llama: Path, open_pipeline: OpenSession
) -> None:
    config = BenchmarkConfig(model=str(llama), nireq=1, **SHORT)
    session = open_pipeline(config)
    first = wait_for(session, measured(20)).run
    assert first is not None
    session.configure(replace(config, nireq=3))
    second = wait_for(session, measured(20, first.run_id + 1)).run
    assert second is not None
    assert (second.effective.nireq, second.compile_ms) == (3, first.compile_ms)
    session.configure(replace(config, nireq=3, new_tokens="9"))
    third = wait_for(session, measured(20, second.run_id + 1)).run
    assert third is not None
    assert third.effective.sequence_lengths == ((8, 9),)
    assert third.compile_ms == first.compile_ms


def test_a_gguf_file_is_run_with_prompts_from_a_file(
    tmp_path: Path, open_pipeline: OpenSession
) -> None:
    pytest.importorskip("openvino_genai")
    model = write_gguf(tmp_path / "tiny.gguf")
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text('{"prompt": "abba", "max_tokens": 5}\n')
    config = BenchmarkConfig(model=str(model), prompts=str(prompts), hint="latency")
    run = wait_for(open_pipeline(config), measured(20)).run
    assert run is not None
    prompt, new = run.effective.sequence_lengths[0]
    assert (1 <= prompt <= 5, new) == (True, 5)


def test_a_pause_calls_off_what_runs_and_new_requests_begin(
    llama: Path, open_pipeline: OpenSession
) -> None:
    session = open_pipeline(BenchmarkConfig(model=str(llama), nireq=2, **SHORT))
    wait_for(session, measured(20))
    session.toggle_pause()
    paused = wait_for(session, lambda now: not now.measuring)
    session.toggle_pause()
    before = paused.run.stats.count if paused.run else 0
    wait_for(session, measured(before + 20))


def test_this_process_is_not_the_one_to_run_it(llama: Path) -> None:
    engine = Engine(allow_strings=False)
    with pytest.raises(IsolationNeeded, match="--isolate"):
        engine.prepare(BenchmarkConfig(model=str(llama)), None, lambda _: None)


@pytest.mark.parametrize(
    "option",
    [{"batch": 2}, {"max_fps": 5.0}, {"arrivals": "poisson:5"}, {"perf_counts": True}],
)
def test_options_without_an_effect_are_refused(llama: Path, option: dict[str, Any]) -> None:
    engine = Engine(allow_strings=True)
    with pytest.raises(BadInputError, match="has no effect on"):
        engine.prepare(replace(BenchmarkConfig(model=str(llama)), **option), None, print)


def test_without_openvino_genai_it_says_what_to_install(
    llama: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino_genai", None)
    engine = Engine(allow_strings=True)
    with pytest.raises(BadInputError, match=r"install ovbench-tui\[llm\], or give the openvino"):
        engine.prepare(BenchmarkConfig(model=str(llama)), None, lambda _: None)


def test_a_folder_is_known_by_its_model_and_needs_a_tokenizer(llama: Path, tmp_path: Path) -> None:
    assert identify(str(llama)).format is ModelFormat.GENAI
    copy = tmp_path / "copy"
    shutil.copytree(llama, copy)
    (copy / TOKENIZER_FILE).unlink()
    with pytest.raises(BadInputError, match="has no tokenizer"):
        identify(str(copy))


def test_an_encoder_generates_no_text(llama: Path, tmp_path: Path) -> None:
    encoder = tmp_path / "encoder"
    shutil.copytree(llama, encoder)
    ids = op.parameter([-1, -1], ov.Type.i64, name="input_ids")
    ids.output(0).set_names({"input_ids"})
    ov.save_model(ov.Model([op.abs(ids)], [ids], "encoder"), encoder / GENAI_FILE)
    engine = Engine(allow_strings=True)
    with pytest.raises(BadInputError, match="no KV cache"):
        engine.prepare(BenchmarkConfig(model=str(encoder)), None, lambda _: None)


@pytest.mark.parametrize("from_file", [False, True])
def test_the_exported_program_runs_the_same_pipeline(
    llama: Path, tmp_path: Path, open_pipeline: OpenSession, *, from_file: bool
) -> None:
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text('{"prompt": "abba", "max_tokens": 5}\n')
    config = BenchmarkConfig(
        model=str(llama),
        nireq=2,
        duration_s=0.3,
        kv_cache_precision="u8",
        prefix_caching=True,
        shared_prefix=0.5,
        prompts=str(prompts) if from_file else "",
        **SHORT,
    )
    snapshot = wait_for(open_pipeline(config), lambda now: now.state is WorkerState.FINISHED)
    assert snapshot.run is not None
    program = tmp_path / "program.py"
    program.write_text(python_snippet(snapshot.run))
    ended = subprocess.run(
        [sys.executable, str(program)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert [line.split(":")[0] for line in ended.stdout.splitlines()] == [
        "Throughput",
        *(f"{name} p{percent}" for name in ("TTFT", "TPOT") for percent in (50, 90, 99)),
    ]


def test_one_requests_text_can_be_read_as_it_comes(llama: Path, open_pipeline: OpenSession) -> None:
    config = BenchmarkConfig(model=str(llama), prompt_tokens="8", new_tokens="400", hint="latency")
    session = open_pipeline(config)
    wait_for(session, measured(20))
    first = wait_for_text(session, lambda text: text.tokens > 0)
    assert first.prompt_tokens == 8
    later = wait_for_text(session, lambda text: (text.number, text.tokens) > first_place(first))
    assert later.prompt
    run = wait_for(session, measured(20)).run
    assert run is not None
    assert later.run_id == run.run_id
    session.toggle_pause()
    wait_for(session, in_state(WorkerState.PAUSED))
    assert wait_for_text(session, lambda text: text.tokens > 0).number >= later.number


def first_place(text: RequestText) -> tuple[int, int]:
    return text.number, text.tokens


def wait_for_text(session: Session, condition: Callable[[RequestText], bool]) -> RequestText:
    def is_there(_: object) -> bool:
        text = session.request_text()
        return text is not None and condition(text)

    wait_for(session, is_there)
    text = session.request_text()
    assert text is not None
    return text
