"""The embedded model's computation as ONNX files beside its weights. Home of onnx.

Two graphs are written, of standard operators only, with the inputs and the output that sentence-transformers and
any other ONNX program expect of such a model (`input_ids`, `attention_mask`; `last_hidden_state`):

- `model.onnx` computes in float32 and takes every weight from `model.safetensors`, which it names as external data;
- `model_int8.onnx` holds the linear layers as 8-bit integers, one step an output channel, and rounds what goes into
  them to 8 bits as it comes, one step a token: some tokens have values a hundred times those of others, and a common
  step for all of them (which `DynamicQuantizeLinear` takes) makes three times the error. The vocabulary table lies in
  8 bits in a file of its own, one step a word piece; it is memory-mapped, and only what is in use takes memory (the
  table of the float32 graph would grow to 384 MB while it serves, since the system maps 16 pages at a time).
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from index.converted import FLOAT, INT8, INT8_WORDS, WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from index.converted import Shape


_OPSET, _IR = 20, 9
#: The largest 8-bit integer used, and the one that stands for 0 where they are unsigned.
_LARGEST, _MIDDLE = 127, 128
_WORDS = "embeddings.word_embeddings.weight"
#: What is added to the score of a padded position; after the softmax nothing is left of it.
_MASKED = -10_000.0


def write_graphs(folder: Path, shape: Shape, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Write both graphs into a folder that holds `model.safetensors` already.

    `tensors` are the weights by their names in that file; linear weights have the shape (out, in).
    """
    places = _places(folder / WEIGHTS)
    integers, _ = round_weights(tensors[_WORDS])
    (folder / INT8_WORDS).write_bytes(integers.tobytes())
    for name, quantised in ((FLOAT, False), (INT8, True)):
        onnx.save(_Graph(shape, tensors, places, quantised).model(), str(folder / name))


