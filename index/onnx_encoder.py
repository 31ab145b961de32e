"""The embedded model by ONNX Runtime, without torch. Home of onnxruntime.

Texts are computed one at a time, each on one core, and as many at once as there are cores: no padding is ever
computed, everything stays in the core's own cache (batches of 4,000 tokens take twice as long a token as single
texts), and what a text becomes does not depend on what is encoded beside it.
"""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as states

from index.converted import FLOAT, PIECES, REFERENCE
from index.encoder import ModelError, model_name
from index.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

#: What the runtime raises for a graph that it cannot open; they have no base of their own.
_RUNTIME_ERRORS = (states.Fail, states.InvalidArgument, states.InvalidGraph, states.InvalidProtobuf, states.NoSuchFile)
_REFERENCE_TEXTS = (
    "query: 去年新增了多少个公共停车位?",
    "query: which companies moved their regional headquarters here",
    "passage: 全年一般公共预算收入完成194.1亿元,同比增长0.3%。",
    "passage: The district will renovate 35 old housing estates and open 3 day-care centres by the end of the year.",
    "passage: 坚持创新驱动,推动人工智能、生命健康等重点产业集聚发展,加快建设具有全球影响力的科技创新中心;"
    "完善公共服务,实施既有多层住宅加装电梯,新增养老床位,提升城市精细化管理水平。",
)


class OnnxEncoder:
    """A converted model; `graph` names which of the folder's graphs computes it."""

    def __init__(self, folder: Path, graph: str, query_prefix: str, passage_prefix: str) -> None:
        """Open a graph; the weights that it shares with the folder's safetensors file are memory-mapped.

        Raises:
            ModelError: a file is missing or cannot be read.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._pieces = Pieces(folder / PIECES)
            self._session = onnxruntime.InferenceSession(
                str(folder / graph), options, providers=["CPUExecutionProvider"]
            )
        # The runtime's own errors have no common base; sentencepiece raises OSError and RuntimeError.
        except (OSError, RuntimeError, ValueError, *_RUNTIME_ERRORS) as error:
            raise ModelError(
                f"{folder / graph} cannot be opened ({error}); remove the folder {folder} and run: district-qa build"
            ) from error
        self._folder = folder
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._longest = int(self._session.get_modelmeta().custom_metadata_map["positions"])
        self._name = model_name(folder, query_prefix, passage_prefix)
        self._cached = functools.lru_cache(maxsize=1024)(self._encode_query)

    @property
    def name(self) -> str:
        """Identity for the manifest; the graph is no part of it, since vectors of one serve beside the other's."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        return int(self._session.get_outputs()[0].shape[2])

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        """Return vectors of shape (len(texts), dimension); the longest are begun first, so that cores end together."""
        ids = self._pieces.encode([self._passage_prefix + text for text in texts], self._longest)
        order = sorted(range(len(texts)), key=lambda row: -len(ids[row]))
        vectors = np.empty((len(texts), self.dimension), np.float32)
        with ThreadPoolExecutor(max_workers=_cores()) as pool:
            for row, vector in zip(order, pool.map(self._compute, [ids[row] for row in order]), strict=True):
                vectors[row] = vector
                if progress:
                    progress(1)
        return vectors

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one query, of shape (dimension,); repeated queries come from a cache."""
        return self._cached(text)

    def agreement(self) -> float:
        """Return the least cosine between reference vectors and those computed here and now.

        What 8-bit products give depends on the processor: some without instructions for them add with saturation.
        """
        with np.load(self._folder / REFERENCE) as reference:
            texts, wanted = [str(text) for text in reference["texts"]], reference["vectors"]
        return float(np.einsum("ij,ij->i", self._encode(texts), wanted).min())

    def _encode_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._encode([self._query_prefix + text])[0]
        vector.flags.writeable = False
        return vector

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._compute(ids) for ids in self._pieces.encode(texts, self._longest)])

    def _compute(self, ids: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the mean of a text's token states, brought to length 1."""
        inputs = {"input_ids": ids[None], "attention_mask": np.ones((1, len(ids)), np.int64)}
        (states,) = self._session.run(None, inputs)
        mean: NDArray[np.float32] = states[0].mean(axis=0)
        vector: NDArray[np.float32] = mean / np.linalg.norm(mean)
        return vector


def write_reference(folder: Path) -> None:
    """Write reference texts and their vectors by the float32 graph, for `OnnxEncoder.agreement`."""
    vectors = OnnxEncoder(folder, FLOAT, "", "")._encode(_REFERENCE_TEXTS)
    np.savez(folder / REFERENCE, texts=np.array(_REFERENCE_TEXTS), vectors=vectors)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
