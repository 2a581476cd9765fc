"""Why a model could not be compiled: OpenVINO's text turned into one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.native_errors import reason_of
from ovbench_tui.console.printable import printable
from ovbench_tui.console.suggestion import closest
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError, lacks_memory

_OPTIONS = {
    "INFERENCE_PRECISION_HINT": "-infer_precision",
    "PERFORMANCE_HINT": "-hint",
    "PERFORMANCE_HINT_NUM_REQUESTS": "-nireq",
    "NUM_STREAMS": "-nstreams",
    "INFERENCE_NUM_THREADS": "-nthreads",
    "CACHE_DIR": "-cdir",
    "ENABLE_CPU_PINNING": "-pin",
    "PERF_COUNT": "-pc",
    "CONFIG_FILE": "-c",
}
_UNKNOWN_DEVICE = re.compile(r'Device with "([^"]*)" name is not registered')
_LOST_LIBRARY = re.compile(r"([\w.+-]+\.(?:so[\w.]*|dll|dylib)): cannot open shared object file")
_NO_DEVICE_LIST = re.compile(
    r"DEVICE_PRIORITIES key is not set|priorities key for AUTO BATCH is not set"
    r"|Unexpected node type found in model after query_model_update"
)
_NO_DEVICE = re.compile(
    r"No available device|no supported devices can be used|Cannot load library|No device with"
)
_WRONG_VALUE = re.compile(
    r"Wrong value (?P<value>\S+?) ?for property key (?P<key>\w+)\."
    r"(?: (?:Supported values: |Expected only )(?P<legal>.+))?"
)
_UNSUPPORTED_PROPERTY = re.compile(r"(?:Unsupported property|not supported property) (\w+)")
_BAD_STREAMS = re.compile(r"Could not read number of streams from str: (\S+?);")
_DYNAMIC_RANK = re.compile(r"support (\w+) operation with dynamic rank\. Operation name: ([^\n]+)")
_NO_CACHE = re.compile(r"Couldn't create directory")


def compile_error(
    error: Exception,
    config: BenchmarkConfig,
    available: Sequence[str] = (),
    *,
    is_blob: bool = False,
) -> OvbenchError:
    """Turn an exception of `Core.compile_model` or `import_model` into one sentence.

    Args:
        error: what OpenVINO raised.
        config: what was to be compiled.
        available: the physical devices of this machine, for the hint what to choose.
        is_blob: an already compiled model was imported.

    Returns:
        A BadInputError when another device or value would help, else a RunFailedError.
    """
    text, said = str(error), reason_of(error)
    for sentence in (
        _device_sentence(text, config, available),
        _property_sentence(text, config),
        _blob_sentence(said, config) if is_blob else "",
    ):
        if sentence:
            return BadInputError(sentence)
    if lacks_memory(error):
        return RunFailedError(f"There is not enough memory to compile for {_device(config)}.")
    if "No CPU resources available" in text:
        return RunFailedError(
            "Every core is reserved by a model that was compiled with ENABLE_CPU_RESERVATION, and"
            " stays so until the program ends: start it again without that property."
        )
    return RunFailedError(f"Compiling for {_device(config)} failed: {_graph_reason(text, said)}.")


def _device_sentence(text: str, config: BenchmarkConfig, available: Sequence[str]) -> str:
    choose = f" available here: {', '.join(available)}" if available else " choose another device"
    unknown = _UNKNOWN_DEVICE.search(text)
    if unknown:
        name = printable(unknown[1])
        close = closest(name, available)
        hint = f" did you mean {close}?" if close else f"{choose}."
        where = "" if unknown[1] == config.device else f" (in -d {_device(config)})"
        return f"Device '{name}'{where} is unknown to OpenVINO;{hint}"
    # The plugin's own library is named first; the one that cannot be opened is the last.
    lost = _LOST_LIBRARY.findall(text)
    if lost:
        return (
            f"Device {_device(config)} cannot be used on this machine:"
            f" its driver library {lost[-1]} is missing;{choose}."
        )
    if _NO_DEVICE_LIST.search(text):
        kind = _device(config).partition(":")[0]
        return (
            f"Device {kind} needs a list of devices: write {kind}:{','.join(available) or 'CPU'}."
        )
    if "Batch value for" in text or text.rstrip().endswith("\nstol"):
        return f"Device {_device(config)} has no usable batch: write for example BATCH:CPU(4)."
    if "as device id" in text:
        return f"Device {_device(config)} does not exist;{choose}."
    if _NO_DEVICE.search(text):
        return f"Device {_device(config)} cannot be used on this machine;{choose}."
    return ""


def _property_sentence(text: str, config: BenchmarkConfig) -> str:
    wrong = _WRONG_VALUE.search(text)
    if wrong:
        # 'undefined' is the older name of what the precision hint now calls 'dynamic'.
        values = printable(wrong["legal"] or "").rstrip(".").replace("undefined", "dynamic")
        legal = f"; it takes {values}" if values else ""
        return (
            f"Device {_device(config)} does not take {printable(wrong['value'])}"
            f" for {_option(wrong['key'])}{legal}."
        )
    streams = _BAD_STREAMS.search(text)
    if streams:
        return f"Device {_device(config)} does not take {printable(streams[1])} for -nstreams."
    unsupported = _UNSUPPORTED_PROPERTY.search(text)
    if unsupported:
        return f"Device {_device(config)} has no {_option(unsupported[1])}: leave it out."
    if _NO_CACHE.search(text):
        return f"The model cache '{printable(config.cache_dir)}' (-cdir) cannot be created."
    return ""


def _blob_sentence(reason: str, config: BenchmarkConfig) -> str:
    if reason.startswith("Not Implemented"):
        return (
            f"Device {_device(config)} cannot run a compiled blob:"
            " give the very device it was compiled for."
        )
    return (
        f"This blob cannot be run on {_device(config)}: it is damaged, or was compiled for another"
        f" device or OpenVINO version ({reason})."
    )


def _graph_reason(text: str, said: str) -> str:
    dynamic = _DYNAMIC_RANK.search(text)
    if dynamic:
        return (
            f"operation {printable(dynamic[2].strip())} ({dynamic[1]}) has a dynamic rank,"
            " which the device does not support"
        )
    return said


def _option(key: str) -> str:
    return f"{_OPTIONS[key]} ({key})" if key in _OPTIONS else key


def _device(config: BenchmarkConfig) -> str:
    return printable(config.device)
