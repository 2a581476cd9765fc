"""Nothing that is only read may run code, reach the terminal, or choose where is written."""

from __future__ import annotations

import ast
import os
import pickle
import sqlite3
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ovbench_tui
from ovbench_tui.cli.native_log import NativeLog
from ovbench_tui.compare.report import judge, report_text
from ovbench_tui.compare.sources import read_report
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.device_properties import parse_nested
from ovbench_tui.config.model_file import ENDINGS, identify
from ovbench_tui.config.port_values import parse_layout
from ovbench_tui.config.report_options import ReportOptions
from ovbench_tui.console.text import clean
from ovbench_tui.engine.inputs.files.array_file import read_array, read_array_head
from ovbench_tui.engine.inputs.files.image_file import read_image
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.export import command_lines, python_snippet
from ovbench_tui.files.ir_weights import expected_weight_bytes
from ovbench_tui.files.safe_write import check_target, write_text
from ovbench_tui.history.database import locked
from ovbench_tui.history.errors import HistoryError
from ovbench_tui.history.reader import HistoryReader
from ovbench_tui.history.table import format_table
from ovbench_tui.history.text import format_run
from ovbench_tui.metrics.server import parse_address
from ovbench_tui.options.parser import parse_options
from ovbench_tui.reports.ending import Ending
from ovbench_tui.reports.json_report import Measurement, json_document
from ovbench_tui.reports.machine import Machine
from ovbench_tui.reports.summary import format_summary
from ovbench_tui.settings.file import find_lines, read_settings
from ovbench_tui.settings.keep import keep_setting
from ovbench_tui.settings.recent import RecentModels
from ovbench_tui.ui.app.copy_and_save import save_picture
from ovbench_tui.web.guard import Asked, Guard
from tests.fuzz.ingredients import pieces
from tests.fuzz.target import Tally, Target, try_one
from tests.unit.kept_runs import BEGAN, SERIES, finished_run, write_runs
from tests.unit.reported import RESULT

SOURCE = Path(ovbench_tui.__file__).parent

EVIL = (
    "\x1b]0;owned\x07\x1b[2J\u202eevil\u2066\r\n[bold red]x[/][@click=app.quit]y[/]\x9b31m"
    "\x00\udc80"
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="symlinks and owners of POSIX")
as_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can play another user"
)


def sources() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE), ast.parse(path.read_text("utf-8"))


# -- no code is run -------------------------------------------------------------------------

_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.startfile",
    "pickle.load", "pickle.loads", "marshal.loads", "marshal.load", "shelve.open", "yaml.load",
    "runpy.run_path", "runpy.run_module", "code.interact", "torch.load", "joblib.load",
    "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_output",
    "subprocess.check_call", "subprocess.getoutput", "asyncio.create_subprocess_shell",
    "tempfile.mktemp", "ctypes.CDLL",
}  # fmt: skip
_IMPORTS = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "yaml",
    "torch",
    "joblib",
    "runpy",
    "xml",
}
_KNOWN = {
    # libc's prctl, so that the child ends with its parent.
    ("system/parent.py", "ctypes.CDLL"),
    # This program once more, for a run in a fresh process.
    ("cli/repeats/fresh_process.py", "subprocess.Popen"),
    # git, for a baseline out of a commit; the name it is given cannot be an option.
    ("suite/baseline.py", "subprocess.run"),
    # The user's own program, named on the command line: what `ovbench-tui app` is for.
    ("application/program.py", "subprocess.Popen"),
    # This program once more, for the model of the user's program alone.
    ("application/alone.py", "subprocess.Popen"),
    # The installer of another OpenVINO, and the exported program with it.
    ("ab/interpreters/environment.py", "subprocess.run"),
    ("ab/interpreters/sliced_process.py", "subprocess.Popen"),
    # Programs of our own that say how long a start takes, or each layer.
    ("export/run_program.py", "subprocess.Popen"),
    # A subcommand, by a name out of our own table.
    ("cli/commands/registry.py", "import_module"),
}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def findings(tree: ast.AST) -> Iterator[str]:
    """What could run what a file says."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in _IMPORTS)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in _IMPORTS:
            yield node.module or ""
        elif isinstance(node, ast.Call):
            name = _name(node.func)
            is_named = bool(node.args) and isinstance(node.args[0], ast.Constant)
            if name in _CALLS or (name.endswith("import_module") and not is_named):
                yield name
            for keyword in node.keywords:
                given = keyword.value.value if isinstance(keyword.value, ast.Constant) else "?"
                if keyword.arg == "shell" and given is not False:
                    yield f"{name}(shell)"
                if keyword.arg == "allow_pickle" and given is not False:
                    yield f"{name}(allow_pickle)"
            if name in ("np.load", "numpy.load") and not any(
                keyword.arg == "allow_pickle" for keyword in node.keywords
            ):
                yield f"{name} without allow_pickle=False"


def test_nothing_in_the_program_runs_what_a_file_says() -> None:
    found = {(path.as_posix(), name) for path, tree in sources() for name in findings(tree)}
    assert found == _KNOWN


@pytest.mark.parametrize(
    "code",
    ["eval(x)", "import pickle", "from yaml import load", "np.load(f)", "f(shell=True)",
     "np.load(f, allow_pickle=True)", "os.system(x)", "importlib.import_module(x)"],
)  # fmt: skip
def test_the_walk_finds_what_it_looks_for(code: str) -> None:
    assert list(findings(ast.parse(code)))


class _Bomb:
    """Writes a canary when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return os.symlink, ("/nowhere", str(self._canary))


