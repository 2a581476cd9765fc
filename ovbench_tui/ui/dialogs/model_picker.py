"""Chooses a model: a recent one, a built-in one, or a file found by walking the folders."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from ovbench_tui.console.text import clean
from ovbench_tui.ui.app.run_in_thread import run_in_thread
from ovbench_tui.ui.dialogs.folder import FolderEntry, FolderListing, read_folder
from ovbench_tui.ui.dialogs.picker import PickerScreen, PickItem

if TYPE_CHECKING:
    from ovbench_tui.errors import OvbenchError

_SHOWN = 200
_MOST_HERE = 8
"""Model files of the current folder that stand above the built-in models."""

_FIRST_STEP = "Press enter to run the marked model, or type a path or a part of a name."
_SEPARATORS = tuple(filter(None, (os.sep, os.altsep)))
_HERE = f".{os.sep}"
_UP = f"..{os.sep}"


class ModelPicker(PickerScreen):
    """A picker whose input line also walks the folders.

    A text with a separator names a folder and, behind the last separator, a filter; enter on a
    folder goes into it, backspace behind a separator goes back. Folders are read on threads of
    their own, so a mount that does not answer costs the list and not the screen.

    Args:
        own: models that the user has run, which come first.
        built_in: what comes after the models of the current folder.
        current: the model that is chosen; '' = none yet, and a first line says what to do.
        marked: the value that is marked at first.
        identify: raises OvbenchError for a model that cannot be read, so that a mistyped one is
            reported here; it looks at files, and does so on a thread of its own, too.
        read: what there is in a folder, by its text; '' = the current folder.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "back", show=False, priority=True),
    ]

    class Listed(Message):
        """A folder was read."""

        def __init__(self, folder: str, listing: FolderListing) -> None:
            super().__init__()
            self.folder = folder
            self.listing = listing

    def __init__(
        self,
        own: Sequence[PickItem],
        built_in: Sequence[PickItem],
        *,
        current: str,
        marked: str,
        check: Callable[[str], object],
        identify: Callable[[str], object],
        read: Callable[[str], FolderListing] = read_folder,
    ) -> None:
        here = PickItem(_HERE, _HERE, "model files and folders here")
        super().__init__(
            "Model",
            (*own, *built_in, here),
            current=marked,
            explanation="" if current else _FIRST_STEP,
            placeholder="filter, or type a path: ./ lists this folder, ~/ the home folder",
            typed_label="the path",
            check=check,
        )
        self._read = read
        self._own_models = tuple(own)
        self._built_in = frozenset(item.value for item in built_in)
        self._identify = identify
        self._identified = ""
        self._listings: dict[str, FolderListing] = {}
        self._requested: set[str] = set()
        self._folders: frozenset[str] = frozenset()

    def choices(self, typed: str) -> list[PickItem]:
        """Return the matches in the folder that is typed, or those of all models."""
        folder, wanted = split_path(typed)
        if not typed:
            self._folders = frozenset({_HERE})
            others = self._items[len(self._own_models) :]
            return [*self._own_models, *self._models_here(), *others]
        listing = self._listing(folder)
        found = [] if listing is None else list(itertools.islice(listing.matching(wanted), _SHOWN))
        prefix = folder or _HERE
        shown = [_item(prefix, entry) for entry in found]
        folders = {prefix + entry.name for entry in found if entry.is_folder and not entry.is_model}
        if not folder:
            known = [item for item in self._items if item.value != _HERE and item.matches(typed)]
            shown = known + shown
        elif not wanted and listing is not None:
            if listing.is_model:
                shown.insert(0, PickItem(folder, folder, "this folder is a model (SavedModel)"))
            up = parent_folder(folder)
            folders.add(up)
            shown.append(PickItem(up, _UP, "one folder up"))
        self._folders = frozenset(folders)
        if wanted or not folder:
            if any(typed == item.value for item in shown):
                shown.sort(key=lambda item: item.value != typed)
            else:
                is_path = not found if folder else not shown or any(mark in typed for mark in ".:")
                shown.insert(0 if is_path else len(shown), self._own(typed))
        self._remark(folder, listing, len(found))
        return shown

    def on_model_picker_listed(self, event: Listed) -> None:
        """Show a folder that was read, if it is still wanted."""
        self._listings[event.folder] = event.listing
        typed = self.query_one(Input).value.strip()
        if not typed and not event.folder:
            self._fill_around_the_mark()
        elif typed and split_path(typed)[0] == event.folder:
            self._fill(typed)

    def action_back(self) -> None:
        """Delete a character, or a whole folder where the cursor is behind its separator."""
        line = self.query_one(Input)
        if not line.has_focus:
            line.focus()
        text = line.value
        if len(text) > 1 and text.endswith(_SEPARATORS) and line.cursor_at_end:
            self._go(text[: _end_of_folder(text.rstrip("".join(_SEPARATORS)))])
        else:
            line.action_delete_left()

    def _models_here(self) -> list[PickItem]:
        listing = self._listing("")
        known = {item.value for item in self._own_models}
        here = Path.cwd()
        models = (
            entry
            for entry in (listing.matching("") if listing is not None else ())
            if entry.is_model or not entry.is_folder
        )
        found = [entry for entry in models if str(here / entry.name) not in known]
        return [_item(_HERE, entry, "in this folder") for entry in found[:_MOST_HERE]]

    def _fill_around_the_mark(self) -> None:
        """Show the models of the current folder, and leave the mark on the same model."""
        options = self.query_one(OptionList)
        marked = options.highlighted
        value = self._shown[marked].value if marked is not None else self._current
        self._fill("")
        places = [n for n, item in enumerate(self._shown) if item.value == value]
        if places:
            options.highlighted = places[0]

    def _take(self, item: PickItem) -> None:
        if item.value in self._folders:
            self._go(item.value if item.value.endswith(_SEPARATORS) else item.value + os.sep)
        elif item.value == self._identified or item.value in self._built_in:
            self._identified = ""
            super()._take(item)
        else:
            self._look_at(item)

    def _look_at(self, item: PickItem) -> None:
        """Take the model, once its files are found to be there, or say what is wrong."""
        typed = self.query_one(Input).value

        def is_wanted() -> bool:
            return self.is_current and self.query_one(Input).value == typed

        def take(_: object) -> None:
            if is_wanted():
                self._identified = item.value
                self._take(item)

        def complain(error: OvbenchError) -> None:
            if is_wanted():
                self._complain(str(error))

        run_in_thread(self, lambda: self._identify(item.value), take, complain)

    def _go(self, folder: str) -> None:
        line = self.query_one(Input)
        line.value = folder
        line.cursor_position = len(folder)
        line.focus()

    def _listing(self, folder: str) -> FolderListing | None:
        if folder not in self._requested:
            self._requested.add(folder)
            # A daemon: what waits for a dead mount must not keep the program from ending.
            threading.Thread(
                target=self._look, args=(folder,), name="ovbench-folder", daemon=True
            ).start()
        return self._listings.get(folder)

    def _look(self, folder: str) -> None:
        listing = self._read(folder)
        if self.is_attached:
            self.post_message(self.Listed(folder, listing))

    def _remark(self, folder: str, listing: FolderListing | None, found: int) -> None:
        if not folder:
            return
        text = ""
        if listing is None:
            text = f"reading {clean(folder)} ..."
        elif listing.problem:
            text = clean(listing.problem)
        elif listing.is_cut:
            text = f"only the first {listing.looked_at:,} entries of this folder were looked at"
        elif found == _SHOWN:
            text = f"the first {_SHOWN} are shown: type to filter"
        elif not found:
            text = "no models here" if listing.entries == () else "nothing matches"
        self.query_one(".problem", Static).update(Content.styled(text, "$text-muted"))


