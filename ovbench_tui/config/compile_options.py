"""Rows of the table of options: what is compiled, and for which device."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ovbench_tui.config import option_types as types
from ovbench_tui.config.option import Cost, Edit, Group, Kind, Property, Scope, Step, option
from ovbench_tui.config.option_values import HINTS, MAX_NIREQ, PINNINGS, DeviceProperties
from ovbench_tui.config.shapes import split_list


def _file_name(model: str) -> str:
    return re.split(r"[\\/]", model.rstrip("\\/"))[-1] or model or "no model"


@dataclass(frozen=True, slots=True)
class CompileOptions:
    """The options of a compiled model; every default lets OpenVINO choose."""

    model: str = option(
        "",
        *("-m", "--path_to_model", "--model"),
        group=Group.MODEL,
        metavar="MODEL",
        help="the same as MODEL",
        change=_file_name,
        edit=Edit("Model", Step.MODEL, automatic="none chosen"),
    )
    device: str = option(
        "CPU",
        *("-d", "--target_device", "--device"),
        group=Group.MODEL,
        metavar="DEVICE",
        brief="CPU, GPU, NPU, AUTO, ... (default CPU)",
        help="device, as in CPU, GPU, AUTO, MULTI:CPU,GPU (default CPU)",
        check=types.device_text,
        change=str,
        always_written=True,
        edit=Edit("Device", Step.DEVICE, effective="execution_devices", in_palette=True),
    )
    hint: str = option(  # 'none' passes no performance hint
        "throughput",
        *("-hint", "--perf_hint", "--hint"),
        group=Group.MODEL,
        word=types.lower,
        metavar="HINT",
        brief="throughput (default), latency, none, ...",
        help=f"performance hint: {', '.join(HINTS)}, tput, ctput (default throughput, or latency"
        " with -api sync)",
        known_words=HINTS,
        check=types.must_be_one_of(HINTS),
        change=lambda hint: "no hint" if hint == "none" else hint,
        always_written=True,
        openvino=Property(
            "PERFORMANCE_HINT",
            lambda text: text.strip().lower() or "none",
            lambda hint: "" if hint == "none" else hint.upper(),
        ),
        edit=Edit("Hint", Step.CHOICE, effective="hint", in_palette=True),
    )
    nireq: int = option(
        0,
        *("-nireq", "--number_infer_requests", "--nireq", "--concurrency"),
        group=Group.DEVICE,
        word=int,
        metavar="N",
        brief="infer requests (default the optimal number)",
        help="infer requests, or sequences at once (default 0 = the optimal number)",
        check=types.between(0, MAX_NIREQ, f"1 to {MAX_NIREQ}, or 0 for automatic"),
        change=lambda nireq: f"nireq {nireq or 'auto'}",
        cost=Cost.NEW_QUEUE,
        edit=Edit(
            *("nireq", Step.REQUESTS, "auto"),
            "Infer requests in flight: 1 or more; empty for automatic, the optimal number.",
            effective="nireq",
        ),
    )
    hint_nireq: int = option(  # benchmark_app passes its -nireq here too, a live change does not
        0,
        "--hint-nireq",
        group=Group.DEVICE,
        word=int,
        metavar="N",
        help="give the device another number of infer requests than -nireq; 0 = none",
        check=types.between(0, MAX_NIREQ, f"1 to {MAX_NIREQ}, or 0 for none"),
        change=lambda nireq: f"hint for {nireq or 'any number of'} requests",
        openvino=Property(
            "PERFORMANCE_HINT_NUM_REQUESTS",
            types.count_property("PERFORMANCE_HINT_NUM_REQUESTS"),
            int,
        ),
    )
    streams: str = option(
        "",
        *("-nstreams", "--number_streams", "--streams"),
        group=Group.DEVICE,
        metavar="N",
        brief="streams (default by the hint)",
        help="streams: a number, AUTO, NUMA, or CPU:2,GPU:4. here: with any hint",
        check=types.streams_text,
        change=lambda streams: f"streams {streams or 'auto'}",
        openvino=Property(
            "NUM_STREAMS", types.streams_property, types.streams_value, scope=Scope.EACH
        ),
        edit=Edit(
            *("Streams", Step.COUNT, "auto"),
            "Streams: 4, AUTO or CPU:4,GPU:2; empty leaves it to the device.",
            effective="streams",
        ),
    )
    threads: int = option(
        0,
        *("-nthreads", "--number_threads", "--threads"),
        group=Group.DEVICE,
        word=int,
        metavar="N",
        help="inference threads of the CPU (default 0 = automatic). here: with any hint",
        check=types.between(0, 65536, "1 to 65536, or 0 for automatic"),
        change=lambda threads: f"threads {threads or 'auto'}",
        openvino=Property(
            "INFERENCE_NUM_THREADS",
            types.count_property("INFERENCE_NUM_THREADS"),
            types.left_out_if_zero,
            scope=Scope.CPU,
        ),
        edit=Edit(
            *("Threads", Step.COUNT, "auto"),
            "CPU threads: 1 or more; empty leaves it to the device.",
            effective="threads",
        ),
    )
    threads_pinning: str = option(
        "",
        *("-pin", "--infer_threads_pinning", "--pinning"),
        group=Group.DEVICE,
        word=types.upper,
        choices=PINNINGS,
        help="pin the CPU's inference threads to cores. here: with any hint",
        check=types.one_of(PINNINGS),
        change=lambda pinning: f"pinning {pinning or 'auto'}",
        openvino=Property(
            "ENABLE_CPU_PINNING", types.yes_no_property("ENABLE_CPU_PINNING"), scope=Scope.CPU
        ),
    )
    precision: str = option(
        "",
        *("-infer_precision", "--infer_precision", "--precision"),
        group=Group.DEVICE,
        metavar="TYPE",
        brief="as in f32 or bf16 (default the device's)",
        help="inference precision: bf16, or CPU:bf16,GPU:f32 (default the device's)",
        check=types.precision_text,
        change=lambda precision: precision or "default precision",
        openvino=Property("INFERENCE_PRECISION_HINT", str.strip, scope=Scope.EACH),
        edit=Edit(
            *("Precision", Step.PRECISION, "default"), effective="precision", in_palette=True
        ),
    )
    cache_dir: str = option(
        "",
        *("-cdir", "--cache_dir", "--cache-dir"),
        group=Group.DEVICE,
        metavar="DIR",
        help="cache compiled models in this folder",
        check=types.utf8_text,
        change=lambda folder: "model cache" if folder else "no model cache",
        openvino=Property("CACHE_DIR", str),
    )
    from_file: bool = option(
        False,
        *("-lfile", "--load_from_file", "--load-from-file"),
        group=Group.DEVICE,
        kind=Kind.SWITCH,
        help="compile from the file without reading the model first",
        change=lambda is_on: "compiled from the file" if is_on else "read, then compiled",
    )
    extensions: tuple[str, ...] = option(  # run only because they are named here
        (),
        *("-extensions", "--extensions"),
        group=Group.DEVICE,
        metavar="FILES",
        help="libraries with custom operations: path1,path2. Their code is run",
        read=lambda text: tuple(split_list(text)),
        write=types.joined,
        check=types.libraries,
        change=lambda paths: "extensions" if paths else "no extensions",
    )
    gpu_kernels: str = option(
        "",
        *("-c", "--path_to_cldnn_config", "--gpu-kernels"),
        group=Group.DEVICE,
        metavar="FILE",
        help="an .xml file that describes custom GPU kernels",
        change=lambda path: "GPU kernels" if path else "no GPU kernels",
        openvino=Property("CONFIG_FILE", str, write=None, scope=Scope.GPU),
    )
    device_properties: DeviceProperties = option(  # of -load_config; an option wins over it
        (),
        group=Group.DEVICE,
        change=lambda _: "device properties",
    )
