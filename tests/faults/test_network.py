"""A network that swallows every packet: nothing waits for it, and nothing is sent unasked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal
from tests.faults.outgoing import Outgoing

Start = Callable[..., Terminal]
on_both_hosts = pytest.mark.parametrize("isolation", [[], ["--isolate"]], ids=["thread", "process"])


@pytest.fixture
def outgoing(environment: dict[str, str], tmp_path: Path) -> Outgoing:
    Path(environment["HOME"]).mkdir()
    return Outgoing(tmp_path, environment, hangs=True)


def written_at_home(outgoing: Outgoing) -> list[Path]:
    return list(Path(outgoing.environment["HOME"]).rglob("*"))


def run_python(outgoing: Outgoing, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        env=outgoing.environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )


def test_the_hook_sees_what_openvino_does_by_itself(outgoing: Outgoing) -> None:
    """Or the other tests could not fail."""
    if not list(distributions(name="openvino-telemetry")):
        pytest.skip("this OpenVINO came without it")
    run_python(outgoing, "import openvino")
    assert any("os.fork" in line for line in outgoing.noted)
    assert written_at_home(outgoing) != []


@pytest.mark.parametrize(
    "module",
    [
        "ovbench_tui.engine.models.core",
        "ovbench_tui.engine.hosts.child",
        "ovbench_tui.engine.inputs.index_bounds",
        "ovbench_tui.engine.zoo.store",
        "ovbench_tui.fleet.engine_task",
    ],
)
def test_no_module_can_be_imported_past_it(outgoing: Outgoing, module: str) -> None:
    done = run_python(outgoing, f"import {module}\nimport openvino\nopenvino.Core()")
    assert done.returncode == 0, done.stderr
    assert outgoing.noted == []
    assert written_at_home(outgoing) == []


@pytest.mark.parametrize(
    "module",
    [
        "textual.app",
        "textual_serve.server",
        "distributed",
        "prometheus_client",
        "psutil",
        "PIL.Image",
        "tomlkit",
        "platformdirs",
    ],
)
def test_no_dependency_does_the_like(outgoing: Outgoing, module: str) -> None:
    done = run_python(outgoing, f"import {module}")
    assert done.returncode == 0, done.stderr
    assert outgoing.noted == []
    assert written_at_home(outgoing) == []


@on_both_hosts
def test_without_a_screen(outgoing: Outgoing, isolation: list[str]) -> None:
    arguments = ("mobilenet-v2", "-t", "0.2", "--no-history", *isolation)
    done = run_piped(outgoing.environment, *arguments)
    assert done.returncode == 0, done.stderr
    assert "Throughput:" in done.stdout
    assert outgoing.noted == []
    assert written_at_home(outgoing) == []


@pytest.mark.slow
def test_the_fleets_workers(outgoing: Outgoing) -> None:
    done = run_piped(outgoing.environment, "fleet", "--local", "1", "mobilenet-v2", "-t", "1")
    assert done.returncode == 0, done.stderr
    assert outgoing.noted == []


@on_both_hosts
def test_the_screen_outlives_what_analytics_would_wait(
    outgoing: Outgoing,
    start: Start,
    isolation: list[str],
    quiet: Quiet,
) -> None:
    terminal = start(*quiet, "-t", "6", *isolation, variables=outgoing.environment)
    ended = terminal.ended()
    assert ended.code == 0
    assert ended.left_behind == frozenset()
    assert "Throughput:" in ended.main_screen
    # The guard of the terminal is forked before anything else is there.
    assert [line for line in outgoing.noted if "before any loop" not in line] == []


_FORK_UNDER_A_LOOP = """
import asyncio, os, signal, time
from ovbench_tui.ui.app.end_signals import EndSignals

async def main():
    came = []
    signals = EndSignals()
    signals.watch(came.append)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, b"!")
        while True:
            time.sleep(3600)
    os.read(read, 1)
    os.kill(child, signal.SIGTERM)
    status = await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])
    await asyncio.sleep(0)
    assert came == [], came
    os.kill(os.getpid(), signal.SIGHUP)
    while not came:
        await asyncio.sleep(0.01)
    print(os.waitstatus_to_exitcode(status), came)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no fork there")
def test_a_signal_to_a_forked_child_is_not_ours(outgoing: Outgoing) -> None:
    """Whatever library forks one, as OpenVINO's analytics did."""
    done = run_python(outgoing, _FORK_UNDER_A_LOOP)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["-15", "[1]"]
