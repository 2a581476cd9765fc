"""The Python program that runs a language model with openvino-genai, as a pipeline is measured."""

from __future__ import annotations

import pprint

from ovbench_tui.config.compile_properties import compile_properties
from ovbench_tui.config.token_counts import DRAFT, most_new_tokens
from ovbench_tui.engine.api.results import RunView

_MOST_LENGTHS = 1000
_ASSISTANT = f"        config.num_assistant_tokens = {DRAFT}\n"

_TEXT = '''\
"""What ovbench-tui measured, as a program of its own."""

import itertools
{json_import}import sys
import time

# Without this `import openvino` sends an event over the network, and writes into your home.
sys.modules["openvino_telemetry"] = None

import numpy as np
import openvino as ov
import openvino_genai as genai

scheduler = genai.SchedulerConfig()
scheduler.enable_prefix_caching = {prefix_caching}
scheduler.cache_size = {cache_size}
{batched}
properties = {properties}
{draft}pipeline = genai.ContinuousBatchingPipeline({model!r}, scheduler, {device!r}, properties)
tokenizer = pipeline.get_tokenizer()
{prompts}

running = {{}}
ids = itertools.count()
ttft_ms, tpot_ms = [], []
count = requests = 0


def step():
    """Fill up to {nireq} requests, and take what one step of the pipeline gives."""
    global count, requests
    while len(running) < {nireq}:
        tokens, new_tokens = next_prompt()
        config = genai.GenerationConfig()
        config.max_new_tokens = new_tokens
        config.ignore_eos = {ignore_eos}
{assistant}        number = next(ids)
        begin_s = time.perf_counter()
        handle = pipeline.add_request(number, ov.Tensor(tokens), config)
        running[number] = [handle, begin_s, ttft_ms]
    pipeline.step()
    now_s = time.perf_counter()
    for number, one in list(running.items()):
        handle, since_s, latencies_ms = one
        if not handle.can_read():
            continue
        output = next(iter(handle.read().values()))
        for _ in output.generated_ids:
            latencies_ms.append((now_s - since_s) * 1000 / len(output.generated_ids))
            count += 1
            latencies_ms = tpot_ms
        one[1:] = now_s, latencies_ms
        if output.finish_reason != genai.GenerationFinishReason.NONE:
            del running[number]
            requests += 1


while not requests:  # a first request, which is not measured
    step()
ttft_ms.clear()
tpot_ms.clear()
count = requests = 0
begin_s = time.perf_counter()
while {condition}:
    step()
seconds = time.perf_counter() - begin_s

print(f"Throughput: {{count / seconds:.2f}} tokens/s, {{requests}} requests in {{seconds:.2f}} s")
for name, latencies_ms in (("TTFT", ttft_ms), ("TPOT", tpot_ms)):
    for percent in (50, 90, 99) if latencies_ms else ():
        value = np.percentile(latencies_ms, percent, method="inverted_cdf")
        print(f"{{name}} p{{percent}}: {{value:.4f}} ms")
for one in running.values():
    one[0].cancel()
pipeline.step()
'''

_RANDOM = '''
lengths = itertools.cycle({lengths})
"""Tokens of the prompt and new ones of each request, in their turn."""

random = np.random.default_rng({seed})
vocabulary = len(tokenizer.get_vocab())
prefix = random.integers(0, vocabulary, {longest})


def next_prompt():
    """Random tokens, of which the first {shared:g} are the same in all."""
    size, new_tokens = next(lengths)
    tokens = random.integers(0, vocabulary, (1, size))
    alike = round(size * {shared!r})
    tokens[0, :alike] = prefix[:alike]
    return tokens, new_tokens
'''

_FROM_FILE = '''
with open({file!r}, encoding="utf-8") as file:
    lines = itertools.cycle([json.loads(line) for line in file if line.strip()])


def next_prompt():
    """The next line's."""
    line = next(lines)
    text = line.get("prompt")
    if text is None:
        text = tokenizer.apply_chat_template(line["messages"], add_generation_prompt=True)
    new_tokens = line.get("max_tokens", line.get("max_new_tokens", {new_tokens}))
    return np.array(tokenizer.encode(text).input_ids.data), new_tokens
'''


def pipeline_program(run: RunView, condition: str) -> str:
    """The whole program.

    Args:
        condition: when the loop goes on.
    """
    config, effective = run.config, run.effective
    if config.prompts:
        new_tokens = most_new_tokens(config.new_tokens)
        prompts = _FROM_FILE.format(file=config.prompts, new_tokens=new_tokens)
    else:
        lengths = effective.sequence_lengths[:_MOST_LENGTHS]
        prompts = _RANDOM.format(
            lengths=list(lengths),
            seed=config.seed,
            longest=max(prompt for prompt, _ in lengths),
            shared=config.shared_prefix,
        )
    batched = f"scheduler.max_num_batched_tokens = {config.batched_tokens}\n"
    draft = f'properties["draft_model"] = genai.draft_model({config.draft!r}, {config.device!r})\n'
    return _TEXT.format(
        json_import="import json\n" if config.prompts else "",
        prefix_caching=config.prefix_caching,
        cache_size=config.cache_size_gb,
        batched=batched if config.batched_tokens else "",
        properties=pprint.pformat(compile_properties(config), width=88),
        draft=draft if config.draft else "",
        model=config.model,
        device=config.device,
        prompts=prompts,
        nireq=effective.nireq,
        ignore_eos=not config.prompts,
        assistant=_ASSISTANT if config.draft else "",
        condition=condition,
    )
