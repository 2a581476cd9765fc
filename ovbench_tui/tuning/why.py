"""Why a configuration won, in a sentence or two."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from ovbench_tui.stats.comparison.compare_text import margin_text, noise_text
from ovbench_tui.stats.comparison.outcome import Outcome, noise_of, outcome_of
from ovbench_tui.stats.run_stats import PairedRatio
from ovbench_tui.tuning.search.finals import lead_interval
from ovbench_tui.tuning.search.objective import Goal, Objective, limits_text
from ovbench_tui.tuning.search.space import Point, Variant
from ovbench_tui.tuning.state import TuningState
from ovbench_tui.tuning.trial_result import Trial

_LEVEL = 0.03
"""More requests that gain less than this only queue."""


def point_name(point: Point, others: Sequence[Trial]) -> str:
    """Call a configuration by what differs among all, as in ``2 streams with 4 requests``.

    Where requests arrive by themselves, that is their pattern.
    """
    if point.arrivals:
        return point.arrivals
    variants = {other.point.variant for other in others} | {point.variant}
    parts = variant_words(point.variant, variants)
    requests = _counted(point.nireq, "request") if point.nireq else "automatic requests"
    return f"{', '.join(parts)} with {requests}" if parts else requests


def variant_words(variant: Variant, variants: set[Variant]) -> list[str]:
    """Words for those options of a variant that are not the same in all."""
    words = {
        "hint": "no hint" if variant.hint == "none" else f"hint {variant.hint}",
        "streams": _counted(int(variant.streams), "stream")
        if variant.streams.isdigit()
        else f"{variant.streams.lower() or 'automatic'} streams",
        "threads": _counted(variant.threads, "thread") if variant.threads else "automatic threads",
        "batch": f"batch {variant.batch}" if variant.batch else "the model's own batch",
        "precision": variant.precision or "the default precision",
        "kv_cache_precision": f"KV cache {variant.kv_cache_precision or 'by default'}",
        "batched_tokens": f"{variant.batched_tokens} tokens a step"
        if variant.batched_tokens
        else "openvino-genai's own tokens a step",
    }
    return [
        text
        for field, text in words.items()
        if len({getattr(other, field) for other in variants}) > 1
    ]


def why_it_won(board: TuningState) -> str:
    """Say how far the winner is ahead, and what other numbers of requests would do.

    Where nothing keeps the limit, it says what comes nearest.
    """
    winner = board.winner
    ranked = [trial for trial in board.ranked if trial.has_run]
    if not ranked:
        return "Nothing could be measured."
    if winner is None:
        return _why_none_won(ranked, board.objective)
    lead, is_sure = _lead(winner, ranked, board.objective.margin)
    sentences = [f"{_capital(point_name(winner.point, ranked))}: {lead}"]
    remark = _over_remark(winner, ranked, board.objective)
    if not remark and is_sure:
        remark = _requests_remark(winner, ranked, board)
    if remark:
        sentences.append(remark)
    return "; ".join(sentences) + "."


def _why_none_won(ranked: Sequence[Trial], objective: Objective) -> str:
    """Say what comes nearest to the limits."""
    nearest = ranked[0]
    name = point_name(nearest.point, ranked)
    figures = nearest.figures
    limits = objective.limits(figures.unit)
    worst = objective.worst_limit(figures, by_upper_end=nearest.may_keep_limit)
    if worst is None:
        return f"Nothing was measured well enough to be ranked; {name} comes nearest."
    value_ms = worst.value_ms(figures)
    what = f"a {worst.name} of " if len(limits) > 1 else ""
    if not nearest.may_keep_limit:
        return (
            f"No configuration keeps {limits_text(limits)}: {name} comes nearest with"
            f" {what}{value_ms.mid:.3g} ms."
        )
    begin = f"No configuration surely keeps {limits_text(limits)}"
    if not math.isfinite(value_ms.high):
        return f"{begin}: {name} gave too few figures for its {worst.name}."
    return (
        f"{begin}: {name} has {what}{value_ms.mid:.3g} ms, but its interval reaches"
        f" {value_ms.high:.3g} ms, over the limit."
    )


def against_winner(trial: Trial, board: TuningState) -> str:
    """How surely a finalist is behind the winner, in a few words; '' = it is no such finalist."""
    winner = board.winner
    if winner is None or trial is winner or not (winner.finals and trial.finals):
        return ""
    if not trial.is_within_limit:
        return ""  # the limit decides, not the lead
    ratio = _ratio(trial, winner, board.objective.margin)
    if outcome_of(ratio) is Outcome.DIFFERENT:
        change = _percent(abs(1 - ratio.ratio))
        return f"{change} behind" if ratio.ratio < 1 else f"{change} ahead"
    return _not_different(ratio)


def doubt_of(board: TuningState) -> str:
    """Why the winner is not surely ahead of the next, in a few words; '' = it is."""
    winner = board.winner
    following = _following(winner, board.ranked) if winner is not None else None
    if winner is None or following is None:
        return ""
    ratio = _ratio(winner, following, board.objective.margin)
    if outcome_of(ratio) is Outcome.DIFFERENT and ratio.ratio > 1:
        return ""
    return _not_different(ratio)


def standing(board: TuningState) -> str:
    """What the winner did, as a verb: it won only where it is surely ahead of the next."""
    doubt = doubt_of(board)
    return f"leads ({doubt})" if doubt else "won"


def _not_different(ratio: PairedRatio) -> str:
    if outcome_of(ratio) is Outcome.EQUAL:
        return f"equal within {margin_text(ratio)}"
    noise = noise_of(ratio)
    return "undecided" if math.isnan(noise) else f"undecided ±{100 * noise:.1f} %"


def _following(winner: Trial, ranked: Sequence[Trial]) -> Trial | None:
    """The next best that keeps the limit; None where there is none."""
    others = [trial for trial in ranked if trial is not winner and trial.is_within_limit]
    return max(others, key=lambda trial: (bool(trial.finals), trial.score.mid), default=None)


def _lead(winner: Trial, ranked: Sequence[Trial], margin: float) -> tuple[str, bool]:
    """How far it is ahead of the next, in words, and whether that is beyond the noise."""
    following = _following(winner, ranked)
    if following is None:
        only = all(trial is winner for trial in ranked)
        return ("the only one measured" if only else "the only one surely within the limit"), False
    name = point_name(following.point, ranked)
    ratio = _ratio(winner, following, margin)
    lead = ratio.ratio - 1
    outcome = outcome_of(ratio)
    if outcome is Outcome.DIFFERENT and lead > 0:
        return f"{_percent(lead)} above the next ({name})", True
    if outcome is Outcome.EQUAL:
        return f"equal to {name} within {margin_text(ratio)}", False
    noise = "" if math.isnan(noise_of(ratio)) else f", {noise_text(ratio)}"
    return f"undecided against {name}: {100 * lead:+.1f} %{noise}", False


def _ratio(winner: Trial, other: Trial, margin: float) -> PairedRatio:
    """The winner's score over the other's: from rounds in pairs, else from both intervals."""
    seconds = winner.figures.seconds + other.figures.seconds
    rounds = min(len(winner.finals), len(other.finals))
    if rounds > 1:
        ratios = [one / two for one, two in zip(winner.finals[:rounds], other.finals, strict=False)]
        low, high = lead_interval(winner.finals[:rounds], other.finals[:rounds])
        return PairedRatio(
            "score", rounds, median(ratios), low, high, margin=margin, seconds=seconds
        )
    one, two = winner.score, other.score
    high = one.high / two.low if two.low > 0 else math.inf
    return PairedRatio(
        "score", 1, one.mid / two.mid, one.low / two.high, high, margin=margin, seconds=seconds
    )


def _over_remark(winner: Trial, ranked: Sequence[Trial], objective: Objective) -> str:
    """What more requests would break of the limit."""
    over = [
        trial
        for trial in ranked
        if trial.point.variant == winner.point.variant
        and trial.point.nireq > winner.point.nireq
        and not trial.may_keep_limit
    ]
    if not over:
        return ""
    nearest = min(over, key=lambda trial: trial.point.nireq)
    worst = objective.worst_limit(nearest.figures)
    if worst is None:
        return ""
    value_ms = worst.value_ms(nearest.figures).mid
    return (
        f"{nearest.point.nireq} requests have a {worst.name} of {value_ms:.3g} ms, over the limit"
    )


def _requests_remark(winner: Trial, ranked: Sequence[Trial], board: TuningState) -> str:
    """What more or fewer requests do in the winner's own compiled model."""
    own = [trial for trial in ranked if trial.point.variant == winner.point.variant]
    more = [trial for trial in own if trial.point.nireq > winner.point.nireq]
    fewer = [trial for trial in own if trial.point.nireq < winner.point.nireq]
    if more:
        remark = _more_remark(winner, max(more, key=lambda trial: trial.score.mid), board)
        if remark:
            return remark
    if fewer and board.objective.goal is not Goal.LATENCY:
        best = max(fewer, key=lambda trial: trial.figures.fps.mid)
        loss = 1 - best.figures.fps.mid / winner.figures.fps.mid
        if loss > _LEVEL and best.figures.fps.high < winner.figures.fps.low:
            return f"fewer requests leave the device idle ({_percent(loss)} fewer {board.unit})"
    return ""


def _more_remark(winner: Trial, more: Trial, board: TuningState) -> str:
    gain = more.figures.fps.mid / winner.figures.fps.mid - 1
    slower = more.figures.p50_ms.mid / winner.figures.p50_ms.mid - 1
    if board.objective.goal is Goal.LATENCY:
        if slower <= _LEVEL:
            return ""
        what = "time per token" if board.of_tokens else "latency"
        return f"more requests make each wait ({_percent(slower)} more median {what})"
    if gain <= _LEVEL and slower > 2 * _LEVEL:
        return "more requests only queue"
    return ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else f"{100 * share:.1f} %"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
