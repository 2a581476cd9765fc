"""What an input is filled from, in words, and how much of it an inference ever sees."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceUse:
    """The source of one input.

    Attributes:
        what: of the source, named as several, as in ``images``.
        details: further words, as in ``resized``.
        file_count: that were given; 0 = it has no files.
        used_after: how many different files the feeds up to each one use, feed by feed; the
            last number holds for all further feeds.
    """

    what: str
    details: tuple[str, ...] = ()
    file_count: int = 0
    used_after: tuple[int, ...] = ()

    def describe(self, feed_count: int | None = None) -> str:
        """Say it, as in ``the first 2 of 300 images, resized``.

        Args:
            feed_count: how many feeds the infer requests hold, each one for good; None = the
                requests are given all feeds in rotation.
        """
        if not self.file_count:
            return ", ".join((self.what, *self.details))
        what = self.what if self.file_count > 1 else self.what.rstrip("s")
        used = self.used_after[-1] if feed_count is None else self._used_by(feed_count)
        if used == self.file_count:
            return ", ".join((f"{used} {what}", *self.details))
        words = [f"the first {used} of {self.file_count} {what}"]
        if feed_count is not None and used < self.used_after[-1]:
            words[0] += " (each infer request keeps its own)"
        return ", ".join((*words, *self.details))

    def _used_by(self, feed_count: int) -> int:
        return self.used_after[min(feed_count, len(self.used_after)) - 1]


@dataclass(frozen=True, slots=True)
class InputRule:
    """Why the tensor of one input is as it is.

    Attributes:
        label: of the input.
        type_rule: as in ``u8, because it is an image (benchmark_app's rule)``.
    """

    label: str
    type_rule: str
    use: SourceUse

    def describe(self, feed_count: int | None = None) -> tuple[str, str]:
        """The label and the rule in words; `feed_count` as for `SourceUse.describe`."""
        return self.label, f"{self.type_rule}; {self.use.describe(feed_count)}"
