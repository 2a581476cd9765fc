"""Whatever has become of the database: nothing is lost that was sound, and nothing deleted."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ovbench_tui.errors import OvbenchError
from ovbench_tui.history import integrity as integrity
from ovbench_tui.history.blobs import MAX_BYTES, NotABlobError, pack, unpack
from ovbench_tui.history.database import opened, side_path
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.reader import HistoryReader
from ovbench_tui.history.removal import delete_runs
from ovbench_tui.history.rows import to_row
from ovbench_tui.history.schema import STEPS, Step, migrate, version_of
from ovbench_tui.history.writer import HistoryWriter
from ovbench_tui.history.writer_connection import WriterConnection
from ovbench_tui.system.machine_id import this_machine
from tests.unit.kept_runs import finished_run, write_runs

_REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


def execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def put_aside(path: Path) -> list[Path]:
    return sorted(
        file
        for file in path.parent.glob(f"{path.name}.corrupt-*")
        if not file.name.endswith(("-wal", "-shm"))
    )


# -- other versions -------------------------------------------------------------------------

NEXT: Step = (
    "ALTER TABLE runs ADD COLUMN remark TEXT NOT NULL DEFAULT ''",
    "UPDATE runs SET remark = 'was ' || model_name",
)
BROKEN: Step = (
    "ALTER TABLE runs ADD COLUMN second TEXT NOT NULL DEFAULT ''",
    "INSERT INTO no_such_table VALUES (1)",
)


def test_an_older_database_is_brought_up_to_date_with_its_runs(path: Path) -> None:
    write_runs(path, finished_run("a.xml"), finished_run("b.xml"))
    with opened(path, steps=(*STEPS, NEXT)) as database:
        assert database.path == path
        assert version_of(database.connection) == len(STEPS) + 1
        remarks = database.connection.execute("SELECT remark FROM runs ORDER BY id").fetchall()
    assert remarks == [("was a.xml",), ("was b.xml",)]
    assert not put_aside(path)


def test_a_database_without_marks_of_searches_gets_the_column_and_keeps_its_runs(
    path: Path,
) -> None:
    row = to_row(finished_run(), "key", this_machine(), ())
    del row["search"]
    with opened(path, steps=STEPS[:1]) as database:
        places = ", ".join(f":{column}" for column in row)
        database.connection.execute(
            f"INSERT INTO runs ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - our own names
            row,
        )
        assert version_of(database.connection) == 1
    reader = HistoryReader(path)
    assert [entry.search for entry in reader.list()] == [""]
    trial = finished_run()
    view = replace(trial.result.view, search="sweep 3f9a2c41")
    WriterConnection(path).write(replace(trial, result=replace(trial.result, view=view)), "next")
    assert [entry.search for entry in reader.list()] == ["sweep 3f9a2c41", ""]
    assert reader.load(2).result.view.search == "sweep 3f9a2c41"
    assert reader.load(1).result.view.search == ""


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    write_runs(path, finished_run())
    with pytest.raises(sqlite3.OperationalError), opened(path, steps=(*STEPS, NEXT, BROKEN)):
        pass
    assert len(HistoryReader(path).list()) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert version_of(connection) == len(STEPS)
        columns = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
    assert "remark" not in columns


def test_a_reader_brings_an_older_database_up_to_date(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_runs(path, finished_run())
    monkeypatch.setattr("ovbench_tui.history.read_only.STEPS", (*STEPS, NEXT))
    assert len(HistoryReader(path).list()) == 1
    with closing(sqlite3.connect(path)) as connection:
        assert version_of(connection) == len(STEPS) + 1


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (f"PRAGMA user_version = {len(STEPS) + 1}", "was written by a newer ovbench-tui"),
        ("PRAGMA application_id = 5", "is another program's database"),
        ("\3", "is of a format that this SQLite does not know"),
    ],
    ids=["newer", "foreign", "format"],
)
def test_what_is_not_ours_is_left_untouched_and_a_side_file_is_used(
    path: Path, spoil: str, words: str
) -> None:
    write_runs(path, finished_run("old.xml"))
    if spoil.startswith("PRAGMA"):
        execute(path, spoil)
    else:
        data = bytearray(path.read_bytes())
        data[18] = ord(spoil)
        path.write_bytes(data)
    before = path.read_bytes()

    book = WriterConnection(path)
    for number in range(3):
        book.write(finished_run("new.xml"), f"key {number}")
    (sentence,) = book.take_sentences()
    assert words in sentence
    assert f"'{side_path(path).name}' beside it is used" in sentence
    assert path.read_bytes() == before

    reader = HistoryReader(path)
    assert [entry.model_name for entry in reader.list()] == ["new.xml"] * 3
    assert reader.load(1).entry.model_name == "new.xml"
    assert any(words in sentence for sentence in reader.sentences)
    assert delete_runs(path, [1]) == 1
    assert path.read_bytes() == before


def test_another_programs_database_is_not_ours(path: Path) -> None:
    execute(path, "CREATE TABLE runs (id INTEGER)")
    book = write_runs(path, finished_run())
    assert "another program's" in book.take_sentences()[0]
    assert side_path(path).exists()


def test_where_the_side_file_is_not_ours_either_there_is_a_sentence(path: Path) -> None:
    execute(path, "CREATE TABLE mine (id INTEGER)")
    execute(side_path(path), "CREATE TABLE mine (id INTEGER)")
    with pytest.raises(
        HistoryError, match=f"{re.escape(side_path(path).name)}' is another program's"
    ):
        write_runs(path, finished_run())
    with pytest.raises(
        HistoryError, match=f"{re.escape(side_path(path).name)}' is another program's"
    ):
        HistoryReader(path).list()


# -- damage ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "history.db"
    write_runs(path, *(finished_run(f"{number}.xml") for number in range(5)))
    return path


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"this is no database, " * 400,
        lambda data: data[:-5000],
        lambda data: data[:4096] + b"\xaa" * (len(data) - 4096),
        lambda data: data[:60] + b"\0\0\0\0" + data[64:],  # the version
        lambda data: data.replace(b"model_name", b"model_nbme"),
    ],
    ids=["text", "cut", "pages", "version", "schema"],
)
def test_a_damaged_database_is_kept_and_a_new_one_begun(
    path: Path, sound_file: Path, spoil: Callable[[bytes], bytes]
) -> None:
    damaged = spoil(sound_file.read_bytes())
    path.write_bytes(damaged)
    # Not every damage is in the way of a list, and none is changed by it.
    with suppress(HistoryError):
        HistoryReader(path).list()
    assert path.read_bytes() == damaged
    assert not put_aside(path)

    book = write_runs(path, finished_run("new.xml"))
    (aside,) = put_aside(path)
    assert aside.read_bytes() == damaged
    (sentence,) = book.take_sentences()
    assert "was damaged" in sentence
    assert f"kept as '{aside.name}'" in sentence
    assert [entry.model_name for entry in HistoryReader(path).list()] == ["new.xml"]


def test_of_two_damages_in_one_second_both_are_kept(path: Path) -> None:
    for text in ("first" * 999, "second" * 999):
        path.write_text(text)
        write_runs(path, finished_run())
    assert len(put_aside(path)) == 2


@given(flips=st.lists(st.tuples(st.integers(0), st.integers(1, 255)), min_size=1, max_size=40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_flipped_byte_stops_the_program_or_loses_the_new_run(
    tmp_path: Path, sound_file: Path, flips: list[tuple[int, int]]
) -> None:
    sound = sound_file.read_bytes()
    folder = tmp_path / "flipped"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    path = folder / "history.db"
    damaged = bytearray(sound)
    for place, change in flips:
        damaged[place % len(damaged)] ^= change
    path.write_bytes(damaged)

    def read_all() -> list[str]:
        reader = HistoryReader(path)
        with suppress(OvbenchError):
            entries = reader.list()
            for entry in entries:
                with suppress(OvbenchError):
                    reader.load(entry.id)
            return [entry.model_name for entry in entries]
        return []

    read_all()
    assert path.read_bytes() == damaged
    writer = HistoryWriter(path)
    writer.take(finished_run("new.xml"))
    sentences = writer.close(60)
    assert not [sentence for sentence in sentences if "not kept" in sentence]
    assert "new.xml" in read_all()
    # What was there is there still: in place, with a run more, or as it was under another name.
    if put_aside(path):
        assert put_aside(path)[0].read_bytes() == damaged
    elif side_path(path).exists():
        assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("series = x'0011'", "it cannot be unpacked"),
        ("series = 5", "it is not a blob"),
        ("histogram = zeroblob(16777217)", "its histogram is larger than 16 MiB"),
        ("figures = printf('%.*c', 16777217, '1')", "its figures is larger than 16 MiB"),
        ("figures = '{}'", "RunView.stats has no count"),
        ("effective = '[' || effective || ']'", "RunView.effective is not an object"),
        ('stability = \'{"verdict": "splendid"}\'', "verdict is not of the expected type"),
        ("requested = replace(requested, '\"throughput\"', '\"fastest\"')", "fastest"),
        ("requested = 'nonsense'", "it is not valid JSON"),
        ("requested = printf('%.*c', 60000, '[')", "it is not valid JSON"),
        ("verdict = x'00'", "it is damaged"),
    ],
)
def test_a_damaged_run_is_told_in_a_sentence_and_the_others_are_read(
    path: Path, change: str, words: str
) -> None:
    write_runs(path, finished_run(), finished_run())
    execute(path, f"UPDATE runs SET {change} WHERE id = 1")  # noqa: S608
    reader = HistoryReader(path)
    assert 2 in [entry.id for entry in reader.list()]
    with pytest.raises(HistoryError, match="Run 1 of the history cannot be read") as caught:
        reader.load(1)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 400
    assert reader.load(2).series.counts


def test_a_row_that_cannot_be_listed_is_left_out(path: Path) -> None:
    write_runs(path, finished_run(), finished_run())
    execute(path, "UPDATE runs SET started_at = '0001-01-01T00:00:00+00:00' WHERE id = 1")
    reader = HistoryReader(path)
    assert [entry.id for entry in reader.list()] == [2]
    assert reader.sentences == ("One row is damaged and left out of the list.",)


@given(st.binary(max_size=300))
def test_no_blob_brings_more_than_a_sentence(data: bytes) -> None:
    for blob in (data, pack([1, 2.5, "x"])[: len(data)]):
        with suppress(NotABlobError):
            unpack(blob)


def test_a_small_blob_cannot_become_a_large_one() -> None:
    bomb = zlib.compress(b" " * (MAX_BYTES + 1), 9)
    assert len(bomb) < 20_000
    with pytest.raises(NotABlobError, match="larger than 16 MiB"):
        unpack(bomb)
    assert unpack(pack({"a": [None, "ü"]})) == {"a": [None, "ü"]}


# -- the file system ------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "fifo"])
def test_something_else_of_that_name_is_refused(path: Path, make: Callable[[Path], None]) -> None:
    make(path)
    with pytest.raises(HistoryError, match="is not a regular file"):
        write_runs(path, finished_run())
    with pytest.raises(HistoryError, match="is not a regular file"):
        HistoryReader(path).list()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=192k", "tmpfs", str(folder)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_loses_no_run(small_disk: Path) -> None:
    path = small_disk / "history.db"
    write_runs(path, finished_run("first.xml"))
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    writer = HistoryWriter(path)
    writer.take(finished_run("second.xml"))
    reported: list[str] = []
    while not reported:
        reported = writer.sentences()
    assert "stays in memory" in reported[0]
    assert "full" in reported[0] or "No space left" in reported[0] or "disk I/O" in reported[0]
    assert not put_aside(path)

    ballast.unlink()
    writer.take(finished_run("third.xml"))
    assert writer.close(60) == []
    names = [entry.model_name for entry in HistoryReader(path).list()]
    assert names == ["third.xml", "second.xml", "first.xml"]


def test_a_disk_that_stays_full_is_told_at_the_end(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    writer = HistoryWriter(small_disk / "history.db")
    writer.take(finished_run())
    assert writer.close(60)[-1].startswith("One run was not kept in the history: ")


def test_a_read_only_disk_can_be_read_and_stops_nothing(small_disk: Path) -> None:
    path = small_disk / "history.db"
    write_runs(path, finished_run("first.xml"))
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert HistoryReader(path).load(1).entry.model_name == "first.xml"
    with pytest.raises(HistoryError, match="cannot be changed"):
        delete_runs(path, [1])
    writer = HistoryWriter(path)
    writer.take(finished_run())
    reported = writer.close(60)
    assert "could not be kept in the history" in reported[0]
    assert reported[1].startswith("One run was not kept in the history: ")


# -- several at once ------------------------------------------------------------------------

_CHILD = """
import sys
from pathlib import Path
from ovbench_tui.history.writer import HistoryWriter
from tests.unit.kept_runs import finished_run
writer = HistoryWriter(Path(sys.argv[1]))
for number in range(20):
    writer.take(finished_run(f"{sys.argv[2]}-{number}.xml"))
