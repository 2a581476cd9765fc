"""What is stored of a pipeline's tokens, with a pipeline of known answers."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest

from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.pipelines.pipeline import Pipeline
from ovbench_tui.engine.pipelines.pipeline_queue import PipelineQueue
from ovbench_tui.engine.pipelines.prompts import RandomPrompts
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.stats.sequences import DECODE, PREFILL, SequenceRecorder, phases_of

GENAI = SimpleNamespace(
    GenerationStatus=SimpleNamespace(IGNORED="ignored"),
    GenerationFinishReason=SimpleNamespace(NONE="none", LENGTH="length"),
    GenerationConfig=SimpleNamespace,
)


class Handle:
    """One request, which gets so many tokens a step once its prompt is processed."""

    def __init__(self, new_tokens: int, tokens_a_step: int, status: str) -> None:
        self.left = new_tokens
        self.tokens_a_step = tokens_a_step
        self.status = status
        self.fresh: list[int] = []
        self.is_cancelled = False

    def can_read(self) -> bool:
        return bool(self.fresh)

    def read(self) -> dict[int, Any]:
        ids, self.fresh = self.fresh, []
        reason = "none" if self.left else "length"
        return {0: SimpleNamespace(generated_ids=ids, finish_reason=reason)}

    def get_status(self) -> str:
        return self.status

    def cancel(self) -> None:
        self.is_cancelled = True


class Runtime:
    """Gives every request its next tokens in each step."""

    def __init__(self, tokens_a_step: int = 1, status: str = "running") -> None:
        self.tokens_a_step, self.status = tokens_a_step, status
        self.handles: list[Handle] = []
        self.prompts: list[Any] = []
        self.uses: list[object] = []

    def get_tokenizer(self) -> Any:
        return SimpleNamespace(decode=lambda ids: " ".join(map(str, ids)))

    def get_metrics(self) -> object:
        return len(self.handles)

    def add_request(self, number: int, tokens: ov.Tensor, config: Any) -> Handle:
        assert config.ignore_eos
        self.prompts.append(tokens.data.copy())
        self.handles.append(Handle(config.max_new_tokens, self.tokens_a_step, self.status))
        return self.handles[-1]

    def has_non_finished_requests(self) -> bool:
        return any(handle.left and not handle.is_cancelled for handle in self.handles)

    def step(self) -> None:
        for handle in self.handles:
            count = min(handle.left, handle.tokens_a_step)
            if handle.status == "running" and not handle.is_cancelled and count:
                handle.left -= count
                handle.fresh = [7] * count


def queue_of(
    runtime: Runtime, nireq: int, lengths: Sequence[tuple[int, int]] = ((5, 3),), shared: float = 0
) -> tuple[PipelineQueue, LatencyRing]:
    ring = LatencyRing(bytearray(LatencyRing.bytes_for(1024)))
    pipeline = Pipeline(runtime, GENAI, RandomPrompts(lengths, 100, 0, shared))
    return PipelineQueue(pipeline, nireq, ring, runtime.uses.append), ring


def steps(queue: PipelineQueue, count: int) -> None:
    step = queue.starter()
    for _ in range(count):
        step()


def test_a_request_is_a_first_token_and_then_the_others_and_counts_once() -> None:
    queue, ring = queue_of(Runtime(), nireq=2)
    steps(queue, 6)
    stored = ring.read(0)
    assert stored.groups.size == 12
    assert (phases_of(stored.groups) == PREFILL).sum() == 4
    recorder = SequenceRecorder([5])
    recorder.add(stored.times_s, stored.latencies_ms, stored.groups)
    assert recorder.latencies.count == 4
    assert recorder.prompt_tokens == 4 * 5


def test_the_pipeline_is_looked_at_at_once_and_then_rarely() -> None:
    runtime = Runtime()
    queue, _ = queue_of(runtime, nireq=2, lengths=((5, 1000),))
    steps(queue, 50)
    assert runtime.uses == [2]


def test_requests_at_once_are_as_many_as_were_asked_for() -> None:
    runtime = Runtime()
    queue, _ = queue_of(runtime, nireq=3, lengths=((5, 100),))
    steps(queue, 10)
    assert len(runtime.handles) == 3


def test_tokens_that_come_together_share_the_time_of_the_step() -> None:
    queue, ring = queue_of(Runtime(tokens_a_step=4), nireq=1, lengths=((5, 9),))
    steps(queue, 3)
    stored = ring.read(0)
    assert stored.latencies_ms.size == 9
    assert len(set(stored.latencies_ms[:4])) == 1
    assert list(phases_of(stored.groups)) == [PREFILL] + [DECODE] * 8


def test_what_is_called_off_is_let_go_and_is_no_whole_request() -> None:
    runtime = Runtime()
    queue, ring = queue_of(runtime, nireq=2, lengths=((5, 100),))
    steps(queue, 4)
    queue.drain()
    assert all(handle.is_cancelled for handle in runtime.handles)
    stored = ring.read(0)
    recorder = SequenceRecorder([5])
    recorder.add(stored.times_s, stored.latencies_ms, stored.groups)
    assert stored.groups.size == 8
    assert recorder.latencies.count == 0
    steps(queue, 1)
    assert len(runtime.handles) == 4


def test_the_first_inference_is_one_prompt_and_is_not_stored() -> None:
    runtime = Runtime()
    queue, ring = queue_of(runtime, nireq=2)
    assert queue.first_inference_ms() > 0
    assert ring.total == 0
    assert runtime.handles[0].is_cancelled


def test_a_request_without_room_is_an_error_that_says_what_to_do() -> None:
    queue, _ = queue_of(Runtime(status="ignored"), nireq=1)
    with pytest.raises(RuntimeError, match="--cache-size"):
        steps(queue, 1)


@pytest.mark.parametrize(("shared", "alike"), [(0.0, 0), (0.5, 4), (1.0, 8)])
def test_the_shared_part_of_the_prompts_is_alike_and_the_rest_is_not(
    shared: float, alike: int
) -> None:
    runtime = Runtime()
    queue, _ = queue_of(runtime, nireq=2, lengths=((8, 1),), shared=shared)
    steps(queue, 8)
    prompts = np.concatenate(runtime.prompts)
    assert (prompts[:, :alike] == prompts[0, :alike]).all()
    assert len({tuple(row) for row in prompts[:, alike:]}) == (16 if alike < 8 else 1)


def test_the_text_of_the_first_request_is_decoded_when_it_is_read() -> None:
    runtime = Runtime()
    queue, _ = queue_of(runtime, nireq=2, lengths=((5, 4),))
    assert queue.text(3) == RequestText(run_id=3)
    steps(queue, 3)
    prompt = runtime.prompts[0].ravel().tolist()
    expected = RequestText(3, 1, 5, 3, " ".join(map(str, prompt)), "7 7 7")
    assert queue.text(3) == expected
    steps(queue, 1)  # it is over, and can still be read
    assert queue.text(3).text == "7 7 7 7"
    steps(queue, 1)
    assert (queue.text(3).number, queue.text(3).text) == (3, "7")


def test_of_a_long_text_the_end_is_decoded() -> None:
    queue, _ = queue_of(Runtime(tokens_a_step=100), nireq=1, lengths=((500, 1000),))
    steps(queue, 9)
    text = queue.text(1)
    assert (text.prompt_tokens, text.tokens) == (500, 900)
    assert (len(text.prompt.split()), len(text.text.split())) == (96, 512)
