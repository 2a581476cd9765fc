"""The command line: benchmark_app's option names and long ones of our own."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ovbench_tui import __version__
from ovbench_tui.config import HINT_ALIASES, HINTS, BenchmarkConfig
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.native_log import NativeLog
from ovbench_tui.shapes import parse_data_shape

if TYPE_CHECKING:
    from ovbench_tui.engine.session import Session

_INTERRUPTED = 130
_DEBUG = "OVBENCH_TUI_DEBUG"
_CLOSE_TIMEOUT_S = 0.5


def run() -> NoReturn:
    """The console script: run, and leave without tearing anything down.

    Everything is printed and closed by then. What is left is native: a compile that cannot be
    cancelled, a model that crashes when it is released; the interpreter's own exit would wait
    for the one and die of the other. That holds for an error of our own, too.
    """
    _replace_closed_streams()
    try:
        code = main()
    except KeyboardInterrupt as interrupt:
        code = _code_of(interrupt)
    except Exception as error:  # noqa: BLE001 - a traceback is for those who ask for it
        code = OvbenchError.exit_code
        with contextlib.suppress(OSError):
            _complain(f"An error of its own ended it: {error!r} (where: set {_DEBUG}=1).")
            if os.environ.get(_DEBUG):
                traceback.print_exc()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):  # the terminal or the pipe's reader is gone
            stream.flush()
    os._exit(code)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns the exit code: 0, 2 bad input, 3 failed run, 130 interrupted."""
    try:
        arguments = _parser().parse_args(argv)
        config = _config(arguments)
        _check_source(config)
        if arguments.no_tui or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return _run_headless(config, isolated=arguments.isolate)
        return _run_screen(config, arguments)
    except OvbenchError as error:
        _complain(str(error))
        return error.exit_code


def _replace_closed_streams() -> None:
    """Put the null device where the caller closed a standard stream, as in `>&-`.

    Otherwise the next file opened, such as our log, would become the program's output.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is taken, and that is the closed one.
            stream = Path(os.devnull).open(mode)  # noqa: SIM115 - it lives as long as the program
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say one sentence instead of the whole usage."""
        raise BadInputError(f"{message}; see ovbench-tui --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="ovbench-tui",
        description="Live benchmark monitor for OpenVINO models in the terminal.",
        epilog="With no MODEL it opens the model picker with the built-in models.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add(
        "model",
        nargs="?",
        metavar="MODEL",
        help="IR, ONNX, TensorFlow, TFLite or Paddle file,"
        " SavedModel directory, compiled .blob, or the name of a built-in model",
    )
    add("-m", "--path_to_model", dest="model_option", metavar="MODEL", help="the same")
    add(
        "-d",
        "--target_device",
        "--device",
        dest="device",
        default="CPU",
        metavar="DEVICE",
        help="device, as in CPU, GPU, AUTO, MULTI:CPU,GPU (default CPU)",
    )
    add(
        "-hint",
        "--perf_hint",
        "--hint",
        dest="hint",
        default="throughput",
        type=str.lower,
        metavar="HINT",
        help=f"performance hint: {', '.join(HINTS)}, tput, ctput (default throughput)",
    )
    add(
        "-nireq",
        "--number_infer_requests",
        "--nireq",
        dest="nireq",
        type=int,
        default=0,
        metavar="N",
        help="infer requests; 0 = the optimal number (default)",
    )
    add(
        "-nstreams",
        "--number_streams",
        "--streams",
        dest="streams",
        default="",
        metavar="N",
        help="streams, with any hint: a number, AUTO, or CPU:2,GPU:4",
    )
    add(
        "-nthreads",
        "--number_threads",
        "--threads",
        dest="threads",
        type=int,
        default=0,
        metavar="N",
        help="inference threads; 0 = automatic (default)",
    )
    add(
        "-infer_precision",
        "--precision",
        dest="precision",
        default="",
        metavar="TYPE",
        help="inference precision, as in f32, bf16, f16 (default: the device's)",
    )
    add(
        "-data_shape",
        "--data-shape",
        dest="data_shape",
        default="",
        metavar="SHAPE",
        help='input shapes for a dynamic model, as in "[1,3,224,224]" or "ids[1,128],mask[1,128]"',
    )
    add(
        "-t",
        "--time",
        dest="duration_s",
        type=float,
        default=None,
        metavar="SECONDS",
        help="measure for so long, then print the summary (default: until q;"
        " without a screen 60 s)",
    )
    add(
        "-cdir",
        "--cache_dir",
        "--cache-dir",
        dest="cache_dir",
        default="",
        metavar="DIR",
        help="cache compiled models in this folder",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the random inputs (default 0)")
    add(
        "--isolate",
        action="store_true",
        help="run the engine in a process of its own: a crash of native code cannot take the"
        " screen down, and a compile can be cancelled",
    )
    add(
        "--no-tui",
        action="store_true",
        help="no screen: progress on stderr, summary on stdout; by itself when not on a terminal",
    )
    add(
        "--refresh",
        dest="refresh_hz",
        type=float,
        default=4.0,
        metavar="HZ",
        help="frames a second on the screen, 0.5 to 20 (default 4)",
    )
    add(
        "--ui-budget",
        dest="ui_budget_percent",
        type=float,
        default=3.0,
        metavar="PERCENT",
        help="of one core the screen may take before it slows down (default 3)",
    )
    add("--version", action="version", version=f"ovbench-tui {__version__}")
    return parser


def _config(arguments: argparse.Namespace) -> BenchmarkConfig:
    if arguments.model and arguments.model_option:
        raise BadInputError("The model is given twice: give it as MODEL or with -m, not both.")
    if not 0.5 <= arguments.refresh_hz <= 20:
        raise BadInputError(f"--refresh {arguments.refresh_hz:g}: give 0.5 to 20 frames a second.")
    if not 0.1 <= arguments.ui_budget_percent <= 100:
        raise BadInputError(f"--ui-budget {arguments.ui_budget_percent:g}: give 0.1 to 100 %.")
    if not 0 <= arguments.seed < 2**63:
        raise BadInputError(f"--seed {arguments.seed}: give a whole number from 0 to 2^63 - 1.")
    return BenchmarkConfig(
        model=arguments.model or arguments.model_option or "",
        device=arguments.device,
        hint=HINT_ALIASES.get(arguments.hint, arguments.hint),
        nireq=arguments.nireq,
        hint_nireq=arguments.nireq,
        streams=arguments.streams,
        threads=arguments.threads,
        precision=arguments.precision,
        data_shape=parse_data_shape(arguments.data_shape) if arguments.data_shape else (),
        duration_s=arguments.duration_s,
        seed=arguments.seed,
        cache_dir=arguments.cache_dir,
    )


def _check_source(config: BenchmarkConfig) -> None:
    """Refuse at once what can be seen without OpenVINO: no such file, no .bin, too old."""
    if config.model:
        from ovbench_tui.engine.sniff import identify

        identify(config.model)


def _run_headless(config: BenchmarkConfig, *, isolated: bool) -> int:
    from ovbench_tui.headless import run_headless, with_default_duration

    if not config.model:
        raise BadInputError("No MODEL is given, and without a screen none can be picked.")
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What is ignored stays so: nohup means it.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)
    code = 0
    with NativeLog():
        session = _session(with_default_duration(config), isolated=isolated)
        try:
            run_headless(session)
        except KeyboardInterrupt as interrupt:
            code = _code_of(interrupt)
        except OvbenchError as error:
            _complain(str(error))
            code = error.exit_code
        is_printed = _print_summary(session)
        session.close(_CLOSE_TIMEOUT_S)
    if not is_printed and code == 0:
        code = OvbenchError.exit_code
    return code


