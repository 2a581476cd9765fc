"""A thousand sequences after the first ones take no more memory, in both modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.api.snapshot import Snapshot
from ovbench_tui.engine.session import Session
from tests.engine.conftest import OpenSession, _opened, wait_for
from tests.engine.language_models import save_stateful

_FIRST, _MORE = 200, 1000
_PROMPT, _NEW, _AT_ONCE = 256, 3, 4
_MIB = 1 << 20
_FLAT_BYTES = 2 * _MIB
"""Allocators take less than a tenth of it. The prompts of all requests, kept, would take as much,
and their states more than ten times that."""


@pytest.fixture
def open_isolated() -> Iterator[OpenSession]:
    """Sessions with a process of its own, in which nothing else takes memory."""
    with _opened(isolated=True) as open_one:
        yield open_one


def requests_done(count: int) -> Callable[[Snapshot], bool]:
    def condition(snapshot: Snapshot) -> bool:
        run = snapshot.run
        generation = run.stats.generation if run is not None else None
        return generation is not None and generation.request.count >= count

    return condition


def after(session: Session, requests: int) -> tuple[RunView, int]:
    """The run after so many requests, and the memory that its process has then."""
    run = wait_for(session, requests_done(requests)).run
    assert run is not None
    pid = session._host.pid
    return run, psutil.Process(pid).memory_info().rss


def config_of(model: Path, **values: str) -> BenchmarkConfig:
    return BenchmarkConfig(
        model=str(model),
        nireq=_AT_ONCE,
        prompt_tokens=str(_PROMPT),
        new_tokens=str(_NEW),
        **values,  # type: ignore[arg-type]
    )


def test_sequences_of_a_single_model_leave_nothing(
    open_isolated: OpenSession, tmp_path: Path
) -> None:
    model = save_stateful(tmp_path / "decoder.xml", has_mask=True)
    session = open_isolated(config_of(model))
    before, first_bytes = after(session, _FIRST)
    run, last_bytes = after(session, _FIRST + _MORE)
    assert run.run_id == before.run_id
    assert last_bytes - first_bytes < _FLAT_BYTES


def test_requests_of_a_pipeline_leave_nothing(llama: Path, open_pipeline: OpenSession) -> None:
    session = open_pipeline(config_of(llama, hint="latency"))
    wait_for(session, lambda now: bool(now.run and now.run.pipeline))
    before, first_bytes = after(session, _FIRST)
    run, last_bytes = after(session, _FIRST + _MORE)
    assert run.run_id == before.run_id
    assert last_bytes - first_bytes < _FLAT_BYTES
    assert before.pipeline is not None
    assert run.pipeline is not None
    # The KV cache has grown to what the requests at once need, and no further.
    assert run.pipeline.cache_bytes == before.pipeline.cache_bytes
