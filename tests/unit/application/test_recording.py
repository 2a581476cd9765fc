"""A program in a file: what is read is what was written, and nothing else does harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ovbench_tui.application.alone import AloneResult
from ovbench_tui.application.recording import is_recording, read_recording, write_recording
from ovbench_tui.application.report import AppReport, make_report, report_document, report_text
from ovbench_tui.application.surroundings import Surroundings, ThreadLoad
from ovbench_tui.cli.main import main
from ovbench_tui.errors import BadInputError
from tests.unit.application.test_report import loop, run_of

_ALONE = AloneResult("/m/net.xml", "CPU", 190.0, 20.0, 4, "4", ("f32 [1,3]",), 5.0)


def _report() -> AppReport:
    machine = Surroundings(4, 0.01, 0.5, threads=ThreadLoad(2.5, 3, ("OpenCV",)))
    run = run_of(loop(), machine=machine, readings=((0.0, 0.0, 0.0), (2.0, 0.5, 1.5)))
    trace = replace(run.trace, queues={1: 4}, dropped=3, failure="x", byte_values="whole")
    return make_report(["script.py", "--fast"], replace(run, trace=trace), _ALONE)


def _packed(report: AppReport) -> bytes:
    file = io.BytesIO()
    write_recording(file, report)
    return file.getvalue()


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    """A recording of which the JSON part is changed."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(_packed(_report()))) as old,
        zipfile.ZipFile(result, "w") as new,
    ):
        head = json.loads(old.read("recording.json"))
        change(head)
        new.writestr("recording.json", json.dumps(head))
        new.writestr("records.bin", old.read("records.bin"))
    return result.getvalue()


def test_the_report_of_a_file_is_that_of_the_program(tmp_path: Path) -> None:
    report = _report()
    path = tmp_path / "program.ovb"
    path.write_bytes(_packed(report))
    assert is_recording(path)
    read = read_recording(path)
    assert np.array_equal(read.run.trace.records, report.run.trace.records)
    assert read.words == report.words
    assert report_text(read) == report_text(report)
    assert report_document(read) == report_document(report)
    assert "net.xml alone reaches 190" in report_text(read)


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head.update(schema="something else"),
        lambda head: head.pop("words"),
        lambda head: head.update(end_ns=2**62),
        lambda head: head.update(end_ns=-1),
        lambda head: head["notes"].update(models=[]),
        lambda head: head["notes"].update(queues=[[1]]),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(
    change: Callable[[dict[str, Any]], object], tmp_path: Path
) -> None:
    path = tmp_path / "program.ovb"
    path.write_bytes(_changed(change))
    with pytest.raises(BadInputError, match="is damaged, or no recording"):
        read_recording(path)


def test_files_that_are_cut_or_are_other_archives_are_refused(tmp_path: Path) -> None:
    whole, path = _packed(_report()), tmp_path / "program.ovb"
    for data in (whole[:-10], whole[: len(whole) // 2], b"PK\x03\x04", whole[:40] + whole[60:]):
        path.write_bytes(data)
        with pytest.raises(BadInputError, match="is damaged, or no recording"):
            read_recording(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("recording.json", "[" * 100_000)
        archive.writestr("records.bin", b"")
    with pytest.raises(BadInputError, match="is damaged, or no recording"):
        read_recording(path)


def test_another_version_is_named(tmp_path: Path) -> None:
    path = tmp_path / "program.ovb"
    path.write_bytes(_changed(lambda head: head.update(version=2)))
    with pytest.raises(BadInputError, match="of version 2, and this ovbench-tui reads version 1"):
        read_recording(path)


def test_the_command_prints_the_report_or_makes_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, page = tmp_path / "program.ovb", tmp_path / "page.html"
    path.write_bytes(_packed(_report()))
    assert main(["report", str(path)]) == 0
    assert "Verdict:\n  1. Inferences run one after" in capsys.readouterr().out
    assert main(["report", str(path), "--md"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# script.py")
    assert "| waiting for results |" in text
    assert main(["report", str(path), "--html", "-o", str(page)]) == 0
    assert "<svg" in page.read_text(encoding="utf-8")
    assert main(["report", str(path), str(path)]) == 2
    assert "give one file" in capsys.readouterr().err
