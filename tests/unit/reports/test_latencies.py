"""Raw latencies on disk: exact, streamed, never through a symlink, and no trouble to a run."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from ovbench_tui.errors import BadInputError
from ovbench_tui.reports.latencies import LatencyFile


def fill(path: Path, rows: int, pieces: int = 1) -> LatencyFile:
    sink = LatencyFile(str(path), clock=lambda: 100.0)
    times_s = 100.0 + np.arange(rows) * 0.001
    latencies_ms = 1 + np.arange(rows) * 1e-6
    for number, piece in enumerate(np.array_split(np.arange(rows), pieces), start=1):
        sink.add(times_s[piece], latencies_ms[piece], number)
    return sink


def test_npy_reads_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / "l.npy"
    sink = fill(path, 20_001, pieces=2)
    assert not path.exists()
    assert sink.close() == f"20001 latencies are in '{path}'."
    assert sink.close() == ""
    table = np.load(path, allow_pickle=False)
    assert table.shape == (20_001,)
    assert table.dtype.names == ("run", "time_s", "latency_ms")
    np.testing.assert_array_equal(table["latency_ms"], 1 + np.arange(20_001) * 1e-6)
    np.testing.assert_allclose(table["time_s"], np.arange(20_001) * 0.001, atol=1e-9)
    assert set(table["run"][:10_001]) == {1.0}
    assert set(table["run"][10_001:]) == {2.0}
    assert np.load(path, mmap_mode="r").shape == (20_001,)
    assert [found.name for found in tmp_path.iterdir()] == ["l.npy"]


def test_csv_reads_back_to_the_nanosecond(tmp_path: Path) -> None:
    path = tmp_path / "l.CSV"
    fill(path, 9_000).close()
    lines = path.read_text("ascii").splitlines()
    assert lines[:3] == [
        "run,time_s,latency_ms",
        "1,0.000000000,1.000000",
        "1,0.001000000,1.000001",
    ]
    assert len(lines) == 9_001


def test_a_run_that_measured_nothing(tmp_path: Path) -> None:
    fill(tmp_path / "l.npy", 0).close()
    assert np.load(tmp_path / "l.npy").shape == (0,)


def test_every_header_has_the_same_length(tmp_path: Path) -> None:
    sink = LatencyFile(str(tmp_path / "l.npy"))
    headers = [sink._format.header(rows) for rows in (0, 7, 10**18)]
    assert {len(header) for header in headers} == {256}
    major, minor = np.lib.format.read_magic(stream := io.BytesIO(headers[2]))
    assert (major, minor) == (1, 0)
    assert np.lib.format.read_array_header_1_0(stream)[0] == (10**18,)
    sink.close()


def test_a_planted_symlink_is_replaced_and_not_followed(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep me")
    (tmp_path / "l.npy").symlink_to(precious)
    fill(tmp_path / "l.npy", 3).close()
    assert precious.read_text() == "keep me"
    assert not (tmp_path / "l.npy").is_symlink()
    assert np.load(tmp_path / "l.npy").shape == (3,)


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_a_run_that_begins_again_loses_its_rows_and_no_others(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"l{suffix}"
    sink = fill(path, 9_000)
    sink.forget([2])  # nothing of it is there yet
    for length in (20_000, 30, 10):
        sink.add(np.full(length, 110.0), np.full(length, float(length)), 2)
        sink.forget([2 if length > 10 else 1])  # no run that is over begins again
    assert sink.close() == f"9010 latencies are in '{path}'."
    if suffix == ".npy":
        table = np.load(path)
        runs, latencies_ms = table["run"], table["latency_ms"]
    else:
        runs, _, latencies_ms = np.loadtxt(path, delimiter=",", skiprows=1).T
    assert runs.tolist() == [1.0] * 9_000 + [2.0] * 10
    assert set(latencies_ms[9_000:]) == {10.0}


def test_two_runs_that_alternate_begin_again_together(tmp_path: Path) -> None:
    path = tmp_path / "l.npy"
    sink = fill(path, 50)
    for run_id in (2, 3, 3, 2, 2, 3):
        sink.add(np.full(7, 110.0), np.full(7, 5.0), run_id)
    sink.forget([2])  # its rows are among those of another run
    sink.forget([2, 3])
    assert sink.rows == 50
    for run_id in (3, 2):
        sink.add(np.full(4, 120.0), np.full(4, 6.0), run_id)
    sink.close()
    table = np.load(path)
    assert table["run"].tolist() == [1.0] * 50 + [3.0] * 4 + [2.0] * 4
    assert set(table["latency_ms"][50:]) == {6.0}


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The kernel refuses to write further, as on a full disk, and in the middle of a row."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", [".npy", ".csv"])
def test_a_disk_that_fills_up_keeps_whole_rows(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"l{suffix}"
    with files_of_at_most(2001):
        sink = fill(path, 5)
        for _ in range(3):
            sink.add(np.full(1000, 101.0), np.full(1000, 2.0), 2)
        sentence = sink.close()
    assert sentence.startswith(f"'{path}' ends after 5 latencies, because it could not be")
    assert sink.rows == 5
    if suffix == ".npy":
        assert np.load(path).shape == (5,)
    else:
        assert len(path.read_text().splitlines()) == 6
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file's folder cannot be moved there")
def test_a_folder_that_vanishes_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    sink = fill(folder / "l.npy", 5)
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    sink.add(np.full(7, 101.0), np.full(7, 2.0), 1)
    sentence = sink.close()
    assert sentence.startswith(f"'{folder / 'l.npy'}' was not written: ")


def test_where_no_file_can_be_it_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "l.npy").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("l.npy", "none/l.npy", "pipe.csv"):
        with pytest.raises(BadInputError, match="--latencies"):
            LatencyFile(str(tmp_path / name))
    assert {path.name for path in tmp_path.iterdir()} == {"l.npy", "pipe.csv"}
