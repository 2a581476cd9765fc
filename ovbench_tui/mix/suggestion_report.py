"""What a search for a better split comes to: a table, a sentence, and the command that runs it."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from statistics import median
from typing import Any

from ovbench_tui import __version__
from ovbench_tui.ab.report import ratio_data
from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.console.columns import aligned
from ovbench_tui.console.numbers import DASH
from ovbench_tui.console.printable import printable
from ovbench_tui.export import own_command
from ovbench_tui.mix.suggestion import Measured, Split, SuggestionSearch
from ovbench_tui.reports.plain_data import json_text
from ovbench_tui.stats.comparison.compare_text import margin_text, needed_text
from ovbench_tui.stats.comparison.outcome import Outcome, outcome_of

SCHEMA = "ovbench-tui/mix-suggestion/1"


def conclusion(search: SuggestionSearch) -> str:
    """One sentence on the winner."""
    winner, now = search.winner, search.now
    if now.reason:
        return f"What there is does not run: {printable(now.reason, 400)}"
    if winner is None:
        return "There was nothing to compare."
    if winner.reason:
        return f"The best of the splits failed in the end: {printable(winner.reason, 400)}"
    ratio = search.ratio
    if math.isnan(ratio.low):
        return f"Nothing is decided: {ratio.reason}, give it more of --max-time."
    interval = f"95 % interval {ratio.low:.3f} to {ratio.high:.3f}"
    figure = f"{ratio.ratio:.3f} times the FPS of now in the geometric mean ({interval})"
    if winner.missed and now.missed:
        return f"No split keeps every limit: the best of them has {figure}."
    if now.missed:
        return f"This split keeps every limit, which what there is does not: {figure}."
    if winner.missed:
        return "No split that keeps every limit was better than what there is."
    outcome = outcome_of(ratio)
    if search.is_better:
        return f"This split is better for all together: {figure}."
    if outcome is Outcome.EQUAL:
        return f"No split was better than now within {margin_text(ratio)}: the best has {figure}."
    if outcome is Outcome.DIFFERENT:
        return f"No split was better than now: the best has {figure}."
    needed = needed_text(ratio)
    more = f"; {needed}" if needed else ""
    return f"No split was better than now within the noise: the best has {figure}{more}."


def format_suggestion(search: SuggestionSearch, names: Sequence[str]) -> str:
    """The splits, the best first, a sentence, and the command of the winner.

    FPS of what there is; of the others how many times as many that is.
    """
    head = ["", *map(printable, names), "all", "limits", "rounds"]
    rows = [head, *(_row(split, search, len(names)) for split in ranked(search))]
    keyed = [
        f"{letter}: {describe(split, search.now)}"
        for split, letter in zip(search.splits, _letters(search), strict=True)
        if split is not search.now
    ]
    lines = [*aligned(rows, left=(0,)), "", *keyed, "", conclusion(search)]
    if search.is_better and search.winner is not None:
        lines += ["", printable(command_of(search.winner.configs), 20_000)]
    return "\n".join(lines)


def ranked(search: SuggestionSearch) -> list[Split]:
    """What there was, the winner, and the others, the best first."""
    first = [search.now, *([search.winner] if search.winner is not None else [])]
    others = [split for split in search.splits if split not in first]
    others.sort(key=lambda split: split.rank_beside(search.now), reverse=True)
    return [*first, *others]


def describe(split: Split, now: Split) -> str:
    """The streams, threads and requests of each model, as they are typed."""
    parts = [
        "as it is" if config == before else _words(config)
        for config, before in zip(split.configs, now.configs, strict=True)
    ]
    return " | ".join(parts)


def command_of(configs: Sequence[BenchmarkConfig]) -> str:
    """The command line that runs these together."""
    words = [own_command(config).partition(" ")[2] for config in configs]
    return shlex.join(["ovbench-tui", "mix", *words])


def describe_search(search: SuggestionSearch) -> str:
    """How far it is, in a line."""
    tried = sum(bool(split.race) for split in search.splits)
    if search.winner is None:
        return f"{tried} of {len(search.splits)} splits tried"
    return f"final round {len(search.winner.final) + 1}: the best split against what there is"


def suggestion_document(
    search: SuggestionSearch, names: Sequence[str], *, exit_code: int, error: str = ""
) -> str:
    """The same as JSON; what is not known is null.

    Args:
        error: why it failed, in a sentence; '' = it did not.
    """
    better = search.is_better
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "exit_code": exit_code,
        "error": error or None,
        "models": list(names),
        "is_better": better,
        "conclusion": conclusion(search),
        "ratio": ratio_data(search.ratio),
        "command": command_of(search.winner.configs) if better and search.winner else None,
        "splits": [
            {
                "is_now": split is search.now,
                "is_winner": split is search.winner,
                "models": [
                    {
                        "name": name,
                        "streams": config.streams,
                        "threads": config.threads,
                        "nireq": config.nireq,
                    }
                    for name, config in zip(names, split.configs, strict=True)
                ],
                "mean_fps": split.score,
                "missed": split.missed,
                "race": [_measured(one) for one in split.race],
                "final": [_measured(one) for one in split.final],
                "reason": split.reason or None,
            }
            for split in search.splits
        ],
    }
    return json_text(document)


def _measured(one: Measured) -> dict[str, Any]:
    return {"fps": one.fps, "mean_fps": one.score, "limits": one.limits}


def _row(split: Split, search: SuggestionSearch, models: int) -> list[str]:
    letter = _letters(search)[search.splits.index(split)]
    count = str(len(split.race) + len(split.final))
    if split.reason:
        return [letter, *[DASH] * (models + 1), "failed", count]
    now = search.now
    limits = "missed" if split.missed else "kept" if any(r.limits for r in split.best_known) else ""
    if split is now:
        known = now.best_known
        fps = [median(column) for column in zip(*(one.fps for one in known), strict=True)]
        return [letter, *(f"{value:.2f} FPS" for value in fps), f"{now.score:.2f}", limits, count]
    # Against what was measured beside it: the machine may be another one an hour later.
    pairs = split.beside(now)
    ratios = [
        [_ratio(one, other) for one, other in zip(own.fps, base.fps, strict=True)]
        for own, base in pairs
    ]
    shares = [median(column) for column in zip(*ratios, strict=True)] if ratios else []
    texts = [DASH if math.isnan(share) else f"{share:.2f}" for share in shares]
    overall = split.rank_beside(now)[1]
    if split is search.winner and not math.isnan(search.ratio.ratio):
        overall = search.ratio.ratio
    return [letter, *(texts or [DASH] * models), f"{overall:.2f}", limits, count]


def _ratio(one: float, other: float) -> float:
    return one / other if other > 0 else math.nan


def _letters(search: SuggestionSearch) -> list[str]:
    """What each split is called."""
    return ["now", *(f"split {number}" for number in range(1, len(search.splits)))]


def _words(config: BenchmarkConfig) -> str:
    return f"-nstreams {config.streams} -nthreads {config.threads} -nireq {config.nireq}"
