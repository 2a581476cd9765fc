from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ovbench_tui.console.text import clean, fit, fit_middle, width_of, wrap


@pytest.mark.parametrize("bad", ["\x1b", "\n", "\t", "\x7f", "\x9b", "\u202e", "\u200b", "\udc80"])
def test_what_could_move_the_cursor_is_replaced(bad: str) -> None:
    assert clean(f"a{bad}b") == "a·b"


def test_markup_is_only_text() -> None:
    assert clean("[red]model[/]") == "[red]model[/]"


@given(st.text(), st.integers(min_value=1, max_value=40))
def test_fit_is_exact_for_any_text(text: str, width: int) -> None:
    assert cell_len(fit(clean(text), width)) == width


def test_fit_of_wide_characters() -> None:
    assert fit("日本語モデル", 6) == "日本 …"
    assert fit("ab", 4) == "ab  "
    assert fit("abc", 0) == ""


@given(st.text(alphabet="ab 日", max_size=60), st.integers(min_value=2, max_value=20))
def test_wrapped_lines_fit_and_lose_no_letter(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(width_of(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_the_middle_is_cut_where_names_differ_at_their_end() -> None:
    names = [f"past_key_values.{number}.decoder.value" for number in (1, 12, 23)]
    cut = [fit_middle(name, 24) for name in names]
    assert len(set(cut)) == 3
    assert {width_of(text) for text in cut} == {24}
    assert cut[1] == "past_key…2.decoder.value"
    assert fit_middle("short", 8) == "short   "
    assert fit_middle("much too long", 5) == fit("much too long", 5)
    assert width_of(fit_middle("\u4e2d" * 20, 17)) == 17
