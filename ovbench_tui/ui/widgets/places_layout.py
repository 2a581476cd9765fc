"""A Textual layout that is a function from the size to the places of the widgets."""

from __future__ import annotations

from textual.geometry import NULL_OFFSET, NULL_SPACING, Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.layouts.vertical import VerticalLayout
from textual.widget import Widget


class PlacesLayout(Layout):
    """Children without a place are not shown."""

    def __init__(self) -> None:
        self._others = VerticalLayout()

    def places(self, size: Size) -> dict[str, Region]:
        """The region of each widget that is shown, by its id."""
        raise NotImplementedError

    def arrange(
        self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True
    ) -> ArrangeResult:
        """Place the children by their ids; Textual's own (toasts, tooltips) in its own way."""
        places = self.places(size)
        own = [child for child in children if child.id and not child.id.startswith("textual-")]
        others = [child for child in children if child not in own]
        placements = [
            WidgetPlacement(places[child.id], NULL_OFFSET, NULL_SPACING, child)
            for child in own
            if child.id in places
        ]
        if others:
            placements += self._others.arrange(parent, others, size, greedy)
        return placements
