"""Every parser takes hostile input or refuses it in a sentence, and never takes long."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.parsers import TARGETS
from tests.fuzz.target import HangError, Tally, Target, make_test, try_one


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_hostile_input(target: Target, tmp_path: Path) -> None:
    tally = Tally()
    make_test(target, tmp_path, tally, target.weight)()
    assert tally.tried >= 20


def test_a_hang_and_a_bug_are_found(tmp_path: Path) -> None:
    def hang(_value: object, _folder: Path) -> None:
        while True:
            pass

    hanging = Target("hangs", TARGETS[0].inputs, hang, limit_s=0.1)
    with pytest.raises(HangError):
        try_one(hanging, None, tmp_path, Tally())
    broken = Target("has a bug", TARGETS[0].inputs, lambda value, _: value[10])
    with pytest.raises(IndexError):
        make_test(broken, tmp_path, Tally(), 50)()
