"""Rows of the table of options: what a model that generates tokens is asked to generate."""

from __future__ import annotations

from dataclasses import dataclass

from ovbench_tui.config.input_options import InputOptions
from ovbench_tui.config.option import Cost, Edit, Group, Step, option
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
