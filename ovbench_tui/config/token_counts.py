"""How many tokens the prompts and the outputs of a run have: a number, a list or a range."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

PROMPT, NEW = 512, 128
"""The numbers of tokens where none are given."""

DRAFT = 5
"""Tokens that a draft model proposes at a time."""

MOST_TOKENS = 1_000_000
_DRAWN = 16
"""Different lengths that are drawn out of a range."""

_PART = re.compile(r"(\d{1,7})(?:\.\.(\d{1,7}))?", re.ASCII)


def check_counts(text: str) -> str:
    """The sentence about a text that is neither of these, after the option's name; '' = fine."""
    for part in text.split(",") if text else ():
        match = _PART.fullmatch(part.strip())
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= low <= high <= MOST_TOKENS:
            return (
                f"{text!r} is not a number of tokens: write 512, 64,512 or 32..1024, each from 1"
                f" to {MOST_TOKENS:,}."
            )
    return ""


def counts_of(text: str, default: int, seed: int) -> tuple[int, ...]:
    """The lengths that sequences take in turn.

    Args:
        text: as `check_counts` takes it; '' = `default`.
        seed: of the lengths that are drawn out of a range, evenly.
    """
    random = Random(seed)  # noqa: S311 - lengths, no secret
    counts: list[int] = []
    for part in (text or str(default)).split(","):
        low, _, high = part.strip().partition("..")
        if not high or int(low) == int(high):
            counts.append(int(low))
        else:
            counts += [random.randint(int(low), int(high)) for _ in range(_DRAWN)]
    return tuple(counts)


def sequence_lengths(prompts: str, news: str, seed: int) -> list[tuple[int, int]]:
    """Tokens of the prompt and new ones of each sequence, in the order in which they are taken."""
    prompt_counts = counts_of(prompts, PROMPT, seed)
    new_counts = counts_of(news, NEW, seed + 1)
    count = max(len(prompt_counts), len(new_counts))
    return [
        (prompt_counts[n % len(prompt_counts)], new_counts[n % len(new_counts)])
        for n in range(count)
    ]


def most_new_tokens(text: str) -> int:
    """New tokens of a prompt that does not say how many: the one number given, or the default."""
    return int(text) if text.isdigit() else NEW


def counts_text(counts: Iterable[int]) -> str:
    """The lengths of all sequences as they would be given, as in ``512`` or ``32..1024``."""
    values = {*counts}
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low}..{high}"


def scaled(text: str, direction: int) -> str:
    """Each number in a text twice as large (+1) or half as large (-1), as far as it may be."""

    def step(match: re.Match[str]) -> str:
        count = int(match[0])
        return str(min(2 * count, MOST_TOKENS) if direction > 0 else max(1, count // 2))

    return re.sub(r"[0-9]+", step, text)


def change_text(what: str, text: str, default: int) -> str:
    """What a number of tokens has become, for a marker on the charts."""
    return f"{what} {text or default} tokens"
