"""Makes configurations ready beside the running model, and swaps them in."""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

from ovbench_tui.config.benchmark import OPTIONS, BenchmarkConfig, describe_change
from ovbench_tui.config.load.load_options import QUEUE_LIMIT
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    IsolationRequired,
    ShapeNeeded,
    WorkerNotice,
)
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.inputs.isolation import IsolationNeeded
from ovbench_tui.engine.inputs.shapes.data_shape import DataShapeNeeded
from ovbench_tui.engine.requests.inference_errors import inference_reason
from ovbench_tui.engine.requests.measuring_mode import check_api
from ovbench_tui.engine.requests.prepared_model import PreparedModel
from ovbench_tui.engine.requests.queue_builder import QueueBuilder
from ovbench_tui.engine.requests.state_reset import reset_notice
from ovbench_tui.engine.worker.active import Active
from ovbench_tui.engine.worker.background_tasks import BackgroundTasks
from ovbench_tui.engine.worker.inbox import Prepared
from ovbench_tui.engine.worker.run_state import RunState
from ovbench_tui.engine.worker.warm_up import NEW_QUEUE_WARM_UP_S, WARM_UP_S
from ovbench_tui.errors import BadInputError

COMPILE_BESIDE_FACTOR = 3
"""Peak memory of reading and compiling a model, in sizes of its weights (seen on CPU)."""