def _places(path: Path) -> dict[str, tuple[int, int]]:
    """Return where in a safetensors file each tensor lies: offset from the beginning of the file, and length."""
    with path.open("rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    begin = 8 + size
    return {
        name: (begin + entry["data_offsets"][0], entry["data_offsets"][1] - entry["data_offsets"][0])
        for name, entry in header.items()
        if name != "__metadata__"
    }


class _Graph:
    """One graph while it is being written: nodes and constants, each value known by its name.

    Between the layers, states have the shape (tokens of all texts, hidden): one row a token.
    """

    def __init__(
        self,
        shape: Shape,
        tensors: Mapping[str, NDArray[np.float32]],
        places: Mapping[str, tuple[int, int]],
        quantised: bool,
    ) -> None:
        self._shape, self._tensors, self._places, self._quantised = shape, tensors, places, quantised
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}
        self._rounded: dict[str, tuple[str, str]] = {}
        self._size = shape.hidden // shape.heads

    def model(self) -> onnx.ModelProto:
        """Return the whole model."""
        self._add_mask()
        given = self._node("Shape", "input_ids")
        self._split = self._node("Concat", given, self._integers(self._shape.heads, self._size), axis=0)
        x = self._node("Reshape", self._embeddings(), self._integers(-1, self._shape.hidden))
        for layer in range(self._shape.layers):
            x = self._layer(x, f"encoder.layer.{layer}.")
        joined = self._node("Concat", given, self._integers(self._shape.hidden), axis=0)
        self._nodes.append(helper.make_node("Reshape", [x, joined], ["last_hidden_state"]))
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        output = helper.make_tensor_value_info(
            "last_hidden_state", TensorProto.FLOAT, ["texts", "tokens", self._shape.hidden]
        )
        graph = helper.make_graph(self._nodes, "encoder", inputs, [output], list(self._constants.values()))
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
        helper.set_model_props(model, {"positions": str(self._shape.positions)})
        return model

    def _node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def _constant(self, name: str, value: NDArray[Any]) -> str:
        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def _integers(self, *values: int) -> str:
        return self._constant(f"integers{values}", np.array(values, np.int64))

    def _stored(self, name: str) -> str:
        """Name a tensor of the safetensors file; it is not copied."""
        return self._outside(name, name, TensorProto.FLOAT, WEIGHTS, *self._places[name])

    def _outside(self, name: str, tensor: str, kind: int, file: str, offset: int, length: int) -> str:
        """Name a tensor of the given weights' shape whose bytes lie in another file of the folder."""
        constant = TensorProto(name=name, data_type=kind, dims=self._tensors[tensor].shape)
        constant.data_location = TensorProto.EXTERNAL
        for key, value in (("location", file), ("offset", offset), ("length", length)):
            constant.external_data.add(key=key, value=str(value))
        self._constants[name] = constant
        return name

    def _add_mask(self) -> None:
        """Prepare what is added to all attention scores: 0 for a token, very little for padding."""
        held = self._node("Cast", "attention_mask", to=TensorProto.FLOAT)
        padding = self._node("Sub", self._constant("one", np.array(1, np.float32)), held)
        masked = self._node("Mul", padding, self._constant("masked", np.array(_MASKED, np.float32)))
        self._mask = self._node("Unsqueeze", masked, self._integers(1, 2))

    def _embeddings(self) -> str:
        words = self._integer_words() if self._quantised else self._node("Gather", self._stored(_WORDS), "input_ids")
        length = self._node("Shape", "input_ids", start=1, end=2)
        table = self._stored("embeddings.position_embeddings.weight")
        positions = self._node("Slice", table, self._integers(0), length, self._integers(0))
        types = self._node("Gather", self._stored("embeddings.token_type_embeddings.weight"), self._integers(0))
        return self._norm(self._node("Add", self._node("Add", words, positions), types), "embeddings.LayerNorm")

    def _integer_words(self) -> str:
        _, steps = round_weights(self._tensors[_WORDS])
        size = self._tensors[_WORDS].size
        table = self._outside(_WORDS + "_int8", _WORDS, TensorProto.INT8, INT8_WORDS, 0, size)
        words = self._node("Cast", self._node("Gather", table, "input_ids"), to=TensorProto.FLOAT)
        return self._node(
            "Mul", words, self._node("Gather", self._constant(_WORDS + "_steps", steps[:, None]), "input_ids")
        )

    def _layer(self, x: str, prefix: str) -> str:
        attended = self._linear(self._attention(x, prefix + "attention.self."), prefix + "attention.output.dense")
        x = self._norm(self._node("Add", attended, x), prefix + "attention.output.LayerNorm")
        inner = self._node("Gelu", self._linear(x, prefix + "intermediate.dense"))
        return self._norm(
            self._node("Add", self._linear(inner, prefix + "output.dense"), x), prefix + "output.LayerNorm"
        )

    def _attention(self, x: str, prefix: str) -> str:
        def part(name: str, order: list[int]) -> str:
            return self._node(
                "Transpose", self._node("Reshape", self._linear(x, prefix + name), self._split), perm=order
            )

        query, key, value = part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1]), part("value", [0, 2, 1, 3])
        scale = self._constant("scale", np.array(self._size**-0.5, np.float32))
        scores = self._node("Mul", self._node("MatMul", query, key), scale)
        weights = self._node("Softmax", self._node("Add", scores, self._mask), axis=-1)
        joined = self._node("Transpose", self._node("MatMul", weights, value), perm=[0, 2, 1, 3])
        return self._node("Reshape", joined, self._integers(-1, self._shape.hidden))

    def _linear(self, x: str, name: str) -> str:
        product = self._integer_product if self._quantised else self._product
        return self._node("Add", product(x, name + ".weight"), self._stored(name + ".bias"))

    def _product(self, x: str, weight: str) -> str:
        return self._node("MatMul", x, self._node("Transpose", self._stored(weight), perm=[1, 0]))

    def _integer_product(self, x: str, weight: str) -> str:
        """Multiply integers and scale back: first by the steps of the tokens, then by those of the channels.

        ONNX Runtime takes a product of the two steps for that of two single numbers and scales wrongly.
        """
        rounded, step = self._round(x)
        integers, steps = round_weights(self._tensors[weight])
        middle = self._constant("middle", np.array(_MIDDLE, np.uint8))
        product = self._node("MatMulInteger", rounded, self._constant(weight + "_int8", integers.T), middle)
        by_token = self._node("Mul", self._node("Cast", product, to=TensorProto.FLOAT), step)
        return self._node("Mul", by_token, self._constant(weight + "_steps", steps))

    def _round(self, x: str) -> tuple[str, str]:
        """Return states as integers from 1 to 255, where 128 stands for 0, and the step of each token."""
        if x not in self._rounded:
            largest = self._node("ReduceMax", self._node("Abs", x), self._integers(1), keepdims=1)
            largest = self._node(
                "Max", largest, self._constant("least", np.array(1e-9, np.float32))
            )  # never divide by 0
            step = self._node("Mul", largest, self._constant("share", np.array(1 / _LARGEST, np.float32)))
            # Casting cuts off, so half a step is added.
            half = self._constant("half", np.array(_MIDDLE + 0.5, np.float32))
            shifted = self._node("Add", self._node("Div", x, step), half)
            self._rounded[x] = (self._node("Cast", shifted, to=TensorProto.UINT8), step)
        return self._rounded[x]

    def _norm(self, x: str, name: str) -> str:
        return self._node(
            "LayerNormalization",
            x,
            self._stored(name + ".weight"),
            self._stored(name + ".bias"),
            axis=-1,
            epsilon=self._shape.epsilon,
        )


def round_weights(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return weights of shape (out, in) as integers from -127 to 127, and the step of each output channel."""
    steps = np.abs(weights).max(axis=1) / _LARGEST
    steps[steps == 0] = 1
    return np.rint(weights / steps[:, None]).astype(np.int8), steps.astype(np.float32)
