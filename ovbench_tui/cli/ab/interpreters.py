"""``ab --b-openvino VERSION``: one configuration with two versions of OpenVINO."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

from ovbench_tui.ab.interpreters.comparison import VersionsInTurn
from ovbench_tui.ab.interpreters.environment import environment_for, interpreter_with
from ovbench_tui.ab.interpreters.report import format_versions, versions_document
from ovbench_tui.ab.interpreters.sliced_process import SlicedProcess
from ovbench_tui.ab.invocation import AbInvocation
from ovbench_tui.cli.headless import error_of
from ovbench_tui.cli.interrupts import code_of
from ovbench_tui.cli.loop import News, Step, run_to_end
from ovbench_tui.config.built_in_models import find
from ovbench_tui.console.messages import print_message, print_result
from ovbench_tui.engine.api.snapshot import RunView
from ovbench_tui.engine.session import Session
from ovbench_tui.errors import BadInputError, OvbenchError, RunFailedError
from ovbench_tui.export.sliced_program import sliced_program

_CLOSE_TIMEOUT_S = 0.5


def compare_interpreters(invocation: AbInvocation) -> int:
    """Compare; returns the exit code.

    Both sides are the exported program in a process each, so that nothing but OpenVINO differs.
    What it must do is what a run of this program has found: which inputs, how many requests.
    """
    view, code, error = None, 0, ""
    turns: VersionsInTurn | None = None
    try:
        interpreter = _interpreter_of_b(invocation)
        program = sliced_program(_on_disk(_run_of(invocation)))
        turns = _start(invocation, interpreter, program)
        _drive(turns)
    except KeyboardInterrupt as interrupt:
        code = code_of(interrupt)
    except OvbenchError as failure:
        code, error = failure.exit_code, str(failure)
        print_message(error)
    if turns is not None:
        view = turns.view()
        turns.close()
    if invocation.json_stdout:
        text = versions_document(view, invocation.a, exit_code=code, error=error)
    else:
        text = format_versions(view) if view is not None else ""
    return code if print_result(text) else code or OvbenchError.exit_code


def _interpreter_of_b(invocation: AbInvocation) -> Path:
    if invocation.b_openvino:
        return interpreter_with(invocation.b_openvino, print_message)
    found = shutil.which(invocation.b_python)
    if found is None:
        raise BadInputError(f"--b-python {invocation.b_python}: there is no such interpreter.")
    return Path(found)


def _run_of(invocation: AbInvocation) -> RunView:
    """Let A run until it measures, and return what has become of its configuration."""
    session = Session(invocation.a)
    news = News(with_errors=False)
    found: list[RunView] = []

    def look() -> Step:
        snapshot = session.snapshot(0)
        if snapshot.measuring and snapshot.run is not None:
            found.append(snapshot.run)
        return Step(
            is_over=bool(found),
            error=error_of(session, snapshot),
            line=snapshot.background,
            sentences=news.of(snapshot.notices),
        )

    try:
        run_to_end(look, begin=session.start)
    finally:
        session.close(_CLOSE_TIMEOUT_S)
    run = found[0]
    if run.effective.generates or run.model.is_pipeline:
        raise BadInputError(
            f"{run.model.name} generates tokens, and two versions of OpenVINO are compared only"
            " with other models: compare runs of each with ovbench-tui compare."
        )
    if run.config.arrivals:
        raise BadInputError("--arrivals: two versions of OpenVINO are compared with busy requests.")
    return run


def _on_disk(run: RunView) -> RunView:
    """Read a built-in model from its file, for the other interpreter has no built-in models."""
    if find(run.config.model) is None:
        return run
    from ovbench_tui.engine.zoo.store import model_path

    try:
        path = model_path(run.config.model)
    except OSError as error:
        raise RunFailedError(
            f"The built-in model {run.config.model} cannot be written to a file: {error}."
        ) from error
    return replace(run, config=replace(run.config, model=str(path)))


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
