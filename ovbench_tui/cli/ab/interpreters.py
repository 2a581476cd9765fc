"""``ab --b-openvino VERSION``: one configuration with two versions of OpenVINO."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from ovbench_tui.ab.interpreters.comparison import VersionsInTurn
from ovbench_tui.ab.interpreters.environment import environment_for, interpreter_with
from ovbench_tui.ab.interpreters.report import format_versions, versions_document
from ovbench_tui.ab.interpreters.sliced_process import SlicedProcess
from ovbench_tui.ab.invocation import AbInvocation
from ovbench_tui.cli.loop import Outcome, Step, run_to_end
from ovbench_tui.cli.plain_run import plain_run
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.errors import BadInputError, OvbenchError
from ovbench_tui.export.sliced_program import sliced_program


def compare_interpreters(invocation: AbInvocation) -> int:
    """Compare; returns the exit code.

    Both sides are the exported program in a process each, so that nothing but OpenVINO differs.
    What it must do is what a run of this program has found: which inputs, how many requests.
    """
    view = None
    turns: VersionsInTurn | None = None
    with Outcome() as outcome:
        interpreter = interpreter_of_b(invocation.b_openvino, invocation.b_python)
        program = sliced_program(plain_run(invocation.a, "two versions of OpenVINO are compared"))
        turns = _start(invocation, interpreter, program)
        _drive(turns)
    if turns is not None:
        view = turns.view()
        turns.close()
    if invocation.json_stdout:
        text = versions_document(view, invocation.a, exit_code=outcome.code, error=outcome.error)
    else:
        text = format_versions(view) if view is not None else ""
    return outcome.code if print_result(text) else outcome.code or OvbenchError.exit_code


def interpreter_of_b(version: str, python: str) -> Path:
    """The Python that B runs in; a version that is not there yet is installed.

    Args:
        version: of --b-openvino; '' = it is named by `python`, that of --b-python.

    Raises:
        BadInputError: there is no such version or interpreter.
        RunFailedError: it cannot be installed.
    """
    if version:
        return interpreter_with(version, print_message)
    found = shutil.which(python)
    if found is None:
        raise BadInputError(f"--b-python {python}: there is no such interpreter.")
    return Path(found)


def _start(invocation: AbInvocation, interpreter: Path, program: str) -> VersionsInTurn:
    name = f"OpenVINO {invocation.b_openvino}" if invocation.b_openvino else str(interpreter)
    a = SlicedProcess("A", Path(sys.executable), program, environment_for(is_own=False))
    try:
        environment = environment_for(is_own=bool(invocation.b_openvino))
        b = SlicedProcess(f"B ({name})", interpreter, program, environment)
    except OvbenchError:
        a.close()
        raise
    return VersionsInTurn(
        a,
        b,
        duration_s=invocation.duration_s,
        slice_s=invocation.slice_s,
        margin=invocation.margin,
    )


def _drive(turns: VersionsInTurn) -> None:
    def look() -> Step:
        turns.poll()
        return Step(is_over=turns.is_over, line=turns.progress)

    run_to_end(look)
