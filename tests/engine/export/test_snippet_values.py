"""The Python program's random values are valid for the model, and states begin anew in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.state_reset import resets_after
from ovbench_tui.export import python_snippet
from ovbench_tui.export.snippet_inputs import input_part
from tests.engine.language_models import HEADS, named, save_stateful, save_with_past
from tests.engine.run_views import make_view

_PATIENCE_S = 120.0


def view(config: BenchmarkConfig) -> RunView:
    prepared = Engine(allow_strings=False).prepare(config, None, lambda _: None)
    run = make_view(config, prepared, 1 if config.api == "sync" else 2)
    steps = resets_after(run.effective, config)
    return replace(run, effective=replace(run.effective, reset_state=steps))


def feeds_of(run: RunView) -> list[list[ov.Tensor]]:
    part = input_part(run)
    made: dict[str, Any] = {"np": np, "ov": ov}
    exec("\n".join(part.imports) + part.text, made)  # noqa: S102 - our own program
    feeds: list[list[ov.Tensor]] = made["feeds"]
    return feeds


def output_of(run: RunView, folder: Path, more: str = "") -> str:
    program = folder / "program.py"
    program.write_text(python_snippet(run) + more, encoding="utf-8")
    result = subprocess.run(
        [sys.executable, str(program)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert re.search(r"Throughput: [1-9][\d.]* FPS, [1-9]\d* inferences", result.stdout)
    return result.stdout


@pytest.fixture
def picks(tmp_path: Path) -> str:
    """Rows of a table of 8 by index; a bag's offsets; the values stay as they are."""
    index = named("index", [4, 6], ov.Type.i32)
    indices, offsets = named("indices", [9], ov.Type.i32), named("offsets", [3], ov.Type.i32)
    free = named("free", [2, 3], ov.Type.f32)
    table = op.constant(np.ones((8, 6), np.float32))
    results = [
        op.result(op.gather_elements(table, index, 0)),
        op.result(op.embedding_bag_offsets_sum(table, indices, offsets)),
        op.result(op.relu(free)),
    ]
    path = tmp_path / "picks.xml"
    ov.save_model(ov.Model(results, [index, indices, offsets, free], "picks"), path)
    return str(path)


def test_indices_stay_within_what_they_index(picks: str, tmp_path: Path) -> None:
    run = view(BenchmarkConfig(model=picks, iterations=20))
    bounded = {one.input_index: one for one in run.effective.input_values}
    assert (bounded[0].low, bounded[0].high, bounded[0].order) == (0, 7, "random")
    assert bounded[2].order == "ascending"
    assert 3 not in bounded
    ((index, indices, offsets, free),) = feeds_of(run)
    assert set(index.data.reshape(-1)) <= set(range(8))
    assert len(set(index.data.reshape(-1))) > 2
    assert set(indices.data) <= set(range(8))
    assert offsets.data[0] == 0
    assert sorted(offsets.data) == list(offsets.data)
    assert 0 <= free.data.min() < free.data.max() <= 1
    output_of(run, tmp_path)


@pytest.mark.parametrize("kind", [ov.Type.f16, ov.Type.bf16, ov.Type.u8], ids=str)
def test_indices_of_another_type_are_bounded_too(tmp_path: Path, kind: ov.Type) -> None:
    index = named("index", [4, 6], kind)
    table = op.constant(np.ones((8, 6), np.float32))
    picked = op.gather_elements(table, op.convert(index, "i32"), 0)
    ov.save_model(ov.Model([op.result(picked)], [index], "picks"), tmp_path / "picks.xml")
    run = view(BenchmarkConfig(model=str(tmp_path / "picks.xml"), iterations=10))
    ((tensor,),) = feeds_of(run)
    values = tensor.data
    if kind == ov.Type.bf16:
        values = (values.view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    assert set(values.reshape(-1)) <= set(range(8))
    assert len(set(values.reshape(-1))) > 2
    output_of(run, tmp_path)


def test_indices_beside_files_are_bounded(picks: str, tmp_path: Path) -> None:
    file = tmp_path / "free.npy"
    np.save(file, np.ones((2, 3), np.float32))
    config = BenchmarkConfig(model=picks, iterations=1, sources=(("free", (str(file),)),))
    feed = feeds_of(view(config))[0]
    assert set(feed[0].data.reshape(-1)) <= set(range(8))
    assert (feed[3].data == 1).all()


@pytest.mark.parametrize("api", ["async", "sync"])
@pytest.mark.parametrize("refills", [False, True], ids=["filled once", "refilled"])
def test_states_begin_anew(tmp_path: Path, api: str, refills: bool) -> None:
    path = save_stateful(tmp_path / "decoder.xml", has_mask=False)
    shapes = tuple((name, (3, 4)) for name in ("input_ids", "attention_mask", "position_ids"))
    run = view(
        BenchmarkConfig(
            model=str(path),
            data_shape=(*shapes, ("beam_idx", (3,))),
            reset_state=5,
            iterations=40,
            api=api,
            inference_only=not refills,
        )
    )
    by_name = dict(zip([port.name for port in run.model.inputs], feeds_of(run)[0], strict=True))
    assert list(by_name["beam_idx"].data) == [0, 1, 2]
    assert (by_name["position_ids"].data == np.arange(4)).all()
    one = "request" if api == "sync" else "queue[0]"
    said = output_of(run, tmp_path, f"\nprint('LONG', {one}.query_state()[0].state.shape[2])\n")
    assert 4 <= int(said.partition("LONG ")[2]) <= 5 * 4


def test_a_mask_grows_with_the_state(tmp_path: Path) -> None:
    path = save_stateful(tmp_path / "decoder.xml", has_mask=True)
    run = view(BenchmarkConfig(model=str(path), reset_state=3, iterations=12))
    assert run.effective.reset_state == 3
    assert len(run.effective.shape_groups) == 3
    output_of(run, tmp_path)


@pytest.mark.parametrize("save", [save_stateful, save_with_past], ids=["state", "ports"])
@pytest.mark.parametrize("api", ["async", "sync"])
def test_sequences_are_generated(tmp_path: Path, save: Callable[..., Path], api: str) -> None:
    path = tmp_path / "decoder.xml"
    save(path, **({"has_mask": True} if save is save_stateful else {}))
    lengths = {"prompt_tokens": "5,7", "new_tokens": "3", "iterations": 24, "batch": 2}
    run = view(BenchmarkConfig(model=str(path), api=api, **lengths))  # type: ignore[arg-type]
    assert run.effective.sequence_lengths == ((5, 3), (7, 3))
    program = tmp_path / "program.py"
    program.write_text(
        python_snippet(run) + "\nprint('STEPS', len(ttft_ms), len(tpot_ms))\n", encoding="utf-8"
    )
    said = subprocess.run(
        [sys.executable, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=_PATIENCE_S,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert re.search(r"Throughput: [1-9][\d.]* tokens/s, 24 inferences", said.stdout)
    first, later = map(int, said.stdout.partition("STEPS ")[2].split())
    assert first + later == 24
    assert 8 <= first <= 10, "eight whole sequences, or a few begun ones for each request"


def test_an_empty_past(tmp_path: Path) -> None:
    path = save_with_past(tmp_path / "past.xml")
    shapes = {"input_ids": (1, 4), "attention_mask": (1, 4)}
    past = ("past_key_values.0.key", (1, HEADS, 0, 8))
    run = view(BenchmarkConfig(model=str(path), data_shape=(*shapes.items(), past), iterations=10))
    assert [0 in tensor.shape for tensor in feeds_of(run)[0]] == [False, False, True]
    output_of(run, tmp_path)
