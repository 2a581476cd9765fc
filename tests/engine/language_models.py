"""Small models with the inputs of language models, made with OpenVINO's operations."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import openvino as ov
from openvino import opset13 as op
from openvino.op.util import Variable, VariableInfo

HEADS, HEAD_SIZE, WORDS, POSITIONS = 2, 8, 50, 4096
WIDTH = HEADS * HEAD_SIZE


def named(name: str, shape: list[int], kind: ov.Type = ov.Type.i64) -> ov.Node:
    """An input of that name."""
    node = op.parameter(shape, kind, name=name)
    node.output(0).get_tensor().set_names({name})
    return node


def save_stateful(path: Path, *, has_mask: bool, is_sliced: bool = False) -> Path:
    """A decoder layer with its cache as a state; its mask must be as long as that, or is unused.

    Args:
        is_sliced: the mask is cut to the length of the cache, as in models made from GGUF, so
            its length is only known once that of the state is.
    """
    random = np.random.default_rng(0)
    ids, mask, places = (
        named(name, [-1, -1]) for name in ("input_ids", "attention_mask", "position_ids")
    )
    beams = named("beam_idx", [-1], ov.Type.i32)
    zero = op.constant(np.int64(0))

    def weights(*shape: int) -> ov.Node:
        return op.constant(random.standard_normal(shape, np.float32))

    embedded = op.add(
        op.gather(weights(WORDS, WIDTH), ids, zero),
        op.gather(weights(POSITIONS, WIDTH), places, zero),
    )
    query, key, value = (
        _heads(op.matmul(embedded, weights(WIDTH, WIDTH), False, True)) for _ in range(3)
    )
    batch = op.gather(op.shape_of(ids), op.constant(np.array([0])), zero)
    sizes = [batch, *(op.constant(np.array([size])) for size in (HEADS, 0, HEAD_SIZE))]
    pasts, caches, sinks = [], [], []
    # Two states, as OpenVINO fuses them: others of them cannot be reset on CPU (2026.4).
    for name, new in (("key", key), ("value", value)):
        variable = Variable(_variable(name))
        first = op.broadcast(op.constant(np.float32(0)), op.concat(sizes, 0))
        pasts.append(op.gather(op.read_value(first, variable), beams, zero))
        cache = op.concat([pasts[-1], new], 2)
        caches.append(cache)
        sinks.append(op.assign(cache, variable))
    scores = op.matmul(query, caches[0], False, True)
    if has_mask:
        added = op.unsqueeze(op.convert(mask, "f32"), op.constant(np.array([1, 2])))
        if is_sliced:
            before = op.gather(op.shape_of(pasts[0]), op.constant(np.array([2])), zero)
            length = op.add(before, op.gather(op.shape_of(ids), op.constant(np.array([1])), zero))
            begin, step, axis = (op.constant(np.array([value])) for value in (0, 1, 3))
            added = op.slice(added, begin, length, step, axis)
        scores = op.add(scores, added)
    mixed = op.matmul(op.softmax(scores, -1), caches[1], False, False)
    results = [op.result(mixed)]
    if not has_mask:
        results.append(op.result(op.convert(mask, "f32")))
    model = ov.Model(results, sinks, [ids, mask, places, beams], "decoder")
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def save_with_past(path: Path, *, gives_it_back: bool = True) -> Path:
    """A decoder layer whose past is an input, and whose mask covers past and present.

    Args:
        gives_it_back: an output is the past of the next inference, so that it can generate.
    """
    ids, mask = named("input_ids", [-1, -1]), named("attention_mask", [-1, -1])
    past = named("past_key_values.0.key", [-1, HEADS, -1, HEAD_SIZE], ov.Type.f32)
    table = op.constant(np.ones((WORDS, WIDTH), np.float32))
    heads = _heads(op.gather(table, ids, op.constant(np.int64(0))))
    cache = op.concat([past, heads], 2)
    added = op.unsqueeze(op.convert(mask, "f32"), op.constant(np.array([1, 2])))
    scores = op.add(op.matmul(heads, cache, False, True), added)
    cache.output(0).get_tensor().set_names({"present.0.key"})
    given = [op.result(scores), *([op.result(cache)] if gives_it_back else [])]
    model = ov.Model(given, [ids, mask, past], "decoder")
    ov.save_model(model, path, compress_to_fp16=False)
    return path


def _heads(embedded: ov.Node) -> ov.Node:
    shape = op.constant(np.array([0, 0, HEADS, HEAD_SIZE]))
    return op.transpose(op.reshape(embedded, shape, True), op.constant(np.array([0, 2, 1, 3])))


def _variable(name: str) -> VariableInfo:
    info = VariableInfo()
    info.data_shape = ov.PartialShape([-1, HEADS, -1, HEAD_SIZE])
    info.data_type = ov.Type.f32
    info.variable_id = name
    return info
