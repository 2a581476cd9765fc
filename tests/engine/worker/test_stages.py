"""The stages that come before the first figures are told one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.events import BackgroundChanged, Event
from ovbench_tui.engine.hosts.opening import open_host
from ovbench_tui.engine.session import Session
from tests.engine.conftest import measured, wait_for


@pytest.mark.parametrize("isolated", [False, True])
def test_reading_reshaping_compiling_and_the_first_inference(
    tiny_models: Path, isolated: bool
) -> None:
    reported: list[str] = []

    def open_listening(*, isolated: bool) -> object:
        host = open_host(isolated=isolated)
        real = host.poll

        def poll() -> list[Event]:
            events = list(real())
            reported.extend(e.what for e in events if isinstance(e, BackgroundChanged))
            return events

        host.poll = poll  # type: ignore[method-assign]
        return host

    path = str(tiny_models / "relu.xml")
    config = BenchmarkConfig(model=path, shape=(("", ("4", "16")),))
    session = Session(config, isolated=isolated, open_host=open_listening)  # type: ignore[arg-type]
    session.start()
    try:
        snapshot = wait_for(session, measured(1))
    finally:
        assert session.close(120.0)
    assert [what for what in reported if what] == [
        f"reading {path}",
        "reshaping relu.xml",
        "compiling relu.xml for CPU",
        "running the first inference of relu.xml",
    ]
    assert reported[-1] == ""
    assert snapshot.background == ""
