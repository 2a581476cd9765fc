"""What the views of searches share whose result is a curve: they begin at once, and write it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.dialogs.write_file import checked_path, write_file
from ovbench_tui.ui.tabs.tune.search_view import SearchView
from ovbench_tui.ui.widgets.hint import Hint

if TYPE_CHECKING:
    from ovbench_tui.tuning.state import TuningState


class WrittenSearchView(SearchView):
    """A search that begins where it is opened, and writes what it has found."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "write", "Write what was found to a CSV or JSON file", show=False),
    ]
    FILE: ClassVar[str]
    """Beginning of the name of a file that is written."""

    # --- for subclasses ---------------------------------------------------------------------

    def csv(self, board: TuningState) -> str:
        """What was found as a table."""
        raise NotImplementedError

    def document(self, board: TuningState, model: str) -> str:
        """What was found as JSON."""
        raise NotImplementedError

    # --- keys -------------------------------------------------------------------------------

    def begin(self) -> None:
        """Search, unless something is measured already, or was."""
        if not self.is_searching and not self._trials:
            self.action_search_again()

    def own_hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        write = (Hint("w", "Write CSV", "write"),) if self._trials else ()
        return (*super().own_hints(), *write)

    def action_write(self) -> None:
        """Ask for a file, and write what was found there."""
        board = self.board
        if board is None or not board.trials:
            self._say("There is nothing to write yet.")
            return
        model = self._base.model

        def write(text: str | None) -> None:
            if text is None:
                return
            path = checked_path(text)
            is_json = path.suffix.lower() == ".json"
            found = self.document(board, model) if is_json else self.csv(board)
            sentence, is_error = write_file(path, found)
            self._say(sentence, is_error=is_error)

        name = re.sub(r"[^\w.-]+", "_", PurePath(model).stem)[:60]
        self.app.push_screen(
            dialogs.value_editor(
                "Write what was found",
                "A CSV file, or with a name that ends in .json everything as one document; an"
                " existing file is replaced.",
                f"{self.FILE}-{name}.csv",
                checked_path,
            ),
            write,
        )
