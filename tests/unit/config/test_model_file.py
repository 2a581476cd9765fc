from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ovbench_tui.config.model_file import ModelFormat, identify
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.ir_weights import expected_weight_bytes
from ovbench_tui.files.wire_format import check_wire_format

LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 132\n"
IR = """<?xml version="1.0"?>
<net name="n" version="{version}"><layers><layer id="0" name="c" type="Const" version="opset1">
<data element_type="f32" offset="8" shape="4" size="{size}"/></layer></layers></net>"""


def refusal(source: Path | str) -> str:
    with pytest.raises(BadInputError) as error:
        identify(str(source))
    return str(error.value)


def write_ir(folder: Path, *, version: int = 11, size: int = 16) -> Path:
    xml = folder / "model.xml"
    xml.write_text(IR.format(version=version, size=size), encoding="utf-8")
    return xml


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("samplenet/ir/SampLeNet.xml", ModelFormat.IR),
        ("samplenet/samplenet.onnx", ModelFormat.ONNX),
        ("samplenet/samplenet.pb", ModelFormat.TENSORFLOW),
        ("samplenet/samplenet_tf2", ModelFormat.SAVED_MODEL),
        ("samplenet/paddle/samplenet.pdmodel", ModelFormat.PADDLE),
        ("ultraface/version-RFB-320_without_postprocessing.tflite", ModelFormat.TFLITE),
    ],
)
def test_every_format_is_known_by_its_file(
    shared_models: Path, path: str, format_: ModelFormat
) -> None:
    source = identify(str(shared_models / path))
    assert source.format is format_
    assert source.name == Path(path).name
    assert source.size_bytes > 200_000


def test_the_size_includes_the_weights_beside_it(shared_models: Path) -> None:
    xml = shared_models / "samplenet/ir/SampLeNet.xml"
    expected = xml.stat().st_size + xml.with_suffix(".bin").stat().st_size
    assert identify(str(xml)).size_bytes == expected


def test_saved_model_pb_stands_for_its_directory(
    shared_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shared_models / "samplenet/samplenet_tf2"
    source = identify(str(folder / "saved_model.pb"))
    assert source.format is ModelFormat.SAVED_MODEL
    assert source.path == folder
    monkeypatch.chdir(folder)
    assert identify("saved_model.pb").name == "samplenet_tf2"


def test_a_built_in_name_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "alexnet").mkdir()
    monkeypatch.chdir(tmp_path)
    assert identify("alexnet").format is ModelFormat.BUILT_IN
    assert "not a SavedModel" in refusal("./alexnet")


def test_a_mistyped_name_gets_a_suggestion(tmp_path: Path) -> None:
    assert "did you mean 'mobilenet-v2'" in refusal("mobilnet-v2")
    (tmp_path / "resnet50.onnx").touch()
    assert f"did you mean '{tmp_path / 'resnet50.onnx'}'" in refusal(tmp_path / "resnet5.onnx")
    assert "built in are mobilenet-v2" in refusal("something-else-entirely")


@pytest.mark.parametrize("ending", ["onnx", "pb", "tflite", "xml"])
def test_an_empty_file(shared_models: Path, ending: str) -> None:
    assert "is empty (0 bytes)" in refusal(shared_models / f"awkward/empty-file/empty.{ending}")


def test_weights_missing_beside_an_ir(shared_models: Path) -> None:
    text = refusal(shared_models / "awkward/no-bin/face-detection-0200.xml")
    assert "'face-detection-0200.bin' (3634654 bytes) is missing" in text


@pytest.mark.parametrize("with_weights", [False, True])
def test_an_ir_that_was_cut_off_is_not_without_weights(tmp_path: Path, with_weights: bool) -> None:
    xml = write_ir(tmp_path)
    xml.write_text(xml.read_text("utf-8").removesuffix("</layers></net>"), encoding="utf-8")
    if with_weights:
        xml.with_suffix(".bin").write_bytes(bytes(24))
    assert refusal(xml) == (
        f"'{xml}' is truncated, its closing </net> is missing: copy or export it again."
    )


def test_an_ir_without_constants_needs_no_weights(tmp_path: Path) -> None:
    xml = tmp_path / "model.xml"
    xml.write_text('<net name="n" version="11"><layers/></net>', encoding="utf-8")
    assert identify(str(xml)).format is ModelFormat.IR


@pytest.mark.parametrize("name", ["model.onnx", "model.pb", "model.tflite", "model.xml"])
def test_a_git_lfs_pointer(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(LFS_POINTER)
    assert "Git LFS pointer" in refusal(tmp_path / name)


def test_a_git_lfs_pointer_instead_of_the_weights(tmp_path: Path) -> None:
    xml = write_ir(tmp_path)
    xml.with_suffix(".bin").write_bytes(LFS_POINTER)
    text = refusal(xml)
    assert "Git LFS pointer" in text
    assert "model.bin" in text


def test_an_ir_of_an_old_version(tmp_path: Path) -> None:
    xml = write_ir(tmp_path, version=6)
    text = refusal(xml)
    assert "version 6, too old" in text
    assert "convert" in text


def test_an_xml_that_is_no_ir(tmp_path: Path) -> None:
    page = tmp_path / "page.xml"
    page.write_text("<html><body>404</body></html>", encoding="utf-8")
    assert "is not an OpenVINO IR" in refusal(page)


def test_a_directory_without_a_model(tmp_path: Path) -> None:
    assert "holds no model file" in refusal(tmp_path)
    (tmp_path / "a.onnx").touch()
    assert f"give the model's file, '{tmp_path / 'a.onnx'}'." in refusal(tmp_path)
    for name in ("b.onnx", "c.onnx", "d.onnx", "e.onnx"):
        (tmp_path / name).touch()
    assert "d.onnx', …" in refusal(tmp_path)


def test_an_ending_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "net.pt").write_bytes(b"PK")
    text = refusal(tmp_path / "net.pt")
    assert "(.pt)" in text
    assert ".xml, .onnx, .pb" in text
    (tmp_path / "net").write_bytes(b"x")
    assert "(no ending)" in refusal(tmp_path / "net")


