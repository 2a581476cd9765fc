"""What a pipeline of openvino-genai is doing: its requests and its KV cache."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class PipelineUse:
    """A look at a pipeline, about once a second.

    Attributes:
        requests: that it has.
        running: those of them that take part in the step just made; the others wait.
        cache_percent, cache_peak_percent: of the KV cache in use, now and at most so far.
        cache_bytes: its whole size; it grows where no size was given.
    """

    run_id: int
    requests: int
    running: int
    cache_percent: float
    cache_peak_percent: float
    cache_bytes: int

    @property
    def waiting(self) -> int:
        """Requests that the last step left out."""
        return self.requests - self.running

    @property
    def cache_text(self) -> str:
        """The KV cache's use, as in ``38 % of 12 MiB``."""
        return f"{self.cache_percent:.0f} % of {self.cache_bytes / _MIB:.3g} MiB"


@dataclass(frozen=True, slots=True)
class RequestText:
    """One request of a pipeline, as far as it has come when somebody looked.

    Attributes:
        number: of the request since the pipeline's queue was made; 0 = there was none yet.
        prompt_tokens, tokens: of the whole prompt, and given so far.
        prompt, text: the end of either, decoded by the tokenizer.
    """

    run_id: int
    number: int = 0
    prompt_tokens: int = 0
    tokens: int = 0
    prompt: str = ""
    text: str = ""
