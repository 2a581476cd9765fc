"""What a model argument names, found without OpenVINO: a bad one is refused at once."""

from __future__ import annotations

import itertools
import os
import re
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from ovbench_tui.config.built_in_models import ZOO, find
from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.ir_weights import expected_weight_bytes, is_cut_off, weights_path
from ovbench_tui.files.safe_read import NotARegularFileError, read_head, size_of


class ModelFormat(Enum):
    """The kinds of model that can be read; the value is what the screen shows."""

    IR = "IR"
    ONNX = "ONNX"
    TENSORFLOW = "TensorFlow"
    SAVED_MODEL = "SavedModel"
    TFLITE = "TFLite"
    PADDLE = "Paddle"
    BLOB = "blob"
    GENAI = "OpenVINO GenAI"
    GGUF = "GGUF"
    BUILT_IN = "built-in"

    @property
    def is_pipeline(self) -> bool:
        """Whether openvino-genai runs it, with its tokenizer and its own scheduler."""
        return self in (ModelFormat.GENAI, ModelFormat.GGUF)


@dataclass(frozen=True, slots=True)
class Source:
    """A model argument understood.

    Attributes:
        text: as the user gave it.
        path: what OpenVINO reads: a file, or the directory of a SavedModel or of a model of
            openvino-genai; None if built in.
        name: for the screen.
        size_bytes: of the file and its weights beside it; 0 if built in.
    """

    format: ModelFormat
    text: str
    path: Path | None
    name: str
    size_bytes: int


_FORMATS = {
    ".xml": ModelFormat.IR,
    ".onnx": ModelFormat.ONNX,
    ".pb": ModelFormat.TENSORFLOW,
    ".pbtxt": ModelFormat.TENSORFLOW,
    ".tflite": ModelFormat.TFLITE,
    ".pdmodel": ModelFormat.PADDLE,
    ".blob": ModelFormat.BLOB,
    ".gguf": ModelFormat.GGUF,
}
ENDINGS = tuple(_FORMATS)
SAVED_MODEL_FILE = "saved_model.pb"
GENAI_FILE, TOKENIZER_FILE = "openvino_model.xml", "openvino_tokenizer.xml"
"""What makes a directory a language model of openvino-genai."""

_COMPANION_OF = {".bin": ".xml", ".pdiparams": ".pdmodel"}
_OLDEST_IR = 10
_HEAD_BYTES = 1 << 16
_BEFORE_XML = b"\xef\xbb\xbf \t\r\n"
_GLANCE_BYTES = 1 << 12
"""A list of files looks at each; the tag stands in the first lines."""
_LFS_HEAD = b"version https://git-lfs"
_NET_TAG = re.compile(rb"<net\b[^<>]*>")
_NET_VERSION = re.compile(rb"\bversion\s*=\s*[\"'](\d{1,9})[\"']")
_MAX_LISTED_FILES = 2000


def may_be_model(path: Path) -> bool:
    """Whether a file of a model's ending is worth offering: XML of another kind is not.

    What is damaged or cannot be read is, so that whoever chooses it is told why.
    """
    if path.suffix.lower() != ".xml":
        return True
    try:
        head = read_head(path, _GLANCE_BYTES)
    except OSError:
        return True
    return not head.lstrip(_BEFORE_XML).startswith(b"<") or _NET_TAG.search(head) is not None


def identify(source: str) -> Source:
    """Tell what a model argument names, after cheap checks of the files behind it.

    A built-in name wins over a file of the same name; ``./name`` is always a file.

    Raises:
        BadInputError: with the real cause, when the model cannot be read.
    """
    if find(source) is not None:
        return Source(ModelFormat.BUILT_IN, source, None, source, 0)
    if not source.strip():
        raise BadInputError(f"No model is given: name a file ({', '.join(ENDINGS)}) or a built-in.")
    path = _expand(source)
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise BadInputError(_not_found(source, path)) from None
    except (OSError, ValueError) as error:
        raise BadInputError(f"Model {_shown(source)} cannot be opened: {_cause(error)}.") from None
    if stat.S_ISDIR(found.st_mode):
        return _identify_directory(source, path)
    if not stat.S_ISREG(found.st_mode):
        raise BadInputError(f"Model {_shown(source)} is not a regular file: give the model's file.")
    if path.name == SAVED_MODEL_FILE:
        return _identify_directory(source, path.absolute().parent)
    return _identify_file(source, path)


def names_pipeline(source: str) -> bool:
    """Whether a model argument names what openvino-genai runs, good or bad."""
    path = _expand(source)
    is_built_in = find(source) is not None
    return not is_built_in and (path.suffix.lower() == ".gguf" or (path / GENAI_FILE).is_file())


def _identify_file(source: str, path: Path) -> Source:
    format_ = _FORMATS.get(path.suffix.lower())
    if format_ is None:
        raise BadInputError(_unsupported_ending(source, path))
    head = _checked_head(path)
    size = size_of(path) or 0
    if format_ is ModelFormat.IR:
        _check_ir(path, head)
        size += size_of(weights_path(path)) or 0
    elif format_ is ModelFormat.PADDLE:
        size += size_of(path.with_suffix(".pdiparams")) or 0
    return Source(format_, source, path, printable(path.name), size)


def _identify_directory(source: str, path: Path) -> Source:
    graph = path / SAVED_MODEL_FILE
    if size_of(path / GENAI_FILE) is not None:
        return _identify_genai(source, path)
    if size_of(graph) is None:
        raise BadInputError(_no_saved_model(source, path))
    _checked_head(graph)
    variables = _list_files(path / "variables")
    size = (size_of(graph) or 0) + sum(
        size_of(path / "variables" / name) or 0 for name in variables
    )
    return Source(ModelFormat.SAVED_MODEL, source, path, _name_of(path), size)


