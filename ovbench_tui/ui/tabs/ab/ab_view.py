"""The A/B tab: two configurations in turn on this device, and how B compares with A."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.ab.b_option import config_b
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.text import clean, wrap
from ovbench_tui.engine.api.results import AbPhase, AbView
from ovbench_tui.engine.api.worker_state import WorkerState
from ovbench_tui.ui.app.nothing_yet import nothing_yet, why_nothing_runs
from ovbench_tui.ui.dialogs import factory as dialogs
from ovbench_tui.ui.tabs.ab.ab_rows import (
    Line,
    conclusion_lines,
    pair_lines,
    ratio_lines,
    side_lines,
)
from ovbench_tui.ui.widgets.hint import Hint
from ovbench_tui.ui.widgets.selector.choices import AvailableChoices
from ovbench_tui.ui.widgets.tab_view import TabView

if TYPE_CHECKING:
    from ovbench_tui.engine.api.snapshot import SessionLike, Snapshot

_EMPTY = (
    "Nothing has been compared yet. What runs now is A; B differs in options, as in -nstreams 2, or"
    " is another model, or a run of the tab Runs."
)
_OPTIONS_HELP = (
    "How B differs from what runs now: options of the command line, as in -nstreams 2 or"
    " -hint latency, a model, or both; empty compares A with itself."
)


class AbTabView(TabView):
    """Shows the A/B of the session, and asks for one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "options", "Type how B differs from what runs now", show=False),
        Binding("n", "model", "Choose another model as B", show=False),
        Binding("enter", "end(True)", "End the A/B, and keep B", show=False),
        Binding("escape", "end(False)", "End the A/B: A runs alone again", show=False),
    ]
    STYLE_CLASSES = ("ab--a", "ab--b")

    def __init__(self) -> None:
        super().__init__()
        self._session: SessionLike | None = None
        self._snapshot: Snapshot = nothing_yet(BenchmarkConfig())
        self._ab: AbView | None = None
        self._typed = ""

    # --- frames -----------------------------------------------------------------------------

    def show(self, snapshot: Snapshot, session: SessionLike) -> None:
        """Look at the A/B; its figures change with every slice."""
        self._session, self._snapshot = session, snapshot
        self._ab = ab = session.ab()
        background = (snapshot.background, int(snapshot.background_s))
        is_preparing = ab is not None and ab.phase is AbPhase.PREPARING
        self.repaint_if_new(
            (
                (ab.phase, ab.number, ab.requested) if ab is not None else None,
                background if is_preparing else None,
                snapshot.run is None,
                snapshot.state is WorkerState.PAUSED,
            )
        )

    def paint(self) -> None:
        """Draw what there is room for: the sides and the ratio first."""
        width, height = self._painted_size
        lines = self._lines(width, height)
        for y in range(height):
            self.set_row(y, *(lines[y] if y < len(lines) else ()))

    def _lines(self, width: int, height: int) -> Sequence[Line]:
        ab = self._ab
        head: Line = ((f" A/B{self._remark(ab)}", "title"),)
        if ab is None or ab.a is None or ab.b is None:
            return [head, (), *_sentences(self._why_nothing(ab), width)]
        gap: list[Line] = [()] if height >= 18 else []
        sides = side_lines(ab, ab.a, ab.b, width)
        ratio = ratio_lines(ab, width)
        if height < 1 + len(sides) + len(ratio):
            return [head, *ratio[:3], *sides][:height]
        lines = [head, *sides, *gap, *ratio, *gap, *conclusion_lines(ab, width)]
        room = height - len(lines) - len(gap)
        pairs = pair_lines(ab, width, room)
        return [*lines, *gap, *pairs] if pairs else lines

    def _remark(self, ab: AbView | None) -> str:
        if ab is None or ab.a is None:
            return ""
        pairs = "1 pair" if ab.pairs == 1 else f"{ab.pairs} pairs"
        if ab.phase is AbPhase.OVER:
            return f"   over, {pairs}"
        return f"   {pairs}" + (", paused" if self._is_paused else "")

    def _why_nothing(self, ab: AbView | None) -> str:
        snapshot = self._snapshot
        if ab is not None and ab.phase is AbPhase.PREPARING:
            what = snapshot.background or "waiting for the engine"
            return f"B is being prepared beside A: {what}, {int(snapshot.background_s)} s."
        if ab is not None and ab.reason:
            return f"{ab.reason} {self._what_to_do}"
        return self._what_to_do

    @property
    def _what_to_do(self) -> str:
        snapshot = self._snapshot
        return _EMPTY if snapshot.run is not None else why_nothing_runs(snapshot)

    @property
    def _is_paused(self) -> bool:
        return self._snapshot.state is WorkerState.PAUSED

    def hints(self) -> Sequence[Hint]:
        """Return the keys that make sense now."""
        phase = self._ab.phase if self._ab is not None else AbPhase.OVER
        options, model = Hint("o", "B's options", "options"), Hint("n", "B's model", "model")
        if phase is AbPhase.PREPARING:
            return (Hint("esc", "Cancel", "end(False)"), options, model)
        if phase is AbPhase.OVER:
            return (options, model) if self._base is not None else ()
        return (
            Hint("enter", "Keep B", "end(True)"),
            Hint("esc", "A alone", "end(False)"),
            options,
            model,
        )

    # --- keys -------------------------------------------------------------------------------

    def action_options(self) -> None:
        """Ask in what B differs, written as on the command line."""
        base = self._base
        if base is None:
            self.post_message(self.Said(why_nothing_runs(self._snapshot), is_error=True))
            return

        def answer(text: str | None) -> None:
            if text is not None:
                self._typed = " ".join(text.split())
                self.begin(config_b(base, self._typed))

        dialog = dialogs.value_editor(
            "A/B", _OPTIONS_HELP, self._typed, lambda text: config_b(base, text)
        )
        self.app.push_screen(dialog, answer)

    def action_model(self) -> None:
        """Choose the model that is B."""
        base = self._base
        if base is None:
            self.post_message(self.Said(why_nothing_runs(self._snapshot), is_error=True))
            return

        def answer(model: str | None) -> None:
            if model is not None:
                self.begin(base.for_model(model) if model != base.model else base)

        self.app.push_screen(dialogs.dialog_for("model", base, AvailableChoices()), answer)

    def action_end(self, keep_b: bool) -> None:
        """Let one of the two go on alone."""
        ab, session = self._ab, self._session
        if session is None or ab is None or ab.phase is AbPhase.OVER:
            return
        if ab.phase is AbPhase.PREPARING and keep_b:
            return
        session.end_ab(keep_b=keep_b)
        self.post_message(self.Said("B runs alone now." if keep_b else "A runs alone again."))
        self._again()

    def begin(self, config: BenchmarkConfig) -> None:
        """Let a configuration be B."""
        session = self._session
        if session is None:
            return
        if self._is_paused:
            session.toggle_pause()
        session.begin_ab(config)
        self._again()

    @property
    def _base(self) -> BenchmarkConfig | None:
        """What is A: the configuration asked for, once there is one that runs."""
        return self._snapshot.requested if self._snapshot.run is not None else None

    def _again(self) -> None:
        """Show at once what a key has changed."""
        if self._session is not None:
            self.show(self._snapshot, self._session)
            self.flush()
            self.post_message(self.HintsChanged())


def _sentences(text: str, width: int) -> list[Line]:
    return [((f" {line}", "label"),) for line in wrap(clean(text), max(10, width - 2))]
