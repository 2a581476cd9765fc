"""Files of settings, reports, history, models' heads and inputs."""

from __future__ import annotations

import io
import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st
from PIL import Image

from ovbench_tui.cli.commands.history import _list_document, _run_document
from ovbench_tui.compare.report import judge, report_text
from ovbench_tui.compare.report import report_json as comparison_json
from ovbench_tui.compare.sources import read_report
from ovbench_tui.config.load_config import load_settings
from ovbench_tui.config.model_file import identify
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.engine.inputs.files.array_file import read_array, read_array_head, read_bytes
from ovbench_tui.engine.inputs.files.image_file import image_size, read_image
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.ir_weights import expected_weight_bytes
from ovbench_tui.files.wire_format import check_wire_format
from ovbench_tui.history.blobs import NotABlobError, unpack
from ovbench_tui.history.reader import HistoryReader
from ovbench_tui.history.rows import BLOBS, WHOLE_COLUMNS
from ovbench_tui.history.table import format_table
from ovbench_tui.history.text import format_run
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.reports.machine import Machine
from ovbench_tui.settings.file import read_settings
from ovbench_tui.settings.keep import keep_setting
from ovbench_tui.settings.recent import RecentModels
from tests.fuzz.ingredients import json_values, mangled, pieces
from tests.fuzz.target import Target
from tests.unit.kept_runs import SERIES, finished_run, write_runs
from tests.unit.reported import RESULT

Feed = Callable[[bytes, Path], object]

_MACHINE = Machine("A processor", 8, 4, "an OS", "3.11", "2026.4.1", ())


def _in_file(name: str, read: Callable[[Path], object]) -> Feed:
    def feed(data: bytes, folder: Path) -> None:
        path = folder / name
        path.write_bytes(data)
        read(path)

    return feed


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode("utf-8", "replace")


# -- settings -------------------------------------------------------------------------------

_LOADED = (
    b'{"CPU": {"NUM_STREAMS": "3", "PERF_COUNT": true, "INFERENCE_NUM_THREADS": 4}}',
    b'{"AUTO": {"PERFORMANCE_HINT": "LATENCY", "DEVICE_PROPERTIES": "{CPU:{NUM_STREAMS:3}}"}}',
    b'{"AUTO": {"DEVICE_PROPERTIES": {"CPU": {"NUM_STREAMS": 3}}}, "GPU": {"CONFIG_FILE": "x"}}',
)
_KEYS = ("CPU", "AUTO", "NUM_STREAMS", "PERF_COUNT", "DEVICE_PROPERTIES", "PERFORMANCE_HINT")
_TOML = (
    b'# mine\ntheme = "nord"\nrefresh = 4\nascii = "auto"\nhistory = true\nhint = "latency"\n'
    b'[keymap]\npause = "p,space"\nquit = ["q", "x"]\n',
    b'ui-budget = 2.5\ndevice = "AUTO"\nkeymap.pause = "p"\ntext = """\n[ x ]\n"""\n'
    b"a = [{b.c = 1}]\n",
)
_TOML_WORDS = (
    "theme", "refresh", "keymap", "pause", "=", "\n", '"x"', "'y'", "1", "1.5", "true", "[", "]",
    "{", "}", ".", "a.", "[a", '"""', "'''", "#", "2026-01-31", "inf", ",", " ", "\\u0000", "0x_",
)  # fmt: skip


def _settings(path: Path) -> None:
    found = read_settings(path)
    assert "\n" not in found.reason
    before = path.read_bytes()
    try:
        keep_setting(path, "theme", 'a "name"')
    except BadInputError:
        assert path.read_bytes() == before
    else:
        assert read_settings(path).settings.theme == 'a "name"'


def _recent(path: Path) -> None:
    recent = RecentModels(path)
    recent.add("m.xml")
    recent.add("\ud800\0")


# -- reports --------------------------------------------------------------------------------


@cache
def _reports() -> tuple[bytes, ...]:
    result = type(RESULT)(RESULT.view, RESULT.histogram, RESULT.profile, SERIES)
    document = json_document(
        Measurement((result,), Ending(), ReportOptions(json_stdout=True), machine=_MACHINE)
    )
    return (document.encode(), _CSV, b'{"execution_results": {"throughput": "12.5"}}')


_CSV = (
    b"Command line parameters\n-m;m.xml\n-hint;latency\n\nConfiguration setup\ntopology;t\n"
    b"target device;CPU\nAPI;sync\nnumber of CPU streams;1\n\nExecution results\n"
    b"latency (ms);7.1\nthroughput;140.3\n"
)


