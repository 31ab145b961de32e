"""The written graphs against transformers' own BERT, on a tiny random model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from index.converted import FLOAT, INT8, INT8_WORDS, WEIGHTS, Shape
from index.e5_graph import round_weights, write_graphs

SHAPE = Shape(hidden=16, layers=2, heads=4, inner=32, vocabulary=50, positions=12, types=2, epsilon=1e-12)
IDS = np.array([[3, 7, 9, 11, 2], [4, 8, 2, 0, 0]])
MASK = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, NDArray[np.float32]]:
    """A folder with weights and graphs, and what transformers computes of IDS with these weights."""
    import torch
    from safetensors.numpy import save_file
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=SHAPE.vocabulary,
        hidden_size=SHAPE.hidden,
        num_hidden_layers=SHAPE.layers,
        num_attention_heads=SHAPE.heads,
        intermediate_size=SHAPE.inner,
        max_position_embeddings=SHAPE.positions,
        layer_norm_eps=SHAPE.epsilon,
        initializer_range=0.5,  # large, so that attention and mask matter
    )
    torch.manual_seed(1)
    model = BertModel(config, add_pooling_layer=False).eval()
    tensors = {name: tensor.detach().numpy() for name, tensor in model.named_parameters()}
    folder = tmp_path_factory.mktemp("tiny")
    save_file(tensors, folder / WEIGHTS)
    write_graphs(folder, SHAPE, tensors)
    with torch.inference_mode():
        states = model(input_ids=torch.from_numpy(IDS), attention_mask=torch.from_numpy(MASK)).last_hidden_state
    return folder, states.numpy()


def _run(path: Path) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (states,) = session.run(None, {"input_ids": IDS, "attention_mask": MASK})
    return np.asarray(states, np.float32)


def test_the_float_graph_computes_what_transformers_computes_padding_included(
    tiny: tuple[Path, NDArray[np.float32]],
) -> None:
    folder, wanted = tiny
    assert np.allclose(_run(folder / FLOAT)[MASK == 1], wanted[MASK == 1], atol=1e-4)


def test_the_8_bit_graph_comes_close(tiny: tuple[Path, NDArray[np.float32]]) -> None:
    folder, wanted = tiny
    found, wanted = _run(folder / INT8)[MASK == 1], wanted[MASK == 1]
    cosines = np.einsum("ij,ij->i", found, wanted) / np.linalg.norm(found, axis=1) / np.linalg.norm(wanted, axis=1)
    assert cosines.min() > 0.99


@pytest.mark.parametrize(("name", "file"), [(FLOAT, WEIGHTS), (INT8, INT8_WORDS)])
def test_graphs_hold_standard_operators_and_map_their_vocabulary_table_from_a_file(
    tiny: tuple[Path, NDArray[np.float32]], name: str, file: str
) -> None:
    model = onnx.load(str(tiny[0] / name), load_external_data=False)
    onnx.checker.check_model(str(tiny[0] / name))
    assert {entry.domain for entry in model.opset_import} == {""}
    table = next(t for t in model.graph.initializer if list(t.dims) == [SHAPE.vocabulary, SHAPE.hidden])
    assert {entry.key: entry.value for entry in table.external_data}["location"] == file


@given(arrays(np.float32, (3, 5), elements=st.floats(-100, 100, width=32)))
def test_rounded_weights_are_half_a_step_off_at_most(weights: NDArray[np.float32]) -> None:
    integers, steps = round_weights(weights)
    assert np.all(np.abs(integers) <= 127)
    assert np.all(np.abs(integers * steps[:, None] - weights) <= steps[:, None] * 0.5001)
