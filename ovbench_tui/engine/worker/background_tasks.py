"""What the worker lets threads of their own do, so that feeding goes on meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.engine.api.devices import DeviceInfo
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.models.model_facts import describe_model
from ovbench_tui.engine.requests.prepared_model import Prepare, PreparedModel
from ovbench_tui.engine.worker.inbox import Described, Discovered, Inbox, Prepared, Progressed
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError, lacks_memory

Discover = Callable[[], tuple[tuple[DeviceInfo, ...], str]]
"""Returns the devices and OpenVINO's version."""


class BackgroundTasks:
    """Starts threads; what comes of each is put into the inbox.

    Args:
        prepare: makes a configuration ready.
        discover: finds the devices.
    """

    def __init__(self, inbox: Inbox, prepare: Prepare, discover: Discover) -> None:
        self._inbox = inbox
        self._prepare = prepare
        self._discover = discover
        self._threads: list[threading.Thread] = []

    def prepare(
        self, config: BenchmarkConfig, reuse: PreparedModel | None, *, is_variant_b: bool = False
    ) -> None:
        """Make a configuration ready, beside what runs."""
        self._spawn(lambda: self._run_preparation(config, reuse, is_variant_b), "ovbench-compile")

    def discover(self) -> None:
        """Find the devices."""
        self._spawn(self._run_discovery, "ovbench-devices")

    def describe(self, prepared: PreparedModel, run_id: int) -> None:
        """Count what this run's model is made of."""
        self._spawn(lambda: self._run_describing(prepared, run_id), "ovbench-describe")

    def join(self) -> None:
        """Wait for all: one left in native code would crash the interpreter's exit."""
        for thread in self._threads:
            thread.join()

    def _spawn(self, body: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=body, name=name, daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()]
        self._threads.append(thread)
        thread.start()

    def _run_preparation(
        self, config: BenchmarkConfig, reuse: PreparedModel | None, is_variant_b: bool
    ) -> None:
        result: PreparedModel | Exception
        try:
            result = self._prepare(config, reuse, self._report_progress)
        except OvbenchError as error:
            result = error
        except Exception as error:  # noqa: BLE001 - the worker tells the user
            if lacks_memory(error):
                result = RunFailedError(f"There is not enough memory for {config.model}.")
            else:
                result = BadInputError(f"{config.model} cannot be run: {reason_of(error)}.")
        self._inbox.put(Prepared(config, result, is_variant_b))

    def _report_progress(self, what: str) -> None:
        self._inbox.put(Progressed(what))

    def _run_discovery(self) -> None:
        try:
            devices, version = self._discover()
            reason = ""
        except Exception as error:  # noqa: BLE001 - without a device list one can still measure
            devices, version = (), ""
            reason = f"The devices could not be listed: {reason_of(error)}."
        self._inbox.put(Discovered(devices, version, reason))

    def _run_describing(self, prepared: PreparedModel, run_id: int) -> None:
        try:
            facts = describe_model(prepared)
        except Exception as error:  # noqa: BLE001 - told to the user; the run goes on
            facts = ModelFacts(unknown=f"The model cannot be counted: {reason_of(error)}.")
        self._inbox.put(Described(run_id, facts))
