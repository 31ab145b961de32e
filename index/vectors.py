"""Nearest neighbours among unit vectors. Home of faiss.

faiss and torch each bring an OpenMP runtime, and on some platforms the second one loaded crashes. The order here
is faiss first: whoever imports torch imports this module before it (`index.encoder` does).
"""

from __future__ import annotations

import math
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

import faiss
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from index.engine import Groups

#: Vectors up to which every one is compared; 384 dimensions then take a core some 5 ms a query.
EXACT_UP_TO = 50_000
#: What more vectors must reach against exact search, as far as 8 bits a number allow: see `_choose_probes`.
WANTED_RECALL = 0.98

#: Training vectors a list; faiss itself warns below 39.
_TRAINING = 40
_MOST_PROBES = 256
#: Times as many vectors are compared under a wide limit: recall@10 0.77 became 0.98 where all allowed lay far away.
_WIDER = 8
#: Filters whose numbers are remembered: at a million up to 8 MB each, and a new question often has the last one.
_FILTERS_KEPT = 8
#: Vectors read into memory at a time while building.
_BLOCK = 50_000
_SEED = 20


class VectorIndex(Protocol):
    """What retrieval needs of a vector store. Every vector carries a number; several may carry the same."""

    @property
    def size(self) -> int:
        """How many vectors are held."""
        ...

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and inner products of the `k` nearest to `vector` of shape (dimension,), best first.

        Where `allowed` is given, only vectors with these numbers (ascending, each once, 0 or more) are looked at.
        """
        ...


class VectorSource(Protocol):
    """Vectors that need not all be in memory."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __getitem__(self, positions: NDArray[np.int64], /) -> NDArray[np.float32]:
        """Return the vectors at some positions, of shape (len(positions), dimension), float32."""
        ...


