"""Keeps what is known of every machine, from what workers and engines tell; knows no Dask."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import History, Notice
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.fleet.machine import (
    GiveUp,
    Machine,
    Request,
    SendAgain,
    StartOn,
    WorkerSeen,
    name_of,
)
from ovbench_tui.fleet.machine_figures import (
    AT_WORK,
    figures_of,
    find_outliers,
    measured_fps,
    usual_version,
)
from ovbench_tui.fleet.machine_status import (
    FleetSnapshot,
    MachineState,
    Outlier,
    totals_of,
    with_model,
)
from ovbench_tui.fleet.protocol import wire
from ovbench_tui.fleet.protocol.wire_fields import WireError
from ovbench_tui.fleet.silence import Silence

_STARTS_AT_MOST = 3
_NOTICES_KEPT = 50
_STATES = {
    WorkerState[state.name].value: state
    for state in MachineState
    if state.name in WorkerState.__members__
}
"""Those of an engine that a machine has, too; in every other it prepares something."""


class FleetState:
    """The machines of a fleet.

    One thread makes every call. What follows from what was told is left in `asks`.

    Args:
        where: the scheduler, in words.
        model: what the user calls the model: engines know it by another path.
        by_worker: each worker counts as a machine; else those of one host are one.
        new_task: makes a name for each start of an engine.
        take_run: gets the message of each run that has ended, and who has sent it.
        take_tuned: gets each message of a search, and the key of the machine.
    """

    def __init__(
        self,
        where: str,
        config: BenchmarkConfig,
        *,
        by_worker: bool,
        clock: Callable[[], float],
        new_task: Callable[[], str],
        take_run: Callable[[Mapping[str, Any], wire.Handshake | None], None] = lambda *_: None,
        take_tuned: Callable[[str, Mapping[str, Any]], None] = lambda *_: None,
    ) -> None:
        self.asks: deque[Request] = deque()
        self.config = config
        self.serial = 0
        self.is_paused = False
        self.failure = ""
        self._where = where
        self._by_worker = by_worker
        self._stall = ""
        self._clock = clock
        self._silence = Silence(clock)
        self._new_task = new_task
        self._take_run = take_run
        self._take_tuned = take_tuned
        self._machines: dict[str, Machine] = {}
        self._of_task: dict[str, Machine] = {}
        self._alive: dict[str, str] = {}
        self._notices: deque[Notice] = deque(maxlen=_NOTICES_KEPT)
        self._notice_count = 0
        self._odd_messages: set[str] = set()

    # --- what workers do --------------------------------------------------------------------

    def see_workers(self, workers: Iterable[WorkerSeen]) -> None:
        """Take the list of all workers: new ones get an engine, missing ones are lost."""
        by_key: dict[str, list[WorkerSeen]] = {}
        for worker in workers:
            by_key.setdefault(self._key_of(worker), []).append(worker)
        self._alive = {worker.address: key for key, members in by_key.items() for worker in members}
        for machine in self._machines.values():
            is_waiting = machine.state is MachineState.JOINING and machine.key not in by_key
            if is_waiting or (machine.address and machine.address not in self._alive):
                self._lose(machine)
        for key, members in by_key.items():
            if key not in self._machines:
                self._machines[key] = Machine(key, members[0].host, members[0].name)
            known = self._machines[key]
            self._note_spare(known, len(members) - 1)
            if not known.address and known.state is not MachineState.FINISHED:
                self._start(known, members[0])

    def lose_worker(self, address: str) -> None:
        """A worker has gone."""
        self._alive.pop(address, None)
        for machine in self._machines.values():
            if machine.address == address:
                self._lose(machine)

    def end_task(self, task: str, reason: str, *, may_try_again: bool = False) -> None:
        """A task is over.

        Args:
            reason: why, in a sentence; '' = it came to its end.
            may_try_again: a worker of the machine may get another, when workers are seen next.
        """
        machine = self._of_task.pop(task, None)
        if machine is None or machine.task != task:
            return
        machine.task = ""
        if reason:
            machine.state, machine.reason = MachineState.FAILED, reason
            self._tell_of(machine, reason)
            if may_try_again and machine.starts < _STARTS_AT_MOST:
                machine.state, machine.address = MachineState.JOINING, ""
        elif not machine.state.is_over:
            machine.state = MachineState.FINISHED
        machine.figures = None

    def lose_all(self, reason: str) -> None:
        """No machine can be reached any more."""
        self.failure = reason
        self._notify(reason, is_error=True)
        for machine in self._machines.values():
            if not machine.state.is_over:
                machine.state, machine.reason = MachineState.LOST, "The scheduler is gone."
            machine.task = ""
            machine.figures = None
        self._of_task.clear()

    def _key_of(self, worker: WorkerSeen) -> str:
        return f"{worker.host}/{worker.name}" if self._by_worker else worker.host

    def _start(self, machine: Machine, worker: WorkerSeen) -> None:
        if machine.starts >= _STARTS_AT_MOST or self.failure:
            return
        machine.starts += 1
        machine.address, machine.task = worker.address, self._new_task()
        machine.worker_name, machine.device = worker.name, ""
        machine.state, machine.reason = MachineState.JOINING, ""
        machine.figures = None
        self._of_task[machine.task] = machine
        self._silence.hear(machine.task)
        self.asks.append(StartOn(machine.key, machine.address, machine.task))

    def _lose(self, machine: Machine) -> None:
        task, machine.task, machine.address = machine.task, "", ""
        machine.figures = None
        if task:
            self._of_task.pop(task, None)
            self.asks.append(GiveUp(task))
        if machine.state.is_over:
            # What it measured is whole; whether its worker lives on does not matter.
            return
        machine.state = MachineState.LOST
        machine.reason = "Its worker died or left the cluster."
        if machine.starts >= _STARTS_AT_MOST:
            machine.reason = f"Its worker died {machine.starts} times: it is left out."
        self._tell_of(machine, machine.reason)

    def _give_up_silent(self) -> None:
        """Wait no longer for engines that should tell something and do not."""
        for task, machine in list(self._of_task.items()):
            silent_s = self._silence.too_long_s(task, machine.state)
            if not silent_s:
                continue
            del self._of_task[task]
            machine.task, machine.figures = "", None
            self.asks.append(GiveUp(task))
            if not machine.state.is_over:
                reason = f"It has been silent for {silent_s:.0f} s: it seems to hang."
                self._fail(machine, reason, is_stall=True)

    def _fail(self, machine: Machine, reason: str, *, is_stall: bool) -> None:
        machine.state, machine.reason = MachineState.FAILED, reason
        self._tell_of(machine, reason)
        if is_stall:
            self._stall = self._stall or f"{name_of(machine)}: {reason}"

    def _note_spare(self, machine: Machine, spare: int) -> None:
        if spare > machine.spare:
            self._notify(
                f"{name_of(machine)} has {spare + 1} workers: one of them is used, since engines"
                " on one machine disturb each other.",
                is_error=False,
            )
        machine.spare = max(machine.spare, spare)

    # --- what engines tell --------------------------------------------------------------------

    def fold(self, message: Mapping[str, Any]) -> None:
        """Take one message of an engine; one that cannot be understood is told, and left out."""
        machine = self._of_task.get(str(message.get("task")))
        if machine is None:
            return  # from an engine that was given up
        machine.last_seen_s = self._clock()
        self._silence.hear(machine.task)
        machine.figures = None
        try:
            self._fold(machine, message)
        except WireError as error:
            self._note_odd(machine, error)

    def _fold(self, machine: Machine, message: Mapping[str, Any]) -> None:
        kind = message.get("kind")
        if kind == wire.PULSE:
            self._beat(machine, wire.pulse_of(message))
        elif kind == wire.HELLO:
            machine.hello = wire.hello_of(message)
            machine.state = MachineState.PREPARING
            if machine.hello.serial != self.serial:
                self.asks.append(SendAgain(machine.task, machine.address))
        elif kind == wire.RUN:
            # To understand it takes milliseconds, and few are ever looked at.
            machine.run_text, machine.run = str(message.get("text")), None
        elif kind == wire.FINISHED:
            self._take_run(message, machine.hello)
        elif kind in (wire.TRIED, wire.SHARE_OVER):
            self._take_tuned(machine.key, message)
        elif kind == wire.TROUBLE:
            reason, is_stall = str(message.get("text")), message.get("is_stall") is True
            self._fail(machine, reason, is_stall=is_stall)
        else:
            raise WireError("it is of an unknown kind")

    def _beat(self, machine: Machine, pulse: wire.Heartbeat) -> None:
        machine.pulse = pulse
        machine.state = _STATES.get(pulse.state, MachineState.PREPARING)
        machine.reason = pulse.reason
        # As it begins: while it is tuned, an automatic device may run on another.
        machine.device = machine.device or pulse.device
        if pulse.reason and not pulse.run_id:
            machine.state = MachineState.FAILED
        if pulse.reason:
            self._tell_of(machine, pulse.reason)
        if not pulse.ends_second:
            return
        is_running = machine.state in AT_WORK
        machine.fps.append(pulse.figure("fps_now") if is_running else math.nan)
        machine.seconds += 1

    def _run(self, machine: Machine) -> RunView | None:
        """What an engine has told of its run, understood when it is first asked for."""
        if machine.run is None and machine.run_text:
            try:
                machine.run = with_model(wire.run_of(machine.run_text), self.config.model)
            except WireError as error:
                machine.run_text = ""
                self._note_odd(machine, error)
        return machine.run

    def _note_odd(self, machine: Machine, error: WireError) -> None:
        name = name_of(machine)
        if name not in self._odd_messages:
            self._odd_messages.add(name)
            text = f"A message of {name} cannot be understood: {error}."
            self._notify(printable(text), is_error=True)

    # --- what the user wants ------------------------------------------------------------------

    def configure(self, config: BenchmarkConfig) -> None:
        """From now on this is asked for; machines that could not run the last one try again."""
        self.config = config
        self.serial += 1
        for machine in self._machines.values():
            if machine.state is MachineState.FAILED and not machine.task and machine.address:
                key = self._alive.get(machine.address)
                if key == machine.key:
                    machine.starts -= 1
                    worker = WorkerSeen(machine.address, machine.host, machine.worker_name)
                    self._start(machine, worker)

    @property
    def common_run(self) -> RunView | None:
        """The run of the most usual number of infer requests, from which the next is counted."""
        machines = [m for m in self._machines.values() if m.pulse and m.pulse.nireq]
        usual = Counter(m.pulse.nireq for m in machines if m.pulse).most_common(1)
        like_most = (m for m in machines if m.pulse and m.pulse.nireq == usual[0][0])
        return next((run for m in like_most if (run := self._run(m)) is not None), None)

    # --- what is seen -----------------------------------------------------------------------

    def snapshot(self) -> FleetSnapshot:
        """A frozen picture of all machines."""
        self._give_up_silent()
        now_s = self._clock()
        machines = list(self._machines.values())
        outliers = find_outliers(measured_fps(machines))
        usual = usual_version(machines)
        names = Counter(m.hello.name for m in machines if m.hello is not None)
        figures = tuple(
            figures_of(machine, outliers.get(machine.key, Outlier.NONE), usual, names, now_s)
            for machine in machines
        )
        has_ended = bool(figures) and all(machine.state.is_over for machine in figures)
        return FleetSnapshot(
            where=self._where,
            requested=self.config,
            is_paused=self.is_paused,
            machines=figures,
            totals=totals_of(figures),
            notices=tuple(self._notices),
            now_s=now_s,
            finished=bool(self.failure) or (has_ended and not self._may_come_back(machines)),
            failure=self.failure,
            stall=self._stall,
        )

    def run_of(self, key: str) -> RunView | None:
        """The run of one machine, with its newest figures."""
        machine = self._machines.get(key)
        run = self._run(machine) if machine is not None else None
        pulse = machine.pulse if machine is not None else None
        if run is None or pulse is None or pulse.run_id != run.run_id:
            return run
        return replace(run, stats=pulse.stats, stability=pulse.stability)

    def history_of(self, key: str) -> History:
        """The seconds of one machine."""
        machine = self._machines.get(key)
        fps = tuple(machine.fps) if machine else ()
        first = machine.seconds - len(fps) if machine else 0
        return History(1.0, first, fps, (), (), ())

    def kinds(self) -> dict[object, dict[str, str]]:
        """The engines there are, those of one kind of machine together; the most come first.

        Of one kind are machines with the same processor, the same number of them, the same
        OpenVINO and the same device, so that what is best for one is best for all.

        Returns:
            For each kind the tasks, by the keys of their machines.
        """
        kinds: dict[object, dict[str, str]] = {}
        for machine in self._machines.values():
            hello, pulse = machine.hello, machine.pulse
            # Its version comes later than its first figures.
            if machine.task and machine.device and hello and pulse and pulse.openvino:
                kind = (hello.cpu, hello.cpus, hello.usable_cpus, pulse.openvino, machine.device)
                kinds.setdefault(kind, {})[machine.key] = machine.task
        return dict(sorted(kinds.items(), key=lambda item: len(item[1]), reverse=True))

    def name_of(self, key: str) -> str:
        """What a machine calls itself, as soon as it has told."""
        machine = self._machines.get(key)
        return printable(name_of(machine)) if machine is not None else key

    def usable_cpus_of(self, key: str) -> int:
        """Processors that a machine's engine may use; 0 = it has not told."""
        machine = self._machines.get(key)
        return machine.hello.usable_cpus if machine is not None and machine.hello else 0

    @property
    def tasks(self) -> Sequence[str]:
        """The tasks that are not over."""
        return tuple(self._of_task)

    @staticmethod
    def _may_come_back(machines: Sequence[Machine]) -> bool:
        """Whether an engine is being started for a machine; the lost ones are not waited for."""
        return any(machine.task for machine in machines)

    def tell(self, text: str, *, is_error: bool) -> None:
        """Add a notice."""
        self._notify(text, is_error=is_error)

    def _tell_of(self, machine: Machine, reason: str) -> None:
        if reason != machine.reported:
            machine.reported = reason
            self._notify(f"{name_of(machine)}: {reason}", is_error=True)

    def _notify(self, text: str, *, is_error: bool) -> None:
        self._notice_count += 1
        self._notices.append(Notice(self._notice_count, is_error, text))
