"""The question for a model's shapes, put once more after a refusal."""

from __future__ import annotations

from dataclasses import replace

from ovbench_tui.engine.api.events import ConfigRejected, ShapeNeeded


def asked_again(question: ShapeNeeded | None, refused: ConfigRejected) -> ShapeNeeded | None:
    """The question with the shapes that were refused, and why; None where it is not about them.

    Args:
        question: the last one; None = none was asked.
    """
    config = refused.config
    if question is None or not config.data_shape or config.model != question.config.model:
        return None
    return replace(
        question,
        config=config,
        proposal=config.data_shape,
        running=refused.running,
        refusal=refused.reason,
    )
