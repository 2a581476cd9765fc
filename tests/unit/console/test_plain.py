"""Text for terminals and pipes that know ASCII only."""

from __future__ import annotations

from ovbench_tui.console.plain import plain


def test_what_is_lacking_is_written_in_another_way() -> None:
    assert plain("p99 \N{PLUS-MINUS SIGN}4 % \N{MIDDLE DOT} 2 \N{MICRO SIGN}s \N{EN DASH}") == (
        "p99 +-4 % - 2 us -"
    )
    assert plain("\N{CJK UNIFIED IDEOGRAPH-4E2D}") == "?"


def test_what_the_encoding_has_stays() -> None:
    text = "2 \N{MICRO SIGN}s"
    assert plain(text, "utf-8") == plain(text, "latin-1") == text
    assert plain(text, "no such encoding") == "2 us"
