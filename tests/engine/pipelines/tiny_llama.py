"""A random Llama of two layers as GGUF, and the folder that openvino-genai makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

WORDS, WIDTH, HEADS, CONTEXT = 300, 32, 2, 2048
_LAYERS, _HIDDEN = 2, 64
_CONVERT = """
import sys, openvino_genai
openvino_genai.LLMPipeline(sys.argv[1], "CPU", enable_save_ov_model=True)
"""


def write_gguf(path: Path) -> Path:
    """Write the model with a byte-level tokenizer; skips where gguf is not installed."""
    gguf = pytest.importorskip("gguf")
    random = np.random.default_rng(7)
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    letters = [chr(byte) for byte in shown] + [chr(256 + n) for n in range(256 - len(shown))]
    pairs = [f"{a}{b}" for a in "abcdefghijklmnop" for b in "aeiou"]
    tokens = ["<unk>", "<s>", "</s>", *letters, *pairs][:WORDS]
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3, 3, 3] + [1] * (len(tokens) - 3))
    writer.add_token_merges([f"{pair[0]} {pair[1]}" for pair in tokens[259:]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template("{% for m in messages %}{{ m['content'] }}{% endfor %}")

    def matrix(name: str, *shape: int) -> None:
        writer.add_tensor(name, random.normal(0, 0.1, shape).astype(np.float16))

    def norm(name: str) -> None:
        writer.add_tensor(name, np.ones(WIDTH, np.float32))

    matrix("token_embd.weight", len(tokens), WIDTH)
    matrix("output.weight", len(tokens), WIDTH)
    norm("output_norm.weight")
    for layer in range(_LAYERS):
        block = f"blk.{layer}"
        norm(f"{block}.attn_norm.weight")
        norm(f"{block}.ffn_norm.weight")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{block}.{name}.weight", WIDTH, WIDTH)
        matrix(f"{block}.ffn_gate.weight", _HIDDEN, WIDTH)
        matrix(f"{block}.ffn_up.weight", _HIDDEN, WIDTH)
        matrix(f"{block}.ffn_down.weight", WIDTH, _HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def make_folder(folder: Path) -> Path:
    """The same as an IR with both tokenizers; made in a process of its own, which may crash."""
    pytest.importorskip("openvino_genai")
    gguf = write_gguf(folder / "tiny.gguf")
    subprocess.run([sys.executable, "-c", _CONVERT, str(gguf)], check=True, capture_output=True)
    gguf.unlink()
    return folder
