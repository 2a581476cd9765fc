"""Operations of an extension: the refusal says all that such a model needs."""

from __future__ import annotations

import sys
from pathlib import Path

import openvino as ov
import pytest

from ovbench_tui.engine.models.errors import missing_extension
from tests.engine.models.test_models import read_refusal

_IR = """<?xml version="1.0"?>
<net name="model" version="11"><layers>
<layer id="0" name="text" type="Parameter" version="opset1">
<data shape="{shape}" element_type="{kind}"/>
<output><port id="0" precision="{precision}" names="text"/></output></layer>
<layer id="1" name="unpack" type="{operation}" version="extension">
<input><port id="0" precision="{precision}"/></input>
<output><port id="1" precision="I32"/></output></layer>
<layer id="2" name="out" type="Result" version="opset1">
<input><port id="0" precision="I32"/></input></layer>
</layers><edges><edge from-layer="0" from-port="0" to-layer="1" to-port="0"/>
<edge from-layer="1" from-port="1" to-layer="2" to-port="0"/></edges></net>
"""


def _save(path: Path, operation: str, shape: str, kind: str, precision: str) -> Path:
    text = _IR.format(operation=operation, shape=shape, kind=kind, precision=precision)
    path.write_text(text, encoding="utf-8")
    path.with_suffix(".bin").touch()
    return path


@pytest.mark.parametrize(
    ("operation", "shape", "kind", "precision", "said"),
    [
        (
            "StringTensorUnpack",
            "?",
            "string",
            "STRING",
            "comes from an extension that the package openvino-tokenizers has:"
            ' add -extensions LIBRARY -data_shape "[1]" --isolate.',
        ),
        (
            "VocabDecoder",
            "?,4..8",
            "i64",
            "I64",
            "comes from an extension that the package openvino-tokenizers has:"
            ' add -extensions LIBRARY -data_shape "[1,4]".',
        ),
        ("MyPool", "1,3", "f32", "FP32", "comes from an extension: add -extensions LIBRARY."),
    ],
)
def test_the_whole_command_is_said_at_once(
    core: ov.Core,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    operation: str,
    shape: str,
    kind: str,
    precision: str,
    said: str,
) -> None:
    monkeypatch.setattr(missing_extension, "find_spec", lambda _: None)  # it is not installed
    path = _save(tmp_path / "model.xml", operation, shape, kind, precision)
    assert read_refusal(core, path).endswith(f"its operation {operation} {said}")


def test_the_installed_library_is_named(
    core: ov.Core, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    suffix = {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so")
    library = tmp_path / "openvino_tokenizers" / "lib" / f"libopenvino_tokenizers.{suffix}"
    library.parent.mkdir(parents=True)
    library.touch()
    (tmp_path / "openvino_tokenizers" / "__init__.py").write_text("raise ImportError")
    monkeypatch.syspath_prepend(tmp_path)
    path = _save(tmp_path / "model.xml", "StringTensorUnpack", "?", "string", "STRING")
    assert f'add -extensions "{library}" -data_shape' in read_refusal(core, path)
