"""The command line of `ovbench-tui fleet`."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.invocation import read_fleet_invocation


def test_what_is_asked_for() -> None:
    requested = read_fleet_invocation(
        [
            *("mobilenet-v2", "--scheduler", "tls://h:8786", "--tls-ca-file", "ca.pem"),
            *("-nireq", "3", "-d", "GPU", "--refresh", "2"),
        ]
    )
    assert requested.config.model == "mobilenet-v2"
    assert (requested.config.nireq, requested.config.device) == (3, "GPU")
    assert requested.address.scheduler == "tls://h:8786"
    assert requested.address.tls_ca_file == "ca.pem"
    assert not requested.address.by_worker
    assert requested.address.ships_model
    assert requested.refresh_hz == 2.0


def test_local_workers_are_machines_of_their_own() -> None:
    requested = read_fleet_invocation(["mobilenet-v2", "--local", "3", "--json"])
    assert requested.address.by_worker
    assert requested.address.local == 3
    assert requested.json_stdout
    assert not requested.has_screen


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["mobilenet-v2"], "--scheduler tcp://HOST:PORT, or --local N"),
        (["mobilenet-v2", "--local", "2", "--scheduler", "tcp://h:1"], "either --scheduler"),
        (["--local", "2"], "No MODEL"),
        (["mobilenet-v2", "--local", "0"], "give 1 to 64"),
        (["mobilenet-v2", "--local", "2", "--isolate"], "fleet takes no --isolate"),
        (["mobilenet-v2", "--local", "2", "-i", "x.jpg"], "fleet takes no -i"),
        (["mobilenet-v2", "--local", "2", "-pc"], "fleet takes no"),
        (["mobilenet-v2", "--local", "2", "--p99-under", "5"], "fleet takes no --p99-under"),
        (["mobilenet-v2", "--local", "2", "--fps-above", "5"], "fleet takes no --fps-above"),
        (["mobilenet-v2", "--scheduler", "tcp://h:1", "--tls-key", "k"], "need --scheduler tls"),
        (["mobilenet-v2", "--local", "1", "--refresh", "90"], "--refresh"),
    ],
)
def test_what_cannot_be_is_one_sentence(words: list[str], why: str) -> None:
    with pytest.raises(BadInputError, match=why):
        read_fleet_invocation(words)


def test_the_help_warns_and_answers_without_heavy_imports() -> None:
    code = (
        "import sys\n"
        "from ovbench_tui.cli.commands.fleet import main\n"
        "try:\n    main(['-h'])\n"
        "except SystemExit:\n    pass\n"
        "print({'openvino', 'distributed', 'dask', 'numpy', 'textual'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert "executes whatever code its clients send" in " ".join(ran.split())
    assert ran.strip().endswith("set()")
