from __future__ import annotations

import sys

import pytest

from ovbench_tui.cli.open_files import ensure_open_files
from ovbench_tui.errors import BadInputError

if sys.platform == "win32":
    pytest.skip("there is no such limit", allow_module_level=True)

import resource

INFINITE = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "set_to"),
    [
        (48, 48, None),
        (1024, 4096, None),
        (INFINITE, INFINITE, None),
        (8, 48, (48, 48)),
        (47, 4096, (1024, 4096)),
        (8, INFINITE, (1024, INFINITE)),
    ],
)
def test_a_limit_is_raised_as_far_as_needed(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, set_to: tuple[int, int] | None
) -> None:
    were_set: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda *limit: were_set.append(limit))
    ensure_open_files()
    assert were_set == ([(resource.RLIMIT_NOFILE, set_to)] if set_to else [])


def test_a_limit_that_cannot_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8, 47))
    with pytest.raises(BadInputError, match="may open only 47 files at once, and needs 48"):
        ensure_open_files()
