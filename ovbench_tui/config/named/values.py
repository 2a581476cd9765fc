"""Texts such as ``ids[1,128],mask[1,128]``: values in brackets, each behind the name it is for.

Names may hold spaces, colons, commas, parentheses and brackets of their own. Only the model
knows where such a name ends, so a text is split twice: once without the model, where whatever
some model could take is let through, and once by the names that the model has.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Sequence

from ovbench_tui.errors import BadInputError

Entries = list[tuple[str, list[str]]]
"""Pairs of name ('' = none) and what stands in each of the brackets behind it."""

_RUN = re.compile(r"(?:\s*\[[^\[\]]*\])+(?=\s*(?:,|$))")
_SPACES = re.compile(r"\s*")
_GROUP = re.compile(r"\[([^\[\]]*)\]")


def parse_named(
    text: str,
    option: str,
    sentence_end: str,
    is_value: Callable[[str], bool],
    *,
    takes_several: bool = True,
    names: Collection[str] | None = None,
) -> Entries:
    """Split ``name[a][b],other[c]`` into names and what stands in their brackets.

    Args:
        sentence_end: of "OPTION TEXT is ...", as in ``not a valid layout: write [NCHW]``.
        is_value: whether brackets may hold this; what they hold else belongs to a name.
        takes_several: allow several pairs of brackets for one name.
        names: those that the model has: the longest that fits is taken. Empty = not known yet,
            and any is taken. None = names without commas and brackets only.

    Raises:
        BadInputError: when the text has another form, or gives a name twice.
    """
    if names:
        entries = _split_by_names(
            text, option, sentence_end, is_value, takes_several=takes_several, names=names
        )
    elif names is None:
        entries = _split_plainly(text, option, sentence_end, takes_several=takes_several)
    else:
        entries = _split_for_any_model(
            text, option, sentence_end, is_value, takes_several=takes_several
        )
    twice = _duplicate(entries)
    if twice:
        raise BadInputError(f"{option} {text!r} gives {twice!r} twice: give each once.")
    return entries


def longest_name(text: str, start: int, names: Sequence[str], follows: re.Pattern[str]) -> str:
    """The longest of the names with which `text` goes on from `start`; '' = none.

    Args:
        names: the longest first.
        follows: what has to come behind the name.
    """
    for name in names:
        if text.startswith(name, start) and follows.match(text, start + len(name)):
            return name
    return ""


def after_spaces(text: str, start: int) -> int:
    """Where the next letter that is no space stands."""
    found = _SPACES.match(text, start)
    return found.end() if found else start


def longest_first(names: Collection[str]) -> list[str]:
    """In the order in which they are to be tried; without the empty one."""
    return sorted((name.strip() for name in names if name.strip()), key=lambda name: -len(name))


def _split_plainly(text: str, option: str, sentence_end: str, *, takes_several: bool) -> Entries:
    """Linear in the text's length, whatever it holds."""
    entries: Entries = []
    for entry in _split_entries(text):
        name, bracket, rest = entry.partition("[")
        name = name.strip()
        groups = _split_groups(bracket + rest)
        if not groups or "]" in name:
            raise BadInputError(f"{option} {text!r} is {sentence_end}.")
        if len(groups) > 1 and not takes_several:
            raise BadInputError(f"{option} {text!r} gives several values for one input: give one.")
        entries.append((name, groups))
    return entries


def _split_for_any_model(
    text: str,
    option: str,
    sentence_end: str,
    is_value: Callable[[str], bool],
    *,
    takes_several: bool,
) -> Entries:
    """As for plain names where that works, else as some model's names could be meant."""
    plain: Entries | BadInputError
    try:
        plain = _split_plainly(text, option, sentence_end, takes_several=takes_several)
    except BadInputError as error:
        plain = error
    else:
        is_whole = all(name.count("(") == name.count(")") for name, _ in plain)
        if is_whole and all(is_value(group) for _, groups in plain for group in groups):
            if not _duplicate(plain):
                return plain
            takes_several = False  # x[1][2],x[3] is of x[1] and of x
    pieces = _complete_pieces(text, is_value)
    entries = [_last_values(piece, is_value, takes_several=takes_several) for piece in pieces]
    if _duplicate(entries):
        entries = [_last_values(piece, is_value, takes_several=False) for piece in pieces]
    if entries and all(groups and _may_be_name(name) for name, groups in entries):
        return entries
    if isinstance(plain, BadInputError):
        raise plain
    return plain  # and its value is refused by whoever reads it