def test_the_bomb_would_go_off(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(_Bomb(tmp_path / "canary")))  # noqa: S301
    assert (tmp_path / "canary").is_symlink()


def _pytorch(path: Path, content: bytes) -> None:
    """A file as torch.save makes one: a zip with a pickle in it."""
    import zipfile

    with zipfile.ZipFile(path, "w") as file:
        file.writestr("archive/data.pkl", content)
        file.writestr("archive/version", "3\n")


@pytest.mark.parametrize(
    "ending", [".pt", ".pth", ".pt2", ".pkl", ".bin", ".npz", ".h5", ".so", ""]
)
def test_files_that_could_hold_code_are_no_models(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"model{ending}"
    _pytorch(path, pickle.dumps(_Bomb(tmp_path / "canary")))
    with pytest.raises(BadInputError, match="cannot be read"):
        identify(str(path))


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("wrapped", [True, False], ids=["as torch saves", "bare"])
def test_a_pickle_under_a_models_name_is_not_unpickled(
    tmp_path: Path, ending: str, wrapped: bool
) -> None:
    import openvino as ov

    from ovbench_tui.engine.models.models import compile_loaded, load_model

    path, canary = tmp_path / f"model{ending}", tmp_path / "canary"
    content = pickle.dumps(_Bomb(canary))
    _pytorch(path, content) if wrapped else path.write_bytes(content)
    core = ov.Core()
    with pytest.raises(OvbenchError):
        compile_loaded(core, load_model(core, str(path)), BenchmarkConfig(model=str(path)), {})
    assert not canary.is_symlink()


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    path, canary = tmp_path / "a.npy", tmp_path / "canary"
    np.save(path, np.array([_Bomb(canary)], dtype=object), allow_pickle=True)
    with pytest.raises(BadInputError, match="never read"):
        read_array(path, "x")
    assert not canary.is_symlink()


@posix
def test_no_module_is_taken_from_the_folder_of_the_model(tmp_path: Path) -> None:
    names = ("multiprocessing", "pickle", "struct", "openvino", "numpy", "prometheus_client")
    for name in names:
        (tmp_path / f"{name}.py").write_text(
            f"import os\nos.close(os.open({str(tmp_path / 'canary')!r}, os.O_CREAT))\n"
        )
    # As the installed command starts: with its own folder in the path, and not the current one.
    script = tmp_path / "bin" / "ovbench-tui"
    script.parent.mkdir()
    script.write_text(
        "from ovbench_tui.cli.main import run\nif __name__ == '__main__':\n    run()\n"
    )
    arguments = ["nowhere-to-be-found", "--no-tui", "--isolate", "--no-history", "-niter", "1"]
    model = tmp_path / "m.xml"
    _save_tiny(model)
    arguments[0] = str(model)
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(SOURCE.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "canary").exists()


def _save_tiny(path: Path) -> None:
    import openvino as ov
    from openvino import opset13

    parameter = opset13.parameter([1, 16], ov.Type.f32, name="x")
    parameter.output(0).set_names({"x"})
    ov.save_model(ov.Model([opset13.relu(parameter)], [parameter], "m"), path)


def test_a_name_cannot_leave_its_place_in_the_python_program() -> None:
    name = "m.xml\"; import os; os.abort() #'\n'''\n\"\"\"\nos.abort()\n\\"
    view = replace(RESULT.view, config=replace(RESULT.view.config, model=name))
    for text in (name, EVIL):
        program = python_snippet(replace(view, config=replace(view.config, model=text)))
        tree = ast.parse(program.encode("utf-8", "replace"))
        calls = {_name(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert "os.abort" not in calls
        assert program.encode("ascii", "replace").decode().isascii()
        assert "\x1b" not in program
        assert "\u202e" not in program


@posix
def test_a_name_cannot_leave_its_place_in_the_shell_command(tmp_path: Path) -> None:
    name = (
        f"m.xml'; touch {tmp_path}/canary; $(touch {tmp_path}/canary) `touch {tmp_path}/canary`\n"
    )
    view = replace(RESULT.view, config=replace(RESULT.view.config, model=name))
    for line in (command_lines.own_command(view.config), command_lines.benchmark_app_command(view)):
        script = f"ovbench-tui() {{ :; }}\nbenchmark_app() {{ :; }}\n{line}\n"
        subprocess.run(["bash", "-c", script], cwd=tmp_path, check=False, capture_output=True)
    assert [path.name for path in tmp_path.iterdir() if path.name == "canary"] == []


# -- no terminal is driven, no markup is read -----------------------------------------------


def _harmless(text: str) -> bool:
    return all(letter == "\n" or letter.isprintable() for letter in text)


def test_tables_and_texts_show_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    evil = finished_run(f"/m/{EVIL}.xml")
    path = tmp_path / "history.db"
    write_runs(path, evil, evil)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for column in ("device", "hint", "streams", "cpu", "os", "openvino", "verdict", "ending"):
            text = EVIL.encode("utf-8", "replace").decode()
            connection.execute(f"UPDATE runs SET {column} = ?", (text,))  # noqa: S608  # noqa: S608
    reader = HistoryReader(path)
    entries = reader.list()
    assert len(entries) == 2
    texts = [format_table(entries, width) for width in (60, 200)]
    texts.append(format_run(reader.load(1)))
    texts.append(format_summary((evil.result.view,)))
    document = tmp_path / "run.json"
    result = replace(evil.result, series=SERIES)
    machine = Machine(EVIL, 1, 1, EVIL, "3", EVIL, ())
    options = ReportOptions(json_stdout=True, command_line=(("-m", EVIL),))
    text = json_document(Measurement((result,), Ending(1, EVIL), options, machine=machine))
    assert text.isascii()
    assert _harmless(text)
    document.write_text(text)
    side = read_report(str(document))
    side = replace(side, name=EVIL)
    texts.append(report_text(judge(side, side, "fps")))
    for shown in texts:
        assert _harmless(shown), [letter for letter in shown if not letter.isprintable()]
    assert "owned" in texts[1]


def test_what_the_screen_cleans() -> None:
    cleaned = clean(EVIL + "\u061c\u200f\xad\U000e0041")
    assert cleaned.isprintable()
    assert cleaned.encode()


# -- nothing is written through a link ------------------------------------------------------


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A link that lies in wait, and the precious file that it leads to."""
    precious = tmp_path / "precious"
    precious.write_text("precious")
    shared = tmp_path / "shared"
    shared.mkdir()
    link = shared / "link"
    link.symlink_to(precious)
    return link, precious


def _plant(link: Path, name: str) -> Path:
    return link.rename(link.with_name(name))


def _by_another_user(link: Path) -> None:
    os.lchown(link, 12345, 12345)


@posix
@pytest.mark.parametrize("name", ["report.json", "settings.toml", "graph.xml", "latencies.csv"])
def test_a_planted_link_is_replaced(trap: tuple[Path, Path], name: str) -> None:
    link, precious = trap
    path = _plant(link, name)
    check_target(path, "-x")
    write_text(path, "new")
    assert precious.read_text() == "precious"
    assert path.read_text() == "new"
    assert not path.is_symlink()


@posix
def test_a_screenshot_takes_another_name(trap: tuple[Path, Path]) -> None:
    link, precious = trap
    _plant(link, f"ovbench-tui-{BEGAN:%Y%m%d-%H%M%S}.svg")
    reported, is_error = save_picture("<svg/>", str(link.parent), BEGAN)
    assert not is_error
    assert "-2.svg" in reported
    assert precious.read_text() == "precious"


@posix
def test_the_log_follows_no_link(trap: tuple[Path, Path]) -> None:
    link, precious = trap
    _plant(link, f"native-{os.getpid()}.log")
    with NativeLog(link.parent) as log:
        os.write(1, b"told by native code")
        assert log.path is None
        assert "told by native code" in log.read()
    assert precious.read_text() == "precious"


@posix
def test_the_log_is_no_other_name_of_a_file(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    os.link(precious, tmp_path / f"native-{os.getpid()}.log")
    with NativeLog(tmp_path):
        os.write(1, b"told by native code")
    assert precious.read_text() == "precious"


@posix
def test_the_list_of_recent_models_replaces_a_link(trap: tuple[Path, Path]) -> None:
    link, precious = trap
    RecentModels(link).add("m.xml")
    assert precious.read_text() == "precious"
    assert not link.is_symlink()


@posix
def test_the_lock_follows_no_link(tmp_path: Path) -> None:
    link = tmp_path / "history.db.lock"
    link.symlink_to(tmp_path / "made")
    with pytest.raises(OSError), locked(link):  # noqa: PT011 - ELOOP, or as the system has it
        pass
    assert not (tmp_path / "made").exists()


@posix
@as_root
def test_the_settings_follow_only_ones_own_link(trap: tuple[Path, Path]) -> None:
    link, target = trap
    target.write_text("# mine\n")
    keep_setting(link, "theme", "nord")
    assert 'theme = "nord"' in target.read_text()
    target.write_text("# mine\n")
    _by_another_user(link)
    keep_setting(link, "theme", "nord")
    assert target.read_text() == "# mine\n"
    assert not link.is_symlink()


@posix
@as_root
def test_the_history_follows_only_ones_own_link(tmp_path: Path) -> None:
    path, link = tmp_path / "real.db", tmp_path / "history.db"
    write_runs(path, finished_run())
    link.symlink_to(path)
    assert len(HistoryReader(link).list()) == 1
    _by_another_user(link)
    with pytest.raises(HistoryError, match="link of another user"):
        HistoryReader(link).list()
    with pytest.raises(HistoryError, match="link of another user"):
        write_runs(link, finished_run("other.xml"))


# -- nothing takes without bounds -----------------------------------------------------------


def _bounded(feed: Callable[[], object], tmp_path: Path) -> None:
    try_one(Target("", pieces(("a",)), lambda _value, _folder: feed()), None, tmp_path, Tally())


@pytest.mark.parametrize(
    "feed",
    [
        lambda: parse_layout("[" + "A" * 50_000 + "!]"),
        lambda: parse_options(["-mx" + "/" * 50_000 + "\n"]),
        lambda: parse_nested("{" + ",".join(f"A{n}:{{}}" for n in range(100_000)) + "}"),
        lambda: parse_address("9" * 5000),
        lambda: find_lines('x = """\n[' + " " * 200_000 + '\n"""'),
    ],
    ids=["layout", "option", "nested properties", "address", "settings"],
)
def test_no_text_takes_long(feed: Callable[[], object], tmp_path: Path) -> None:
    _bounded(feed, tmp_path)


@pytest.mark.parametrize(
    "content", [b"<data" * 200_000, b"<data " + b"<" * 10**6, b"<net " * 200_000]
)
def test_no_ir_takes_long(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.xml"
    path.write_bytes(b'<net version="11">' + content)
    _bounded(lambda: expected_weight_bytes(path), tmp_path)
    path.write_bytes(content)
    _bounded(lambda: identify(str(path)), tmp_path)


@pytest.mark.parametrize("content", ["a" + ".a" * 100_000 + " = 1", "\n" * 50_000])
def test_no_settings_take_long(tmp_path: Path, content: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(content)
    _bounded(lambda: read_settings(path), tmp_path)
    _bounded(lambda: keep_setting(path, "theme", "nord"), tmp_path)


def test_entities_of_an_ir_are_not_expanded(tmp_path: Path) -> None:
    import openvino as ov

    path = tmp_path / "m.xml"
    _save_tiny(path)
    lines = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    bomb = f'<!DOCTYPE net [<!ENTITY a0 "{"x" * 100}">{"".join(lines)}]>'
    text = path.read_text().replace("<net ", f"{bomb}<net ", 1).replace('name="x"', 'name="&a9;"')
    path.write_text(text)

    def read() -> None:
        from ovbench_tui.engine.models.models import load_model

        assert len(load_model(ov.Core(), str(path)).info.inputs[0].name) < 1000

    _bounded(read, tmp_path)


def test_an_array_of_terabytes_is_refused_by_its_head(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    for shape in ("(1099511627776, 4)", f"({10**30},)", "(-1,)", "(0, -7)", "('x',)"):
        head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
        path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + b"\0" * 16)
        with pytest.raises(BadInputError):
            read_array_head(path, "x")


@pytest.mark.parametrize("size", [(8192, 8193), (100_000, 100_000), (2**31 - 1, 2**31 - 1)])
def test_an_image_bomb_is_refused_by_its_head(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "a.png"
    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 10**6)), (b"IEND", b"")]
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in chunks:
            check = struct.pack(">I", zlib.crc32(kind + data))
            file.write(struct.pack(">I", len(data)) + kind + data + check)
    with pytest.raises(BadInputError, match=r"megapixels|decompression bomb"):
        read_image(path, "x", (4, 4), 3)


def test_a_view_in_place_of_a_table_computes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    write_runs(path, finished_run())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        names = [row[1] for row in connection.execute("PRAGMA table_info(runs)")]
        connection.execute("ALTER TABLE runs RENAME TO hidden")
        connection.execute("DROP INDEX runs_by_start")
        columns = ", ".join(f"n AS {name}" for name in names)
        connection.execute(
            "CREATE VIEW runs AS WITH RECURSIVE c(n) AS"  # noqa: S608
            f" (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT {columns} FROM c"
        )

    def read() -> None:
        with pytest.raises(HistoryError, match="views or triggers"):
            HistoryReader(path).list()

    _bounded(read, tmp_path)


def test_a_trigger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    write_runs(path, finished_run())
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END")
    with pytest.raises(HistoryError, match="views or triggers"):
        HistoryReader(path).list()


def test_a_list_takes_no_more_of_a_text_than_it_can_show(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    write_runs(path, finished_run(), finished_run("other.xml"))
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(
            "UPDATE runs SET model_name = ?, os = ? WHERE id = 1", ("m" * 10**7,) * 2
        )
    big = next(entry for entry in HistoryReader(path).list() if entry.id == 1)
    assert len(big.model_name) == len(big.os) == 8192


# -- names that no file can have, headers that no browser sends ------------------------------


@pytest.mark.parametrize(
    "name", ["a\0b", "\ud800", "~\ud800/x", "~nobody-has-this-name/x", "x" * 5000]
)
def test_impossible_names_are_told(tmp_path: Path, name: str) -> None:
    from ovbench_tui.system.memory import bytes_on_disk

    with pytest.raises(BadInputError):
        identify(f"{name}.xml")
    assert bytes_on_disk(name) == 0
    assert save_picture("<svg/>", str(tmp_path / name), BEGAN)[1]
    with pytest.raises(BadInputError):
        check_target(tmp_path / name / "x", "-x")


@pytest.mark.parametrize(
    "requested",
    [
        Asked("[::1", None, None),
        Asked("localhost", "http://[x", None),
        Asked("localhost", None, "\udc80"),
        Asked("127.0.0.1@evil", None, "0123456789abcdef"),
        Asked("localhost", "http://localhost@evil", "0123456789abcdef"),
    ],
)
def test_impossible_headers_are_refused(requested: Asked) -> None:
    assert Guard("127.0.0.1", "0123456789abcdef").refusal(requested)
