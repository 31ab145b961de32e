"""The two sides of an index written out by hand, the plainest way that keeps their contracts."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class ListedVectors:
    """A fake VectorIndex: all inner products, sorted."""

    def __init__(self, numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        self._numbers, self._vectors = numbers, vectors

    @property
    def size(self) -> int:
        return len(self._numbers)

    def search(
        self, vector: NDArray[np.float32], k: int, allowed: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        if vector.shape != self._vectors.shape[1:]:
            raise ValueError(f"got shape {vector.shape}, held are {self._vectors.shape[1]} dimensions")
        scores = self._vectors @ vector
        best = np.argsort(-scores, kind="stable")
        if allowed is not None:
            best = best[np.isin(self._numbers[best], allowed)]
        best = best[:k]
        return self._numbers[best], scores[best]


class ListedKeywords:
    """A fake KeywordIndex: BM25 by its formula, over every text."""

    def __init__(self, texts: Sequence[tuple[int, Sequence[str]]], labels: Sequence[Sequence[str]] = ()) -> None:
        self._texts = [(number, Counter(terms)) for number, terms in texts]
        self._labels = labels or [()] * len(texts)
        self._mean = sum(terms.total() for _, terms in self._texts) / max(1, len(self._texts))

    @property
    def size(self) -> int:
        return len(self._texts)

    def frequency(self, term: str) -> int:
        return sum(term in terms for _, terms in self._texts)

    def search(
        self, query: Sequence[str], k: int, within: Sequence[Sequence[str]] = ()
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        texts = self._within(within)
        scored = [(-self._score(query, terms), number) for number, terms in texts]
        best = sorted(pair for pair in scored if pair[0] < 0)[: max(k, 0)]
        return np.array([n for _, n in best], np.int64), np.array([-s for s, _ in best], np.float32)

    def numbers(self, within: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        return np.unique(np.array([number for number, _ in self._within(within)], np.int64))

    def _within(self, within: Sequence[Sequence[str]]) -> list[tuple[int, Counter[str]]]:
        labelled = zip(self._texts, self._labels, strict=True)
        return [text for text, labels in labelled if all({*group} & {*labels} for group in within)]

    def _score(self, query: Sequence[str], terms: Counter[str]) -> float:
        length = 1.2 * (0.25 + 0.75 * terms.total() / self._mean)
        return sum(self._weight(term) * terms[term] / (terms[term] + length) for term in query if terms[term])

    def _weight(self, term: str) -> float:
        known = self.frequency(term)
        return math.log(1 + (self.size - known + 0.5) / (known + 0.5)) * 2.2
