"""What can be taken along: the summary as text, the screen as a picture, a run as a page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ovbench_tui.errors import OvbenchError

if TYPE_CHECKING:
    from ovbench_tui.engine.api.results import RunResult
    from ovbench_tui.engine.api.snapshot import Snapshot

_NAMES_TRIED = 100


def summary_text(snapshot: Snapshot) -> str:
    """Return the summary of the current run; '' before anything is measured."""
    from ovbench_tui.reports.summary import format_summary

    return format_summary((snapshot.run,)) if snapshot.run else ""


def save_page(result: RunResult, snapshot: Snapshot, folder: str, now: datetime) -> str:
    """Write a page of a run under a new name; returns a sentence.

    Args:
        folder: '' = the current one. A file that is there is never written over.

    Raises:
        OvbenchError: it cannot be written.
    """
    from ovbench_tui import __version__
    from ovbench_tui.reports.machine import describe_machine
    from ovbench_tui.sharing.formats import FORMATS, file_name
    from ovbench_tui.sharing.page import make_page
    from ovbench_tui.sharing.shared_run import measured_run

    machine = describe_machine(snapshot.devices, snapshot.openvino_version)
    run = measured_run(f"run {result.view.run_id}", result, machine, now, __version__)
    text = FORMATS["html"](make_page([run], __version__))
    stem = file_name([run], f"-{now:%Y%m%d-%H%M%S}")
    try:
        path = _new_file(_folder(folder), stem, ".html", text.encode("utf-8", "replace"))
    except (OSError, RuntimeError, ValueError) as error:
        where = folder or Path.cwd()
        raise OvbenchError(f"No report was saved in {where}: {_cause(error)}.") from error
    return f"The report is in {path.absolute()}."


def save_picture(svg: str, folder: str, now: datetime) -> tuple[str, bool]:
    """Write a screenshot under a new name; returns a sentence, and whether it is an error.

    Args:
        folder: '' = the current one. A file that is there is never written over.
    """
    stem = f"ovbench-tui-{now:%Y%m%d-%H%M%S}"
    try:
        path = _new_file(_folder(folder), stem, ".svg", svg.encode("utf-8", "replace"))
    except (OSError, RuntimeError, ValueError) as error:
        return f"No screenshot was saved in {folder or Path.cwd()}: {_cause(error)}.", True
    return f"The screenshot is in {path.absolute()}.", False


def _folder(text: str) -> Path:
    return Path(text).expanduser() if text else Path()


def _cause(error: Exception) -> object:
    return getattr(error, "strerror", None) or error


def _new_file(folder: Path, stem: str, ending: str, content: bytes) -> Path:
    for number in range(1, _NAMES_TRIED):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
        try:
            # "x" makes a new file or fails; it follows no link that lies in wait.
            file = path.open("xb")
        except FileExistsError:
            continue
        try:
            with file:
                file.write(content)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path
    raise FileExistsError(f"{stem}{ending} and {_NAMES_TRIED - 2} more like it are there")
