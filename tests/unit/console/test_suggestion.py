from __future__ import annotations

import pytest

from ovbench_tui.console.suggestion import closest


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("modle.xml", ["model.xml", "other.onnx"], "model.xml"),
        ("MODEL.XML", ["model.xml"], "model.xml"),
        ("model.xml", ["model.xml"], ""),
        ("model.xml", ["model.xml", "Model.xml"], "Model.xml"),
        ("quite different", ["model.xml"], ""),
        ("x", [], ""),
    ],
)
def test_the_word_that_was_meant(word: str, known: list[str], meant: str) -> None:
    assert closest(word, known) == meant
