"""Nearest neighbours among unit vectors. Home of faiss.

faiss and torch each bring an OpenMP runtime, and on some platforms the second one loaded crashes. The order here
is faiss first: whoever imports torch imports this module before it (`index.encoder` does).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import faiss
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


class VectorIndex(Protocol):
    """What retrieval needs of a vector store."""

    @property
    def size(self) -> int:
        """Number of vectors held."""
        ...

    def search(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and inner products of the `k` nearest to `vector` of shape (dimension,), best first."""
        ...


class FaissIndex:
    """Exact inner-product search; the fastest choice up to some 10^5 vectors of 384 dimensions."""

    def __init__(self, index: faiss.Index) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> FaissIndex:
        """Index unit vectors of shape (n, dimension), float32.

        Raises:
            ValueError: the array is not two-dimensional, or a vector is not of length 1 (within 1 %).
        """
        if vectors.ndim != 2 or not len(vectors):
            raise ValueError(f"wanted vectors of shape (n, dimension) with n > 0, got {vectors.shape}")
        lengths = np.linalg.norm(vectors, axis=1)
        if not np.all(np.abs(lengths - 1) < 0.01):
            worst = int(np.argmax(np.abs(lengths - 1)))
            raise ValueError(f"vector {worst} has length {lengths[worst]:.3f}; unit vectors are needed")
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @property
    def size(self) -> int:
        """Number of vectors held."""
        return int(self._index.ntotal)

    def search(self, vector: NDArray[np.float32], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and inner products of the `k` nearest to `vector`, best first.

        Raises:
            ValueError: the vector has another dimension than the index.
        """
        if vector.shape != (self._index.d,):
            raise ValueError(f"the query vector has shape {vector.shape}, the index holds {self._index.d} dimensions")
        scores, rows = self._index.search(np.ascontiguousarray(vector[None], dtype=np.float32), min(k, self.size))
        return rows[0], scores[0]

    def vectors(self) -> NDArray[np.float32]:
        """Return a copy of all vectors, of shape (size, dimension)."""
        stored: NDArray[np.float32] = self._index.reconstruct_n(0, self.size)
        return stored

    def save(self, path: Path) -> None:
        """Write the index to one file."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path) -> FaissIndex:
        """Open an index that `save` wrote, memory-mapped; it must not be added to."""
        return cls(faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC))
