"""What is asked of an engine about the running model, and the answers so far."""

from __future__ import annotations

import math

from ovbench_tui.engine.api.events import ModelDescribed, ProfileTaken, RunStarted
from ovbench_tui.engine.api.model_info import ModelFacts
from ovbench_tui.engine.api.pipeline_use import RequestText

_TEXT_EVERY_S = 1.0


class ModelQuestions:
    """Keeps apart what is still to come from what is known.

    Attributes:
        profile_pending: the time of the layers was asked for and is still to come.
    """

    def __init__(self) -> None:
        self.profile_pending = False
        self._profile_is_reported = True
        self._text: RequestText | None = None
        self._text_requested_s = -math.inf
        self._facts: dict[object, ModelFacts] = {}
        self._facts_requested: dict[int, object] = {}

    def begin_engine(self) -> None:
        """Another engine was started, which knows of no question."""
        self.profile_pending = False
        self._text, self._text_requested_s = None, -math.inf
        self._facts_requested.clear()

    def request_profile(self, *, is_reported: bool) -> None:
        """The time of the layers is asked for; see `Session.take_profile`."""
        self.profile_pending = True
        self._profile_is_reported = is_reported

    def take_profile(self, profile: ProfileTaken) -> str:
        """Take the answer; returns what the user should know of it, in a sentence or ''."""
        self.profile_pending = False
        return profile.reason if self._profile_is_reported else ""

    def text_of(self, run_id: int) -> RequestText | None:
        """The text of a request of this run, as it was last read; None = not yet."""
        text = self._text
        return text if text is not None and text.run_id == run_id else None

    def request_text(self, now_s: float) -> bool:
        """Note that it is asked for; False where that was less than a second ago."""
        if now_s - self._text_requested_s < _TEXT_EVERY_S:
            return False
        self._text_requested_s = now_s
        return True

    def take_text(self, text: RequestText) -> None:
        """Take the answer."""
        self._text = text

    def facts_of(self, started: RunStarted) -> ModelFacts | None:
        """What is known of this run's model; None = nothing."""
        return self._facts.get(_reading(started))

    def request_facts(self, started: RunStarted) -> bool:
        """Note that they are asked for; False where they were before."""
        if started.run_id in self._facts_requested:
            return False
        self._facts_requested[started.run_id] = _reading(started)
        return True

    def take_facts(self, described: ModelDescribed) -> None:
        """Take the answer."""
        key = self._facts_requested.pop(described.run_id, None)
        if described.facts is not None and key is not None:
            self._facts[key] = described.facts


def _reading(started: RunStarted) -> object:
    # A file may have changed under its name; what was read again has another reading time.
    return started.model, started.effective.shape_groups, started.read_ms
