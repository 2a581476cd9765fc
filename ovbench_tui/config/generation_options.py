"""Rows of the table of options: what a model that generates tokens is asked to generate."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config import option_types as types
from ovbench_tui.config.input_options import InputOptions
from ovbench_tui.config.option import Cost, Edit, Group, Kind, Property, Step, option
from ovbench_tui.config.token_counts import NEW, PROMPT, change_text, check_counts


@dataclass(frozen=True, slots=True)
class GenerationOptions(InputOptions):
    """The lengths of the sequences that a language model generates."""

    prompt_tokens: str = option(
        "",
        "--prompt-tokens",
        group=Group.GENERATION,
        word=str,
        metavar="N",
        help="tokens of the prompt: a number, a list as in 64,512 or a range as in 32..1024, of"
        f" which each sequence takes another (default {PROMPT})",
        check=check_counts,
        change=lambda text: change_text("prompt", text, PROMPT),
        cost=Cost.NEW_INPUTS,
        edit=Edit(
            *("Prompt", Step.TOKENS, "default"),
            "Tokens of the prompts: 512, a list as in 64,512 or a range as in 32..1024.",
            effective="prompt_text",
            of_generation=True,
        ),
    )
    new_tokens: str = option(
        "",
        "--new-tokens",
        group=Group.GENERATION,
        word=str,
        metavar="N",
        help=f"tokens generated after each prompt, written in the same way (default {NEW})",
        check=check_counts,
        change=lambda text: change_text("output", text, NEW),
        cost=Cost.NEW_INPUTS,
        edit=Edit(
            *("New tokens", Step.TOKENS, "default"),
            "Tokens after each prompt: 128, a list as in 64,128 or a range as in 32..256.",
            effective="new_text",
            of_generation=True,
        ),
    )
    kv_cache_precision: str = option(
        "",
        "--kv-cache-precision",
        group=Group.GENERATION,
        metavar="TYPE",
        help="element type of the KV cache, as in u8 or f16 (default the device's)",
        check=types.precision_text,
        change=lambda precision: f"KV cache {precision or 'by the device'}",
        openvino=Property("KV_CACHE_PRECISION", str.strip),
        edit=Edit(
            *("KV cache", Step.CHOICE, "default"),
            "Element type of the KV cache: u8, u4, bf16, f16 or f32; empty for the default.",
            of_generation=True,
        ),
        known_words=("", "u8", "u4", "bf16", "f16", "f32"),
    )
    prompts: str = option(
        "",
        "--prompts",
        group=Group.GENERATION,
        metavar="FILE",
        help="prompts for openvino-genai, a JSON object a line:"
        ' {"prompt": "...", "max_tokens": 64}; their answers end where the model ends them'
        " (default random tokens)",
        check=types.utf8_text,
        change=lambda file: "prompts from a file" if file else "random prompts",
        cost=Cost.NEW_INPUTS,
    )
    shared_prefix: float = option(
        0.0,
        "--shared-prefix",
        group=Group.GENERATION,
        word=float,
        metavar="SHARE",
        help="the share of each random prompt that is the same in all, from 0 to 1 (default 0);"
        " see --prefix-caching",
        write=types.left_out_if_zero,
        check=types.between(0, 1, "0 to 1"),
        change=lambda share: f"{share:.0%} of the prompts shared",
        cost=Cost.NEW_INPUTS,
    )
    prefix_caching: bool = option(
        False,
        "--prefix-caching",
        group=Group.GENERATION,
        kind=Kind.SWITCH,
        help="let openvino-genai keep the KV cache of prompts that begin alike",
        change=lambda is_on: "prefix caching" if is_on else "no prefix caching",
    )
    cache_size_gb: int = option(
        0,
        "--cache-size",
        group=Group.GENERATION,
        word=int,
        metavar="GB",
        help="size of openvino-genai's KV cache (default 0 = it grows as needed)",
        check=types.between(0, 65536, "1 to 65536, or 0 to let it grow"),
        change=lambda size: f"KV cache of {size} GB" if size else "KV cache as needed",
    )
    batched_tokens: int = option(
        0,
        "--max-batched-tokens",
        group=Group.GENERATION,
        word=int,
        metavar="N",
        help="tokens that openvino-genai processes in one step at most (default 0 = its own"
        " choice, 256)",
        check=types.between(0, 1_000_000, "1 to 1000000, or 0 for its own choice"),
        change=lambda count: f"at most {count or 256} tokens a step",
    )
    ttft_p90_under_ms: float = option(  # 0 = no limit
        0.0,
        "--ttft-p90-under",
        group=Group.GENERATION,
        word=float,
        metavar="MS",
        help="a limit: the run passes where the 90th percentile of the time to the first token is"
        " under so many ms; without a screen exit code 4 where it is missed",
        write=types.left_out_if_zero,
        check=types.limit("ms"),
        cost=Cost.NOTHING,
        edit=Edit(
            *("TTFT limit", Step.LIMIT, "none"),
            "The TTFT p90 passes under so many ms; empty for no limit.",
            is_row=False,
            of_generation=True,
        ),
    )
    tpot_p90_under_ms: float = option(  # 0 = no limit
        0.0,
        "--tpot-p90-under",
        group=Group.GENERATION,
        word=float,
        metavar="MS",
        help="a limit: likewise for the 90th percentile of the time per output token",
        write=types.left_out_if_zero,
        check=types.limit("ms"),
        cost=Cost.NOTHING,
        edit=Edit(
            *("TPOT limit", Step.LIMIT, "none"),
            "The TPOT p90 passes under so many ms; empty for no limit.",
            is_row=False,
            of_generation=True,
        ),
    )
    draft: str = option(
        "",
        "--draft",
        group=Group.GENERATION,
        metavar="MODEL",
        help="a smaller model of openvino-genai with the same tokenizer, which proposes tokens"
        " (speculative decoding)",
        check=types.utf8_text,
        change=lambda model: "with a draft model" if model else "no draft model",
    )