def _identify_genai(source: str, path: Path) -> Source:
    model = path / GENAI_FILE
    _check_ir(model, _checked_head(model))
    if size_of(path / TOKENIZER_FILE) is None:
        raise BadInputError(
            f"Directory {_shown(source)} has no tokenizer: {TOKENIZER_FILE} is missing beside"
            f" {GENAI_FILE}. Convert it with convert_tokenizer, or give {_shown(model)} to run the"
            " model without it."
        )
    size = (size_of(model) or 0) + (size_of(weights_path(model)) or 0)
    return Source(ModelFormat.GENAI, source, path, _name_of(path), size)


def _name_of(directory: Path) -> str:
    return printable(directory.name or directory.absolute().name or str(directory))


def _checked_head(path: Path) -> bytes:
    """The first bytes of a file that is neither empty, unreadable nor a Git LFS pointer."""
    try:
        head = read_head(path, _HEAD_BYTES)
    except NotARegularFileError:
        raise BadInputError(
            f"{_shown(path)} is not a regular file: give the model's file."
        ) from None
    except OSError as error:
        raise BadInputError(f"{_shown(path)} cannot be read: {_cause(error)}.") from None
    if not head:
        raise BadInputError(f"{_shown(path)} is empty (0 bytes): download or export it again.")
    if head.startswith(_LFS_HEAD):
        raise BadInputError(
            f"{_shown(path)} is a Git LFS pointer, not the model: fetch it with 'git lfs pull'."
        )
    return head


def _check_ir(path: Path, head: bytes) -> None:
    tag = _NET_TAG.search(head)
    version = _NET_VERSION.search(tag[0]) if tag else None
    if version is None:
        raise BadInputError(
            f"{_shown(path)} is not an OpenVINO IR: there is no <net version=...> in it."
        )
    if int(version[1]) < _OLDEST_IR:
        raise BadInputError(
            f"{_shown(path)} is an IR of version {int(version[1])}, too old for this OpenVINO:"
            " convert the original model again (ovc)."
        )
    weights = weights_path(path)
    size = size_of(weights)
    try:
        is_damaged = is_cut_off(path)
        # A model without constants has an empty .bin; a cut one is diagnosed when read.
        expected = expected_weight_bytes(path) if size is None and not is_damaged else 0
    except OSError as error:
        raise BadInputError(f"{_shown(path)} cannot be read: {_cause(error)}.") from None
    if is_damaged:
        raise BadInputError(
            f"{_shown(path)} is truncated, its closing </net> is missing: copy or export it again."
        )
    if size:
        _checked_head(weights)
    if expected:
        raise BadInputError(
            f"{_shown(path)} has no weights: {_shown(weights.name)} ({expected} bytes)"
            " is missing beside it."
        )


def _expand(source: str) -> Path:
    try:
        return Path(source).expanduser()
    except (RuntimeError, ValueError):  # '~someone' with no home directory, or no such name
        return Path(source)


def _not_found(source: str, path: Path) -> str:
    folder = path.parent
    names = [entry.name for entry in ZOO] if path.parent == Path() else []
    if path.is_symlink():
        return (
            f"Model {_shown(source)} is a link to {_shown(path.readlink())}, which does not"
            " exist: restore that file or give another model."
        )
    model = path.with_suffix(_COMPANION_OF.get(path.suffix.lower(), path.suffix))
    if model != path and size_of(model) is not None:
        return f"Model {_shown(source)} was not found; did you mean {_shown(model)}?"
    close = closest(path.name, names + _list_models(folder))
    what = f"Model {_shown(source)} was not found: there is no such file"
    what += " and no such built-in model" if names else ""
    if close:
        guess = close if close in names else str(folder / close)
        return f"{what}; did you mean {_shown(guess)}?"
    return f"{what}; built in are {', '.join(names)}." if names else f"{what}."


def _no_saved_model(source: str, path: Path) -> str:
    files = _list_models(path)
    what = f"Directory {_shown(source)} is not a SavedModel (it holds no {SAVED_MODEL_FILE})"
    if not files:
        return f"{what} and holds no model file ({', '.join(ENDINGS)})."
    shown = ", ".join(_shown(path / name) for name in files[:4])
    more = ", …" if len(files) > 4 else ""
    return f"{what}: give the model's file, {shown}{more}."


def _unsupported_ending(source: str, path: Path) -> str:
    model = path.with_suffix(_COMPANION_OF.get(path.suffix.lower(), path.suffix))
    if model != path and size_of(model) is not None:
        return f"{_shown(source)} holds only weights: give the model itself, {_shown(model)}."
    ending = printable(path.suffix) or "no ending"
    return (
        f"Model {_shown(source)} has an ending that cannot be read ({ending}):"
        f" readable are {', '.join(ENDINGS)} and the directory of a SavedModel."
    )


def _list_models(folder: Path) -> list[str]:
    """Names of what can be given as a model; a link to nothing cannot."""
    return sorted(
        name
        for name in _list_files(folder)
        if Path(name).suffix.lower() in _FORMATS and (folder / name).exists()
    )


def _list_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in itertools.islice(entries, _MAX_LISTED_FILES)]
    except OSError:
        return []


def _shown(path: Path | str) -> str:
    return f"'{printable(str(path))}'"


def _cause(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return printable(text[:1].lower() + text[1:])
