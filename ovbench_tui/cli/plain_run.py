"""What becomes of a configuration, for a plain program that does the same in another process."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.cli.headless import error_of
from ovbench_tui.cli.loop import News, Step, run_to_end
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.built_in_models import find
from ovbench_tui.config.model_file import names_pipeline
from ovbench_tui.engine.api.results import RunView
from ovbench_tui.engine.session import Session
from ovbench_tui.errors import BadInputError, RunFailedError

_CLOSE_TIMEOUT_S = 0.5


def plain_run(config: BenchmarkConfig, what: str) -> RunView:
    """Let it run until it measures, and return the run; a built-in model is then one of a file.

    Args:
        what: cannot be done with models that generate tokens, as in ``starts are measured``.

    Raises:
        BadInputError: it cannot be run as given, or not by a plain program.
        KeyboardInterrupt: by the user.
        RunFailedError: it failed.
    """
    if config.arrivals:
        raise BadInputError(f"--arrivals: {what} with requests that are kept busy.")
    if names_pipeline(config.model):
        raise _generates(config.model, what)
    session = Session(config)
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
    if run.effective.generates:
        raise _generates(run.model.name, what)
    return _on_disk(run)


def _generates(name: str, what: str) -> BadInputError:
    return BadInputError(f"{name} generates tokens, and {what} only of other models.")


def _on_disk(run: RunView) -> RunView:
    """Read a built-in model from its file, for another interpreter has no built-in models."""
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
