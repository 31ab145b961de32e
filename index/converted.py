"""What a folder of the converted model holds beside the files of sentence-transformers, and the model's dimensions."""

from __future__ import annotations

from dataclasses import dataclass

WEIGHTS = "model.safetensors"
#: The computation in float32, and with linear layers in 8 bits.
FLOAT, INT8 = "model.onnx", "model_int8.onnx"
#: The vocabulary table of the latter, one byte a number.
INT8_WORDS = "model_int8.words"
#: The tokenizer as sentencepiece reads it, beside the `tokenizer.json` of sentence-transformers.
PIECES = "sentencepiece.bpe.model"
#: Texts and the vectors that the float32 graph gave them when the model was converted.
REFERENCE = "reference.npz"


@dataclass(frozen=True, slots=True)
class Shape:
    """The dimensions of a BERT encoder."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
