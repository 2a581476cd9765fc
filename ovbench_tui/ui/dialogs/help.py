"""The help: all keys first, then the pages of the manual, and a search over all of them."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Markdown, OptionList, Static, Tab, Tabs
from textual.widgets.markdown import MarkdownBlock
from textual.widgets.option_list import Option

from ovbench_tui.console.text import fit
from ovbench_tui.manual.pages import TOPICS, Hit, Page, all_pages, read_page, search, target_of
from ovbench_tui.ui.dialogs.key_list import BindingGroups, KeyList
from ovbench_tui.ui.widgets.choice_list import ChoiceList

_KEYS = "keys"
_TWO_COLUMNS = 116
"""Columns of the terminal from which on the groups of keys stand side by side."""

_BOX, _WIDE_BOX = 84, 150
_BESIDE = 6
"""Columns of the dialog that no text gets: its border, padding and scroll bar."""

_ABOVE_AND_BELOW = 5
"""Rows of the dialog beside the page: its border, the pages' names, search and keys."""

_FOUND = "found"
_TITLE_WIDTH = 12


class PageScroll(VerticalScroll):
    """Scrolls a page; to the left and right are the other pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "screen.turn(-1)", "Previous page", show=False),
        Binding("right,l", "screen.turn(1)", "Next page", show=False),
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
    ]


class HelpScreen(ModalScreen[None]):
    """Keys and manual, one page at a time; what is typed after / is looked for in all pages."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Close"),
        Binding("q,question_mark,f1", "close", "Close"),
        Binding("slash", "search", "Search"),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    def __init__(self, groups: BindingGroups) -> None:
        super().__init__(classes="dialog")
        self._groups = groups
        self._hits: list[Hit] = []
        self._line: int | None = None
        """Of the page that is about to be shown: what to scroll to."""

    def compose(self) -> ComposeResult:
        """The pages' names, a line to search, and the page or what was found."""
        pages = [Tab(topic.capitalize(), id=topic) for topic in TOPICS]
        with Vertical(classes="box help"):
            yield Tabs(Tab("Keys", id=_KEYS), *pages)
            yield Input(placeholder="/ finds a word on all pages")
            with PageScroll():
                yield KeyList(self._groups)
                yield Markdown(open_links=False)
            yield ChoiceList(markup=False)
            yield Static("", classes="keys", markup=False)

    def on_mount(self) -> None:
        """Begin with the keys; the names of the pages are no place for the focus."""
        self.query_one(Tabs).can_focus = False
        self.query_one(Markdown).display = False
        self.query_one(ChoiceList).display = False
        self.query_one(PageScroll).focus()

    def on_resize(self) -> None:
        """Give the page what room there is."""
        width, height = self.size
        is_wide = width >= _TWO_COLUMNS
        box_width = min(_WIDE_BOX if is_wide else _BOX, width * 96 // 100)
        self.query_one(".box").styles.width = box_width
        key_rows = self.query_one(KeyList).fill(box_width - _BESIDE, is_wide=is_wide)
        rows = max(1, height * 9 // 10 - _ABOVE_AND_BELOW)
        for scrolled in (self.query_one(PageScroll), self.query_one(ChoiceList)):
            # As high on every page, so that the box stands still.
            scrolled.styles.height = rows
        self._show_keys(is_cut=key_rows > rows or self._topic != _KEYS)

    # -- pages ------------------------------------------------------------------------------

    @property
    def _topic(self) -> str:
        """The page that is shown."""
        return self.query_one(Tabs).active or _KEYS

    def action_turn(self, pages: int) -> None:
        """Show the page that is so many further on."""
        tabs = self.query_one(Tabs)
        (tabs.action_next_tab if pages > 0 else tabs.action_previous_tab)()

    async def on_tabs_tab_activated(self) -> None:
        """Show the page whose name was chosen."""
        self._leave_search()
        await self._show_page()

    async def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Follow a link to another page."""
        if topic := target_of(event.href):
            await self._go(topic)

    async def _go(self, topic: str, line: int | None = None) -> None:
        self._line = line
        tabs = self.query_one(Tabs)
        if tabs.active == topic:
            self._leave_search()
            await self._show_page()
        else:
            tabs.active = topic  # and the page follows

    async def _show_page(self) -> None:
        topic, line, self._line = self._topic, self._line, None
        page = self.query_one(Markdown)
        page.display = topic != _KEYS
        self.query_one(KeyList).display = topic == _KEYS
        self.query_one(PageScroll).scroll_home(animate=False)
        if topic != _KEYS:
            await page.update(read_page(topic).text)
        if line is not None:
            self.call_after_refresh(self._show_line, line)
        self.on_resize()

    def _show_line(self, line: int) -> None:
        """Show the line that was found."""
        if self._topic == _KEYS:
            text = self._key_page().text.split("\n")[line]
            row = self.query_one(KeyList).row_of(text)
            self.query_one(PageScroll).scroll_to(y=row, animate=False)
            return
        at = [
            block
            for block in self.query(MarkdownBlock)
            if block.source_range[0] <= line < block.source_range[1]
        ]
        if at:
            # The innermost: a list has its items in it.
            found = min(at, key=lambda block: block.source_range[1] - block.source_range[0])
            found.add_class(_FOUND)
            found.scroll_visible(animate=False, top=True)

    # -- search -----------------------------------------------------------------------------

    def action_search(self) -> None:
        """Type what is looked for."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show where it is found."""
        is_searching = bool(event.value.strip())
        self.query_one(PageScroll).display = not is_searching
        found = self.query_one(ChoiceList)
        found.display = is_searching
        found.clear_options()
        width = max(1, self.query_one(Input).size.width - _TITLE_WIDTH - 1)
        self._hits = search(event.value, (self._key_page(), *all_pages()))
        found.add_options(Option(_prompt(hit, event.value, width)) for hit in self._hits)
        if self._hits:
            found.highlighted = 0
        elif is_searching:
            found.add_option(Option("No page contains that.", disabled=True))
        self._show_keys(is_cut=True)

    async def on_input_submitted(self) -> None:
        """Go to the line that is highlighted."""
        highlighted = self.query_one(ChoiceList).highlighted
        if highlighted is not None:
            await self._take(highlighted)

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the line that was clicked."""
        await self._take(event.option_index)

    def action_move(self, rows: int) -> None:
        """Move in what was found while the words are typed."""
        found = self.query_one(ChoiceList)
        if rows > 0:
            found.action_cursor_down()
        else:
            found.action_cursor_up()

    async def _take(self, index: int) -> None:
        if index < len(self._hits):  # the list may have changed since the key
            hit = self._hits[index]
            await self._go(hit.page.topic, hit.line)

    def _leave_search(self) -> None:
        self.query_one(Input).value = ""
        self.query_one(PageScroll).display = True
        self.query_one(ChoiceList).display = False
        self.query_one(PageScroll).focus()

    def _key_page(self) -> Page:
        return Page(_KEYS, "Keys", "", self.query_one(KeyList).as_text())

    # -- leaving ----------------------------------------------------------------------------

    def action_leave(self) -> None:
        """Leave the search, or else the help."""
        if self.query_one(Input).has_focus or self.query_one(ChoiceList).display:
            self._leave_search()
            self._show_keys(is_cut=True)
        else:
            self.action_close()

    def action_close(self) -> None:
        """Back to the figures."""
        self.dismiss(None)

    def _show_keys(self, *, is_cut: bool) -> None:
        if self.query_one(ChoiceList).display:
            text = "↑ ↓ choose   enter opens   esc leaves the search"
        else:
            scrolls = "↑ ↓ pgup pgdn scroll   " if is_cut else ""
            text = f"{scrolls}← → pages   / search   esc closes"
        self.query_one(".keys", Static).update(Content(text))


def _prompt(hit: Hit, words: str, width: int) -> Content:
    name = fit(hit.page.topic.capitalize(), _TITLE_WIDTH)
    return Content.styled(name, "bold") + Content(f" {hit.excerpt(words, width)}")