class FaissIndex:
    """Inner-product search: exact for few vectors, an inverted file of 8-bit vectors for many.

    An opened index is a mapped file and is only read: faiss crashes when a mapped index is changed. `load` with
    `for_change` reads the file into memory instead; `change` it and `save` it under another name.
    """

    def __init__(self, index: faiss.Index, recall: float = 1.0) -> None:
        """Wrap a faiss index; `recall` is its recall@10 against exact search, measured when it was built."""
        self._index, self.recall = index, recall

    @classmethod
    def build(
        cls,
        numbers: NDArray[np.int64],
        vectors: VectorSource,
        queries: NDArray[np.float32] | None = None,
        exact_up_to: int = EXACT_UP_TO,
    ) -> FaissIndex:
        """Index unit vectors with their numbers.

        `queries`, of shape (q, dimension), are what recall is measured with; without them a sample of the vectors.

        Raises:
            ValueError: there is no vector, there are not as many numbers, or a vector is not of length 1 (within 1 %).
        """
        if len(numbers) != len(vectors) or not len(vectors):
            raise ValueError(f"wanted one vector a number and at least one, got {len(numbers)} and {len(vectors)}")
        _all_cores()
        dimension = vectors[np.zeros(1, np.int64)].shape[1]
        if len(vectors) <= exact_up_to:
            exact = faiss.IndexIDMap(faiss.IndexFlatIP(dimension))
            _add(exact, numbers, vectors)
            return cls(exact)
        lists = _train(dimension, vectors)
        _add(lists, numbers, vectors)
        if queries is None:
            queries = vectors[_sample(len(vectors), 200)]
        return cls(lists, _choose_probes(lists, queries, _nearest_numbers(numbers, vectors, queries, 10)))

    @property
    def size(self) -> int:
        """How many vectors are held."""
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        """How it searches, for the manifest."""
        if not isinstance(self._index, faiss.IndexIVF):
            return "exact"
        return f"8 bits, {self._index.nprobe} of {self._index.nlist} lists"

    def suits(self, size: int, exact_up_to: int = EXACT_UP_TO) -> bool:
        """Return whether an index of this kind is still right for so many vectors, or is better built anew."""
        if not isinstance(self._index, faiss.IndexIVF):
            return size <= exact_up_to
        return size > exact_up_to / 2 and 0.5 <= self._index.nlist / _lists(size) <= 2

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and inner products of the `k` nearest to `vector`, best first, only of `allowed` if given.

        Where no more are allowed than are searched exactly without a limit, every list is looked into. Where more are,
        some times as many vectors are compared as without one, since what is allowed may lie far from the query;
        further lists follow while fewer than `k` are found.

        Raises:
            ValueError: the vector has another dimension than the index.
        """
        if vector.shape != (self._index.d,):
            raise ValueError(f"the query vector has shape {vector.shape}, the index holds {self._index.d} dimensions")
        # One thread a query: two wait for each other, and on a busy machine that took 128 ms instead of 31.
        faiss.omp_set_num_threads(1)
        query = np.ascontiguousarray(vector[None], dtype=np.float32)
        if allowed is None:
            return _found(self._index.search(query, min(k, self.size)))
        if not len(allowed):
            return np.empty(0, np.int64), np.empty(0, np.float32)
        selector = _selector(allowed)
        if not isinstance(self._index, faiss.IndexIVF):
            params: Any = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            return _found(self._index.search(query, min(k, self.size), params=params))
        narrow = len(allowed) <= EXACT_UP_TO
        probes = self._index.nlist if narrow else _WIDER * self._index.nprobe * self.size // len(allowed)
        while True:
            lists = min(probes, self._index.nlist)
            params = faiss.SearchParametersIVF(sel=selector, nprobe=lists)  # type: ignore[call-arg]
            numbers, scores = _found(self._index.search(query, min(k, self.size), params=params))
            if len(numbers) >= k or probes >= self._index.nlist:
                return numbers, scores
            probes *= 2

    def change(self, removed: NDArray[np.int64], numbers: NDArray[np.int64], vectors: VectorSource) -> None:
        """Take out all vectors with the numbers `removed`, then add others; only after `load` with `for_change`."""
        _all_cores()
        if len(removed):
            self._index.remove_ids(faiss.IDSelectorBatch(np.ascontiguousarray(removed, np.int64)))
        if len(numbers):
            _add(self._index, numbers, vectors)

    def save(self, path: Path) -> None:
        """Write the index to one file.

        Raises:
            OSError: it cannot be written.
        """
        try:
            faiss.write_index(self._index, str(path))
        except RuntimeError as error:
            raise OSError(f"{path} cannot be written: {error}") from error

    @classmethod
    def load(cls, path: Path, *, for_change: bool = False, recall: float = 1.0) -> FaissIndex:
        """Open an index that `save` wrote: memory-mapped for reading, or in memory for a change.

        Raises:
            RuntimeError: the file is not an index or is cut short.
        """
        return cls(faiss.read_index(str(path), 0 if for_change else faiss.IO_FLAG_MMAP_IFC), recall)


class FilteredVectors:
    """Vectors that are searched under a filter: the numbers that fit it come from elsewhere and are remembered."""

    def __init__(self, index: VectorIndex, numbers: Callable[[Groups], NDArray[np.int64]]) -> None:
        """`numbers` returns those of all vectors that carry one label of every group, ascending, each once."""
        self._index = index
        self._numbers = lru_cache(_FILTERS_KEPT)(numbers)

    @property
    def size(self) -> int:
        """How many vectors are held."""
        return self._index.size

    def search(
        self, vector: NDArray[np.float32], k: int, within: Groups = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return numbers and inner products of the `k` nearest, best first, only of those that fit `within`."""
        allowed = self._numbers(tuple(map(tuple, within))) if within else None
        return self._index.search(vector, k, allowed)


