"""Every sentence that the program can show, in one list to be read aloud.

    python -m tests.sentences [WORD ...]

Prints the texts of the package that have at least two words, each with its place; values that
are filled in stand as {...}. With WORDs only those that contain one of them.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "ovbench_tui"
_TWO_WORDS = re.compile(r"[A-Za-z]{2,}[,;:.]? [A-Za-z({'`-]")


@dataclass(frozen=True)
class Sentence:
    """A text and where it stands."""

    path: Path
    line: int
    text: str


def sentences() -> Iterator[Sentence]:
    """Every text of the package, but docstrings."""
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for node in _texts(tree):
            text = _written(node)
            if _TWO_WORDS.search(text):
                yield Sentence(path.relative_to(PACKAGE.parent), node.lineno, text)


def _texts(node: ast.AST) -> Iterator[ast.Constant | ast.JoinedStr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue  # a docstring
        if isinstance(child, ast.JoinedStr) or (
            isinstance(child, ast.Constant) and isinstance(child.value, str)
        ):
            yield child
        else:
            yield from _texts(child)


def _written(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_written(value) for value in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else "{...}"


def main(words: Sequence[str]) -> None:
    """Print the list."""
    for one in sentences():
        if not words or any(word.lower() in one.text.lower() for word in words):
            print(f"{one.path}:{one.line}: {one.text!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