def _run_screen(config: BenchmarkConfig, arguments: argparse.Namespace) -> int:
    from ovbench_tui.ui.app import OvbenchApp

    sessions: list[Session] = []

    def open_session() -> Session:
        sessions.append(_session(config, isolated=arguments.isolate))
        sessions[0].start()
        return sessions[0]

    code = 0
    with NativeLog() as log:
        app = OvbenchApp(
            config,
            open_session,
            refresh_hz=arguments.refresh_hz,
            ui_budget_percent=arguments.ui_budget_percent,
            read_log=log.read,
        )
        app.run()
        for session in sessions:
            session.snapshot(0)
            _print_summary(session)
            code = _screen_exit_code(session)
            session.close(_CLOSE_TIMEOUT_S)
        if app.crash:
            _complain(f"An error of its own ended the screen: {app.crash} (see {log.path}).")
        if app.ended_by_signal is not None:
            code = 128 + app.ended_by_signal
        elif app.return_code:
            code = app.return_code
    return code


def _session(config: BenchmarkConfig, *, isolated: bool) -> Session:
    # Imported late: numpy and the statistics are not needed for the first frame.
    from ovbench_tui.engine.session import Session

    return Session(config, isolated=isolated)


def _screen_exit_code(session: Session) -> int:
    """A model that never ran makes the command fail, however long its message was shown."""
    from ovbench_tui.engine.events import ShapeNeeded

    if session.failure:
        _complain(session.failure)
        return RunFailedError.exit_code
    rejection = session.rejection
    if rejection is not None and not session.runs:
        _complain(rejection.reason)
        is_bad_input = isinstance(rejection, ShapeNeeded) or rejection.bad_input
        return BadInputError.exit_code if is_bad_input else RunFailedError.exit_code
    return 0


def _print_summary(session: Session) -> bool:
    """Print what was measured; False when it could not be written."""
    from ovbench_tui.summary import format_summary

    summary = format_summary(session.runs)
    if not summary and session.rejection is None and not session.failure:
        summary = "Nothing was measured."
    try:
        if summary:
            print(summary, flush=True)
    except BrokenPipeError:
        return False  # its reader did not want it
    except OSError as error:
        _complain(f"The summary cannot be written: {error.strerror or error}.")
        return False
    return True


def _complain(sentence: str) -> None:
    with contextlib.suppress(OSError):  # with no stderr left there is nobody to tell
        print(f"ovbench-tui: {sentence}", file=sys.stderr, flush=True)


def _interrupt(number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt(128 + number)


def _code_of(interrupt: KeyboardInterrupt) -> int:
    return interrupt.args[0] if interrupt.args else _INTERRUPTED
