"""What may be tried: a few values for each option, and the order in which they are."""

from __future__ import annotations

import itertools
import os
import re
from dataclasses import dataclass, replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import names_pipeline
from ovbench_tui.config.option_values import HINT_ALIASES, HINTS, MAX_NIREQ
from ovbench_tui.errors import BadInputError
from ovbench_tui.system.cgroup import find_cgroup

_RANGE = re.compile(r"(\d{1,6})(?:\.\.(\d{1,6}))?", re.ASCII)
_MOST_VALUES = 4096
_LEAST_NIREQ = 4
_NIREQ_PER_CPU = 4
_PIPELINE_NIREQ_PER_CPU = 16
"""A step takes a token of every request, so many more of them are worth trying."""

_MORE_BATCHED_TOKENS = 1024
"""Tried beside openvino-genai's own choice, which reads a prompt of 512 tokens in two steps."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What takes a compile to change; the fields are those of `BenchmarkConfig`."""

    hint: str = "throughput"
    streams: str = ""
    threads: int = 0
    batch: int = 0
    precision: str = ""
    kv_cache_precision: str = ""
    batched_tokens: int = 0
    hint_nireq: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One configuration of the space; all with the same variant share a compiled model.

    Attributes:
        arrivals: the pattern by which requests arrive; '' = a closed loop.
    """

    variant: Variant
    nireq: int
    arrivals: str = ""

    def config(self, base: BenchmarkConfig) -> BenchmarkConfig:
        """Apply it to a configuration that says everything else; the run has no end."""
        variant = self.variant
        return replace(
            base,
            hint=variant.hint,
            streams=variant.streams,
            threads=variant.threads,
            batch=variant.batch,
            precision=variant.precision,
            kv_cache_precision=variant.kv_cache_precision,
            batched_tokens=variant.batched_tokens,
            nireq=self.nireq,
            hint_nireq=variant.hint_nireq,
            api="async",
            max_fps=0.0,
            arrivals=self.arrivals,
            scenario="",
            duration_s=None,
            iterations=None,
        )


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """The values to try of every option.

    Attributes:
        nireq: ascending.
    """

    hints: tuple[str, ...] = ("throughput",)
    streams: tuple[str, ...] = ("",)
    threads: tuple[int, ...] = (0,)
    batches: tuple[int, ...] = (0,)
    precisions: tuple[str, ...] = ("",)
    nireq: tuple[int, ...] = (1,)
    kv_cache_precisions: tuple[str, ...] = ("",)
    batched_tokens: tuple[int, ...] = (0,)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Everything that takes a compile, the most streams first."""
        # Backwards: many streams are what throughput mostly wants, and an early good one
        # lets the race stop the others soon.
        every = itertools.product(
            *(self.hints, reversed(self.streams), self.threads, self.precisions, self.batches),
            *(self.kv_cache_precisions, self.batched_tokens),
        )
        return tuple(
            Variant(hint, streams, threads, batch, precision, kv_cache_precision, tokens)
            for hint, streams, threads, precision, batch, kv_cache_precision, tokens in every
        )

    @property
    def points(self) -> tuple[Point, ...]:
        """The exhaustive grid."""
        return tuple(Point(variant, nireq) for variant in self.variants for nireq in self.nireq)

    @property
    def size(self) -> int:
        """Configurations in the grid."""
        return len(self.points)

    def check(self, base: BenchmarkConfig) -> None:
        """Refuse values that no device could use.

        Raises:
            BadInputError: one sentence that names the option.
        """
        for variant in self.variants:
            for nireq in (self.nireq[0], self.nireq[-1]):
                Point(variant, nireq).config(base)


