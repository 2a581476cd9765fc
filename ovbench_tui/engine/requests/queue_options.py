"""How the infer requests of a queue are fed."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.engine.requests.prepared_model import SequencePlan


@dataclass(frozen=True, slots=True)
class QueueOptions:
    """How infer requests are fed.

    Attributes:
        nireq: infer requests; 0 = the optimal number; 1 with `is_sync`.
        is_sync: one inference after the other, through the synchronous API.
        refills: set the inputs before every inference, the feeds in rotation; else each
            request keeps a copy of its own feed, as in a real program.
        resets_after: inferences after which a request's state begins anew; 0 = never.
        sequences: an idle request takes the next step of its sequence, or with a new state the
            first one of the next sequence; None = there are none.
        has_arrivals: inferences are started by the arrival starter, warm-up apart.
    """

    nireq: int
    is_sync: bool = False
    refills: bool = False
    resets_after: int = 0
    sequences: SequencePlan | None = None
    has_arrivals: bool = False