def _selector(allowed: NDArray[np.int64]) -> faiss.IDSelectorBitmap:
    """Return a selector of numbers: a bit for each up to the highest, 125 KB for a million."""
    wanted = np.zeros(int(allowed[-1]) + 1, np.bool_)
    wanted[allowed] = True
    # faiss's types are those of its C++ side; in Python it takes an array, and options by name.
    return faiss.IDSelectorBitmap(np.packbits(wanted, bitorder="little"))  # type: ignore[call-arg, arg-type]


def _found(
    result: tuple[NDArray[np.float32], NDArray[np.int64]],
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return numbers and scores of the one query; there may be fewer than were asked for."""
    scores, numbers = result[0][0], result[1][0]
    return numbers[numbers >= 0], scores[numbers >= 0]


def _all_cores() -> None:
    faiss.omp_set_num_threads(os.cpu_count() or 1)


def _lists(size: int) -> int:
    """Return how many lists an inverted file is divided into: 4 √n, as faiss advises, so 4,000 for a million."""
    return max(1, min(round(4 * math.sqrt(size)), size // _TRAINING))


def _sample(size: int, count: int) -> NDArray[np.int64]:
    """Return `count` distinct positions below `size` (or all of them), the same every time."""
    chosen = np.random.default_rng(_SEED).permutation(size)[:count]
    return np.sort(chosen).astype(np.int64)


def _train(dimension: int, vectors: VectorSource) -> faiss.IndexIVF:
    lists = _lists(len(vectors))
    index: Any = faiss.index_factory(dimension, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.seed = _SEED
    index.train(vectors[_sample(len(vectors), lists * _TRAINING)])
    trained: faiss.IndexIVF = index
    return trained


def _blocks(size: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, size, _BLOCK):
        yield np.arange(start, min(start + _BLOCK, size), dtype=np.int64)


def _add(index: faiss.Index, numbers: NDArray[np.int64], vectors: VectorSource) -> None:
    for block in _blocks(len(numbers)):
        part = np.ascontiguousarray(vectors[block], np.float32)
        lengths = np.linalg.norm(part, axis=1)
        worst = int(np.argmax(np.abs(lengths - 1)))
        if not abs(lengths[worst] - 1) < 0.01:
            raise ValueError(f"vector {block[worst]} has length {lengths[worst]:.3f}; unit vectors are needed")
        index.add_with_ids(part, np.ascontiguousarray(numbers[block], np.int64))


def _nearest_numbers(
    numbers: NDArray[np.int64], vectors: VectorSource, queries: NDArray[np.float32], k: int
) -> NDArray[np.int64]:
    """Return the numbers of the exactly nearest `k`, of shape (queries, k), by comparing with every vector."""
    heap = faiss.ResultHeap(len(queries), k, keep_max=True)
    for block in _blocks(len(vectors)):
        part = faiss.IndexFlatIP(queries.shape[1])
        part.add(np.ascontiguousarray(vectors[block], np.float32))
        scores, found = part.search(np.ascontiguousarray(queries, np.float32), min(k, part.ntotal))
        heap.add_result(scores, numbers[block][found])
    heap.finalize()
    nearest: NDArray[np.int64] = heap.I
    return nearest


def _choose_probes(index: faiss.IndexIVF, queries: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Set how many lists a query looks into, the fewest that reach the wanted recall; return the recall reached.

    8 bits a number cost recall that no number of lists brings back, so doubling stops also where it gains nothing.
    """
    reached, best = 0.0, 1
    probes = 1
    while probes <= min(_MOST_PROBES, index.nlist):
        index.nprobe = probes
        found = index.search(np.ascontiguousarray(queries, np.float32), truth.shape[1])[1]
        recall = float(np.mean([np.isin(one, right).mean() for one, right in zip(found, truth, strict=True)]))
        if recall > reached:
            reached, best = recall, probes
        if reached >= WANTED_RECALL:
            break
        probes *= 2
    index.nprobe = best
    return round(reached, 4)
