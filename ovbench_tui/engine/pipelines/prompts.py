"""Prompts for a pipeline: random tokens of exact numbers, or texts from a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov

from ovbench_tui.config.token_counts import NEW
from ovbench_tui.console.printable import printable
from ovbench_tui.errors import BadInputError
from ovbench_tui.files.safe_read import read_input

_MOST_PROMPTS = 10_000
_MOST_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one request is given.

    Attributes:
        tokens: int64 [1, n].
        new_tokens: at most so many are generated.
        sequence: its place among the lengths of all sequences.
        ends_itself: the answer may end before; else the model's end of text is passed over.
    """

    tokens: ov.Tensor
    new_tokens: int
    sequence: int
    ends_itself: bool


class RandomPrompts:
    """Prompts that are never the same twice, in lengths that are taken in turn.

    Args:
        lengths: tokens of the prompt and new ones of each sequence.
        vocabulary: how many different tokens there are.
        shared: the part of each prompt with which all begin, 0 to 1.
    """

    def __init__(
        self, lengths: Sequence[tuple[int, int]], vocabulary: int, seed: int, shared: float
    ) -> None:
        self._random = np.random.default_rng(seed)
        self._vocabulary = vocabulary
        self._shared = shared
        self._lengths = tuple(lengths)
        longest = max(prompt for prompt, _ in lengths)
        self._prefix = self._random.integers(0, vocabulary, longest)
        self.restart()

    def restart(self) -> None:
        """Begin with the first length again, though not with the same tokens."""
        self._turns = cycle(enumerate(self._lengths))

    def next(self) -> Prompt:
        """The next request's."""
        sequence, (count, new_tokens) = next(self._turns)
        tokens = self._random.integers(0, self._vocabulary, (1, count), dtype=np.int64)
        alike = round(count * self._shared)
        tokens[0, :alike] = self._prefix[:alike]
        return Prompt(ov.Tensor(tokens), new_tokens, sequence, ends_itself=False)


class FilePrompts:
    """The prompts of a file, one after the other and then from its begin."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._prompts = tuple(prompts)
        self.restart()

    @property
    def lengths(self) -> tuple[tuple[int, int], ...]:
        """Tokens of each prompt, and how many new ones there may be."""
        return tuple((one.tokens.shape[1], one.new_tokens) for one in self._prompts)

    def restart(self) -> None:
        """Begin with the first one again."""
        self._turns = cycle(self._prompts)

    def next(self) -> Prompt:
        """The next request's."""
        return next(self._turns)


def read_prompts(file: str, tokenizer: Any, default_new: int = NEW) -> FilePrompts:
    """Read and tokenize a file of prompts.

    Each line is a JSON object with ``prompt``, a text that is used as it is, or ``messages``, to
    which the model's chat template is applied; ``max_tokens`` (or ``max_new_tokens``) is optional.

    Args:
        tokenizer: openvino-genai's.

    Raises:
        BadInputError: with the line that cannot be used, and why.
    """
    shown = f"--prompts '{printable(file)}'"
    data = read_input(
        *(Path(file), shown, _MOST_BYTES),
        give="a file with a JSON object a line",
        kind="file of prompts",
        hint="",
    )
    try:
        lines = data.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        raise BadInputError(f"{shown} is not UTF-8 text.") from None
    prompts: list[Prompt] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{shown}, line {number}"
            text, new_tokens = _parse(line, where, tokenizer, default_new)
            tokens = tokenizer.encode(text).input_ids
            if not tokens.shape[1]:
                raise BadInputError(f"{where}: the prompt has no tokens.")
            prompts.append(Prompt(tokens, new_tokens, len(prompts), ends_itself=True))
        if len(prompts) == _MOST_PROMPTS:
            break
    if not prompts:
        raise BadInputError(f'{shown} has no prompts: write a line as {{"prompt": "Hello"}}.')
    return FilePrompts(prompts)


def _parse(line: str, where: str, tokenizer: Any, default_new: int) -> tuple[str, int]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        raise BadInputError(f"{where}: this is not JSON.") from None
    if not isinstance(given, dict):
        raise BadInputError(f'{where}: write an object, as in {{"prompt": "Hello"}}.')
    new_tokens = given.get("max_tokens", given.get("max_new_tokens", default_new))
    if not isinstance(new_tokens, int) or isinstance(new_tokens, bool) or new_tokens < 1:
        raise BadInputError(f"{where}: max_tokens must be a whole number above 0.")
    if isinstance(given.get("prompt"), str):
        return given["prompt"], new_tokens
    messages = given.get("messages")
    if not isinstance(messages, list):
        raise BadInputError(f"{where}: neither prompt, a text, nor messages, a list, is in it.")
    if not tokenizer.chat_template:
        raise BadInputError(
            f"{where}: the model has no chat template, so messages cannot be used: give a prompt."
        )
    return _chat(messages, where, tokenizer.apply_chat_template), new_tokens


def _chat(messages: list[Any], where: str, apply: Callable[..., str]) -> str:
    try:
        return apply(messages, add_generation_prompt=True)
    except (RuntimeError, TypeError):
        raise BadInputError(
            f"{where}: the chat template does not take these messages; each needs a role and"
            " content."
        ) from None
