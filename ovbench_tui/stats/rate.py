"""Completions a second, without the error of counting whole inferences in a fixed window."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FRAMES, TOKENS = "FPS", "tokens/s"
"""What a rate counts."""

_GRACE_GAPS = 2.0


def completion_rate(count: int, start_s: float, last_s: float, now_s: float) -> float:
    """Completions a second since a completion at `start_s`.

    The span ends at the last completion, so that a slow model's rate does not saw up and
    down between two completions; when none came for longer than two usual gaps, it ends so
    much before `now_s`, so that a stalled model's rate falls.

    Args:
        count: completions after `start_s`.
        last_s: time of the last of them.
    """
    if count <= 0 or last_s <= start_s:
        return 0.0
    gap_s = (last_s - start_s) / count
    return count / max(last_s - start_s, now_s - start_s - _GRACE_GAPS * gap_s)


@dataclass(frozen=True, slots=True)
class _Sample:
    last_s: float
    count: int


class RateWindow:
    """The rate over the newest stretch of at least `min_window_s` and `min_count` completions.

    Where the model is too slow for that, the stretch is as long as `max_window_s`.
    """

    def __init__(
        self, min_window_s: float = 1.0, max_window_s: float = 10.0, min_count: int = 8
    ) -> None:
        self._min_window_s = min_window_s
        self._max_window_s = max_window_s
        self._min_count = min_count
        self._samples: deque[_Sample] = deque()

    def restart(self) -> None:
        """Forget everything: what comes next is another stretch."""
        self._samples.clear()

    def add(self, last_s: float, count: int) -> None:
        """Note that the newest completion, the `count`-th of the stretch, was at `last_s`."""
        samples = self._samples
        if samples and samples[-1].count == count:
            return
        samples.append(_Sample(last_s, count))
        while len(samples) > 2 and samples[1].last_s <= last_s - self._max_window_s:
            samples.popleft()

    def rate(self, now_s: float) -> float:
        """Completions a second; 0.0 while fewer than two moments are known."""
        start = self._start()
        if start is None:
            return 0.0
        newest = self._samples[-1]
        return completion_rate(newest.count - start.count, start.last_s, newest.last_s, now_s)

    @property
    def is_full(self) -> bool:
        """Whether the stretch is long enough to speak of a peak."""
        start = self._start()
        return start is not None and self._suffices(start)

    def _start(self) -> _Sample | None:
        if len(self._samples) < 2:
            return None
        for sample in reversed(self._samples):
            if self._suffices(sample):
                return sample
        return self._samples[0]

    def _suffices(self, sample: _Sample) -> bool:
        newest = self._samples[-1]
        return (
            newest.last_s - sample.last_s >= self._min_window_s
            and newest.count - sample.count >= self._min_count
        )
