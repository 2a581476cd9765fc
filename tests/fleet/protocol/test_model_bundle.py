"""A model's files on their way: packed, checked, and refused when they are not what was sent."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ovbench_tui.config.model_file import ModelFormat, Source, identify
from ovbench_tui.errors import BadInputError
from ovbench_tui.fleet.protocol import model_bundle as bundle
from ovbench_tui.fleet.protocol.model_bundle import pack, unpack


def _manifest(model: str, files: list[tuple[str, int]], blob: bytes) -> str:
    return json.dumps([model, files, hashlib.sha256(blob).hexdigest()])


def test_an_ir_travels_with_its_weights(relu: Path, tmp_path: Path) -> None:
    manifest, blob = pack(identify(str(relu)))
    folder = Path(unpack(manifest.text, blob, str(tmp_path)))
    assert manifest.model == "relu.xml"
    assert sorted(path.name for path in folder.iterdir()) == ["relu.bin", "relu.xml"]
    assert (folder / "relu.xml").read_bytes() == relu.read_bytes()
    assert (folder / "relu.bin").read_bytes() == relu.with_suffix(".bin").read_bytes()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_travels_with_what_is_in_it(tmp_path: Path) -> None:
    model = tmp_path / "saved"
    (model / "variables").mkdir(parents=True)
    (model / "saved_model.pb").write_bytes(b"graph")
    (model / "variables" / "variables.index").write_bytes(b"")
    source = Source(ModelFormat.SAVED_MODEL, str(model), model, "saved", 5)
    manifest, blob = pack(source)
    folder = Path(unpack(manifest.text, blob, str(tmp_path)))
    assert manifest.model == "."
    assert (folder / "saved_model.pb").read_bytes() == b"graph"
    assert (folder / "variables" / "variables.index").read_bytes() == b""


def test_a_damaged_parcel_is_refused(relu: Path, tmp_path: Path) -> None:
    manifest, blob = pack(identify(str(relu)))
    damaged = bytes([blob[0] ^ 1]) + blob[1:]
    with pytest.raises(BadInputError, match="checksum differs"):
        unpack(manifest.text, damaged, str(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "a/../../evil", "", "C:evil", "a\\evil", "a\0b"]
)
def test_no_file_leads_elsewhere(name: str, tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    with pytest.raises(BadInputError, match="leads elsewhere"):
        unpack(_manifest("m.xml", [(name, 1)], b"x"), b"x", str(inner))
    assert [path.name for path in tmp_path.iterdir()] == ["inner"]
    assert not list(inner.iterdir())


@pytest.mark.parametrize("text", ["", "{}", "[1]", '["m", 3, ""]'])
def test_a_parcel_without_a_list_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError):
        unpack(text, b"", str(tmp_path))


def test_sizes_must_add_up_and_the_model_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="another size"):
        unpack(_manifest("m.xml", [("m.xml", 2)], b"x"), b"x", str(tmp_path))
    with pytest.raises(BadInputError, match="without its main file"):
        unpack(_manifest("m.xml", [("other", 1)], b"x"), b"x", str(tmp_path))
    assert not list(tmp_path.iterdir())


def test_what_is_too_large_is_told_with_a_way_out(
    relu: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "MOST_BYTES", 10)
    with pytest.raises(BadInputError, match="add --no-ship"):
        pack(identify(str(relu)))
