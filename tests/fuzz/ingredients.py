"""Strategies for hostile text and bytes: in a grammar's pieces, very long, or nearly right."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

LONG = 20_000
"""Repetitions that turn quadratic work into a hang."""

NASTY = (
    "\x1b[2J", "\x1b]0;x\x07", "\u202e", "\u2066", "[bold]", "[/]", "[@click=app.quit]x[/]", "\0",
    "\n", "\r", "\ud800", "\udcff", "\ufeff", "é", "漢", "🙂", "%s", "{0}", "{", "}", "[", "]", "'",
    '"', "\\", "$(x)", "`x`", ";", "&", "|", "<", ">", "..", "/", "~", "#", ":", ",", "=", "-",
    "--",
    " ", "\t", "9" * 5000, "-1", "1e999", "nan", "inf", "0", "1", "\u0661", "²", "True", "null",
)  # fmt: skip


def pieces(words: Sequence[str], most: int = 12, good: Sequence[str] = ()) -> SearchStrategy[str]:
    """Texts of a grammar's words, nasty ones between them, and one of them very often.

    Args:
        good: whole texts, which also come nearly right.
    """
    word = st.sampled_from([*words, *words, *NASTY])
    short = st.lists(word, max_size=most).map("".join) | st.lists(
        st.sampled_from(words), min_size=1, max_size=most
    ).map("".join)
    pumped = st.tuples(short, word, st.integers(2, LONG), short).map(
        lambda parts: parts[0] + (parts[1] * parts[2])[: 4 * LONG] + parts[3]
    )
    every = short | short | short | pumped | st.text(max_size=40)
    if not good:
        return every
    near = mangled([text.encode() for text in good], most=2).map(
        lambda data: data.decode("utf-8", "surrogateescape")
    )
    return st.sampled_from(good) | near | near | every


def mangled(seeds: Sequence[bytes], most: int = 6) -> SearchStrategy[bytes]:
    """Good inputs with bytes changed, cut out, put in or repeated, or the end missing."""
    place = st.floats(0, 1, allow_nan=False)
    edit = st.tuples(
        st.sampled_from(("set", "cut", "put", "repeat", "end", "swap")),
        place,
        st.integers(1, 40),
        st.binary(min_size=1, max_size=8)
        | st.sampled_from((b"\0", b"\xff", b"\xff\xff\xff\xff", b"9" * 30, b'"', b"<", b"{", b"[")),
    )

    def apply(parts: tuple[bytes, list[tuple[str, float, int, bytes]]]) -> bytes:
        data = bytearray(parts[0])
        for kind, where, count, new in parts[1]:
            start = int(where * len(data))
            if kind == "set":
                data[start : start + len(new)] = new
            elif kind == "cut":
                del data[start : start + count]
            elif kind == "put":
                data[start:start] = new
            elif kind == "repeat":
                data[start:start] = bytes(data[start : start + count]) * (count * 20)
            elif kind == "end":
                del data[start:]
            else:
                data[start : start + count] = data[start : start + count][::-1]
        return bytes(data)

    return st.tuples(st.sampled_from(seeds), st.lists(edit, min_size=1, max_size=most)).map(apply)


def json_values(keys: Sequence[str], texts: Sequence[str]) -> SearchStrategy[object]:
    """What JSON can hold, with these keys and texts often."""
    text = st.sampled_from([*texts, *NASTY]) | st.text(max_size=8)
    leaf = (
        st.none()
        | st.booleans()
        | st.integers(-5, 1000)
        | st.sampled_from((2**31, 2**53 + 1, 2**63, 2**64, -(2**63), 10**400))
        | st.floats()
        | text
    )
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.dictionaries(st.sampled_from(list(keys)) | text, inner, max_size=6)
        ),
        max_leaves=25,
    )