def default_space(
    base: BenchmarkConfig, *, prefers_latency: bool = False, cpus: int | None = None
) -> SearchSpace:
    """Choose bounds that suit the machine and the device.

    Neither batch nor a precision is varied unless that is asked for: they change what the model
    is given or answers. A device other than the CPU has streams of its own kinds, so there
    only the hint and the requests are varied. openvino-genai runs one inference at a time, of all
    requests, so there it is requests and the tokens of a step.

    Args:
        prefers_latency: the objective is latency.
        cpus: processors that may be used; None = those of this process.
    """
    cpus = usable_cpus() if cpus is None else cpus
    nireq = ladder_up_to(max(_LEAST_NIREQ, _NIREQ_PER_CPU * cpus))
    kept = SearchSpace(
        streams=(base.streams,),
        threads=(base.threads,),
        batches=(base.batch,),
        precisions=(base.precision,),
        nireq=nireq,
        kv_cache_precisions=(base.kv_cache_precision,),
        batched_tokens=(base.batched_tokens,),
    )
    if names_pipeline(base.model):
        return replace(
            kept,
            hints=(base.hint,),
            nireq=ladder_up_to(_PIPELINE_NIREQ_PER_CPU * cpus),
            batched_tokens=(0, _MORE_BATCHED_TOKENS),
        )
    if base.device.upper() != "CPU":
        hints = ("latency", "throughput") if prefers_latency else ("throughput", "latency")
        return replace(kept, hints=hints)
    streams = sorted({*_powers_up_to(cpus), cpus})
    return replace(
        kept,
        hints=("latency" if prefers_latency else "throughput",),
        streams=tuple(map(str, streams)),
    )


def usable_cpus() -> int:
    """Processors this process may use, by its affinity and its group's quota."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = find_cgroup().quota_cpus()
    return max(1, count if quota is None else min(count, round(quota)))


def ladder_up_to(most: int) -> tuple[int, ...]:
    """1, 2, 3, 4, 6, 8, 12, 16 and so on, up to `most`."""
    powers = _powers_up_to(most)
    between = [3 * power // 2 for power in powers if power >= 2 and 3 * power // 2 <= most]
    return tuple(sorted({*powers, *between, most}))


def _powers_up_to(most: int) -> list[int]:
    return [2**n for n in range(most.bit_length()) if 2**n <= most]


def parse_numbers(
    text: str, option: str, *, least: int = 1, most: int = MAX_NIREQ
) -> tuple[int, ...]:
    """Read ``1..16``, ``1,2,4`` or ``1..4,8`` as ascending numbers.

    Args:
        most: to be named where a number is out of range; what is too much, the option checks.

    Raises:
        BadInputError: one sentence that names the option.
    """
    values: set[int] = set()
    for word in text.split(","):
        match = _RANGE.fullmatch(word.strip())
        low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if high < low:
            raise BadInputError(
                f"{option} {text!r} is not a list of numbers: write 1..16 or 1,2,4."
            )
        if high - low >= _MOST_VALUES or low < least:
            raise BadInputError(
                f"{option} {text!r} is out of range: give numbers from {least} to {most}."
            )
        values.update(range(low, high + 1))
    return tuple(sorted(values))


def parse_streams(text: str) -> tuple[str, ...]:
    """Read stream counts: numbers as above, or the word auto for the device's own choice.

    Raises:
        BadInputError: one sentence.
    """
    words = [word.strip() for word in text.split(",")]
    numbers = [word for word in words if word.lower() != "auto"]
    counts = parse_numbers(",".join(numbers), "--streams") if numbers else ()
    auto = ("",) if len(numbers) < len(words) else ()
    return (*auto, *map(str, counts))


def parse_hints(text: str) -> tuple[str, ...]:
    """Read performance hints, separated by commas.

    Raises:
        BadInputError: one sentence.
    """
    words = [word.strip().lower() for word in text.split(",")]
    hints = tuple(dict.fromkeys(HINT_ALIASES.get(word, word) for word in words))
    for hint in hints:
        if hint not in HINTS:
            raise BadInputError(f"--hint {hint!r} is unknown: choose among {', '.join(HINTS)}.")
    return hints


def parse_precisions(text: str, option: str = "--precision") -> tuple[str, ...]:
    """Read precisions, separated by commas; ``default`` is the device's own.

    Raises:
        BadInputError: one sentence that names the option.
    """
    words = [word.strip().lower() for word in text.split(",")]
    if not all(words):
        raise BadInputError(f"{option} {text!r} has an empty part: write f32,bf16.")
    return tuple(dict.fromkeys("" if word == "default" else word for word in words))
