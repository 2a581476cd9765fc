"""The shape of the package: no circles of imports, no long files, no crowded folders."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PACKAGE = "ovbench_tui"
_MOST_LINES = 400
_MOST_MODULES = 18


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(root: Path) -> dict[str, Path]:
    """The files of the package below `root`, by the names of their modules."""
    found = sorted((root / _PACKAGE).rglob("*.py"))
    return {_module_name(path.relative_to(root)): path for path in found}


def imports_of(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    """The modules of the package that a file imports, at whatever place and for whatever use."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                module = f"{base}.{alias.name}"
                if module in modules:
                    yield module
                elif base in modules:
                    yield base


def circles(graph: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """The largest sets of nodes of which each reaches every other (Tarjan, SIAM J. Comput. 1972).

    Kept on a list of its own instead of the stack of calls, for chains of imports are long.
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    found: list[frozenset[str]] = []
    for start in graph:
        if start in order:
            continue
        work = [(start, iter(sorted(graph[start])))]
        order[start] = low[start] = len(order)
        open_nodes.append(start)
        is_open.add(start)
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in order:
                    order[target] = low[target] = len(order)
                    open_nodes.append(target)
                    is_open.add(target)
                    work.append((target, iter(sorted(graph.get(target, ())))))
                    break
                if target in is_open:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    place = open_nodes.index(node)
                    members = frozenset(open_nodes[place:])
                    del open_nodes[place:]
                    is_open -= members
                    if len(members) > 1 or node in graph.get(node, ()):
                        found.append(members)
    return found


def circles_of(root: Path) -> list[frozenset[str]]:
    """The circles of imports in the package below `root`."""
    modules = sources(root)
    graph: dict[str, set[str]] = defaultdict(set)
    for name, path in modules.items():
        graph[name] = set(imports_of(name, path, modules))
    return circles(graph)


def long_files(root: Path) -> set[str]:
    """Files of more than `_MOST_LINES` lines, relative to the package."""
    return {
        path.relative_to(root / _PACKAGE).as_posix()
        for path in sources(root).values()
        if len(path.read_text(encoding="utf-8").splitlines()) > _MOST_LINES
    }


def crowded_folders(root: Path) -> set[str]:
    """Folders of more than `_MOST_MODULES` modules, relative to the package."""
    counts = Counter(
        path.parent.relative_to(root / _PACKAGE).as_posix()
        for path in sources(root).values()
        if path.name != "__init__.py"
    )
    return {folder for folder, count in counts.items() if count > _MOST_MODULES}


def named_layers(text: str) -> set[str]:
    """The folders in the contract of the layers, out of the text of pyproject.toml."""
    begin = text.index("layers = [")
    rows: list[str] = ast.literal_eval(text[begin + len("layers = ") : text.index("]", begin) + 1])
    return {name.strip() for row in rows for name in re.split("[:|]", row)}


def test_no_imports_go_in_a_circle() -> None:
    assert [sorted(circle) for circle in circles_of(_ROOT)] == []


def test_no_file_is_too_long() -> None:
    assert long_files(_ROOT) == set()


def test_no_folder_is_crowded() -> None:
    assert crowded_folders(_ROOT) == set()


def test_every_folder_is_a_layer() -> None:
    modules = sources(_ROOT).values()
    parts = [path.relative_to(_ROOT / _PACKAGE).with_suffix("").parts for path in modules]
    tops = {part[0] for part in parts} - {"__init__", "__main__"}
    assert named_layers((_ROOT / "pyproject.toml").read_text(encoding="utf-8")) == tops


@pytest.mark.parametrize(
    "line",
    [
        "from ovbench_tui.b import thing",
        "from ovbench_tui import b",
        "import ovbench_tui.b",
        "from .b import thing",
        "from . import b",
        "def late():\n    from ovbench_tui.b import thing",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ovbench_tui.b import thing",
    ],
)
def test_a_circle_is_found_however_it_is_imported(tmp_path: Path, line: str) -> None:
    package = tmp_path / _PACKAGE
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "a.py").write_text(line + "\n")
    (package / "b.py").write_text("from ovbench_tui.c import thing\n")
    (package / "c.py").write_text("from ovbench_tui.a import late\n")
    (package / "d.py").write_text("from ovbench_tui.a import late\n")
    members = {f"{_PACKAGE}.{name}" for name in "abc"}
    assert circles_of(tmp_path) == [frozenset(members)]


def test_two_circles_stay_two() -> None:
    graph = {"a": {"b"}, "b": {"a", "c"}, "c": {"d"}, "d": {"c"}, "e": {"a"}, "f": {"f"}}
    assert sorted(map(sorted, circles(graph))) == [["a", "b"], ["c", "d"], ["f"]]


def test_long_files_and_crowded_folders_are_found(tmp_path: Path) -> None:
    folder = tmp_path / _PACKAGE / "full"
    folder.mkdir(parents=True)
    for number in range(_MOST_MODULES + 1):
        assert crowded_folders(tmp_path) == set()
        (folder / f"m{number}.py").write_text("x = 1\n" * _MOST_LINES)
    assert crowded_folders(tmp_path) == {"full"}
    assert long_files(tmp_path) == set()
    (folder / "m0.py").write_text("x = 1\n" * (_MOST_LINES + 1))
    assert long_files(tmp_path) == {"full/m0.py"}
