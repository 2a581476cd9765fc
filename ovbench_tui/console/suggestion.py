"""What a mistyped word was meant to be."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str:
    """The known word most like `word`, whatever its case, and never that word itself; '' = none."""
    others = {other.lower(): other for other in known if other != word}
    found = difflib.get_close_matches(word.lower(), others, n=1)
    return others[found[0]] if found else ""