class Preparing:
    """Takes what runs to the target.

    A change of nireq is a new queue on the same compiled model. Every other change, also one that
    takes other inputs only, is
    prepared in a thread of its own beside the running model and swapped in after its first
    inference went well; until then, and for good when it fails, the old run goes on.
    """

    def __init__(
        self,
        run: RunState,
        tasks: BackgroundTasks,
        queues: QueueBuilder,
        memory_bytes: Callable[[], int],
    ) -> None:
        self._run = run
        self._tasks = tasks
        self._queues = queues
        self._memory_bytes = memory_bytes
        self._ignored: tuple[str, ...] = ()

    def pursue_target(self) -> None:
        """Take the next step towards the target, unless a preparation is under way."""
        run = self._run
        target, active = run.target, run.active
        if target is None:
            return
        if active is None or active.config.needs_preparation(target):
            if not run.is_preparing:
                self._start(target)
        elif active.config.needs_new_run(target) or run.state is WorkerState.FAILED:
            self._requeue(active, target)
        elif active.config != target:
            active.config = target
            run.arm_again()
            self._report_ignored(active)

    def prepare_beside(self, config: BenchmarkConfig, *, is_variant_b: bool = False) -> None:
        """Make a configuration ready while what runs goes on."""
        run = self._run
        run.is_preparing = True
        run.refresh_measuring()
        reuse = run.active.prepared if run.active else None
        self._tasks.prepare(config, reuse, is_variant_b=is_variant_b)

    def report_progress(self, what: str) -> None:
        """Report the step that a preparation has come to."""
        run = self._run
        if not run.is_preparing:
            return
        run.emit(BackgroundChanged(what, perf_counter()))
        if run.active is None:
            reading = what.startswith("reading")
            run.set_state(WorkerState.READING if reading else WorkerState.COMPILING)

    def finish(self, prepared: Prepared) -> None:
        """Run what was made ready, or go on with what ran."""
        run, result = self._run, prepared.result
        target = run.target
        if target is None or prepared.config.needs_preparation(target):
            # Another configuration was requested meanwhile; this one, good or bad, is stale.
            run.refresh_measuring()
            self.pursue_target()
        elif isinstance(result, DataShapeNeeded):
            run.emit(
                ShapeNeeded(
                    target,
                    str(result),
                    result.inputs,
                    result.proposal,
                    run.running_config,
                    option=result.option,
                    more=result.more,
                )
            )
            self._fall_back()
        elif isinstance(result, IsolationNeeded):
            run.emit(IsolationRequired(target, result.notice))
            self._fall_back()
        elif isinstance(result, Exception):
            self._reject(target, str(result), bad_input=True)
        else:
            self._adopt(result, target)

    def _start(self, config: BenchmarkConfig) -> None:
        run, active = self._run, self._run.active
        is_compiled = active is not None and not active.config.needs_recompile(config)
        if active is not None and not is_compiled and not self._fits_beside(active):
            run.parked = active.config
            run.release()
        self.prepare_beside(config)

    def _fits_beside(self, active: Active) -> bool:
        return self._memory_bytes() > COMPILE_BESIDE_FACTOR * active.prepared.weight_bytes

    def _adopt(self, prepared: PreparedModel, config: BenchmarkConfig) -> None:
        """Swap to `prepared`, or go on with the old run when its first inference fails."""
        run = self._run
        old = run.active
        try:
            open_loop = self._queues.open_loop(prepared, config)
        except BadInputError as error:
            self._reject(config, str(error), bad_input=True)
            return
        if old is not None:
            run.quiesce(old)
        active: Active | None = None
        try:
            with run.reporting(f"running the first inference of {prepared.info.name}"):
                queue = self._queues.build(prepared, config)
                active = Active(config, prepared, queue, self._queues.number, open_loop)
                if config.first_inference and config.iterations != 0:
                    active.run_first_inferences()
                run.feeder.begin(config, queue)
        except (RuntimeError, MemoryError, ValueError, TypeError) as error:
            step = _failed_step(active)
            reason = (
                f"{prepared.info.name} compiled, but {step}: {inference_reason(error, prepared)}."
            )
            self._reject(config, reason, bad_input=False)
            return
        old_config = old.config if old else run.parked
        reported = old.prepared.notice if old else ""
        run.active, run.parked = active, None
        if old is not None:
            old.queue.release()
            del old  # and with it the compiled model, before the new run is timed
        run.begin_run(old_config, config, WARM_UP_S)
        if prepared.notice and prepared.notice != reported:
            run.emit(WorkerNotice(prepared.notice))
        self._report_ignored(active)

    def _requeue(self, active: Active, config: BenchmarkConfig) -> None:
        """Give the compiled model another queue; takes no recompile."""
        try:
            check_api(config.api, active.prepared.effective.rotating_shapes)
            open_loop = self._queues.open_loop(active.prepared, config)
        except BadInputError as error:
            self._reject(config, str(error), bad_input=True)
            return
        self._run.quiesce(active)
        try:
            queue = self._queues.build(active.prepared, config)
            self._run.feeder.begin(config, queue)
        except (RuntimeError, MemoryError) as error:
            reason = inference_reason(error, active.prepared)
            what = describe_change(active.config, config) or "This configuration"
            self._reject(config, f"{what} cannot be run: {reason}.", bad_input=False)
            return
        active.queue.release()
        old, active.config, active.queue = active.config, config, queue
        active.queue_number, active.open_loop = self._queues.number, open_loop
        self._run.begin_run(old, config, NEW_QUEUE_WARM_UP_S)
        self._report_ignored(active)

    def _report_ignored(self, active: Active) -> None:
        """Say which options of what runs have no effect, where that was not said of it before."""
        config = active.config
        notices = (reset_notice(active.effective, config), _ignored(active), _no_arrivals(config))
        for words in notices:
            if words and words not in self._ignored:
                self._run.emit(WorkerNotice(words))
        self._ignored = notices

    def _reject(self, config: BenchmarkConfig, reason: str, *, bad_input: bool) -> None:
        run = self._run
        run.emit(ConfigRejected(config, reason, run.running_config, bad_input))
        self._fall_back()

    def _fall_back(self) -> None:
        """Go on with the run that was there, compiling it again if it had to make room."""
        run = self._run
        run.target = run.running_config
        if run.active is None and run.parked is not None:
            run.parked = None
            self.pursue_target()
        elif run.active is not None:
            run.enter_feeding()
        else:
            run.set_state(WorkerState.IDLE)


_OF_GENERATION = ("prompt_tokens", "new_tokens", "ttft_p90_under_ms", "tpot_p90_under_ms")


def _ignored(active: Active) -> str:
    """Say that what is for generated tokens has no effect; '' = it has, or none was given."""
    config = active.config
    names = [OPTIONS[field].name for field in _OF_GENERATION if getattr(config, field)]
    if active.effective.generates or not names:
        return ""
    verb = "is" if len(names) == 1 else "are"
    return (
        f"{' and '.join(names)} {verb} ignored: nothing shows that the model generates"
        " tokens, or -data_shape, -i or --reset-state says what it runs with."
    )


def _no_arrivals(config: BenchmarkConfig) -> str:
    """Say that options of arrivals have no effect; '' = they have, or were not given."""
    is_limited = config.queue_limit != QUEUE_LIMIT or bool(config.timeout_ms)
    if config.arrivals or not is_limited:
        return ""
    return "--queue-limit and --timeout are ignored: without --arrivals nothing waits."


def _failed_step(active: Active | None) -> str:
    """What of a model that compiled failed; None = there is no queue."""
    if active is None:
        return "its infer requests could not be created"
    if math.isnan(active.first_inference_ms):
        return "its first inference failed"
    return "an inference after the first one failed"
