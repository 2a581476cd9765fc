"""What a page may send, and what becomes of anything else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ovbench_tui.web.input import (
    MAX_COLUMNS,
    MAX_LINES,
    PageInput,
    PageSize,
    read_message,
    read_size,
)


@pytest.mark.parametrize(
    ("columns", "lines", "size"),
    [
        ("120", "40", PageSize(120, 40)),
        ("1000000000", "1000000000", PageSize(MAX_COLUMNS, MAX_LINES)),
        ("9" * 5000, "0", PageSize(MAX_COLUMNS, 1)),
        ("", "", PageSize(80, 24)),
        ("-5", "1e9", PageSize(80, 24)),
        (10**400, -3, PageSize(MAX_COLUMNS, 1)),
        (True, None, PageSize(80, 24)),
        (float("nan"), float("inf"), PageSize(80, MAX_LINES)),
    ],
)
def test_a_size_is_brought_into_the_bounds(columns: object, lines: object, size: PageSize) -> None:
    assert read_size(columns, lines) == size


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ('["stdin","q"]', PageInput("stdin", "q")),
        ('["resize",{"width":100,"height":30}]', PageInput("resize", size=PageSize(100, 30))),
        (
            '["resize",{"width":1000000000,"height":1000000000}]',
            PageInput("resize", size=PageSize(MAX_COLUMNS, MAX_LINES)),
        ),
        ('["ping","17"]', PageInput("ping", "17")),
        ('["blur"]', PageInput("blur")),
        ('["focus"]', PageInput("focus")),
        ('["stdin",7]', None),
        ('["resize",{"width":"x","height":null}]', None),
        ('["resize"]', None),
        ('{"stdin":"q"}', None),
        ("[" * 100_000, None),
        ("", None),
    ],
)
def test_messages(data: str, message: PageInput | None) -> None:
    assert read_message(data) == message


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
kinds = st.sampled_from(["stdin", "resize", "ping", "blur", "focus", "quit"])
sizes = st.fixed_dictionaries({"width": values, "height": values})


@given(kinds, values | sizes)
def test_no_message_leaves_the_bounds(kind: str, value: object) -> None:
    message = read_message(json.dumps([kind, value]))
    if message is not None:
        assert 1 <= message.size.columns <= MAX_COLUMNS
        assert 1 <= message.size.lines <= MAX_LINES
