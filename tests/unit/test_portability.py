"""What only one system has is never imported, or looked up, on the others."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

_PACKAGE = Path(__file__).resolve().parents[2] / "ovbench_tui"
_ONE_SYSTEM_ONLY = {
    # Unix
    *("curses", "fcntl", "grp", "posix", "pty", "pwd", "readline", "resource", "syslog"),
    *("termios", "tty"),
    # Windows
    *("_winapi", "msvcrt", "nt", "winreg", "winsound"),
}
_SYSTEM = {"platform", "os.name", "sys.platform"}


def unguarded_imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines that import a module of one system without asking for the system first."""

    def walk(node: ast.AST, *, guarded: bool) -> Iterator[tuple[int, str]]:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        if not guarded:
            for name in names:
                if name.partition(".")[0] in _ONE_SYSTEM_ONLY:
                    yield node.lineno, name
        inside = guarded
        if isinstance(node, ast.If):
            inside = inside or any(word in ast.unparse(node.test) for word in _SYSTEM)
        elif isinstance(node, ast.Try):
            caught = " ".join(ast.unparse(h.type) for h in node.handlers if h.type)
            inside = inside or "ImportError" in caught or "ModuleNotFoundError" in caught
        for child in ast.iter_child_nodes(node):
            yield from walk(child, guarded=inside)
            # What comes after it is never reached on another system.
            if isinstance(child, ast.Assert):
                inside = inside or any(word in ast.unparse(child.test) for word in _SYSTEM)

    yield from walk(tree, guarded=False)


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fcntl", 1),
        ("from resource import getrusage", 1),
        ("def f():\n    import termios", 1),
        ("import sys\nif sys.platform != 'win32':\n    import fcntl", 0),
        ("try:\n    import resource\nexcept ImportError:\n    resource = None", 0),
        ("try:\n    import resource\nexcept ValueError:\n    pass", 1),
        ("import os, sys", 0),
        ("import sys\nassert sys.platform != 'win32'\nimport termios", 0),
        ("import sys\nassert sys.argv\nimport termios", 1),
    ],
)
def test_the_check_finds_what_it_should(source: str, found: int) -> None:
    assert len(list(unguarded_imports(ast.parse(source)))) == found


def test_no_module_of_one_system_is_imported_without_a_guard() -> None:
    files = sorted(_PACKAGE.rglob("*.py"))
    assert len(files) > 100
    offences = [
        f"{path.relative_to(_PACKAGE)}:{line}: {name}"
        for path in files
        for line, name in unguarded_imports(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert offences == []
