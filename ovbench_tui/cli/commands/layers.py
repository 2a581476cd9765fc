"""``ovbench-tui layers MODEL --b ...``: two configurations, layer by layer."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ovbench_tui.cli.interrupts import raise_on_end_signals
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import OvbenchError
from ovbench_tui.layers.invocation import LayersInvocation, read_layers_invocation, wants_schema
from ovbench_tui.settings.file import read_settings

if TYPE_CHECKING:
    from ovbench_tui.cli.loop import Outcome
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.results import RunView
    from ovbench_tui.layers.comparison import LayerComparison
    from ovbench_tui.layers.measuring import Measuring, Program
    from ovbench_tui.layers.report import Sides

_WHAT = "layers are compared"


def main(arguments: Sequence[str]) -> int:
    """Measure and compare; returns the exit code."""
    if wants_schema(arguments):
        from ovbench_tui.layers.report import schema_text

        return 0 if print_result(schema_text()) else OvbenchError.exit_code
    user = read_settings()
    invocation = read_layers_invocation(arguments, user.settings)
    if user.reason:
        print_message(user.reason)
    # Only now: a bad command line is refused, and -h answers, without what these import.
    from ovbench_tui.cli.native_log import NativeLog
    from ovbench_tui.cli.result_file import check_results
    from ovbench_tui.config.model_file import identify

    check_results([("--csv", invocation.csv), ("--trace", invocation.trace)])
    for model in dict.fromkeys((invocation.a.model, invocation.b.model)):
        identify(model)
    raise_on_end_signals()
    with NativeLog(), tempfile.TemporaryDirectory(prefix="ovbench-tui-") as folder:
        return _compare(invocation, Path(folder))


def _compare(invocation: LayersInvocation, folder: Path) -> int:
    from ovbench_tui.cli.loop import Outcome, measure_all
    from ovbench_tui.layers.measuring import Measuring
    from ovbench_tui.layers.report import Sides

    sides = Sides(invocation.a, invocation.b)
    measuring: Measuring | None = None
    with Outcome() as outcome:
        interpreter = _interpreter(invocation)
        run_a, run_b = _runs(invocation)
        sides = replace(sides, run_a=run_a, run_b=run_b)
        a, b = _program(run_a, folder / "a.py"), _program(run_b, folder / "b.py")
        measuring = Measuring(
            a, replace(b, **interpreter), pairs=invocation.pairs, sample_s=invocation.sample_s
        )
        measure_all(measuring)
    return _tell(invocation, sides, measuring, outcome)


def _runs(invocation: LayersInvocation) -> tuple[RunView, RunView]:
    """What both come to: which inputs there are, and what the device makes of the rest."""
    from ovbench_tui.cli.plain_run import plain_run

    run_a = plain_run(invocation.a, _WHAT)
    is_alike = invocation.is_of_interpreters or invocation.a == invocation.b
    return run_a, run_a if is_alike else plain_run(invocation.b, _WHAT)


def _interpreter(invocation: LayersInvocation) -> dict[str, Any]:
    """In which Python B runs, and with which variables; empty = as A does."""
    from ovbench_tui.ab.interpreters.environment import environment_for
    from ovbench_tui.cli.ab.interpreters import interpreter_of_b

    if not invocation.is_of_interpreters:
        return {}
    return {
        "interpreter": interpreter_of_b(invocation.b_openvino, invocation.b_python),
        "environment": environment_for(is_own=bool(invocation.b_openvino)),
    }


def _program(run: RunView, path: Path) -> Program:
    from ovbench_tui.export.layers_program import layers_program
    from ovbench_tui.layers.measuring import Program
    from ovbench_tui.reports.counters import are_running_means

    text = layers_program(run, is_running_mean=are_running_means(run.effective))
    path.write_text(text, encoding="utf-8")
    return Program(path)


def _tell(
    invocation: LayersInvocation,
    sides: Sides,
    measuring: Measuring | None,
    outcome: Outcome,
) -> int:
    from ovbench_tui.layers.comparison import compare_layers
    from ovbench_tui.layers.report import layers_document, layers_text
    from ovbench_tui.stats.comparison.alternation import Side

    a, b = (measuring.of(side) if measuring is not None else () for side in Side)
    sides = replace(
        sides,
        openvino_a=a[0].openvino if a else "",
        openvino_b=b[0].openvino if b else "",
    )
    found = compare_layers(a, b, invocation.margin)
    code = outcome.code
    if found is not None and not _write(invocation, found):
        code = code or OvbenchError.exit_code
    if invocation.json_stdout:
        taken = measuring.taken if measuring is not None else ()
        text = layers_document(found, sides, taken, exit_code=code, error=outcome.error)
    else:
        text = layers_text(found, sides)
    return code if print_result(text) else code or OvbenchError.exit_code


def _write(invocation: LayersInvocation, found: LayerComparison) -> bool:
    """Write the files that are wanted; False where one could not be, which is said."""
    from ovbench_tui.cli.result_file import write_result
    from ovbench_tui.layers.report import layers_csv
    from ovbench_tui.layers.timeline import timeline_json

    is_written = True
    if invocation.csv:
        is_written &= write_result("--csv", invocation.csv, layers_csv(found), "the layers are")
    if invocation.trace:
        titles = (_title("A", invocation.a), _title("B", invocation.b))
        text = timeline_json(found, *titles)
        is_written &= write_result("--trace", invocation.trace, text, "the timeline is")
    return is_written


def _title(side: str, config: BenchmarkConfig) -> str:
    return f"{side}: {config.model} on {config.device}"
