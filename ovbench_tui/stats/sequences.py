"""Generated sequences: what each of their steps was, and the figures of whole requests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ovbench_tui.stats.histogram import LogHistogram

PREFILL, DECODE = 0, 1
"""The phases of a sequence: the whole prompt, and one token after the other."""

_PHASE, _LAST = 1, 2
_REQUEST_SHIFT, _REQUEST_MASK = 2, 0xFFF
_SEQUENCE_SHIFT = 14


def step_tag(phase: int, sequence: int, *, is_last: bool) -> int:
    """What a ring keeps of a step beside its times, as 32 bits, without the infer request's.

    Args:
        sequence: the place of its lengths among those of all sequences, below 2**18.
        is_last: it gives the last token.
    """
    return phase | (_LAST if is_last else 0) | sequence << _SEQUENCE_SHIFT


def request_tag(index: int) -> int:
    """The part of a step's tag that names its infer request, of which there are up to 4,096."""
    return index << _REQUEST_SHIFT


def phases_of(tags: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """The phase of each step; uint32 [n]."""
    phases: npt.NDArray[np.uint32] = tags & np.uint32(_PHASE)
    return phases


class SequenceRecorder:
    """Folds the steps that completed into whole requests.

    A request counts once, with its last token, and only where its first step was measured, too:
    its latency is from the begin of that step to the completion of the last one.

    Args:
        prompts: tokens of the prompt of each sequence, over the whole batch.
    """

    def __init__(self, prompts: Sequence[int]) -> None:
        self._prompts = np.array(prompts, dtype=np.int64)
        self._begins_s: dict[int, float] = {}
        self.latencies = LogHistogram()
        self.prompt_tokens = 0

    def add(
        self,
        times_s: npt.NDArray[np.float64],
        latencies_ms: npt.NDArray[np.float64],
        tags: npt.NDArray[np.uint32],
        dropped: int = 0,
    ) -> None:
        """Add steps in the order of their completion; `dropped` more came before them, unseen."""
        if dropped:
            self.interrupt()
        is_prefill = phases_of(tags) == PREFILL
        sequences = tags[is_prefill] >> np.uint32(_SEQUENCE_SHIFT)
        self.prompt_tokens += int(self._prompts[sequences].sum())
        ends = np.flatnonzero(is_prefill | ((tags & np.uint32(_LAST)) != 0))
        whole_ms = []
        for tag, time_s, latency_ms in zip(
            tags[ends].tolist(), times_s[ends].tolist(), latencies_ms[ends].tolist(), strict=True
        ):
            request = tag >> _REQUEST_SHIFT & _REQUEST_MASK
            if tag & _PHASE == PREFILL:
                self._begins_s[request] = time_s - latency_ms / 1e3
            if tag & _LAST:
                begin_s = self._begins_s.pop(request, None)
                if begin_s is not None:
                    whole_ms.append((time_s - begin_s) * 1e3)
        if whole_ms:
            self.latencies.add(np.array(whole_ms))

    def interrupt(self) -> None:
        """What has begun until now is not measured as a whole."""
        self._begins_s.clear()
