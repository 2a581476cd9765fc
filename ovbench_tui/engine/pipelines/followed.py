"""The one request of a pipeline whose text can be read as it comes."""

from __future__ import annotations

from typing import Any

from ovbench_tui.engine.api.pipeline_use import RequestText

_MOST_TOKENS = 512
_MOST_PROMPT_TOKENS = 96
"""The last ones that are decoded, so that a look at a long text takes no longer."""


class FollowedRequest:
    """Keeps the tokens of one request, and decodes them only where somebody looks.

    Args:
        runtime: openvino-genai's pipeline, for its tokenizer.
    """

    def __init__(self, runtime: Any) -> None:
        self._runtime = runtime
        self._number = 0
        self._prompt: Any = None
        self._ids: list[int] = []

    def begin(self, number: int, prompt: Any) -> None:
        """Follow this request from now on.

        Args:
            number: of the request, from 1.
            prompt: its tokens, an int64 tensor [1, n].
        """
        self._number, self._prompt, self._ids = number, prompt, []

    def add(self, ids: list[int]) -> None:
        """Take its next tokens."""
        self._ids += ids

    def read(self, run_id: int) -> RequestText:
        """Decode the end of its prompt and of its text so far."""
        prompt_ids = [] if self._prompt is None else self._prompt.data.ravel().tolist()
        return RequestText(
            run_id=run_id,
            number=self._number,
            prompt_tokens=len(prompt_ids),
            tokens=len(self._ids),
            prompt=self._decoded(prompt_ids[-_MOST_PROMPT_TOKENS:]),
            text=self._decoded(self._ids[-_MOST_TOKENS:]),
        )

    def _decoded(self, ids: list[int]) -> str:
        if not ids:
            return ""
        text: str = self._runtime.get_tokenizer().decode(ids)
        return text
