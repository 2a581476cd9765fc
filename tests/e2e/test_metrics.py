"""--metrics: the figures of a real run, asked for over HTTP."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import urllib.request
from collections.abc import Callable

from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM, run_piped
from tests.e2e.terminal import PATIENCE_S, Terminal

Start = Callable[..., Terminal]


def value_of(url: str, name: str) -> float:
    with urllib.request.urlopen(url, timeout=PATIENCE_S) as answer:  # noqa: S310
        text = answer.read().decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name == name:
                return float(sample.value)
    return 0.0


def wait_for_value(url: str, name: str, above: float) -> float:
    value = value_of(url, name)
    while value <= above:
        value = value_of(url, name)
    return value


def test_a_headless_run_is_scraped(environment: dict[str, str], quiet: Quiet) -> None:
    command = [*PROGRAM, *quiet, "--no-tui", "-t", "1000", "--metrics", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        line = program.stderr.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/metrics", line)
        assert found, line
        first = wait_for_value(found[0], "ovbench_inferences_total", 0)
        assert wait_for_value(found[0], "ovbench_inferences_total", first) > first
        assert value_of(found[0], "ovbench_throughput_fps") > 0
        program.terminate()
        out, _ = program.communicate(timeout=PATIENCE_S)
        assert "Throughput:" in out


def test_the_screen_is_scraped(start: Start, quiet: Quiet) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    terminal = start(*quiet, "--metrics", str(port))
    terminal.wait_for_text("running")
    url = f"http://127.0.0.1:{port}/metrics"
    first = wait_for_value(url, "ovbench_inferences_total", 0)
    assert wait_for_value(url, "ovbench_inferences_total", first) > first


def test_the_dashboard_is_printed(environment: dict[str, str]) -> None:
    result = run_piped(environment, "--metrics-dashboard")
    assert result.returncode == 0
    assert json.loads(result.stdout)["panels"]


def test_a_bad_address_is_one_sentence(environment: dict[str, str]) -> None:
    result = run_piped(environment, "mobilenet-v2", "--no-tui", "--metrics", "nowhere")
    assert result.returncode == 2
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
