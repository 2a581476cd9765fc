"""What to add to the command line where an IR has operations that OpenVINO itself lacks."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from pathlib import Path

from ovbench_tui.console.printable import printable
from ovbench_tui.files.ir_weights import parameter_shapes

_UNKNOWN_OPSET = re.compile(r"Cannot create (\S+) layer .* from unsupported opset")
_OF_TOKENIZERS = re.compile(r"String|Ragged|Vocab|Token|Bytes|Regex|CaseFold|Trie|UTF8")
"""Parts of the names of openvino_tokenizers' operations (2026.4)."""

_LIBRARY_SUFFIX = {"win32": "dll", "darwin": "dylib"}.get(sys.platform, "so")


def missing_extension(xml: Path, text: str) -> str:
    """Say which extension an IR needs and the whole command that works, in a clause.

    Args:
        text: of the exception of `Core.read_model`.

    Returns:
        '' where the error is another one.

    Raises:
        OSError: when the .xml cannot be read.
    """
    found = _UNKNOWN_OPSET.search(text)
    if found is None:
        return ""
    name = found[1]
    library, package = "LIBRARY", ""
    if _OF_TOKENIZERS.search(name):
        package = " that the package openvino-tokenizers has"
        library = f'"{known}"' if (known := _tokenizers_library()) else library
    more = _shapes_and_isolation(xml)
    return (
        f"its operation {printable(name)} comes from an extension{package}:"
        f" add -extensions {library}{more}"
    )


def _shapes_and_isolation(xml: Path) -> str:
    """What such a model is asked for next, so that the user need not come back twice."""
    parameters = parameter_shapes(xml)
    words = ""
    if any(not size.isdigit() for shape, _ in parameters for size in shape):
        # The least that each dimension takes; 1 where anything goes.
        shapes = (
            ",".join(_least(size) for size in shape) if "..." not in shape else "1"
            for shape, _ in parameters
        )
        words += ' -data_shape "' + ",".join(f"[{shape}]" for shape in shapes) + '"'
    if any(kind == "string" for _, kind in parameters):
        words += " --isolate"
    return words


def _least(size: str) -> str:
    number = re.match(r"\d+", size)
    return str(max(1, int(number[0]))) if number else "1"


def _tokenizers_library() -> Path | None:
    """The library of the package of tokenizers; the package is found, and not imported."""
    spec = find_spec("openvino_tokenizers")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        libraries = sorted(Path(folder, "lib").glob(f"*openvino_tokenizers.{_LIBRARY_SUFFIX}"))
        if libraries:
            return libraries[0]
    return None
