"""Prompts from a file: what is taken, and the sentence about what cannot be."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openvino as ov
import pytest

from ovbench_tui.engine.pipelines.prompts import read_prompts
from ovbench_tui.errors import BadInputError


class Tokenizer:
    """A token a character."""

    def __init__(self, chat_template: str = "yes") -> None:
        self.chat_template = chat_template

    def encode(self, text: str) -> Any:
        return SimpleNamespace(input_ids=ov.Tensor(np.array([[*text.encode()]], np.int64)))

    def apply_chat_template(self, messages: Any, *, add_generation_prompt: bool) -> str:
        assert add_generation_prompt
        return "".join(f"<{message['role']}>{message['content']}" for message in messages)


def written(folder: Path, text: str) -> str:
    file = folder / "prompts.jsonl"
    file.write_text(text)
    return str(file)


def test_texts_and_messages_become_tokens_and_are_taken_in_turn(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        '{"prompt": "hello", "max_tokens": 3}\n\n'
        '{"messages": [{"role": "user", "content": "x"}]}\n',
    )
    prompts = read_prompts(file, Tokenizer(), 64)
    assert prompts.lengths == ((5, 3), (7, 64))
    taken = [prompts.next() for _ in range(3)]
    assert [one.sequence for one in taken] == [0, 1, 0]
    assert all(one.ends_itself for one in taken)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "has no prompts"),
        ('{"prompt": "a"}\nnonsense', "line 2: this is not JSON"),
        ("[1]", "line 1: write an object"),
        ('{"text": "a"}', "neither prompt"),
        ('{"prompt": "a", "max_tokens": 0}', "above 0"),
        ('{"prompt": "a", "max_tokens": true}', "above 0"),
        ('{"prompt": ""}', "has no tokens"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(BadInputError, match=sentence):
        read_prompts(written(tmp_path, text), Tokenizer(), 64)


def test_messages_need_a_chat_template(tmp_path: Path) -> None:
    file = written(tmp_path, '{"messages": [{"role": "user", "content": "x"}]}')
    with pytest.raises(BadInputError, match="no chat template"):
        read_prompts(file, Tokenizer(""), 64)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"none\.jsonl' was not found"):
        read_prompts(str(tmp_path / "none.jsonl"), Tokenizer(), 64)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe in the file system")
def test_a_pipe_that_nobody_writes_into_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(BadInputError, match="is not a regular file: give a file with a JSON"):
        read_prompts(str(tmp_path / "pipe"), Tokenizer(), 64)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    file = tmp_path / "latin.jsonl"
    file.write_bytes(b'{"prompt": "\xe9"}')
    with pytest.raises(BadInputError, match="not UTF-8 text"):
        read_prompts(str(file), Tokenizer(), 64)
