"""Builds the request queues of one worker."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.load.pattern import TRACE, parse_arrivals
from ovbench_tui.engine.pipelines.pipeline_queue import DEFAULT_CONCURRENCY, PipelineQueue
from ovbench_tui.engine.requests.feeder_choice import scratch_ring
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue import Queue
from ovbench_tui.engine.requests.queue_options import QueueOptions
from ovbench_tui.engine.requests.request_queue import RequestQueue
from ovbench_tui.engine.requests.ring import LatencyRing
from ovbench_tui.engine.requests.state_reset import resets_after
from ovbench_tui.engine.worker.inbox import CallbackFailed, Inbox
from ovbench_tui.engine.workloads.open_loop import OpenLoop
from ovbench_tui.engine.workloads.schedule import schedule
from ovbench_tui.engine.workloads.trace import Traces
from ovbench_tui.errors import BadInputError


class QueueBuilder:
    """Numbers the queues, so that a failure of one that has been replaced is no longer heeded.

    Args:
        note_use: takes openvino-genai's metrics of the pipeline that is fed, about once a second.

    Attributes:
        number: of the queue built last.
    """

    def __init__(
        self, ring: LatencyRing, inbox: Inbox, note_use: Callable[[Any], None] = lambda _: None
    ) -> None:
        self._ring = ring
        self._inbox = inbox
        self._note_use = note_use
        self._traces = Traces()
        self.number = 0

    def build(self, prepared: PreparedModel, config: BenchmarkConfig) -> Queue:
        """Make the infer requests of a configuration; raises RuntimeError where that fails."""
        self.number += 1
        return self._build(prepared, config, self._ring)

    def build_rival(self, prepared: PreparedModel, config: BenchmarkConfig) -> Queue:
        """Make the same for trials beside the queue built last; nobody reads what they store."""
        return self._build(prepared, config, scratch_ring())

    def open_loop(self, prepared: PreparedModel, config: BenchmarkConfig) -> OpenLoop | None:
        """Make the open loop of a configuration; None = it asks for none.

        Raises:
            BadInputError: the model cannot be fed so, or its trace cannot be read; one sentence.
        """
        if not config.arrivals:
            return None
        if prepared.pipeline is not None or prepared.sequences is not None:
            raise BadInputError(
                f"--arrivals is for single inferences, and {prepared.info.name} generates tokens,"
                " many inferences for each prompt: leave it out."
            )
        pattern = parse_arrivals(config.arrivals)
        trace_s = self._traces.read(pattern.path) if pattern.kind == TRACE else ()
        return OpenLoop(
            lambda: schedule(pattern, trace_s),
            config.queue_limit,
            config.timeout_ms / 1e3 or math.inf,
            self._ring.load_words,
        )

    def _build(self, prepared: PreparedModel, config: BenchmarkConfig, ring: LatencyRing) -> Queue:
        inbox, number = self._inbox, self.number

        # Holds nothing but the inbox: OpenVINO lets go of a callback on one of its own threads,
        # and if that freed the worker, and with it the Core, the thread would have to join
        # itself, which aborts the process.
        def report(error: BaseException) -> None:
            inbox.put(CallbackFailed(error, number))

        options = QueueOptions(
            config.nireq,
            is_sync=config.api == "sync",
            refills=not prepared.effective.inference_only,
            resets_after=resets_after(prepared.effective, config),
            sequences=prepared.sequences,
            has_arrivals=bool(config.arrivals),
        )
        if prepared.pipeline is not None:
            nireq = config.nireq or DEFAULT_CONCURRENCY
            return PipelineQueue(prepared.pipeline, nireq, ring, self._note_use)
        return RequestQueue(prepared.compiled, options, prepared.feeds, ring, report)