def test_weights_given_instead_of_the_model(tmp_path: Path) -> None:
    xml = write_ir(tmp_path)
    xml.with_suffix(".bin").write_bytes(b"\0" * 24)
    assert f"give the model itself, '{xml}'" in refusal(xml.with_suffix(".bin"))


@pytest.mark.parametrize("source", ["", "  ", "a\0b.xml", "x" * 5000 + ".xml"])
def test_a_text_that_is_no_path(source: str) -> None:
    assert len(refusal(source)) < 600


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs on this system")
def test_a_fifo_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.onnx")
    assert "not a regular file" in refusal(tmp_path / "pipe.onnx")
    xml = write_ir(tmp_path)
    os.mkfifo(xml.with_suffix(".bin"))
    assert "missing beside it" in refusal(xml)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads anything")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"x")
    path.chmod(0)
    assert "cannot be read: permission denied" in refusal(path)


def test_a_refused_read_is_told_as_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"x")

    def deny(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", deny)
    assert "cannot be read: permission denied." in refusal(path)


def test_a_file_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    assert "\x1b" not in refusal(tmp_path / "a\x1b[2Jb.onnx")
    assert printable("a\x1b[2J\nb") == "a?[2J?b"
    assert len(printable("x" * 1000, limit=10)) == 10


def test_sniffing_needs_no_openvino() -> None:
    code = "import sys, ovbench_tui.config.model_file as s; s.identify('alexnet');"
    code += "sys.exit('openvino' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_expected_weights_are_found_across_read_blocks(tmp_path: Path) -> None:
    xml = tmp_path / "long.xml"
    padding = f"<!--{'x' * 1000}-->" * 1100
    tags = "".join(
        f'{padding[: 900_000 + 37 * index]}<data element_type="f32" offset="{index * 8}" size="8"/>'
        for index in range(5)
    )
    xml.write_text(f'<net version="11">{tags}</net>', encoding="utf-8")
    assert expected_weight_bytes(xml) == 40


def test_attributes_that_only_look_like_weights_are_not_counted(tmp_path: Path) -> None:
    xml = tmp_path / "n.xml"
    xml.write_text('<data offset="0.5" size="7"/><data size="9"/><data min_size="8" offset="3"/>')
    assert expected_weight_bytes(xml) == 0


@pytest.mark.parametrize(
    ("content", "is_message", "missing_bytes"),
    [
        (b"", True, 0),
        (b"\x08\x07", True, 0),  # field 1, varint 7
        (b"\x08\x07\x12\x03abc", True, 0),  # field 2, three bytes
        (b"\x08\x07\x12\x05abc", True, 2),
        (b"\x12\x80\x80\x80\x80\x10", True, 2**32),
        (b"\x12\x80", True, 1),  # cut within a length
        (b"\x08", True, 1),
        (b"\x09abcdefgh\x15abcd", True, 0),  # fixed 64 and 32 bits
        (b"\x09abc", True, 5),
        (b"hello", False, 0),
        (b"\x0b", False, 0),  # a group
        (b"\xff" * 20, False, 0),
    ],
)
def test_the_walk_along_a_protobuf_file(
    tmp_path: Path, content: bytes, is_message: bool, missing_bytes: int
) -> None:
    (tmp_path / "m").write_bytes(content)
    check = check_wire_format(tmp_path / "m", {1, 2})
    assert (check.is_message, check.missing_bytes) == (is_message, missing_bytes)


def test_a_suggestion_is_never_what_was_given(tmp_path: Path) -> None:
    def refusal(path: Path) -> str:
        with pytest.raises(BadInputError) as error:
            identify(str(path))
        return str(error.value)

    link = tmp_path / "model.xml"
    link.symlink_to(tmp_path / "gone.xml")
    text = refusal(link)
    assert f"is a link to '{tmp_path / 'gone.xml'}', which does not exist" in text
    assert "did you mean" not in text
    assert "did you mean" not in refusal(tmp_path / "mode.xml"), "that leads nowhere, too"
    assert "holds no model file" in refusal(tmp_path)
    (tmp_path / "net.onnx").write_bytes(b"x")
    assert f"did you mean '{tmp_path / 'net.onnx'}'?" in refusal(tmp_path / "NET.ONNX")
    (tmp_path / "ir.xml").write_text(
        '<net version="11"><data element_type="f32" offset="0" size="4"/>'
    )
    assert "did you mean" not in refusal(tmp_path / "ir.xml")
    assert f"did you mean '{tmp_path / 'ir.xml'}'?" in refusal(tmp_path / "ir.bin")
