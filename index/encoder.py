"""Texts to unit vectors. Home of sentence-transformers (and, through it, of torch)."""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

import index.vectors  # noqa: F401  (faiss is loaded before torch: see there)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

#: UTF-8 bytes a batch, which follow the number of tokens in both languages (about 4.5 a token), and texts at most.
#: Batches of some 1,000 tokens stay in the caches: 0.7 of the matrix-product roofline, against 0.5 at 4,000 tokens.
BATCH_BYTES, BATCH_TEXTS = 4500, 64


class Encoder(Protocol):
    """What the index needs of an embedding model. All vectors are float32 of length 1."""

    @property
    def name(self) -> str:
        """Identity for the manifest: model, revision and prefixes."""
        ...

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        ...

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        """Return vectors of shape (len(texts), dimension); `progress` is told how many more are done."""
        ...

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one query, of shape (dimension,)."""
        ...


class SentenceTransformerEncoder:
    """Any sentence-transformers model, from a folder or, when one names a hub id, from its hub."""

    def __init__(self, model: str | Path, query_prefix: str, passage_prefix: str) -> None:
        """Load a model.

        Raises:
            ModelError: it cannot be loaded; the message says from where it was tried.
        """
        folder = Path(model)
        if folder.exists():
            # Loading a local folder still asks the hub for optional files unless it is told not to.
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._model = SentenceTransformer(str(model), device="cpu")
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(
                f"the embedding model {model!s} cannot be loaded ({error}); set DISTRICT_QA_ENCODER to a folder or id "
                "of a sentence-transformers model, or unset it for the embedded one"
            ) from error
        self._query_prefix, self._passage_prefix = query_prefix, passage_prefix
        self._name = model_name(model, query_prefix, passage_prefix)
        self._cached = functools.lru_cache(maxsize=1024)(self._encode_query)

    @property
    def name(self) -> str:
        """Identity for the manifest: model, revision and prefixes."""
        return self._name

    @property
    def dimension(self) -> int:
        """Length of every vector."""
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise ModelError("the embedding model does not tell its dimension")
        return dimension

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], object] | None = None
    ) -> NDArray[np.float32]:
        """Return vectors of shape (len(texts), dimension), encoded longest first so that batches are even."""
        sizes = [len(text.encode("utf-8", "replace")) for text in texts]
        order = sorted(range(len(texts)), key=lambda i: -sizes[i])
        vectors = np.empty((len(texts), self.dimension), np.float32)
        start = 0
        while start < len(order):
            longest = max(1, sizes[order[start]])
            rows = order[start : start + max(1, min(BATCH_TEXTS, BATCH_BYTES // longest))]
            start += len(rows)
            vectors[rows] = self._encode([self._passage_prefix + texts[i] for i in rows])
            if progress:
                progress(len(rows))
        return vectors

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return the vector of one query, of shape (dimension,); repeated queries come from a cache."""
        return self._cached(text)

    def _encode_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._encode([self._query_prefix + text])[0]
        vector.flags.writeable = False
        return vector

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        vectors = self._model.encode(texts, batch_size=BATCH_TEXTS, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


class ModelError(RuntimeError):
    """A model that was configured cannot be used; the message says which, why and what to do."""


def model_name(model: str | Path, query_prefix: str, passage_prefix: str) -> str:
    """Return the identity of a model for the manifest: its revision, or hub id, and the prefixes."""
    folder = Path(model)
    return f"{_revision(folder) if folder.exists() else model}|{query_prefix}|{passage_prefix}"


def _revision(folder: Path) -> str:
    """Name a local model by its folder and the content of its weight files' heads and sizes."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.safetensors")) + sorted(folder.rglob("*.json")):
        digest.update(f"{path.relative_to(folder)}:{path.stat().st_size}".encode())
        with path.open("rb") as file:
            digest.update(file.read(1 << 16))
    return f"{folder.name}@{digest.hexdigest()[:12]}"
