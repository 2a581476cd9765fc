"""The running configuration in other words: to be read, copied, or saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ovbench_tui.console.text import clean
from ovbench_tui.files.safe_write import write_text


@dataclass(frozen=True, slots=True)
class ExportForm:
    """One way to write the configuration.

    Attributes:
        file_name: proposed when it is saved.
        remark: what it does not say as it is, in a sentence; '' = nothing.
    """

    title: str
    text: str
    file_name: str
    remark: str = ""


class ExportScreen(ModalScreen[None]):
    """Shows one form after the other; saves where asked and nowhere else."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close"),
        Binding("q", "close", "Close"),
        Binding("right,l,tab", "turn(1)", "Next form"),
        Binding("left,h,shift+tab", "turn(-1)", "Previous form"),
        Binding("c", "copy", "Copy"),
        Binding("s", "save", "Save"),
    ]
    AUTO_FOCUS = "VerticalScroll"

    def __init__(self, forms: tuple[ExportForm, ...]) -> None:
        super().__init__(classes="dialog opaque")
        self._forms = forms
        self._shown = 0

    def compose(self) -> ComposeResult:
        """Title, text, a line for a file name, and a line for what came of it."""
        with Vertical(classes="box tall"):
            yield Static("", classes="heading", markup=False)
            with VerticalScroll():
                yield Static("", classes="exported", markup=False)
            name = Input(placeholder="file to write")
            name.display = False
            yield name
            yield Static("", classes="problem", markup=False)
            yield Static(
                "c copies   s saves   ← → other forms   esc closes", classes="keys", markup=False
            )

    def on_mount(self) -> None:
        """Show the first form."""
        self._show()

    @property
    def form(self) -> ExportForm:
        """What is shown."""
        return self._forms[self._shown]

    def action_turn(self, direction: int) -> None:
        """Show the next or previous form."""
        if self.query_one(Input).display:
            return  # the name that is typed belongs to this form
        self._shown = (self._shown + direction) % len(self._forms)
        self._show()

    def action_copy(self) -> None:
        """Put the text on the terminal's clipboard (OSC 52)."""
        self.app.copy_to_clipboard(self.form.text)
        self._tell("Copied, if the terminal allows it (OSC 52).")

    def action_save(self) -> None:
        """Ask for a file name."""
        name = self.query_one(Input)
        name.value = self.form.file_name
        name.display = True
        name.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Write the file; an existing one is replaced only by its whole successor."""
        if not event.value.strip():
            self._tell("Give a file name.")
            return
        try:
            path = Path(event.value).expanduser()
            write_text(path, self.form.text)
        except (OSError, ValueError, RuntimeError) as error:
            cause = error.strerror if isinstance(error, OSError) and error.strerror else error
            self._tell(f"{event.value} cannot be written: {cause}.")
            return
        self._leave_input()
        self._tell(f"Written to {path.absolute()}.")

    def action_close(self) -> None:
        """Close the file name first, if it is open."""
        if self.query_one(Input).display:
            self._leave_input()
        else:
            self.dismiss(None)

    def _leave_input(self) -> None:
        self.query_one(Input).display = False
        self.query_one(VerticalScroll).focus()

    def _show(self) -> None:
        place = f"{self._shown + 1} of {len(self._forms)}"
        self.query_one(".heading", Static).update(Content(f"{self.form.title}  ({place})"))
        lines = (clean(line) for line in self.form.text.splitlines())
        self.query_one(".exported", Static).update(Content("\n".join(lines)))
        self.query_one(VerticalScroll).scroll_home(animate=False)
        self._tell(self.form.remark)

    def _tell(self, text: str) -> None:
        self.query_one(".problem", Static).update(Content(clean(text)))
