"""The options: all of benchmark_app's by its names, long names of ours, and a few of our own."""

from __future__ import annotations

import argparse
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.config.option_values import APIS, HINTS, PINNINGS, PORT_PRECISIONS
from ovbench_tui.config.report_options import PCSORT_ORDERS, REPORT_TYPES

_YES = frozenset({"yes", "true", "t", "y", "1"})
_NO = frozenset({"no", "false", "f", "n", "0"})


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add every option, in the groups of the help."""
    _add_main(parser)
    _add_shapes(parser)
    _add_device(parser)
    _add_preprocessing(parser)
    _add_statistics(parser)
    _add_own(parser)


def _switch(word: str) -> bool:
    """Read the value of a BOOL option, as benchmark_app does."""
    if word.lower() in _YES:
        return True
    if word.lower() in _NO:
        return False
    raise argparse.ArgumentTypeError(
        f"{word!r} is neither true nor false; if it is the MODEL, put it first or use -m"
    )


def _percents(text: str) -> list[float]:
    return [float(word.strip().rstrip("%")) for word in text.split(",")]


# argparse names the function in its message: "invalid list of percents value: 'x'".
_percents.__name__ = "list of percents"


def _lower(word: str) -> str:
    return word.lower()


def _upper(word: str) -> str:
    return word.upper()


def _add_switch(group: Any, *names: str, dest: str, text: str) -> None:
    group.add_argument(
        *names, dest=dest, nargs="?", const=True, type=_switch, metavar="BOOL", help=text
    )


def _add_main(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("Model and measurement").add_argument
    add(
        "model",
        nargs="?",
        metavar="MODEL",
        help="IR, ONNX, TensorFlow, TFLite or Paddle file, SavedModel directory, compiled .blob,"
        " or the name of a built-in model",
    )
    add("-h", "--help", action="help", help="show this and exit")
    add(
        *("-m", "--path_to_model", "--model"),
        dest="model_option",
        metavar="MODEL",
        help="the same as MODEL",
    )
    add(
        *("-d", "--target_device", "--device"),
        dest="device",
        metavar="DEVICE",
        help="device, as in CPU, GPU, AUTO, MULTI:CPU,GPU (default CPU)",
    )
    add(
        *("-hint", "--perf_hint", "--hint"),
        dest="hint",
        type=_lower,
        metavar="HINT",
        help=f"performance hint: {', '.join(HINTS)}, tput, ctput (default throughput, or latency"
        " with -api sync)",
    )
    add(
        *("-api", "--api_type", "--api"),
        dest="api",
        type=_lower,
        choices=APIS,
        help="sync runs one inference after the other, and so with one infer request, whatever"
        " -nireq says (default sync with -hint latency, as in benchmark_app, else async)",
    )
    add(
        *("-t", "--time"),
        dest="duration_s",
        type=float,
        metavar="SECONDS",
        help="measured seconds; with -niter both must be reached. here: fractions, too, and no"
        " end by default on the screen (without one 60 s, or 120 s on other devices)",
    )
    add(
        *("-niter", "--number_iterations", "--iterations"),
        dest="iterations",
        type=int,
        metavar="N",
        help="measured inferences, rounded up to a multiple of the infer requests or data shapes;"
        " 0 = compile and stop",
    )
    add(
        *("-max_irate", "--maximum_inference_rate", "--max-fps"),
        dest="max_fps",
        type=float,
        metavar="FPS",
        help="start at most so many frames a second (default 0 = no limit)",
    )
    add(
        *("-i", "--paths_to_input", "--input"),
        dest="sources",
        action="append",
        nargs="+",
        metavar="FILE",
        help="images, .npy or .bin files, or folders of them; file1,file2 or input:file1,file2."
        " The words random and image_info stand for files, as in the C++ benchmark_app. It takes"
        " every word up to the next option, so MODEL goes before it (default random values)",
    )


def _add_shapes(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("Shapes").add_argument
    add(
        *("-b", "--batch_size", "--batch"),
        dest="batch",
        type=int,
        metavar="N",
        help="batch size (default the model's). here: a number; a dynamic batch is written with"
        " -shape",
    )
    add(
        *("-shape", "--shape"),
        dest="shape",
        metavar="SHAPE",
        help='reshape the model: "[1,3,224,224]" or "input1[1,3,224,224],input2[?,1..8]", with'
        " ? or -1 for any size, low..up for a range and ... for any rank",
    )
    add(
        *("-data_shape", "--data-shape"),
        dest="data_shape",
        metavar="SHAPE",
        help='shapes of the data for dynamic inputs: "[1,3,224,224]" or'
        ' "ids[1,128][1,256],mask[1,128][1,256]"; several of an input are used in rotation.'
        " An input may be called by its index, #0. A static input keeps its own shape",
    )
    add(
        *("-layout", "--layout"),
        dest="layout",
        metavar="LAYOUT",
        help='"[NCHW]" or "input1[NCHW],input2[NC]" (default the model\'s, or guessed)',
    )
    add(
        "--single-frame",
        dest="single_frame",
        action="store_true",
        help="an inference is one frame where nothing tells the batch, and nobody asks",
    )


def _add_device(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Device and compilation")
    add = group.add_argument
    add(
        *("-nireq", "--number_infer_requests", "--nireq"),
        dest="nireq",
        type=int,
        metavar="N",
        help="infer requests (default 0 = the optimal number)",
    )
    add(
        "--hint-nireq",
        dest="hint_nireq",
        type=int,
        metavar="N",
        help="tell the device another number of infer requests than -nireq; 0 = none",
    )
    add(
        *("-nstreams", "--number_streams", "--streams"),
        dest="streams",
        metavar="N",
        help="streams: a number, AUTO, NUMA, or CPU:2,GPU:4. here: with any hint",
    )
    add(
        *("-nthreads", "--number_threads", "--threads"),
        dest="threads",
        type=int,
        metavar="N",
        help="inference threads of the CPU (default 0 = automatic). here: with any hint",
    )
    add(
        *("-pin", "--infer_threads_pinning", "--pinning"),
        dest="threads_pinning",
        type=_upper,
        choices=PINNINGS,
        help="pin the CPU's inference threads to cores. here: with any hint",
    )
    add(
        *("-infer_precision", "--infer_precision", "--precision"),
        dest="precision",
        metavar="TYPE",
        help="inference precision: bf16, or CPU:bf16,GPU:f32 (default the device's)",
    )
    add(
        "--reset-state",
        dest="reset_state",
        type=int,
        metavar="N",
        help="of a model with a state: begin anew every N inferences of each infer request, so"
        " that the figures do not depend on how long it has run (default 0 = never; 1 where the"
        " inputs fit an empty state only)",
    )
    _add_switch(
        group,
        *("-inference_only", "--inference_only", "--inference-only"),
        dest="inference_only",
        text="true fills the inputs once, before the measurement; false before every inference,"
        " which is measured with it (default true, but false where several data shapes or files"
        " rotate through a dynamic model)",
    )
    add(
        *("-no_warmup", "--no-warmup"),
        dest="no_first_inference",
        action="store_true",
        help="no first inference before the measurement, and nothing left out of it. here:"
        " a very fast model is slower with it",
    )
    add(
        *("-cdir", "--cache_dir", "--cache-dir"),
        dest="cache_dir",
        metavar="DIR",
        help="cache compiled models in this folder",
    )
    _add_switch(
        group,
        *("-lfile", "--load_from_file", "--load-from-file"),
        dest="from_file",
        text="compile from the file without reading the model first",
    )
    add(
        *("-extensions", "--extensions"),
        dest="extensions",
        metavar="FILES",
        help="libraries with custom operations: path1,path2. Their code is run",
    )
    add(
        *("-c", "--path_to_cldnn_config", "--gpu-kernels"),
        dest="gpu_kernels",
        metavar="FILE",
        help="an .xml file that describes custom GPU kernels",
    )
    add(
        *("-load_config", "--load-config"),
        dest="load_config",
        metavar="FILE",
        help='JSON of device properties, as in {"CPU": {"NUM_STREAMS": "3"}}; options of the'
        " command line win over it",
    )


def _add_preprocessing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("Preprocessing").add_argument
    for short, names, dest, what in (
        ("-ip", ("--input_precision", "--input-precision"), "input_precision", "inputs"),
        ("-op", ("--output_precision", "--output-precision"), "output_precision", "outputs"),
    ):
        add(
            short,
            *names,
            dest=dest,
            type=_lower,
            choices=PORT_PRECISIONS,
            metavar="TYPE",
            help=f"element type of all {what}: {', '.join(PORT_PRECISIONS)}"
            if what == "inputs"
            else f"element type of all {what}, one of the same",
        )
    add(
        *("-iop", "--input_output_precision", "--port-precision"),
        dest="port_precisions",
        metavar="TYPES",
        help='by name, before -ip and -op: "input:f16,output:f32"',
    )
    for name, own, what in (
        ("--mean_values", "--mean-values", "subtracted from"),
        ("--scale_values", "--scale-values", "that divide"),
    ):
        add(
            name,
            own,
            dest=name[2:],
            metavar="[R,G,B]",
            help=f"a number a channel {what} image inputs: [123,117,104] or data[1,2,3],info[4]",
        )


def _add_statistics(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("Statistics and reports")
    add = group.add_argument
    add(
        *("-latency_percentile", "--latency_percentile", "--percentile"),
        dest="percentiles",
        action="append",
        type=_percents,
        metavar="P",
        help="further latency percentiles to report, above 0 up to 100. here: several at once,"
        " as in 75,99.99, or the option repeated",
    )
    add(
        *("-report_type", "--report_type", "--report-type"),
        dest="report_type",
        choices=REPORT_TYPES,
        help="write a report: the figures, with the average time of every layer, or with the"
        " time of every layer in every infer request",
    )
    add(
        *("-report_folder", "--report_folder", "--report-folder"),
        dest="report_folder",
        metavar="DIR",
        help="where reports go (default the current folder)",
    )
    _add_switch(
        group,
        *("-json_stats", "--json_stats", "--json-stats"),
        dest="json_stats",
        text="reports in JSON, not CSV; which report, -report_type says",
    )
    _add_switch(
        group,
        *("-pc", "--perf_counts", "--perf-counts"),
        dest="perf_counts",
        text="print the time of every layer; measuring it slows the model down",
    )
    add(
        *("-pcsort", "--perf_counts_sort", "--perf-counts-sort"),
        dest="pcsort",
        choices=PCSORT_ORDERS,
        help="print the times of the layers in the model's order, the longest first, or the longest"
        " first without what was not executed",
    )
    _add_switch(
        group,
        *("-pcseq", "--pcseq"),
        dest="pcseq",
        text="report the latencies of each shape of -data_shape",
    )
    add(
        *("-exec_graph_path", "--exec_graph_path", "--exec-graph"),
        dest="exec_graph_path",
        metavar="FILE",
        help="write the executable graph there, as .xml",
    )
    add(
        *("-dump_config", "--dump-config"),
        dest="dump_config",
        metavar="FILE",
        help="write the device properties that were asked for, as JSON for -load_config",
    )
    add(
        "--latencies",
        dest="latencies_file",
        metavar="FILE",
        help="write every latency that the figures are made of to this .npy or .csv file",
    )
    add(
        "--json",
        dest="json_stdout",
        action="store_true",
        help="print one JSON document and nothing else on standard output; no screen",
    )
    add(
        "--no-history",
        action="store_true",
        help="keep no run in the history, which `ovbench-tui history` lists",
    )
    add("--json-schema", action="store_true", help="print the schema of that document and exit")


def _add_own(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("Screen and engine").add_argument
    add(
        "--no-tui",
        action="store_true",
        help="no screen: progress on stderr, summary on stdout; by itself when not on a terminal",
    )
    add(
        "--refresh",
        dest="refresh_hz",
        type=float,
        metavar="HZ",
        help="frames a second on the screen, 0.5 to 20 (default 4)",
    )
    add(
        "--ui-budget",
        dest="ui_budget_percent",
        type=float,
        metavar="PERCENT",
        help="of one core the screen may take before it slows down (default 3)",
    )
    add(
        "--ascii",
        action=argparse.BooleanOptionalAction,
        help="draw with ASCII characters only, or never (default: by terminal and locale)",
    )
    add(
        "--blind",
        dest="blind_s",
        type=float,
        metavar="SECONDS",
        help="measure what watching costs: draw and do not draw in turn, each for so long,"
        " 0.5 to 60 (default off)",
    )
    add(
        "--isolate",
        action="store_true",
        help="run the engine in a process of its own: a crash of native code cannot take the"
        " screen down, and a compile can be cancelled",
    )
    add(
        "--metrics",
        dest="metrics_address",
        metavar="[HOST:]PORT",
        help="serve the live figures to Prometheus, on this machine only unless HOST says more",
    )
    add(
        "--metrics-dashboard",
        action="store_true",
        help="print a dashboard of these figures for Grafana, as JSON, and exit",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the random inputs (default 0)")
    add(
        "--version",
        action="version",
        version=f"ovbench-tui {__version__}",
        help="show the version and exit",
    )
