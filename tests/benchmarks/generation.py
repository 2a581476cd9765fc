"""Tokens a second of a language model, against a plain loop over the same IR."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter

from tests.benchmarks.pairing import alternate, fps_of, median_ms_of
from tests.benchmarks.parsing import Throughput, printed_after_screen, read_summary
from tests.benchmarks.processes import Terminal, run_to_end
from tests.benchmarks.programs import our_command
from tests.benchmarks.report import Row, Skipped, Within, ratio_row
from tests.benchmarks.settings import Settings

_PROMPT, _NEW = 128, 64
_WITHIN = Within(0.03)
_LAYERS, _HEADS, _HEAD_SIZE, _WORDS = 4, 8, 64, 8000


def run(settings: Settings, models: Mapping[str, Path]) -> list[Row | Skipped]:
    """Tokens a second and the median of a token's latency, with the screen and without."""
    model = settings.folder / "decoder.xml"
    run_to_end(_own_command("--save", str(model)), settings.environment, settings.folder, 300.0)
    rows: list[Row | Skipped] = []
    for name, ours in (("screen on", _with_screen), ("--no-tui", _without_screen)):
        pairs = alternate(
            partial(ours, settings, model),
            partial(_plain_loop, settings, model),
            settings.pairs,
            f"generation, {name}",
        )
        subject = f"decoder: {name} / plain loop, {_PROMPT} + {_NEW} tokens"
        names = ("ours", "loop")
        rows.append(ratio_row("generation", subject, fps_of(pairs), _WITHIN, names, "tokens/s"))
        tpot = median_ms_of(pairs)
        rows.append(ratio_row("generation", f"{subject}, TPOT p50", tpot, _WITHIN, names, "ms"))
    return rows


def _own_command(*words: str) -> list[str]:
    return [sys.executable, "-m", "tests.benchmarks.generation", *words]


def _options(settings: Settings) -> list[str]:
    lengths = ["--prompt-tokens", str(_PROMPT), "--new-tokens", str(_NEW)]
    return ["-d", "CPU", "-hint", "latency", "-t", str(settings.seconds), *lengths]


def _with_screen(settings: Settings, model: Path) -> Throughput:
    command = our_command(model, *_options(settings))
    with Terminal(command, settings.environment, settings.folder) as terminal:
        return read_summary(printed_after_screen(terminal.wait_for_end(settings.timeout_s)))


def _without_screen(settings: Settings, model: Path) -> Throughput:
    command = our_command(model, "--no-tui", *_options(settings))
    return read_summary(
        run_to_end(command, settings.environment, settings.folder, settings.timeout_s)
    )


def _plain_loop(settings: Settings, model: Path) -> Throughput:
    command = _own_command("--loop", str(model), str(settings.seconds))
    printed = run_to_end(command, settings.environment, settings.folder, settings.timeout_s)
    tokens_per_s, median_ms = map(float, printed.split())
    return Throughput(tokens_per_s, 1, median_ms)


# -- in a process of its own ------------------------------------------------------------------


