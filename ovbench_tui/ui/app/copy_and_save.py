"""What can be taken along: the summary as text, the screen as a picture."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ovbench_tui.engine.api.snapshot import Snapshot

_NAMES_TRIED = 100


def summary_text(snapshot: Snapshot) -> str:
    """Return the summary of the current run; '' before anything is measured."""
    from ovbench_tui.reports.summary import format_summary

    return format_summary((snapshot.run,)) if snapshot.run else ""


def save_picture(svg: str, folder: str, now: datetime) -> tuple[str, bool]:
    """Write a screenshot under a new name; returns a sentence, and whether it is an error.

    Args:
        folder: '' = the current one. A file that is there is never written over.
    """
    stem = f"ovbench-tui-{now:%Y%m%d-%H%M%S}"
    try:
        place = Path(folder).expanduser() if folder else Path()
        path = _new_file(place, stem, svg.encode("utf-8", "replace"))
    except (OSError, RuntimeError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        return f"No screenshot was saved in {folder or Path.cwd()}: {cause}.", True
    return f"The screenshot is in {path.absolute()}.", False


def _new_file(folder: Path, stem: str, content: bytes) -> Path:
    for number in range(1, _NAMES_TRIED):
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}.svg"
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
    raise FileExistsError(f"{stem}.svg and {_NAMES_TRIED - 2} more like it are there")
