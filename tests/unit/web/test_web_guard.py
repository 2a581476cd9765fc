from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.web.guard import Asked, Guard, is_loopback

ANYWHERE = "0.0.0.0"  # noqa: S104 - that this needs a token is what is tested
TOKEN = "0123456789abcdef"  # noqa: S105


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.8.8.8", "::1", "[::1]"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", [ANYWHERE, "::", "box", "localhost.evil.example", "10.0.0.1", ""])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    ("guard", "requested", "words"),
    [
        (Guard("127.0.0.1", ""), Asked("localhost:8000", None, None), ""),
        (Guard("127.0.0.1", ""), Asked("[::1]:8000", "http://[::1]:8000", None), ""),
        (Guard("127.0.0.1", ""), Asked("evil.example:8000", None, None), "this machine"),
        (Guard("127.0.0.1", ""), Asked("", None, None), "this machine"),
        (Guard("127.0.0.1", ""), Asked("localhost:8000", "http://localhost:9", None), "site"),
        (Guard("127.0.0.1", ""), Asked("localhost:8000", "null", None), "site"),
        (Guard(ANYWHERE, TOKEN), Asked("box:8000", "http://box:8000", TOKEN), ""),
        (Guard(ANYWHERE, TOKEN), Asked("box:8000", "http://box:8000", None), "token"),
        (Guard(ANYWHERE, TOKEN), Asked("box:8000", "http://evil", TOKEN), "site"),
        (Guard("127.0.0.1", TOKEN), Asked("localhost", None, TOKEN + "x"), "token"),
        (Guard("127.0.0.1", TOKEN), Asked("localhost", None, "ü"), "token"),
    ],
)
def test_who_is_let_in(guard: Guard, requested: Asked, words: str) -> None:
    refusal = guard.refusal(requested)
    assert words in refusal
    assert bool(words) == bool(refusal)


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_nobody_gets_in_without_the_token(host: str, origin: str | None, token: str | None) -> None:
    if token != TOKEN:
        assert Guard(ANYWHERE, TOKEN).refusal(Asked(host, origin, token))
