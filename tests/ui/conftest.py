"""What a thousand starts of the app have in common is worked out once."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet


@pytest.fixture(scope="session", autouse=True)
def _styles_parsed_once() -> Iterator[None]:
    """Keep the rules that a text of styles came to: parsing is a quarter of a start of the app."""
    parsed: dict[Hashable, list[Any]] = {}
    parse_anew = Stylesheet._parse_rules

    def parse(sheet: Stylesheet, css: str, *words: Any, **more: Any) -> list[Any]:
        variables = frozenset(sheet._variables.items())
        key = (css, words, tuple(sorted(more.items())), variables)
        if key not in parsed:
            parsed[key] = parse_anew(sheet, css, *words, **more)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse)
        yield
