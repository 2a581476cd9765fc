"""Whether a settings file that is not understood might forbid the history.

What the user wanted kept from the disk must not be written because of a typing error: where the
file might say so, no run is kept until it is clear.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping

from ovbench_tui.settings.schema import HISTORY

UNCLEAR_HISTORY = (
    "so no run is kept in the history, which the file might forbid: give history = true or false"
    " above all tables."
)

_LIKENESS = 0.8


def might_forbid(
    lines: Iterable[str], unused: Iterable[tuple[str, object]], *, is_whole: bool
) -> bool:
    """Whether something that is not used of the file might mean ``history = false``.

    Args:
        lines: those that cannot be read.
        unused: names and values that are read, and mean nothing.
        is_whole: whether all of the file has been seen.
    """
    if not is_whole:
        return True
    # Letters only: the file of another encoding has zeros between them.
    if any(HISTORY in re.sub(r"[^a-z]", "", line.lower()) for line in lines):
        return True
    return any(_means_history(name, value) for name, value in unused)


def _means_history(name: str, value: object) -> bool:
    word = name.lower().rpartition(".")[2]
    if difflib.SequenceMatcher(None, word, HISTORY).ratio() >= _LIKENESS:
        return True
    if isinstance(value, Mapping):
        return any(_means_history(str(key), inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(_means_history("", inner) for inner in value)
    return False
