"""Feeds the palette: commands in their own order, and their words never read as markup."""

from __future__ import annotations

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from ovbench_tui.console.text import clean
from ovbench_tui.ui.app.bindings.command_keys import keys_by_action, keys_of


class PaletteCommands(Provider):
    """What `App.get_system_commands` yields, unsorted; names of models are shown as they are."""

    async def discover(self) -> Hits:
        """Yield all commands that are listed before anything is typed."""
        keys = self._keys()
        for title, text, callback, is_listed in self.app.get_system_commands(self.screen):
            if is_listed:
                shown = clean(title)
                content = _with_keys(Content(shown), keys_of(callback, keys))
                yield DiscoveryHit(content, callback, text=shown, help=escape(clean(text)))

    async def search(self, query: str) -> Hits:
        """Yield the commands that match what is typed."""
        matcher = self.matcher(query)
        keys = self._keys()
        for title, text, callback, _ in self.app.get_system_commands(self.screen):
            shown = clean(title)
            score, offsets = matcher.fuzzy_search.match(query, shown)
            if score > 0:
                content = Content(shown)
                for offset in offsets:
                    if not shown[offset].isspace():
                        content = content.stylize(matcher.match_style, offset, offset + 1)
                content = _with_keys(content, keys_of(callback, keys))
                yield Hit(score, content, callback, text=shown, help=escape(clean(text)))

    def _keys(self) -> dict[str, str]:
        return keys_by_action(getattr(self.app, "keys", {}))


def _with_keys(title: Content, keys: str) -> Content:
    """The command, and behind it the keys that do the same."""
    return title + Content.styled(f"   {keys}", "$text-muted") if keys else title