sentences = writer.close(60)
print(*sentences, sep="\\n")
"""


@pytest.mark.parametrize("is_damaged", [False, True], ids=["new", "damaged"])
def test_several_instances_at_once_lose_nothing(path: Path, is_damaged: bool) -> None:
    if is_damaged:
        path.write_text("no database" * 999)
    children = [
        subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(path), name],
            cwd=_REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "abc"
    ]
    reported = [child.communicate(timeout=120)[0] for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert not [text for text in reported if "not kept" in text]
    names = {entry.model_name for entry in HistoryReader(path).list()}
    assert names == {f"{name}-{number}.xml" for name in "abc" for number in range(20)}
    assert len(put_aside(path)) == is_damaged


def test_a_file_that_is_deleted_in_between_is_made_again(path: Path) -> None:
    book = write_runs(path, finished_run())
    path.unlink()
    book.write(finished_run("second.xml"), "second")
    assert [entry.model_name for entry in HistoryReader(path).list()] == ["second.xml"]


def test_a_database_that_another_instance_is_just_making_is_not_taken_for_a_damaged_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "history.db"
    with closing(integrity.connect(path)) as maker:
        maker.execute("PRAGMA journal_mode = WAL")
        original = integrity.version_of
        is_made: list[bool] = []

        def version_of(connection: sqlite3.Connection) -> int:
            version = original(connection)
            if not is_made:
                is_made.append(True)
                migrate(maker, STEPS)
            return version

        monkeypatch.setattr(integrity, "version_of", version_of)
        with closing(integrity.connect(path)) as reader:
            assert integrity.recognise(reader, len(STEPS)) == 0  # as it was when it looked
            assert integrity.recognise(reader, len(STEPS)) == len(STEPS)
