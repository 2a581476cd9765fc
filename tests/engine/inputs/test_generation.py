"""The sequences that a model which generates tokens is fed with."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as op

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.models.preparation import Engine
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue_options import QueueOptions
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.sequences import DECODE, PREFILL, phases_of
from tests.engine.language_models import POSITIONS, WORDS, named, save_stateful, save_with_past


@pytest.fixture(scope="module", params=["masked", "sliced", "ports"])
def decoder(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """Models that keep the past in a state, and one that takes and gives it."""
    path = tmp_path_factory.mktemp("m") / "decoder.xml"
    if request.param == "ports":
        return str(save_with_past(path))
    return str(save_stateful(path, has_mask=True, is_sliced=request.param == "sliced"))


def prepare(config: BenchmarkConfig, reuse: PreparedModel | None = None) -> PreparedModel:
    return Engine(allow_strings=False).prepare(config, reuse, lambda _: None)


def fed(prepared: PreparedModel) -> list[dict[str, ov.Tensor]]:
    names = [port.name for port in prepared.info.inputs]
    return [dict(zip(names, feed.tensors, strict=True)) for feed in prepared.feeds]


def test_a_sequence_is_its_prompt_and_one_token_after_the_other(decoder: str) -> None:
    prepared = prepare(BenchmarkConfig(model=decoder, prompt_tokens="5", new_tokens="4"))
    assert prepared.sequences is not None
    assert prepared.sequences.spans == ((0, 4),)
    assert prepared.effective.sequence_lengths == ((5, 4),)
    assert [group.name for group in prepared.effective.shape_groups] == ["prefill", "decode"]
    steps = fed(prepared)
    assert [step["input_ids"].shape[1] for step in steps] == [5, 1, 1, 1]
    assert [step["attention_mask"].shape[1] for step in steps] == [5, 6, 7, 8]
    for step in steps:
        ids = step["input_ids"].data
        assert 0 <= ids.min() <= ids.max() < WORDS
        assert (step["attention_mask"].data == 1).all()
        if "beam_idx" in step:
            assert step["beam_idx"].data.tolist() == [0]
    if "position_ids" in steps[0]:
        places = [step["position_ids"].data.tolist() for step in steps]
        assert places == [[[0, 1, 2, 3, 4]], [[5]], [[6]], [[7]]]


def test_a_batch_is_so_many_sequences_at_once(decoder: str) -> None:
    config = BenchmarkConfig(model=decoder, prompt_tokens="5", new_tokens="3", batch=3)
    for step in fed(prepare(config)):
        assert {tensor.shape[0] for tensor in step.values()} == {3}
        if "beam_idx" in step:
            assert step["beam_idx"].data.tolist() == [0, 1, 2]


def test_lists_and_ranges_give_sequences_in_turn(decoder: str) -> None:
    config = BenchmarkConfig(model=decoder, prompt_tokens="5,9", new_tokens="2..4")
    lengths = prepare(config).effective.sequence_lengths
    assert [prompt for prompt, _ in lengths] == [5, 9] * 8
    assert {new for _, new in lengths} == {2, 3, 4}


def test_a_model_without_later_tokens_has_prompts_only(decoder: str) -> None:
    effective = prepare(BenchmarkConfig(model=decoder, prompt_tokens="5", new_tokens="1")).effective
    assert [group.name for group in effective.shape_groups] == ["prefill"]


def test_other_lengths_reuse_the_compiled_model(decoder: str) -> None:
    before = prepare(BenchmarkConfig(model=decoder, prompt_tokens="5"))
    after = prepare(BenchmarkConfig(model=decoder, prompt_tokens="7"), before)
    assert after.compiled is before.compiled
    assert after.effective.sequence_lengths[0][0] == 7
    other = prepare(BenchmarkConfig(model=decoder, prompt_tokens="7", streams="1"), before)
    assert other.compiled is not before.compiled


def logits(queue: RequestQueue) -> np.ndarray:
    """Of the last token that was given."""
    (request,) = queue._requests
    return np.array(request.get_output_tensor(0).data)[..., -1, :]


@pytest.mark.parametrize("is_sync", [False, True])
def test_the_steps_go_on_with_what_came_before(decoder: str, is_sync: bool) -> None:
    """The last step gives what one inference with all tokens at once gives."""
    prepared = prepare(BenchmarkConfig(model=decoder, prompt_tokens="6", new_tokens="5"))
    assert prepared.sequences is not None
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(64)))
    errors: list[BaseException] = []
    plan = QueueOptions(1, is_sync=is_sync, refills=True, sequences=prepared.sequences)
    queue = RequestQueue(prepared.compiled, plan, prepared.feeds, ring, errors.append)
    queue.record(by_feeder=False)
    start, given = queue.starter(), []
    for _ in range(10):
        start()
        queue.drain()
        given.append(logits(queue))
    tags = ring.read(0).groups
    assert phases_of(tags).tolist() == [PREFILL, *[DECODE] * 4] * 2
    del start
    queue.release()
    assert not errors
    assert all((one == other).all() for one, other in zip(given[:5], given[5:], strict=True)), (
        "the second sequence knows nothing of the first"
    )
    steps = fed(prepared)
    request = prepared.compiled.create_infer_request()
    whole = {
        name: np.concatenate([step[name].data for step in steps], 1)
        for name in ("input_ids", "position_ids")
        if name in steps[0]
    }
    whole |= {
        name: steps[-1][name].data
        for name in steps[0]
        if name in ("attention_mask", "beam_idx") or name.startswith("past")
    }
    request.infer(whole)
    expected = np.array(request.get_output_tensor(0).data)[..., -1, :]
    # The plain mask is added to the scores, and has the same length in both.
    np.testing.assert_allclose(given[4], expected, rtol=1e-4, atol=1e-4)


def test_no_more_positions_are_used_than_the_model_has(tmp_path: Path) -> None:
    model = str(save_stateful(tmp_path / "m.xml", has_mask=True))
    config = BenchmarkConfig(model=model, prompt_tokens=str(POSITIONS))
    assert prepare(config).effective.sequence_lengths == ((POSITIONS, 1),)
    config = BenchmarkConfig(model=model, new_tokens=str(POSITIONS - 100))
    assert prepare(config).effective.sequence_lengths == ((100, POSITIONS - 100),)
    config = BenchmarkConfig(model=model, prompt_tokens=str(POSITIONS), new_tokens="2")
    with pytest.raises(BadInputError) as error:
        prepare(config)
    assert f"the model has {POSITIONS:,} positions" in str(error.value)


def test_embeddings_take_the_place_of_tokens(tmp_path: Path) -> None:
    embeds = named("inputs_embeds", [-1, -1, 4], ov.Type.f32)
    mask = named("attention_mask", [-1, -1])
    past = named("past_key_values.0.value", [-1, 1, -1, 4], ov.Type.f32)
    cache = op.concat([past, op.unsqueeze(embeds, op.constant(np.int64(1)))], 2)
    cache.output(0).get_tensor().set_names({"present.0.value"})
    total = op.reduce_sum(cache, op.constant(np.array([2])))
    seen = op.convert(mask, "f32")
    model = ov.Model([op.result(total), op.result(cache), op.result(seen)], [embeds, mask, past])
    ov.save_model(model, tmp_path / "m.xml", compress_to_fp16=False)
    config = BenchmarkConfig(model=str(tmp_path / "m.xml"), prompt_tokens="6", new_tokens="3")
    prepared = prepare(config)
    assert prepared.sequences is not None
    assert prepared.sequences.carried == ((1, 2),)
    shapes = [tuple(step["inputs_embeds"].shape) for step in fed(prepared)]
    assert shapes == [(1, 6, 4), (1, 1, 4), (1, 1, 4)]


def test_given_shapes_are_obeyed(decoder: str) -> None:
    """Who gives the shapes wants these, inference after inference."""
    effective = prepare(BenchmarkConfig(model=decoder, prompt_tokens="7")).effective
    assert effective.generates
    given = prepare(BenchmarkConfig(model=decoder, data_shape=effective.data_shape)).effective
    assert not given.generates
    assert given.data_shape == effective.data_shape
