"""Ways to divide the processors among the models of a mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ovbench_tui.config.benchmark import BenchmarkConfig
from ovbench_tui.config.model_file import names_pipeline

Configs = tuple[BenchmarkConfig, ...]
"""Of the models of a mix, in their order."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one model gets.

    Attributes:
        threads: of all its streams.
    """

    streams: int
    threads: int
    nireq: int

    def config(self, base: BenchmarkConfig) -> BenchmarkConfig:
        """The same with this share; without the async API there is one request."""
        nireq = 1 if base.api == "sync" else self.nireq
        return replace(
            base, streams=str(self.streams), threads=self.threads, nireq=nireq, hint_nireq=nireq
        )


def splits_of(base: Configs, cpus: int) -> tuple[Configs, ...]:
    """What is worth trying beside what there is: the configurations of all, for each split.

    The processors are divided evenly, or so that one model gets most of them, or each model may
    use all. Then either one request of a model uses all of its threads, or each thread has a
    stream of its own, with one request or two for each. Only models on the CPU are given a share:
    other devices have streams of kinds of their own, and openvino-genai has none.

    Args:
        cpus: processors that may be used.
    """
    movable = [number for number, config in enumerate(base) if _is_movable(config)]
    if not movable:
        return ()
    found: dict[Configs, None] = {}
    for threads in _thread_counts(len(movable), cpus):
        for shares in _kinds(threads):
            configs = list(base)
            for number, share in zip(movable, shares, strict=True):
                configs[number] = share.config(base[number])
            found.setdefault(tuple(configs))
    found.pop(base, None)
    return tuple(found)


def _thread_counts(models: int, cpus: int) -> list[tuple[int, ...]]:
    """Threads of each model: even, one of them favoured, all of them for each."""
    even = (max(1, cpus // models),) * models
    found = [even]
    few = max(1, cpus // (2 * models))
    most = max(1, cpus - few * (models - 1))
    found += [
        tuple(most if number == favoured else few for number in range(models))
        for favoured in range(models if models > 1 else 0)
    ]
    return list(dict.fromkeys([*found, (cpus,) * models]))


def _kinds(threads: Sequence[int]) -> list[tuple[Share, ...]]:
    return [
        tuple(Share(1, count, 1) for count in threads),
        tuple(Share(count, count, count) for count in threads),
        tuple(Share(count, count, 2 * count) for count in threads),
    ]


def _is_movable(config: BenchmarkConfig) -> bool:
    return config.device.upper() == "CPU" and not names_pipeline(config.model)
