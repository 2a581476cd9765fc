"""Hundreds of idle connections to --metrics, and few descriptors: the run is measured."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import sys
from contextlib import ExitStack

import pytest

from tests.e2e.conftest import Quiet
from tests.e2e.piped import PROGRAM
from tests.e2e.terminal import PATIENCE_S
from tests.e2e.test_metrics import value_of, wait_for_value

_DESCRIPTORS = 100
_CLIENTS = 300
_LIMITED = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, ({limit}, {limit}))
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
def test_a_flood_of_idle_connections_ends_no_measurement(
    environment: dict[str, str], quiet: Quiet
) -> None:
    command = [*PROGRAM, *quiet, "--no-tui", "-t", "1000", "--metrics", "0"]
    limited = [sys.executable, "-c", _LIMITED.format(limit=_DESCRIPTORS), *command]
    with (
        subprocess.Popen(
            limited, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as program,
        ExitStack() as stack,
    ):
        stack.callback(program.kill)
        assert program.stderr is not None
        found = re.search(r"http://127\.0\.0\.1:(\d+)/metrics", program.stderr.readline())
        assert found
        before = wait_for_value(found[0], "ovbench_inferences_total", 0)
        for _ in range(_CLIENTS):
            with contextlib.suppress(ConnectionResetError):
                address = ("127.0.0.1", int(found[1]))
                stack.enter_context(socket.create_connection(address, timeout=PATIENCE_S))
        assert wait_for_value(found[0], "ovbench_inferences_total", before) > before
        assert value_of(found[0], "process_open_fds") < _DESCRIPTORS
        program.terminate()
        out, err = program.communicate(timeout=PATIENCE_S)
    assert "Throughput:" in out
    assert "error of its own" not in err
    assert program.returncode == 143
