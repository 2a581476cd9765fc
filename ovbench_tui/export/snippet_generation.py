"""The part of the Python program that generates tokens, sequence after sequence."""

from __future__ import annotations

from ovbench_tui.engine.api.model_info import PortInfo
from ovbench_tui.engine.api.results import RunView

IMPORT = "import itertools"

_NUMPY = {"i64": "int64", "i32": "int32", "f32": "float32", "f16": "float16", "f64": "float64"}
_MOST_LENGTHS = 1000

_TEXT = '''
batch = {batch}
lengths = {lengths}
"""Tokens of the prompt and new ones of each sequence, in their turn."""

random = np.random.default_rng({seed})


def inputs(past, tokens):
    """Of an inference with so many tokens behind so many others."""
    return {{
{rows}
    }}

{carried}
ttft_ms, tpot_ms = [], []
queue = ov.AsyncInferQueue(compiled, {nireq})
queue.set_callback(
    lambda request, is_first: (ttft_ms if is_first else tpot_ms).append(request.latency)
)
queue.start_async(inputs(0, lengths[0][0]) | given(None), True)
queue.wait_all()
ttft_ms.clear()

turns = itertools.cycle(lengths)
past, left = [0] * len(queue), [0] * len(queue)
count = 0
begin_s = time.perf_counter()
while {condition}:
    index = queue.get_idle_request_id()  # the one that is started next
    is_first, tokens = left[index] == 0, 1
    if is_first:
        past[index] = 0
        tokens, left[index] = next(turns)
        queue[index].reset_state()
    feed = inputs(past[index], tokens) | given(None if is_first else queue[index])
    queue.start_async(feed, is_first)
    past[index] += tokens
    left[index] -= 1
    count += 1{pace}
queue.wait_all()
seconds = time.perf_counter() - begin_s

print(f"Throughput: {{count * batch / seconds:.2f}} tokens/s, {{count}} inferences in {{seconds:.2f}} s")
for name, latencies_ms in (("TTFT", ttft_ms), ("TPOT", tpot_ms)):
    for percent in (50, 90, 99) if latencies_ms else ():
        print(f"{{name}} p{{percent}}: {{np.percentile(latencies_ms, percent, method='inverted_cdf'):.4f}} ms")
'''  # noqa: E501 - lines of the program

_NONE_CARRIED = '''
def given(request):
    """What the inference before gave, for the next one: nothing, the state is kept."""
    return {}

'''

_CARRIED = '''
carried = {carried}
"""The input, the output that it goes on with, and the shape of an empty past."""


def given(request):
    """What the inference before gave, for the next one; None = there was none."""
    if request is None:
        return {{taker: np.zeros(shape, np.{kind}) for taker, _, shape in carried}}
    return {{
        taker: np.array(request.get_output_tensor(giver).data) for taker, giver, _ in carried
    }}

'''


def generation_part(run: RunView, condition: str, pace: str) -> str:
    """The inputs, the loop and what it prints.

    Args:
        condition: when the loop goes on.
        pace: what holds it back; '' = nothing.
    """
    effective = run.effective
    ports = {port.index: port for port in run.model.inputs}
    pasts = [ports[taker] for _, taker in effective.carried]
    carried = _NONE_CARRIED
    if pasts:
        takers = [(taker, giver, _empty(run, ports[taker])) for giver, taker in effective.carried]
        carried = _CARRIED.format(carried=takers, kind=_NUMPY.get(pasts[0].element_type, "float32"))
    rows = [
        f"        {port.index}: {_value(run, port)},"
        for port in run.model.inputs
        if port not in pasts
    ]
    return _TEXT.format(
        batch=effective.batch,
        lengths=list(effective.sequence_lengths[:_MOST_LENGTHS]),
        seed=run.config.seed,
        rows="\n".join(rows),
        carried=carried,
        nireq=effective.nireq,
        condition=condition,
        pace=pace,
    )


def _empty(run: RunView, port: PortInfo) -> tuple[int, ...]:
    shapes = dict(run.effective.shape_groups[0].shapes)
    return shapes[port.label]


def _value(run: RunView, port: PortInfo) -> str:
    """The expression that makes an input, of `past` and `tokens`."""
    kind = _NUMPY.get(port.element_type, "int64")
    name = port.name
    if "attention_mask" in name:
        return f"np.ones((batch, past + tokens), np.{kind})"
    if name == "beam_idx":
        return f"np.arange(batch, dtype=np.{kind})"
    sizes = [
        size if size.isdigit() else "tokens" if axis else "batch"
        for axis, size in enumerate(port.shape)
    ]
    if name == "position_ids":
        sizes = [size if size.isdigit() else "batch" for size in port.shape[:-1]] + ["tokens"]
        shape = f"({', '.join(sizes)},)"
        return f"np.broadcast_to(np.arange(past, past + tokens, dtype=np.{kind}), {shape}).copy()"
    shape = f"({', '.join(sizes)},)"
    if kind.startswith("float"):
        return f"random.standard_normal({shape}).astype(np.{kind})"
    known = next((one for one in run.effective.input_values if one.input_index == port.index), None)
    high = known.high + 1 if known is not None else 2
    return f"random.integers(0, {high}, {shape}, np.{kind})"
