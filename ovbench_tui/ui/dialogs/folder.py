"""What there is to choose from in a folder: models and further folders, read with patience."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ovbench_tui.config.model_file import ENDINGS, SAVED_MODEL_FILE, may_be_model

MOST_ENTRIES = 20_000
"""Of one folder; more are not looked at."""

_MOST_S = 5.0
_FOLDERS_LOOKED_INTO = 300


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """A model file, a folder, or a folder that is a model itself.

    Attributes:
        size_bytes: of a file; 0 where that is not known.
    """

    name: str
    is_folder: bool = False
    is_model: bool = False
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class FolderListing:
    """The entries of a folder, folders first, each kind by name.

    Attributes:
        is_model: the folder itself is a model (SavedModel).
        looked_at: entries of any kind that were seen.
        is_cut: there are more, which were not looked at.
        problem: why it could not be read, in a sentence; '' = it could.
    """

    entries: tuple[FolderEntry, ...] = ()
    is_model: bool = False
    looked_at: int = 0
    is_cut: bool = False
    problem: str = ""

    def matching(self, typed: str) -> Iterator[FolderEntry]:
        """Yield what the typed words occur in, what begins with them first.

        Hidden entries come only when a dot is typed first.
        """
        text = typed.casefold()
        words = text.split()
        later: list[FolderEntry] = []
        for entry in self.entries:
            name = entry.name.casefold()
            if name.startswith(".") and not text.startswith("."):
                continue
            if name.startswith(text):
                yield entry
            elif words and all(word in name for word in words):
                later.append(entry)
        yield from later


def read_folder(text: str, *, most: int = MOST_ENTRIES, most_s: float = _MOST_S) -> FolderListing:
    """Read a folder; call it on a thread that may be left behind, for a dead mount hangs.

    Args:
        text: its path as typed; '' = the current folder.
        most, most_s: entries looked at and seconds spent at most.
    """
    end_s = time.monotonic() + most_s
    entries: list[FolderEntry] = []
    looked_at = 0
    is_cut = False
    is_model = False
    try:
        folder = Path(text or ".").expanduser()
        with os.scandir(folder) as found:
            for entry in found:
                if looked_at == most or time.monotonic() > end_s:
                    is_cut = True
                    break
                looked_at += 1
                is_model = is_model or entry.name == SAVED_MODEL_FILE
                if kept := _kept(entry):
                    entries.append(kept)
    except FileNotFoundError:
        return FolderListing(problem=f"There is no folder {text!r}.")
    except NotADirectoryError:
        return FolderListing(problem=f"{text!r} is not a folder.")
    except (OSError, RuntimeError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        return FolderListing(problem=f"The folder {text!r} cannot be read: {cause}.")
    entries.sort(key=lambda entry: (not entry.is_folder, entry.name.casefold(), entry.name))
    return FolderListing(_with_models(folder, entries, end_s), is_model, looked_at, is_cut)


def _kept(entry: os.DirEntry[str]) -> FolderEntry | None:
    try:
        if entry.is_dir():
            return FolderEntry(entry.name, is_folder=True)
        if not entry.name.lower().endswith(ENDINGS):
            return None
        found = entry.stat()
    except OSError:  # gone meanwhile, or a link to nowhere
        return None
    if not stat.S_ISREG(found.st_mode) or not may_be_model(Path(entry.path)):
        return None
    return FolderEntry(entry.name, is_model=True, size_bytes=found.st_size)


def _with_models(folder: Path, entries: list[FolderEntry], end_s: float) -> tuple[FolderEntry, ...]:
    """Mark the folders that are models, as far as looking into them is quick."""
    for place, entry in enumerate(entries[:_FOLDERS_LOOKED_INTO]):
        if not entry.is_folder or time.monotonic() > end_s:
            break
        if os.path.exists(folder / entry.name / SAVED_MODEL_FILE):  # noqa: PTH110 - raises nothing
            entries[place] = FolderEntry(entry.name, is_folder=True, is_model=True)
    return tuple(entries)