def _compared(path: Path) -> None:
    run = read_report(str(path))
    other = read_report(f"{path}#1") if path.suffix == ".json" and run.series else run
    for figure in ("fps", "p50_ms", "p99_ms"):
        judgement = judge(run, other, figure, confidence=0.95, fail_above=0.05, run_to_run={})
        report_text(judgement)
        json.loads(comparison_json(judgement))


def _changed_document(change: tuple[list[float], object]) -> bytes:
    document: Any = json.loads(_reports()[0])
    places, value = change
    node: Any = document
    for place in places:
        inner = list(node) if isinstance(node, dict) else list(range(len(node)))
        key = inner[int(place * len(inner)) % len(inner)] if inner else None
        if key is None:
            break
        if not isinstance(node[key], (dict, list)) or place == places[-1] or not node[key]:
            node[key] = value
            break
        node = node[key]
    return _dumped(document)


_CHANGE = st.tuples(
    st.lists(st.floats(0, 1), min_size=1, max_size=6), json_values(("count", "series"), ("stable",))
)


# -- history --------------------------------------------------------------------------------


@cache
def _database() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        write_runs(path, finished_run(), finished_run("other.onnx"))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("VACUUM")
        return path.read_bytes()


def _history(path: Path) -> None:
    reader = HistoryReader(path)
    entries = reader.list()
    for width in (40, 80, 200):
        format_table(entries, width) if entries else None
    json.loads(_list_document(str(path), entries))
    for number in (1, 2):
        run = reader.load(number)
        format_run(run)
        json.loads(_run_document(run))
        _ = run.config


def _history_file(data: bytes, folder: Path) -> None:
    path = folder / "history.db"
    for ending in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    path.write_bytes(data)
    _history(path)


@cache
def _columns() -> tuple[tuple[str, str], ...]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(_database())  # type: ignore[attr-defined, unused-ignore]
        return tuple((row[1], row[2]) for row in connection.execute("PRAGMA table_info(runs)"))


_SQL_VALUES = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.binary(max_size=30)
    | pieces(("2026-03-01T12:00:00+00:00", "CPU", "1", "stable"), 4).map(
        lambda text: text.encode("utf-8", "replace").decode()
    )
)


def _history_row(change: tuple[str, object, list[float], bytes], folder: Path) -> None:
    column, value, places, mangling = change
    path = folder / "row.db"
    path.write_bytes(_database())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        if column in WHOLE_COLUMNS:
            (old,) = connection.execute(
                f"SELECT {column} FROM runs WHERE id = 1"  # noqa: S608 - our own names
            ).fetchone()
            text = zlib.decompress(old) if column in BLOBS else old.encode()
            new = _changed_part(json.loads(text), places, value) if mangling == b"" else mangling
            value = zlib.compress(new) if column in BLOBS else new.decode("utf-8", "replace")
        try:
            connection.execute(
                f"UPDATE runs SET {column} = ? WHERE id = 1",  # noqa: S608
                (value,),
            )
        except (sqlite3.IntegrityError, OverflowError):
            return
    _history(path)


def _changed_part(node: Any, places: list[float], value: object) -> bytes:
    whole = node
    for place in places:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = keys[int(place * len(keys)) % len(keys)]
        if not isinstance(node[key], (dict, list)) or place == places[-1] or not node[key]:
            node[key] = value if not isinstance(value, bytes) else value.hex()
            break
        node = node[key]
    return _dumped(whole)


def _row_changes() -> st.SearchStrategy[tuple[str, object, list[float], bytes]]:
    names = st.sampled_from([name for name, _ in _columns()] + [*WHOLE_COLUMNS] * 3)
    return st.tuples(
        names,
        _SQL_VALUES | json_values(("count", "low_ms"), ("stable", "CPU")).filter(_is_plain),
        st.lists(st.floats(0, 1), min_size=1, max_size=5),
        st.just(b"") | st.just(b"") | mangled([b'{"a": [1, 2.5, null]}', b"[]", b"nonsense"]),
    )


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (bool, int, float))


def _blob(data: bytes, _: Path) -> None:
    try:
        unpack(data)
    except NotABlobError as error:
        raise BadInputError(str(error)) from None


# -- models' heads, arrays and images -------------------------------------------------------