def _split_by_names(
    text: str,
    option: str,
    sentence_end: str,
    is_value: Callable[[str], bool],
    *,
    takes_several: bool,
    names: Collection[str],
) -> Entries:
    tried = longest_first(names)
    entries: Entries = []
    start = 0
    while True:
        start = after_spaces(text, start)
        name, groups = "", []
        for candidate in (*tried, ""):
            if not text.startswith(candidate, start):
                continue
            run = _RUN.match(text, start + len(candidate))
            if run is None:
                continue
            groups = _GROUP.findall(run[0])
            if all(map(is_value, groups)) and (takes_several or len(groups) == 1):
                name = candidate
                break
            run, groups = None, []
        if groups and run is not None:
            entries.append((name, groups))
            start = run.end()
        else:  # the model has no such name; the plain reading says what is wrong
            pieces = _complete_pieces(text[start:], is_value) or [text[start:]]
            entries += _split_plainly(pieces[0], option, sentence_end, takes_several=takes_several)
            start += len(pieces[0])
        start = after_spaces(text, start)
        if start >= len(text):
            return entries
        start += 1  # the comma


def _complete_pieces(text: str, is_value: Callable[[str], bool]) -> list[str]:
    """Split at the commas behind a value, where no parenthesis is open; [] = no value ends it.

    Linear in the text's length.
    """
    pieces: list[str] = []
    start = depth = counted = 0
    for comma in (*re.finditer(r"(?<=\])\s*,", text), None):
        end = comma.start() if comma else len(text)
        depth += text.count("(", counted, end) - text.count(")", counted, end)
        counted = end
        piece_end = len(text[start:end].rstrip()) + start if comma is None else end
        opening = text.rfind("[", start, piece_end)
        ends_in_value = (
            opening >= 0
            and text[piece_end - 1] == "]"
            and is_value(text[opening + 1 : piece_end - 1])
        )
        if ends_in_value and depth <= 0:
            pieces.append(text[start:end])
            start, depth = (comma.end() if comma else len(text)), 0
    if start < len(text) and depth > 0 and not pieces:
        # A parenthesis that is never closed is nothing but a letter.
        return [text] if text.rstrip().endswith("]") else []
    return pieces if start >= len(text) else []


def _last_values(
    piece: str, is_value: Callable[[str], bool], *, takes_several: bool
) -> tuple[str, list[str]]:
    """The values at the end; whatever stands before them is the name."""
    groups: list[str] = []
    rest = piece.strip()
    while rest.endswith("]") and (takes_several or not groups):
        opening = rest.rfind("[")
        group = rest[opening + 1 : -1]
        if opening < 0 or not is_value(group):
            break
        groups.insert(0, group)
        rest = rest[:opening].rstrip()
    return rest, groups


def _duplicate(entries: Entries) -> str:
    """A name that comes twice; '' = none does."""
    names = [name for name, _ in entries if name]
    return next((name for name, count in Counter(names).items() if count > 1), "")


def _may_be_name(name: str) -> bool:
    return (
        not name.startswith(("[", ","))
        and not name.endswith(",")
        and name.count("[") == name.count("]")
    )


def _split_entries(text: str) -> list[str]:
    """Split at the commas outside brackets."""
    entries: list[str] = []
    start = 0
    is_inside = False
    for position, letter in enumerate(text):
        if letter in "[]":
            is_inside = letter == "["
        elif letter == "," and not is_inside:
            entries.append(text[start:position].strip())
            start = position + 1
    entries.append(text[start:].strip())
    return entries


def _split_groups(text: str) -> list[str]:
    """What stands in the brackets of ``[a] [b]``; [] when the text has another form."""
    groups: list[str] = []
    for part in text.split("]")[:-1]:
        before, bracket, inside = part.partition("[")
        if not bracket or before.strip() or "[" in inside:
            return []
        groups.append(inside)
    return groups if text.endswith("]") else []
