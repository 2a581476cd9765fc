"""Lets two configurations, A and B, run in turn, in short slices."""

from __future__ import annotations

import math
from collections.abc import Callable

from ovbench_tui.config.benchmark import BenchmarkConfig, describe_change
from ovbench_tui.engine.api.commands import Alternate
from ovbench_tui.engine.api.events import ConfigRejected, PairStarted, SliceEnded, WorkerNotice
from ovbench_tui.engine.api.feeders import CALLBACK, COLLECT, SPIN
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.requests.feeder_choice import may_choose
from ovbench_tui.engine.requests.inference_errors import inference_reason
from ovbench_tui.engine.requests.measuring_mode import check_api
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue_builder import QueueBuilder
from ovbench_tui.engine.worker.active import AbTest, Active, without_end
from ovbench_tui.engine.worker.inbox import Prepared
from ovbench_tui.engine.worker.preparing import COMPILE_BESIDE_FACTOR, Preparing
from ovbench_tui.engine.worker.run_state import RunState
from ovbench_tui.engine.worker.slice_end import SliceEnd
from ovbench_tui.engine.worker.warm_up import NEW_QUEUE_WARM_UP_S, WARM_UP_S
from ovbench_tui.errors import BadInputError
from ovbench_tui.stats.comparison.alternation import Alternation, Side
from ovbench_tui.system.memory import bytes_on_disk

_SETTLING_S = 0.05
"""Caches hold the other side's weights when a slice begins."""