_IR = (
    b'<?xml version="1.0"?>\n<net name="m" version="11">\n<layers>\n<layer id="0" type="Const">'
    b'<data element_type="f32" shape="1" offset="0" size="4"/></layer></layers></net>\n'
)
_IR_WORDS = (
    "<net",
    "<data",
    " version=",
    '"11"',
    ">",
    "<",
    " offset=",
    ' size="4"',
    '"',
    "<!ENTITY a ",
)
_PROTOBUF = bytes.fromhex("0807120474657374 3a2a0a0a0a017812017922045265 6c75".replace(" ", ""))


def _ir(path: Path) -> None:
    expected_weight_bytes(path)
    identify(str(path))


def _npy(*arrays: np.ndarray[Any, Any]) -> tuple[bytes, ...]:
    made = []
    for array in arrays:
        file = io.BytesIO()
        np.save(file, array, allow_pickle=True)
        made.append(file.getvalue())
    return tuple(made)


_ARRAYS = _npy(
    np.zeros((1, 3), "f4"),
    np.array(["a", "bc"]),
    np.zeros(2, [("a", "i4"), ("b", "f8")]),
    np.array([{"an": "object"}], dtype=object),
    np.zeros((0, 4), "u1"),
)


def _array(path: Path) -> None:
    read_array_head(path, "x")
    read_array(path, "x")


@cache
def _images() -> tuple[bytes, ...]:
    made = []
    picture = Image.fromarray(np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3))
    for kind in ("PNG", "JPEG", "BMP", "GIF", "TIFF", "PPM", "WEBP", "JPEG2000"):
        file = io.BytesIO()
        picture.save(file, kind)
        made.append(file.getvalue())
    return tuple(made)


def _image(path: Path) -> None:
    image_size(path, "x")
    read_image(path, "x", (4, 4), 3)


TARGETS = (
    Target(
        "-load_config",
        mangled(_LOADED) | json_values(_KEYS, ("3", "YES", "{CPU:{A:1}}")).map(_dumped),
        lambda data, folder: [
            _in_file("c.json", lambda path, device=device: load_settings(path, device))(
                data, folder
            )
            for device in ("CPU", "AUTO:CPU")
        ],
    ),
    Target(
        "the settings file",
        mangled(_TOML)
        | pieces(_TOML_WORDS).map(lambda text: text.encode("utf-8", "surrogatepass")),
        _in_file("config.toml", _settings),
    ),
    Target(
        "recent models",
        mangled([b'{"models": [{"name": "m.xml", "device": "CPU", "compile_s": 1.5}]}'])
        | json_values(("models", "name"), ("m.xml",)).map(_dumped),
        _in_file("recent.json", _recent),
    ),
    Target(
        "a --json document",
        _CHANGE.map(_changed_document) | st.deferred(lambda: mangled(_reports()[:1])),
        _in_file("run.json", _compared),
    ),
    Target(
        "benchmark_report.json",
        json_values(
            (
                "execution_results",
                "throughput",
                "latency (ms)",
                "cmd_options",
                "configuration_setup",
            ),
            ("12.5", "nan"),
        ).map(
            lambda value: _dumped(
                {"execution_results": {"throughput": "1"}} | value
                if isinstance(value, dict)
                else value
            )
        )
        | st.deferred(lambda: mangled(_reports()[2:])),
        _in_file("report.json", _compared),
    ),
    Target("benchmark_report.csv", mangled([_CSV]), _in_file("report.csv", _compared)),
    Target("a history row", st.deferred(_row_changes), _history_row),
    Target("the history file", st.deferred(lambda: mangled([_database()])), _history_file),
    Target(
        "a history blob",
        mangled([zlib.compress(b'{"a": [1]}'), zlib.compress(b" " * 10**6)]),
        _blob,
    ),
    Target(
        "an IR's head",
        mangled([_IR]) | pieces(_IR_WORDS).map(lambda text: text.encode("utf-8", "replace")),
        _in_file("m.xml", _ir),
    ),
    Target(
        "protobuf fields",
        mangled([_PROTOBUF]) | st.binary(max_size=60),
        _in_file("m.onnx", lambda path: check_wire_format(path, {1, 2, 3, 7, 8})),
    ),
    Target("-i with .npy", mangled(_ARRAYS), _in_file("a.npy", _array)),
    Target(
        "-i with .bin",
        st.binary(max_size=9),
        _in_file("a.bin", lambda path: read_bytes(path, "x", (4, 8))),
    ),
    Target("-i with an image", st.deferred(lambda: mangled(_images())), _in_file("a.png", _image)),
)