def split_path(typed: str) -> tuple[str, str]:
    """Split what is typed into a folder, with its last separator, and a filter.

    The folder is '' where no path is meant.
    """
    if typed in (".", "..", "~"):
        return typed + os.sep, ""
    end = _end_of_folder(typed)
    return typed[:end], typed[end:]


def _end_of_folder(text: str) -> int:
    return 1 + max(text.rfind(mark) for mark in _SEPARATORS)


def parent_folder(folder: str) -> str:
    """Return the folder above one, with its last separator, in the way that one is written."""
    stem = folder.rstrip("".join(_SEPARATORS))
    above, name = split_path(stem)
    if stem == ".":
        return _UP
    if name == ".." or stem == "..":
        return folder + _UP
    if not stem:
        return folder  # the root
    if (name.startswith("~") and not above) or stem == "~":
        try:
            return str(Path(stem).expanduser().parent).rstrip(os.sep) + os.sep
        except (RuntimeError, ValueError):
            return folder
    return above or _HERE


def _item(prefix: str, entry: FolderEntry, where: str = "") -> PickItem:
    label = entry.name + os.sep if entry.is_folder else entry.name
    detail = ""
    if entry.is_folder:
        detail = "SavedModel" if entry.is_model else "folder"
    elif entry.size_bytes:
        size = entry.size_bytes
        detail = f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
    return PickItem(prefix + entry.name, label, ", ".join(filter(None, (where, detail))))
