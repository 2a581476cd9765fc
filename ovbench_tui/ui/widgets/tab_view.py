"""The base of what a tab shows: one live widget over the whole body of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from ovbench_tui.console.units import MILLISECONDS, Unit
from ovbench_tui.ui.widgets.live import LiveWidget

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot
    from ovbench_tui.ui.widgets.hint import Hint


class TabView(LiveWidget, can_focus=True):
    """The body of a tab; its own bindings work while it is shown.

    A subclass keeps from `show` what it paints, and calls `repaint_if_new` or `repaint`. It is
    made when its tab is first opened, and `show` is called only while it is seen: once when the
    tab opens, then with every frame. An answer to a key or the mouse ends in `repaint` and
    `flush`.

    Attributes:
        latency_unit: of the session's latencies, as the Live tab writes them.
        pinned_run: number of the run that was pinned in the Runs tab; 0 = none.
    """

    latency_unit: Unit = MILLISECONDS
    pinned_run: int = 0

    class Asked(Message):
        """The user wants this configuration."""

        def __init__(self, config: BenchmarkConfig) -> None:
            super().__init__()
            self.config = config

    class Said(Message):
        """One sentence for the message line."""

        def __init__(self, text: str, *, is_error: bool = False) -> None:
            super().__init__()
            self.text = text
            self.is_error = is_error

    class Pinned(Message):
        """Others are to be compared with this run; 0 = with the first one again."""

        def __init__(self, run_id: int) -> None:
            super().__init__()
            self.run_id = run_id

    class HintsChanged(Message):
        """A key or the mouse may have changed what the footer is to show."""

    @property
    def is_typing(self) -> bool:
        """Whether letters are typed into the tab, so that no other key works."""
        return False

    def hints(self) -> Sequence[Hint]:
        """Return the keys of this tab that make sense now, the most important first."""
        return ()

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Take what is to be painted; `session` answers what only this tab asks for."""
        raise NotImplementedError
