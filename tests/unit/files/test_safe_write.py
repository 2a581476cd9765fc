"""Files appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ovbench_tui.files.safe_write import replacing, write_text


def test_text_is_written_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 250 + ".csv")
    path.write_text("old")
    write_text(path, "new \udc80")
    assert path.read_bytes() == b"new ?"
    assert list(tmp_path.iterdir()) == [path]


def test_it_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    write_text(tmp_path / "a", "text")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_symlink_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep me")
    (tmp_path / "report").symlink_to(tmp_path / "precious")
    write_text(tmp_path / "report", "new")
    assert (tmp_path / "precious").read_text() == "keep me"
    assert (tmp_path / "report").read_text() == "new"


def test_what_goes_wrong_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", ["folder", "fifo"])
def test_what_is_no_file_stays(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "report"
    if kind == "folder":
        path.mkdir()
    else:
        os.mkfifo(path)
    with pytest.raises(OSError, match=r"folder|regular"):
        write_text(path, "text")
    assert list(tmp_path.iterdir()) == [path]
