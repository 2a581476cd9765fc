"""Why a model could not be read: OpenVINO's text and the files turned into one sentence."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from ovbench_tui.config.model_file import SAVED_MODEL_FILE, ModelFormat, Source
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.console.printable import printable
from ovbench_tui.engine.models.errors.missing_extension import missing_extension
from ovbench_tui.engine.models.errors.onnx_weights import weights_damage
from ovbench_tui.errors import NO_MEMORY, BadInputError, lacks_memory
from ovbench_tui.files.ir_weights import expected_weight_bytes, weights_path
from ovbench_tui.files.safe_read import read_head, size_of
from ovbench_tui.files.wire_format import check_wire_format

# Field numbers of the outermost message: ModelProto, GraphDef, SavedModel, ProgramDesc.
_ONNX_FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_GRAPH_DEF_FIELDS = frozenset({1, 2, 3, 4, 5})
_SAVED_MODEL_FIELDS = frozenset({1, 2})
_PADDLE_FIELDS = frozenset({1, 2, 3, 4, 5})

_UNKNOWN_OPS = re.compile(r"No conversion rule found for operations: ([^\n]+)")
_UNREAD_CONSTANT = re.compile(r"constant with name (\S+) wasn't successfully read")
_BOUNDS = re.compile(r"\[offset=(\d+), size=(\d+)\] exceed data size \((\d+) bytes\)")
_MISSING_VARIABLE = re.compile(r"resource `([^`]+)` is not initialized")


def read_error(error: Exception, source: Source) -> BadInputError:
    """Turn an exception of `Core.read_model` into one sentence naming the real cause."""
    text, said = str(error), reason_of(error)
    unknown = _UNKNOWN_OPS.search(text)
    if lacks_memory(error):
        reason = NO_MEMORY
    elif unknown:
        reason = f"OpenVINO has no conversion for its operation {printable(unknown[1])}"
    else:
        reason = _damage(source, text) or f"OpenVINO says: {said}"
    return BadInputError(f"Model '{source.name}' cannot be read: {reason}.")


def is_read_error(error: Exception, source: Source) -> bool:
    """Whether `Core.compile_model` failed on the file, and not on what it was compiled for."""
    text = str(error)
    return bool(_UNKNOWN_OPS.search(text) or _damage(source, text))


def _damage(source: Source, text: str) -> str:
    """What is wrong with the files; '' when nothing is found."""
    check = _CHECKS.get(source.format)
    if check is None or source.path is None:
        return ""
    try:
        return check(source.path, text)
    except OSError as error:
        return printable(str(error))
    except ValueError:  # a name in it that no file can have
        return ""


def _ir_damage(xml: Path, text: str) -> str:
    if extension := missing_extension(xml, text):
        return extension
    weights = weights_path(xml)
    expected, size = expected_weight_bytes(xml), size_of(weights)
    if size is None:
        return f"'{printable(weights.name)}' is missing beside it" if "bin file" in text else ""
    if size < expected:
        return (
            f"'{printable(weights.name)}' is truncated, it has {size} of {expected} bytes"
            f" ({expected - size} are missing); copy it again"
        )
    return ""


def _onnx_damage(path: Path, text: str) -> str:
    damage = weights_damage(path) if "external" in text else ""
    if damage:
        return damage
    return _protobuf_damage(path, _ONNX_FIELDS, "an ONNX model")


def _tensorflow_damage(path: Path, text: str) -> str:
    del text
    if path.suffix.lower() == ".pbtxt":
        return ""
    return _protobuf_damage(path, _GRAPH_DEF_FIELDS, "a TensorFlow graph")


def _saved_model_damage(path: Path, text: str) -> str:
    bounds = _BOUNDS.search(text)
    if bounds:
        needed, size = int(bounds[1]) + int(bounds[2]), int(bounds[3])
        return (
            f"its variables are truncated, the data has {size} of at least {needed} bytes"
            f" ({needed - size} are missing); copy the folder again"
        )
    missing = _MISSING_VARIABLE.search(text)
    if missing:
        return (
            f"variable {printable(missing[1])} has no value; the folder 'variables' beside"
            f" {SAVED_MODEL_FILE} is missing or incomplete"
        )
    return _protobuf_damage(path / SAVED_MODEL_FILE, _SAVED_MODEL_FIELDS, "a SavedModel")


def _paddle_damage(path: Path, text: str) -> str:
    weights = path.with_suffix(".pdiparams")
    unread = _UNREAD_CONSTANT.search(text)
    if unread:
        return (
            f"'{printable(weights.name)}' is truncated, it ends before the weights"
            f" {printable(unread[1])}; copy it again"
        )
    if not size_of(weights) and "pdiparams" in text:
        return f"'{printable(weights.name)}' is missing or empty beside it"
    return _protobuf_damage(path, _PADDLE_FIELDS, "a Paddle model")


def _tflite_damage(path: Path, text: str) -> str:
    if read_head(path, 8)[4:8] != b"TFL3":
        return "it is not a TFLite model (the mark TFL3 is missing)"
    if "FlatBuffer verification failed" in text:
        return "it is truncated or damaged; copy it again"
    return ""


def _protobuf_damage(path: Path, fields: frozenset[int], kind: str) -> str:
    check = check_wire_format(path, fields)
    if not check.is_message:
        return f"it is not {kind}, or is damaged"
    if check.missing_bytes:
        return (
            f"it is truncated, at least {check.missing_bytes} bytes are missing at its end;"
            " copy it again"
        )
    return ""


_CHECKS: dict[ModelFormat, Callable[[Path, str], str]] = {
    ModelFormat.IR: _ir_damage,
    ModelFormat.ONNX: _onnx_damage,
    ModelFormat.TENSORFLOW: _tensorflow_damage,
    ModelFormat.SAVED_MODEL: _saved_model_damage,
    ModelFormat.PADDLE: _paddle_damage,
    ModelFormat.TFLITE: _tflite_damage,
}