class Alternating:
    """Makes B ready, gives each side its turns, and lets one of them go on alone."""

    def __init__(
        self,
        run: RunState,
        preparing: Preparing,
        queues: QueueBuilder,
        memory_bytes: Callable[[], int],
    ) -> None:
        self._run = run
        self._preparing = preparing
        self._queues = queues
        self._memory_bytes = memory_bytes
        self._wanted: Alternate | None = None
        """A B that is not ready yet."""

    # -- B, until it is ready ---------------------------------------------------------------

    def request(self, wanted: Alternate) -> None:
        """Let this B alternate with what runs, as soon as it is ready."""
        run = self._run
        if run.ab_test is not None:
            self.end(keep_b=False)
        active = run.active
        if active is None or run.state is WorkerState.FAILED:
            self._reject(
                wanted.config, "B needs a running model to alternate with, and none is running."
            )
        elif 0 in (active.config.iterations, wanted.config.iterations):
            self._reject(
                wanted.config, "A model that is only compiled cannot alternate: leave out -niter 0."
            )
        else:
            self._wanted = wanted
            self.pursue()

    def call_off(self) -> None:
        """Let no B begin."""
        self._wanted = None

    def pursue(self) -> None:
        """Make B ready, unless something else is being prepared."""
        wanted, active = self._wanted, self._run.active
        if wanted is None or active is None or self._run.is_preparing:
            return
        config, prepared = wanted.config, active.prepared
        if not active.config.needs_preparation(config):
            try:
                check_api(config.api, prepared.effective.rotating_shapes)
            except BadInputError as error:
                self._reject(config, str(error))
                return
            self._begin(wanted, active, prepared)
            return
        needed = COMPILE_BESIDE_FACTOR * max(prepared.weight_bytes, bytes_on_disk(config.model))
        free = self._memory_bytes()
        if active.config.needs_recompile(config) and free <= needed:
            self._reject(
                config,
                f"B does not fit into memory beside A: about {needed >> 20} MiB are needed and"
                f" {free >> 20} MiB are free.",
            )
            return
        self._preparing.prepare_beside(config, is_variant_b=True)

    def finish_preparation(self, prepared: Prepared) -> bool:
        """Begin with the B that was made ready; False = it is no longer wanted."""
        wanted, active, result = self._wanted, self._run.active, prepared.result
        if wanted is None or wanted.config != prepared.config or active is None:
            return False
        if isinstance(result, Exception):
            self._reject(prepared.config, f"B: {result}")
        else:
            self._begin(wanted, active, result)
        return True

    def _reject(self, config: BenchmarkConfig, reason: str, *, bad_input: bool = True) -> None:
        """Go on with A alone."""
        run = self._run
        self._wanted = None
        run.emit(ConfigRejected(config, reason, run.running_config, bad_input))
        run.refresh_measuring()
        if run.active is not None and run.state is WorkerState.DRAINING:
            run.enter_feeding()

    def _begin(self, wanted: Alternate, active: Active, prepared: PreparedModel) -> None:
        run = self._run
        self._wanted = None
        run.quiesce(active)
        if run.state is WorkerState.FAILED:
            self._reject(
                wanted.config, "B needs a running model to alternate with, and none is running."
            )
            return
        try:
            b = self._make_variant_b(wanted.config, prepared, active)
        except BadInputError as error:
            self._reject(wanted.config, str(error), bad_input=True)
            return
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            reason = (
                f"B, {prepared.info.name}, could not be run: {inference_reason(error, prepared)}."
            )
            self._reject(wanted.config, reason, bad_input=False)
            return
        configs = {Side.A: active.config, Side.B: wanted.config}
        active.config = without_end(active.config)
        run.is_finished = False
        run.is_warm = True
        run_ids = {Side.A: run.next_run_id(), Side.B: run.next_run_id()}
        sides = {Side.A: active, Side.B: b}
        change = describe_change(active.config, b.config) or "the same as A"
        total = run.ring.total
        ab_test = run.ab_test = AbTest(
            sides, configs, run_ids, Alternation(wanted.slice_s), wanted.slice_s, set()
        )
        run.emit(
            PairStarted(
                active.started(run_ids[Side.A], "A of an A/B", total),
                b.started(run_ids[Side.B], f"B of an A/B: {change}", total),
            )
        )
        run.restart_clock()
        self._next_slice(ab_test)
        if prepared.notice and prepared.notice != active.prepared.notice:
            run.emit(WorkerNotice(prepared.notice))

    def _make_variant_b(
        self, requested: BenchmarkConfig, prepared: PreparedModel, active: Active
    ) -> Active:
        """Build B's queue, with completions stored as A's are, since the two ways cost unlike.

        Raises:
            BadInputError: B asks for what its model cannot do; one sentence.
            RuntimeError: B cannot run.
        """
        queues = self._queues
        config = without_end(requested)
        open_loop = queues.open_loop(prepared, config)
        queue = queues.build(prepared, config)
        b = Active(config, prepared, queue, queues.number, open_loop)
        if prepared is not active.prepared and config.first_inference:
            with self._run.reporting(f"running the first inference of {prepared.info.name}"):
                b.run_first_inferences()
        feeder = self._run.feeder
        may_collect = may_choose(active.config) and may_choose(config)
        # Both in the same way, or the difference would be of our own doing.
        by_feeder = (
            may_collect
            and CALLBACK not in (active.config.feeder, config.feeder)
            and (
                active.queue.collected_by == "feeder"
                or feeder.way_without_trials(config, queue) in (COLLECT, SPIN)
            )
        )
        queue.record(by_feeder=by_feeder)
        feeder.begin_alternation(active.queue)
        if may_collect and queue.collected_by != active.queue.collected_by:
            fresh = queues.build(active.prepared, active.config)
            fresh.record(by_feeder=by_feeder)
            active.queue.release()
            active.queue, active.queue_number = fresh, queues.number
        return b

    # -- slices -----------------------------------------------------------------------------

    def feed(self, ab_test: AbTest) -> None:
        """Let one side run for its slice, or until a message comes in.

        Raises:
            RuntimeError: an inference failed.
        """
        run = self._run
        if ab_test.is_spoilt:
            run.refresh_measuring()
            if run.active is None or not run.drain(run.active):
                return
            ab_test.order.begin_pair_again()
            self._next_slice(ab_test)
        active, inbox_empty = run.active, run.inbox.empty
        if active is None:
            return
        if run.is_refilling:
            if not run.warm_up.feed(active.queue.starter(), inbox_empty):
                return
            run.is_refilling = False
            run.set_state(WorkerState.RUNNING)
        if not run.time.is_running:  # something else goes on meanwhile
            active.queue.feed_while(inbox_empty, may_spin=False)
            return
        end = SliceEnd(
            lambda: run.ring.total,
            run.time.since_count,
            run.time.since_s,
            length_s=ab_test.order.length_s,
            round_size=active.queue.nireq,
        )
        active.workload.feed(
            active.queue, lambda: inbox_empty() and not end.is_over, may_spin=False
        )
        if end.is_over:
            self._end_slice(ab_test, active)

    def _next_slice(self, ab_test: AbTest) -> None:
        """Begin to fill the queue of the side whose turn it is; both are empty."""
        run = self._run
        side = ab_test.order.side
        active = ab_test.sides[side]
        run.active, run.run_id = active, ab_test.run_ids[side]
        is_warm = side in ab_test.warm
        ab_test.warm.add(side)
        ab_test.is_spoilt = False
        run.is_refilling = True
        state = WorkerState.RUNNING if is_warm else WorkerState.WARMING_UP
        run.set_state(WorkerState.PAUSED if run.is_paused else state, force=True)
        settling_s = min(_SETTLING_S, ab_test.slice_s / 4) if is_warm else WARM_UP_S
        rounds = 1 if is_warm else 2
        run.warm_up.begin(rounds * active.queue.nireq, settling_s, math.inf)

    def _end_slice(self, ab_test: AbTest, active: Active) -> None:
        """Report a whole slice, and empty the queue, so that nothing runs in the next one."""
        run = self._run
        if run.heed_stop():
            return
        count, seconds = run.time.count, run.time.seconds
        ab_test.is_ending_slice = True
        run.is_refilling = True
        run.refresh_measuring()
        ab_test.is_ending_slice = False
        run.emit(SliceEnded(run.run_id, ab_test.order.pair))
        ab_test.order.end_slice(run.time.count - count, run.time.seconds - seconds)
        if not run.drain(active):
            return
        self._next_slice(ab_test)

    # -- the end ----------------------------------------------------------------------------

    def goes_on_with(self, target: BenchmarkConfig) -> bool:
        """Whether `target` changes no more than when A ends; else what alternates ends now."""
        self._wanted = None
        ab_test = self._run.ab_test
        if ab_test is None:
            return False
        if not ab_test.configs[Side.A].needs_new_run(target):
            ab_test.configs[Side.A] = target
            return True
        self.end(keep_b=False)
        return False

    def end(self, *, keep_b: bool) -> None:
        """Let one of the two go on alone; also call off a B that is not ready yet."""
        run = self._run
        self._wanted = None
        ab_test, run.ab_test = run.ab_test, None
        if ab_test is None or run.active is None:
            return
        run.quiesce(run.active)
        side = Side.B if keep_b else Side.A
        run.keep(ab_test, side)
        a, b = ab_test.configs[Side.A], ab_test.configs[Side.B]
        change = describe_change(a, b) or "B alone" if keep_b else "A alone again"
        run.begin_run(None, ab_test.configs[side], NEW_QUEUE_WARM_UP_S, change)