def _measure(path: str, seconds: float) -> None:
    """Print tokens a second, and the median of a token's wall time in ms."""
    import numpy as np
    import openvino as ov

    compiled = ov.Core().compile_model(path, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    random = np.random.default_rng(0)
    beam = np.zeros(1, np.int32)
    tokens_ms: list[float] = []

    def infer(past: int, tokens: int) -> None:
        request.infer(
            {
                "input_ids": random.integers(0, _WORDS, (1, tokens)),
                "attention_mask": np.ones((1, past + tokens), np.int64),
                "position_ids": np.arange(past, past + tokens)[None],
                "beam_idx": beam,
            },
            share_outputs=True,
        )

    def generate() -> int:
        request.reset_state()
        infer(0, _PROMPT)
        given = 1
        while given < _NEW and perf_counter() < until_s:
            begin_s = perf_counter()
            infer(_PROMPT + given - 1, 1)
            tokens_ms.append((perf_counter() - begin_s) * 1e3)
            given += 1
        return given

    until_s = perf_counter() + 1e9
    generate()  # warm
    tokens_ms.clear()
    count, begin_s = 0, perf_counter()
    until_s = begin_s + seconds
    while perf_counter() < until_s:
        count += generate()
    print(count / (perf_counter() - begin_s), sorted(tokens_ms)[len(tokens_ms) // 2])


def _save(path: str) -> None:
    """A decoder of a few layers with its cache as states."""
    import numpy as np
    import openvino as ov
    from openvino import opset13 as op
    from openvino.op.util import Variable, VariableInfo

    random, width = np.random.default_rng(0), _HEADS * _HEAD_SIZE

    def port(name: str, rank: int, kind: ov.Type = ov.Type.i64) -> ov.Node:
        node = op.parameter([-1] * rank, kind, name=name)
        node.output(0).get_tensor().set_names({name})
        return node

    def weights(*shape: int) -> ov.Node:
        return op.constant(random.standard_normal(shape, np.float32) * 0.05)

    def numbers(*values: int) -> ov.Node:
        return op.constant(np.array(values, np.int64))

    zero = op.constant(np.int64(0))
    ids, mask, places = (port(n, 2) for n in ("input_ids", "attention_mask", "position_ids"))
    beams = port("beam_idx", 1, ov.Type.i32)
    batch = op.gather(op.shape_of(ids), numbers(0), zero)
    sizes = op.concat([batch, numbers(_HEADS), numbers(0), numbers(_HEAD_SIZE)], 0)
    is_seen = op.subtract(op.convert(mask, "f32"), op.constant(np.float32(1)))
    added = op.unsqueeze(op.multiply(is_seen, op.constant(np.float32(1e4))), numbers(1, 2))
    token = op.gather(weights(_WORDS, width), ids, zero)
    x = op.add(token, op.gather(weights(2048, width), places, zero))
    sinks = []

    def heads(of: ov.Node) -> ov.Node:
        projected = op.matmul(of, weights(width, width), False, True)
        split = op.reshape(projected, numbers(0, 0, _HEADS, _HEAD_SIZE), True)
        return op.transpose(split, numbers(0, 2, 1, 3))

    def cached(name: str, new: ov.Node) -> ov.Node:
        info = VariableInfo()
        info.data_shape, info.data_type = ov.PartialShape([-1, _HEADS, -1, _HEAD_SIZE]), ov.Type.f32
        info.variable_id = name
        variable = Variable(info)
        past = op.read_value(op.broadcast(op.constant(np.float32(0)), sizes), variable)
        whole = op.concat([op.gather(past, beams, zero), new], 2)
        sinks.append(op.assign(whole, variable))
        return whole

    for layer in range(_LAYERS):
        query, key, value = heads(x), cached(f"k{layer}", heads(x)), cached(f"v{layer}", heads(x))
        mixed = op.scaled_dot_product_attention(query, key, value, added)
        mixed = op.reshape(op.transpose(mixed, numbers(0, 2, 1, 3)), numbers(0, 0, width), True)
        x = op.add(x, op.matmul(mixed, weights(width, width), False, True))
        wide = op.relu(op.matmul(x, weights(4 * width, width), False, True))
        x = op.add(x, op.matmul(wide, weights(width, 4 * width), False, True))
    logits = op.matmul(x, weights(_WORDS, width), False, True)
    logits.output(0).get_tensor().set_names({"logits"})
    model = ov.Model([op.result(logits)], sinks, [ids, mask, places, beams], "decoder")
    ov.save_model(model, path, compress_to_fp16=False)


if __name__ == "__main__":
    if sys.argv[1] == "--save":
        _save(sys.argv[2])
    else:
        _measure(sys.argv[2], float(sys.argv[3]))
