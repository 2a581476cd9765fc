"""Feeds the palette: commands in their own order, and their words never read as markup."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from ovbench_tui.console.text import clean


class PaletteCommands(Provider):
    """What `App.get_system_commands` yields, unsorted; names of models are shown as they are."""

    async def discover(self) -> Hits:
        """Yield all commands that are listed before anything is typed."""
        for title, text, callback, is_listed in self.app.get_system_commands(self.screen):
            if is_listed:
                shown = clean(title)
                yield DiscoveryHit(Content(shown), callback, text=shown, help=escape(clean(text)))

    async def search(self, query: str) -> Hits:
        """Yield the commands that match what is typed."""
        matcher = self.matcher(query)
        for title, text, callback, _ in self.app.get_system_commands(self.screen):
            shown = clean(title)
            score, offsets = matcher.fuzzy_search.match(query, shown)
            if score > 0:
                content = Content(shown)
                for offset in offsets:
                    if not shown[offset].isspace():
                        content = content.stylize(matcher.match_style, offset, offset + 1)
                yield Hit(score, content, callback, text=shown, help=escape(clean(text)))
