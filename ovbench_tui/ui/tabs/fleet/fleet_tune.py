"""The screen that tunes a fleet: what its machines have found together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ovbench_tui.ui.tabs.fleet.fleet_screens import FramedScreen, describe, totals_of
from ovbench_tui.ui.tabs.tune.tune_view import TuneView
from ovbench_tui.ui.widgets.hint import Hint

if TYPE_CHECKING:
    from ovbench_tui.config.benchmark import BenchmarkConfig
    from ovbench_tui.fleet.machine_status import FleetLike, FleetSnapshot
    from ovbench_tui.tuning.driven import Search
    from ovbench_tui.tuning.search.objective import SearchPlan


class FleetTuneView(TuneView):
    """Lets the machines of one kind share the search."""

    def __init__(self, fleet: FleetLike) -> None:
        super().__init__()
        self._fleet = fleet

    def search_with(self, plan: SearchPlan, base: BenchmarkConfig) -> Search:  # noqa: ARG002 - they know it
        """Begin to search on the machines."""
        return self._fleet.search(plan)

    def cpus(self) -> int | None:
        """Processors of one of the machines."""
        return self._fleet.usable_cpus() or None


class FleetTuneScreen(FramedScreen):
    """The leaderboard of all machines; the search goes on while another screen is seen."""

    AUTO_FOCUS = "FleetTuneView"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t,backspace", "app.pop_screen", "All machines", key_display="t"),
    ]

    def __init__(self, fleet: FleetLike) -> None:
        self._fleet = fleet
        self.view = FleetTuneView(fleet)
        super().__init__(self.view)

    def own_hints(self) -> tuple[Hint, ...]:
        """The keys of the search, and back."""
        own = super().own_hints()
        return own if self.is_typing else (*own, Hint("t", "All machines", "app.pop_screen"))

    def draw(self, snapshot: FleetSnapshot, cost: str, now_s: float) -> None:
        """Draw one frame."""
        self.header.show(
            ((" ovbench-tui fleet  ", "title"), *describe(snapshot.requested)), ("tune ", "accent")
        )
        self.totals.show(totals_of(snapshot), (cost, "label"))
        self.view.follow(self._fleet, snapshot.requested, is_paused=snapshot.is_paused)
        self.message.show("", 0.0, now_s, idle=bool(snapshot.failure))
        self.send_changed_rows()
