"""The history on a real SQLite: what is written is read again, and found by its filters."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import stat
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.api.run_sink import FinishedRun, RunEnd
from ovbench_tui.engine.api.search_mark import SearchTrials, gathered
from ovbench_tui.history.errors import HistoryError, NoSuchRunError
from ovbench_tui.history.location import VARIABLE, history_path
from ovbench_tui.history.model_hash import ModelHash, signature_of
from ovbench_tui.history.reader import HistoryFilter, HistoryReader
from ovbench_tui.history.removal import delete_runs
from ovbench_tui.history.writer import HistoryWriter
from ovbench_tui.history.writer_connection import WriterConnection
from ovbench_tui.reports.plain_data import RUN_DATA
from ovbench_tui.stats.run_stats import MachineSeries, RunSeries
from ovbench_tui.system.machine_id import this_machine
from tests.unit.kept_runs import BEGAN, SERIES, finished_run, write_runs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "history.db"


def test_a_run_is_read_as_it_was_written(path: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "m.xml")
    run = finished_run(model, end=RunEnd.CHANGED)
    write_runs(path, run)
    reader = HistoryReader(path)
    (entry,) = reader.list()
    loaded = reader.load(entry.id)

    assert loaded.entry == entry
    assert repr(loaded.result.view) == repr(replace(run.result.view, run_id=entry.id))
    assert loaded.config == run.result.view.config
    assert loaded.result.histogram == run.result.histogram
    assert repr(loaded.series) == repr(SERIES)  # NaN and all
    assert (entry.started_at, entry.ending, entry.isolated) == (BEGAN, "changed", False)
    assert (entry.model_name, entry.model_path) == ("m.xml", model)
    assert entry.fps_mean == run.result.view.stats.fps_mean
    assert (entry.device, entry.hint, entry.nireq, entry.streams) == ("CPU", "throughput", 2, "2")
    assert (entry.cpu, entry.openvino, entry.verdict) == ("Some processor", "2026.4.1", "stable")
    assert entry.machine_id == this_machine().id
    assert loaded.machine.devices[0].full_name == "Some processor"
    assert reader.sentences == ()


def test_the_best_of_a_search_is_that_of_the_session(path: Path) -> None:
    def run(arrivals: str, fps: float, p99_ms: float) -> FinishedRun:
        made = finished_run()
        view = made.result.view
        config = replace(view.config, arrivals=arrivals, p99_under_ms=10.0)
        stats = replace(view.stats, count=700, fps_mean=fps, p99_ms=p99_ms)
        view = replace(view, config=config, stats=stats, search="load 3f9a2c41")
        return replace(made, result=replace(made.result, view=view))

    closed, holding = run("", 99.0, 2.0), run("poisson:50", 50.0, 9.0)
    write_runs(path, closed, run("poisson:80", 80.0, 30.0), holding)
    (search,) = gathered(HistoryReader(path).list())
    assert isinstance(search, SearchTrials)
    assert search.count == 3
    assert search.best.id == 3
    assert search.best.trial.setting == "poisson:50"
    by_nireq = next(one for one in search.runs if one.id == 1)
    assert by_nireq.trial.setting == "nireq 2, streams 2"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET details = '[' WHERE id = 3")  # as of a damaged one
    damaged = next(one for one in HistoryReader(path).list() if one.id == 3)
    assert (damaged.trial.setting, damaged.may_win) == ("nireq 2, streams 2", True)


def test_a_relative_model_can_be_run_again_from_anywhere(path: Path) -> None:
    write_runs(path, finished_run("m.xml"), finished_run("alexnet", model_format="built-in"))
    reader = HistoryReader(path)
    assert reader.load(1).config.model == str(Path("m.xml").absolute())
    assert reader.load(2).config.model == "alexnet"
    assert reader.load(2).entry.model_hash.startswith("alexnet@")


def test_only_this_user_can_read_the_file(path: Path) -> None:
    write_runs(path, finished_run())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_same_run_is_written_once(path: Path) -> None:
    book = write_runs(path, finished_run())
    book.write(finished_run(), "key 1")  # as after a commit whose answer was lost
    assert len(HistoryReader(path).list()) == 1


def test_runs_are_found_by_every_filter(path: Path) -> None:
    write_runs(
        path,
        finished_run("a/Mobile_net.xml", began=BEGAN - timedelta(days=9)),
        finished_run("b%.onnx", device="AUTO:CPU"),
        finished_run("mobile/b.xml", began=BEGAN + timedelta(hours=1)),
    )
    reader = HistoryReader(path)

    def found(**wanted: object) -> list[int]:
        return [entry.id for entry in reader.list(HistoryFilter(**wanted))]

    assert found() == [3, 2, 1]
    assert found(limit=2) == [3, 2]
    assert found(model="MOBILE") == [3, 1]
    assert found(model="mobile_") == [1]  # no pattern, as in LIKE
    assert found(model="%") == [2]
    assert found(model="' OR 1") == []
    assert found(device="auto:cpu") == [2]
    assert found(since=BEGAN) == [3, 2]
    assert found(since=BEGAN, device="CPU", model="b") == [3]
    assert found(machine_id=this_machine().id) == [3, 2, 1]
    assert found(machine_id="another") == []


def test_a_deleted_runs_number_is_never_given_again(path: Path) -> None:
    book = write_runs(path, finished_run(), finished_run())
    with pytest.raises(NoSuchRunError, match="no run 7: nothing was deleted"):
        delete_runs(path, [2, 7])
    assert delete_runs(path, [2, 2]) == 1
    book.write(finished_run(), "another")
    assert [entry.id for entry in HistoryReader(path).list()] == [3, 1]


def test_there_need_be_no_history(path: Path) -> None:
    reader = HistoryReader(path)
    assert reader.list() == ()
    with pytest.raises(NoSuchRunError, match="no run 1"):
        reader.load(1)
    for run_id in (0, -1, 2**63, 10**30):
        with pytest.raises(NoSuchRunError):
            reader.load(run_id)
    with pytest.raises(HistoryError, match="no history yet"):
        delete_runs(path, [1])
    assert not path.parent.exists()  # reading makes nothing


def test_names_that_no_utf8_can_hold_do_not_keep_a_run_out(path: Path) -> None:
    write_runs(path, finished_run("gr\udcfc\x1b[2Jn\0.xml"))
    (entry,) = HistoryReader(path).list()
    assert entry.model_name == "gr?\x1b[2Jn\0.xml"
    assert HistoryReader(path).load(1).result.view.model.name == entry.model_name


def test_an_endless_or_empty_run_can_be_kept(path: Path) -> None:
    run = finished_run()
    nothing = replace(run.result, histogram=(), series=RunSeries())
    write_runs(path, replace(run, result=nothing))
    assert HistoryReader(path).load(1).result.histogram == ()
    assert HistoryReader(path).load(1).series == RunSeries()


def test_a_series_of_an_older_version_knows_nothing_of_the_machine(path: Path) -> None:
    older = {"step_s": 0.25, "counts": [1], "frames": [1]}
    older |= {name: [1.0] for name in ("mean_ms", "p50_ms", "p99_ms")}
    assert RUN_DATA.to(RunSeries, older).machine == MachineSeries()


def test_the_machine_of_a_run_is_of_its_windows(path: Path) -> None:
    run = finished_run()
    shares = replace(SERIES.machine, own_share=(0.5,))
    write_runs(
        path, replace(run, result=replace(run.result, series=replace(SERIES, machine=shares)))
    )
    with pytest.raises(HistoryError, match="differ in length"):
        HistoryReader(path).load(1)


# -- the model's hash -----------------------------------------------------------------------


def ir(folder: Path, text: str = "<net/>") -> ModelInfo:
    (folder / "m.xml").write_text(text)
    (folder / "m.bin").write_bytes(b"\1" * 3_000_000)
    return ModelInfo("m.xml", str(folder / "m.xml"), "IR", (), ())


def hash_of(model: ModelInfo) -> str:
    model_hash = ModelHash(signature_of(model))
    while model_hash.step():
        pass
    return model_hash.text


def test_the_hash_is_of_all_the_files_of_a_model(tmp_path: Path) -> None:
    model = ir(tmp_path)
    digests = [
        hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("m.xml", "m.bin")
    ]
    lines = f"{digests[0]}\n{digests[1]}\n"
    assert hash_of(model) == hashlib.sha256(lines.encode()).hexdigest()

    (tmp_path / "m.bin").write_bytes(b"\2" * 3_000_000)
    assert hash_of(model) != hashlib.sha256(lines.encode()).hexdigest()

    (tmp_path / "m.bin").unlink()
    assert hash_of(model) == digests[0]  # as sha256sum tells it

    folder = ModelInfo("saved", str(tmp_path), "TensorFlow", (), ())
    (tmp_path / "variables").mkdir()
    before = hash_of(folder)
    (tmp_path / "variables" / "variables.index").write_text("x")
    assert hash_of(folder) not in ("", before)


def test_a_model_that_changes_while_it_is_hashed_has_no_hash(tmp_path: Path) -> None:
    model_hash = ModelHash(signature_of(ir(tmp_path)))
    assert model_hash.step()
    (tmp_path / "m.xml").write_text("<net></net>")
    while model_hash.step():
        pass
    assert model_hash.text == ""
    assert hash_of(ModelInfo("gone", str(tmp_path / "gone"), "IR", (), ())) == ""


def test_runs_get_their_models_hash_afterwards_and_later_runs_at_once(
    path: Path, tmp_path: Path
) -> None:
    model = ir(tmp_path)
    run = finished_run(model.source)
    book = write_runs(path, run, run)
    assert {entry.model_hash for entry in HistoryReader(path).list()} == {""}
    while book.is_hashing:
        book.hash_a_block()
    assert {entry.model_hash for entry in HistoryReader(path).list()} == {hash_of(model)}
    WriterConnection(path).write(run, "of another start")
    assert [entry.model_hash for entry in HistoryReader(path).list()] == [hash_of(model)] * 3


# -- the writer's thread --------------------------------------------------------------------


def test_the_writer_writes_without_being_closed(path: Path, tmp_path: Path) -> None:
    model = ir(tmp_path)
    writer = HistoryWriter(path)
    writer.take(finished_run(model.source))
    waited = threading.Event()
    for _ in range(2000):
        entries = HistoryReader(path).list()
        if entries and entries[0].model_hash:
            break
        waited.wait(0.01)
    assert entries[0].model_hash == hash_of(model)
    assert writer.close(60) == []


def test_close_waits_for_what_is_left(path: Path) -> None:
    writer = HistoryWriter(path)
    for minute in range(20):
        writer.take(finished_run(began=BEGAN + timedelta(minutes=minute)))
    assert writer.close(60) == []
    assert [entry.started_at.minute for entry in HistoryReader(path).list()] == [*range(19, -1, -1)]


def test_a_run_that_cannot_be_written_is_told_once_and_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_text("a file where a folder is needed")
    writer = HistoryWriter(folder / "history.db")
    writer.take(finished_run())
    writer.take(finished_run())
    reported: list[str] = []
    while not reported:
        reported += writer.sentences()
    assert len(reported) == 1
    assert "could not be kept in the history" in reported[0]
    assert "stays in memory" in reported[0]
    folder.unlink()  # as when a disk has room again
    assert writer.close(60) == []
    assert len(HistoryReader(folder / "history.db").list()) == 2


def test_what_could_not_be_written_by_the_end_is_told(tmp_path: Path) -> None:
    writer = HistoryWriter(tmp_path)  # a folder, no file
    writer.take(finished_run())
    writer.take(finished_run())
    *_, last = writer.close(60)
    assert last.startswith("2 runs were not kept in the history: ")
    assert "not a regular file" in last


def test_an_odd_run_does_not_keep_out_the_others(path: Path) -> None:
    odd = finished_run()
    odd = replace(odd, result=replace(odd.result, histogram=((1.0, 2.0, object()),)))
    writer = HistoryWriter(path)
    writer.take(odd)
    writer.take(finished_run())
    (sentence,) = writer.close(60)
    assert "One run was not kept" in sentence
    assert len(HistoryReader(path).list()) == 1


def test_a_stuck_disk_never_blocks_the_session(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ovbench_tui.history.writer._WAITING_AT_MOST", 10)
    write_runs(path, finished_run())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = HistoryWriter(path)
        for _ in range(12):
            writer.take(finished_run())  # returns at once, and forgets what is too much
        other.execute("ROLLBACK")
    assert writer.close(60) == ["2 runs were not kept in the history: too many waited at once."]
    assert len(HistoryReader(path).list()) == 11


# -- where it lies --------------------------------------------------------------------------


def test_the_place_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "my.db"))
    assert history_path() == tmp_path / "my.db"
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert history_path() == tmp_path / "ovbench-tui" / "history.db"


def test_without_any_home_there_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: Path("~/.local/share"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(HistoryError, match="no home folder"):
        history_path()
    writer = HistoryWriter()
    writer.take(finished_run())
    assert "no home folder" in writer.close(60)[-1]
    assert not list(tmp_path.iterdir())


def test_the_machine_is_told_without_its_name(path: Path) -> None:
    import platform

    write_runs(path, finished_run())
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row = dict(connection.execute("SELECT * FROM runs").fetchone())
    texts = json.dumps({name: value for name, value in row.items() if isinstance(value, str)})
    host = platform.node()
    assert len(host) < 4 or host not in texts
    assert this_machine() == this_machine()
