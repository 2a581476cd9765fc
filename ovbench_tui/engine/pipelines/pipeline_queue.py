"""The requests that a pipeline of openvino-genai runs at once, and how they are recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ovbench_tui.config.token_counts import DRAFT
from ovbench_tui.engine.api.pipeline_use import RequestText
from ovbench_tui.engine.pipelines.followed import FollowedRequest
from ovbench_tui.engine.pipelines.pipeline import Pipeline
from ovbench_tui.engine.pipelines.prompts import Prompt
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.workloads.workload import ArrivalStarter
from ovbench_tui.stats.sequences import DECODE, PREFILL, request_tag, step_tag

DEFAULT_CONCURRENCY = 1
"""Requests at once where no number is given: what one user sees."""

_STEPS_TO_CANCEL = 1000
_FOLLOWED_TAG = request_tag(0)
_LOOK_EVERY_S = 1.0


@dataclass(slots=True)
class _Running:
    """A request that the pipeline has.

    Attributes:
        since_s: when its last token came, and before the first when it was added.
        phase: of the token that comes next.
    """

    handle: Any
    since_s: float
    tag: int
    sequence: int
    phase: int = PREFILL


class PipelineQueue:
    """Keeps so many requests in a pipeline, and stores each token that it gives.

    A token's latency is the time since the one before of the same request; that of the first
    since the request was added, so that it counts waiting, too. Tokens that come in one step
    share its time evenly.

    Args:
        nireq: requests at once.
        note_use: takes the pipeline's metrics, about once a second.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        nireq: int,
        ring: LatencyRing,
        note_use: Callable[[Any], None],
    ) -> None:
        self.nireq = nireq
        self.resets_after = 0
        self.collected_by = "feeder"
        self.spins = False
        self._runtime = pipeline.runtime
        self._genai = pipeline.genai
        self._prompts = pipeline.prompts
        self._has_draft = pipeline.has_draft
        self._store = ring.recorder()
        self._running: list[_Running | None] = [None] * nireq
        self._followed = FollowedRequest(pipeline.runtime)
        self._next_id = 0
        self._note_use = note_use
        self._look_again_s = 0.0
        self._ignored = self._genai.GenerationStatus.IGNORED
        self._unfinished = self._genai.GenerationFinishReason.NONE

    @property
    def trials(self) -> None:
        """There are none: the pipeline is stepped by the feeder."""
        return

    @property
    def may_spin(self) -> bool:
        """Never: a step waits for the device."""
        return False

    def first_inference_ms(self) -> float:
        """Process one prompt to its first token; wall time in ms.

        Raises:
            RuntimeError: it failed.
        """
        begin_s = perf_counter()
        one = self._add(self._prompts.next(), 0)
        while not one.handle.can_read():
            self._see_that_it_runs(one)
            self._runtime.step()
        first_ms = (perf_counter() - begin_s) * 1000
        self._running[0] = one
        self.drain()
        self._prompts.restart()
        return first_ms

    def further_firsts_ms(self) -> tuple[tuple[int, float], ...]:
        """None: there are no shapes that rotate."""
        return ()

    def record(self, *, by_feeder: bool) -> None:
        """It is always the feeder that stores."""

    def starter(self) -> Callable[[], None]:
        """Build the call that makes one step."""
        return self._step

    def feed_while(self, go_on: Callable[[], bool], *, may_spin: bool = True) -> None:  # noqa: ARG002 - it never does
        """Make one step after the other."""
        step = self._step
        while go_on():
            step()

    def arrival_starter(self) -> ArrivalStarter:
        """Raises RuntimeError: its requests take many steps, so arrivals are refused before."""
        raise RuntimeError("the requests of a pipeline take many steps, so it has no arrivals")

    def drain(self) -> None:
        """Call off what is unfinished: the tokens it has given are stored.

        Raises:
            RuntimeError: the pipeline does not let go of them.
        """
        for one in self._running:
            if one is not None:
                one.handle.cancel()
        self._running = [None] * self.nireq
        for _ in range(_STEPS_TO_CANCEL):
            if not self._runtime.has_non_finished_requests():
                return
            self._runtime.step()
        raise RuntimeError("cancelled requests go on")

    def restart_sequences(self) -> None:
        """Begin with the first prompt again; only when drained."""
        self._prompts.restart()

    def text(self, run_id: int) -> RequestText:
        """Decode what the first of the requests at once has given so far.

        Raises:
            RuntimeError: the tokenizer cannot.
        """
        return self._followed.read(run_id)

    def profiles(self) -> list[Any]:
        """Raises RuntimeError: there are none."""
        raise RuntimeError("openvino-genai does not hand them out")

    def release(self) -> None:
        """Let go of the pipeline; raises RuntimeError as `drain` does."""
        self.drain()
        del self._runtime, self._followed

    def _add(self, prompt: Prompt, place: int) -> _Running:
        config = self._genai.GenerationConfig()
        config.max_new_tokens = prompt.new_tokens
        config.ignore_eos = not prompt.ends_itself
        if self._has_draft:
            config.num_assistant_tokens = DRAFT
        self._next_id += 1
        if not place:
            self._followed.begin(self._next_id, prompt.tokens)
        begin_s = perf_counter()
        handle = self._runtime.add_request(self._next_id, prompt.tokens, config)
        return _Running(handle, begin_s, request_tag(place), prompt.sequence)

    def _step(self) -> None:
        """Fill up, let the pipeline make one step, and store the tokens that came of it."""
        running = self._running
        for place, one in enumerate(running):
            if one is None:
                running[place] = self._add(self._prompts.next(), place)
        self._runtime.step()
        now_s = perf_counter()
        for place, one in enumerate(running):
            if one is None:
                continue
            if one.handle.can_read():
                if self._store_tokens(one, now_s):
                    running[place] = None
            else:
                self._see_that_it_runs(one)

        if now_s >= self._look_again_s:
            self._look_again_s = now_s + _LOOK_EVERY_S
            self._note_use(self._runtime.get_metrics())

    def _store_tokens(self, one: _Running, now_s: float) -> bool:
        """Store what a request has given; whether it is over."""
        output = next(iter(one.handle.read().values()))
        is_over: bool = output.finish_reason != self._unfinished
        count = len(output.generated_ids)
        if not count:
            return is_over
        if one.tag == _FOLLOWED_TAG:
            self._followed.add(output.generated_ids)
        latency_ms = (now_s - one.since_s) * 1000 / count
        for number in range(count):
            is_last = is_over and number == count - 1
            self._store(latency_ms, one.tag | step_tag(one.phase, one.sequence, is_last=is_last))
            one.phase = DECODE
        one.since_s = now_s
        return is_over

    def _see_that_it_runs(self, one: _Running) -> None:
        if one.handle.get_status() == self._ignored:
            raise RuntimeError("the KV cache has no room for a request: give more by --cache-size")
