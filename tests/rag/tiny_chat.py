"""A chat model of two tiny layers with random weights: what it says is nonsense, how it says it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}{% if message.role == 'system' and not knows_system %}"
    "{{ raise_exception('no system role') }}{% endif %}<|{{ message.role }}|>{{ message.content }}{% endfor %}"
    "<|assistant|>"
)


def save_tiny_chat(folder: Path, *, template: bool = True, knows_system: bool = True) -> Path:
    """Save a model and its byte-level tokenizer; it knows no end, so an answer goes on until it is stopped."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="!")
    if template:
        fast.chat_template = "{% set knows_system = " + str(knows_system).lower() + " %}" + TEMPLATE
    fast.save_pretrained(folder)
    torch.manual_seed(8)
    config = LlamaConfig(
        vocab_size=256,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=0,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder
