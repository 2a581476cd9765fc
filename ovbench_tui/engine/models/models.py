"""Read a model and compile it for a device."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openvino as ov

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import GENAI_FILE, ModelFormat, Source, identify
from ovbench_tui.engine.api.model_info import ModelInfo
from ovbench_tui.engine.models.errors.compile_errors import compile_error
from ovbench_tui.engine.models.errors.read_errors import is_read_error, read_error
from ovbench_tui.engine.models.file_stamp import FileStamp, stamp_of
from ovbench_tui.engine.models.ports import aliases_of, describe_ports
from ovbench_tui.engine.zoo import store
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import open_regular

LoadBuiltIn = Callable[[ov.Core, str], ov.Model]


_COPIED_BYTES = 1 << 30
_NO_OPERATIONS = frozenset({"Parameter", "Constant", "Result"})


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model as it was read.

    Attributes:
        info: without inputs and outputs for a blob and with -lfile, until it is compiled.
        model: None for a blob, which only a device can read, and with -lfile.
        aliases: every name each input may be called by.
        weight_bytes: size of the model's constants.
        stamp: of its files, from before they were read.
    """

    source: Source
    info: ModelInfo
    model: ov.Model | None
    aliases: tuple[frozenset[str], ...]
    weight_bytes: int
    stamp: FileStamp = ()


def load_model(
    core: ov.Core,
    source: str | Source,
    load_built_in: LoadBuiltIn = store.load,
    *,
    from_file: bool = False,
    map_file: bool = True,
) -> LoadedModel:
    """Read a model from a file, or build a built-in one.

    Args:
        core: reads the file.
        source: a path or built-in name, or what `identify` made of it.
        load_built_in: gives the graph of a built-in model by its name.
        from_file: leave the reading to the device (-lfile); only the file's head is checked.
        map_file: let the weights stay in the file as far as OpenVINO can: whoever truncates it
            then kills this process (SIGBUS). Files above 1 GiB are mapped all the same.

    Raises:
        BadInputError: one sentence that names the real cause.
    """
    if isinstance(source, str):
        source = identify(source)
    info = ModelInfo(source.name, source.text, source.format.value, (), ())
    if from_file and source.path is None:
        source = _on_disk(source)
    stamp = stamp_of(source.path)
    if from_file or source.format in (ModelFormat.BLOB, ModelFormat.GGUF):
        return LoadedModel(source, info, None, (), source.size_bytes, stamp)
    if source.path is None:
        model = load_built_in(core, source.text)
    else:
        try:
            is_mapped = map_file or source.size_bytes > _COPIED_BYTES
            is_folder = source.format is ModelFormat.GENAI
            path = source.path / GENAI_FILE if is_folder else source.path
            model = core.read_model(str(path), config={"ENABLE_MMAP": is_mapped})
        except (RuntimeError, MemoryError) as error:
            raise read_error(error, source) from error
    refuse_without_operations(model, source.name)
    return LoadedModel(
        source,
        replace(info, inputs=describe_ports(model.inputs), outputs=describe_ports(model.outputs)),
        model,
        aliases_of(model.inputs),
        _constant_bytes(model),
        stamp,
    )


def compile_loaded(
    core: ov.Core,
    loaded: LoadedModel,
    config: BenchmarkConfig,
    properties: Mapping[str, Any],
    available: Sequence[str] | None = None,
) -> tuple[ov.CompiledModel, LoadedModel]:
    """Compile for `config.device`; a blob is imported, with -lfile the device reads the file.

    The ports of these two are known from then on.

    Args:
        properties: as `compile_properties` gives them.
        available: the physical devices, for the sentence when the device is wrong. Asking for
            them takes 50 to 150 ms, so by default they are asked for only then.

    Raises:
        BadInputError: when another device or value would help.
        RunFailedError: when this model cannot be compiled.
    """
    if loaded.model is not None:
        try:
            return core.compile_model(loaded.model, config.device, dict(properties)), loaded
        except (RuntimeError, TypeError, MemoryError) as error:
            raise compile_error(error, config, _available(core, available)) from error
    is_blob = loaded.source.format is ModelFormat.BLOB
    take: Callable[..., ov.CompiledModel] = core.import_model if is_blob else core.compile_model
    what = _read_blob(loaded.source) if is_blob else str(loaded.source.path)
    try:
        compiled = take(what, config.device, dict(properties))
    except (RuntimeError, TypeError, MemoryError) as error:
        if not is_blob and is_read_error(error, loaded.source):
            raise read_error(error, loaded.source) from error
        devices = _available(core, available)
        raise compile_error(error, config, devices, is_blob=is_blob) from error
    inputs, outputs = describe_ports(compiled.inputs), describe_ports(compiled.outputs)
    return compiled, replace(
        loaded,
        info=replace(loaded.info, inputs=inputs, outputs=outputs),
        aliases=aliases_of(compiled.inputs),
    )


def refuse_without_operations(model: ov.Model, name: str) -> None:
    """Refuse a graph that does nothing: its rate would say nothing about the device.

    One that passes its inputs on is no such graph: people measure the cost of a call with it.

    Raises:
        BadInputError: there is no operation, and no input that an output is made of.
    """
    if not _computes(model) and not (model.get_parameters() and model.get_results()):
        what = "its outputs are constants" if model.get_results() else "it is empty"
        raise BadInputError(
            f"Model '{name}' has no operations, so there is nothing to measure: {what}."
        )


def note_without_operations(model: ov.Model, name: str) -> str:
    """Say of a graph that only passes its inputs on what its figures mean; '' = it computes."""
    if _computes(model):
        return ""
    return f"{name} computes nothing, its outputs are its inputs: FPS is the cost of a call alone."


def _computes(model: ov.Model) -> bool:
    return any(op.get_type_name() not in _NO_OPERATIONS for op in model.get_ops())


def _available(core: ov.Core, known: Sequence[str] | None) -> Sequence[str]:
    return core.available_devices if known is None else known


def _on_disk(source: Source) -> Source:
    """A built-in model as the file in the user's cache."""
    try:
        path = store.model_path(source.text)
    except OSError as error:
        raise BadInputError(
            f"-lfile: the built-in model '{source.name}' cannot be written to the cache: {error}."
        ) from error
    return replace(source, path=path, size_bytes=path.with_suffix(".bin").stat().st_size)


def _read_blob(source: Source) -> bytes:
    try:
        with open_regular(source.path or Path(source.text)) as file:
            return file.read()
    except (OSError, MemoryError) as error:
        raise BadInputError(f"Model '{source.name}' cannot be read: {error}.") from error


def _constant_bytes(model: ov.Model) -> int:
    constants = (op.output(0) for op in model.get_ops() if op.get_type_name() == "Constant")
    bits: int = sum(port.element_type.bitwidth * math.prod(port.shape) for port in constants)
    return bits // 8
