"""What a session knows of its engine: the events of one worker after the other, applied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.events import (
    BackgroundChanged,
    ConfigRejected,
    DevicesFound,
    Event,
    IsolationRequired,
    ModelDescribed,
    PairStarted,
    ProcessStopped,
    ProfileTaken,
    RunFailed,
    RunStarted,
    ShapeNeeded,
    SliceEnded,
    StateChanged,
    WorkerNotice,
    WorkerStopped,
)
from ovbench_tui.engine.api.feeders import FeederChosen
from ovbench_tui.engine.api.pipeline_use import PipelineUse, RequestText
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.engine.api.run_sink import RunEnd
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.engine.hosts.host_slot import HostSlot
from ovbench_tui.engine.runs.model_questions import ModelQuestions
from ovbench_tui.engine.runs.notices import Notices
from ovbench_tui.engine.runs.run_handover import RunHandover
from ovbench_tui.engine.runs.run_tracker import RunTracker
from ovbench_tui.engine.runs.shape_question import asked_again
from ovbench_tui.engine.worker.stop_watch import TICK_S

_SEEN_WITHIN_S = 2 * TICK_S


class SessionState:
    """Folds what completes into the tracker, and takes note of what changes.

    Attributes:
        requested: the configuration asked for last, or the one that runs after a refusal.
        measuring: what completes counts.
        shape_needed, rejection: why the last configuration asked for does not run.
        failure: why nothing runs any more; '' = that is not so.
        isolation_required: not yet heeded.
        is_dead: the engine is gone, and was not replaced.
        is_concluded: nothing counts any more.
        ab: an A/B that has not begun, or never will; else the tracker has it.
    """

    def __init__(
        self,
        requested: BenchmarkConfig,
        slot: HostSlot,
        tracker: RunTracker,
        handover: RunHandover,
        notices: Notices,
        clock: Callable[[], float],
    ) -> None:
        self.requested = requested
        self._slot = slot
        self._tracker = tracker
        self._handover = handover
        self._notices = notices
        self._clock = clock
        self.questions = ModelQuestions()
        self._marks = 0
        self.state = WorkerState.IDLE
        self.measuring = False
        self.background = BackgroundChanged("", 0.0)
        self.devices: tuple[DeviceInfo, ...] = ()
        self.openvino_version = ""
        self.shape_needed: ShapeNeeded | None = None
        self._shape_question: ShapeNeeded | None = None
        self.rejection: ConfigRejected | None = None
        self.failure = ""
        self.isolation_required: IsolationRequired | None = None
        self.is_dead = False
        self.is_concluded = False
        self.ab: AbView | None = None

    @property
    def seen_s(self) -> float:
        """Now, or until when the engine was seen to run: no more than that was measured."""
        return min(self._clock(), self._slot.host.ring.good_until_s + _SEEN_WITHIN_S)

    # -- from one engine to the next --------------------------------------------------------

    def begin_engine(self, arrival: str) -> None:
        """Follow the host that is about to start; see `RunTracker.follow`."""
        self._marks = 0
        self.is_dead = False
        self.questions.begin_engine()
        self._tracker.follow(self._slot.host.ring, arrival)

    def end_engine(self) -> None:
        """Count nothing more of the host that is about to be replaced."""
        self.fold()
        self.call_off_ab("The engine was replaced.")
        self._tracker.stop(self.seen_s)
        self.hand_over(RunEnd.STOPPED)
        self.state, self.measuring = WorkerState.DRAINING, False
        self.background = BackgroundChanged("", 0.0)
        self.failure = ""

    def conclude(self) -> None:
        """Count nothing more at all."""
        if not self.is_concluded:
            self.fold()
            self._tracker.stop(self.seen_s)
            self.hand_over(RunEnd.STOPPED)
            self.is_concluded = True

    def call_off_ab(self, reason: str) -> None:
        """B will not begin."""
        if self.ab is not None and self.ab.phase is AbPhase.PREPARING:
            self.ab = replace(self.ab, phase=AbPhase.OVER, reason=reason)

    # -- folding ----------------------------------------------------------------------------

    def fold(self) -> None:
        """Take what came since the last call."""
        if self._slot.is_changing or self.is_dead or self.is_concluded:
            return
        # The order is the ring's contract: good until, total, then announced marks, then events.
        host = self._slot.host
        good_until_s = host.ring.good_until_s
        total = host.ring.total
        announced = host.ring.marks
        for event in host.poll():
            self._apply(event)
        if self._marks >= announced and not self.is_dead:
            self._tracker.fold_until(total, good_until_s)
            self._tracker.note_load()

    def _apply(self, event: Event) -> None:
        match event:
            case StateChanged(state, measuring):
                self._marks += 1
                self.state, self.measuring = state, measuring
                self._tracker.change_state(event)
                if state is WorkerState.FINISHED:
                    self.hand_over(RunEnd.FINISHED)
            case ProcessStopped():
                self._tracker.note_stop(event)
            case RunStarted():
                self._tracker.fold_until(event.ring_count)
                self.hand_over(RunEnd.CHANGED)
                self._tracker.begin_run(event)
                self.rejection = None
                self.failure = ""
            case PairStarted():
                self.ab = None
                self._tracker.fold_until(event.a.ring_count)
                self.hand_over(RunEnd.CHANGED)
                self._tracker.begin_pair(event)
                self.rejection = None
            case SliceEnded():
                self._tracker.end_slice(event)
            case FeederChosen():
                self._tracker.note_feeder(event)
            case PipelineUse():
                self._tracker.note_pipeline(event)
            case BackgroundChanged():
                self.background = event
            case ConfigRejected():
                self._take_rejection(event)
            case ShapeNeeded(config, running=running):
                self.shape_needed = self._shape_question = event
                self.rejection = None
                self._fall_back(config, running)
            case IsolationRequired():
                self.isolation_required = event
            case DevicesFound(devices, version):
                self.devices, self.openvino_version = devices, version
            case RunFailed(reason):
                self._tracker.end_pair(self.seen_s)
                self.hand_over(RunEnd.FAILED)
                self._fail(reason)
            case ProfileTaken():
                self._tracker.take_profile(event)
                if reason := self.questions.take_profile(event):
                    self._notices.add(reason, is_error=True)
            case RequestText():
                self.questions.take_text(event)
            case ModelDescribed():
                self.questions.take_facts(event)
            case WorkerNotice(text):
                self._notices.add(text)
            case WorkerStopped(reason):
                self._bury(reason)

    def _take_rejection(self, event: ConfigRejected) -> None:
        config, reason = event.config, event.reason
        self.rejection = event
        if self.ab is not None and self.ab.requested == config:
            self.call_off_ab(reason)
        self._tracker.record.mark(self._clock(), "refused", reason)
        self._notices.add(reason, is_error=True)
        self._fall_back(config, event.running)
        self.shape_needed = asked_again(self._shape_question, event)

    def _bury(self, reason: str) -> None:
        """The engine is gone; what it measured stays."""
        doing = self.background.what
        running = self._tracker.running
        self.is_dead = True
        self.call_off_ab("The engine has ended.")
        self.questions.profile_pending = False
        self._tracker.stop(self.seen_s)
        self.hand_over(RunEnd.FAILED if reason else RunEnd.STOPPED)
        self.state, self.measuring = WorkerState.FAILED, False
        self.background = BackgroundChanged("", 0.0)
        if not reason:
            return
        if doing:
            reason = f"{reason.rstrip('.')} while {doing}."
        elif running is not None:
            reason = f"{reason.rstrip('.')} while it ran {running.model.name}."
        if doing and running is not None:
            # Starting again must not do again what killed it.
            self.requested = running.config
        self._fail(reason)

    def hand_over(self, end: RunEnd) -> None:
        """Give the runs that are open to whoever keeps them."""
        self._handover.give(
            end,
            isolated=self._slot.host.pid is not None,
            devices=self.devices,
            openvino_version=self.openvino_version,
        )

    def _fail(self, reason: str) -> None:
        self.failure = reason
        self._tracker.record.mark(self._clock(), "failed", reason)
        self._notices.add(reason, is_error=True)

    def _fall_back(self, rejected: BenchmarkConfig, running: BenchmarkConfig | None) -> None:
        """Ask again for what runs, unless something else was asked for since."""
        if running is not None and not rejected.needs_preparation(self.requested):
            self.requested = running
