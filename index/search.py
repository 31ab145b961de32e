"""Dense and keyword search over one index, fused into one ranking of passages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import tokenize
from index.filter import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from index.encoder import Encoder
    from index.filter import Filter
    from index.store import OpenIndex

#: Texts taken from each side before fusion.
DEPTH = 100


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage row with what each side said of it: scores scaled to 0..1 over this search, and their sum."""

    row: int
    dense: float
    keyword: float
    fused: float


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each side counts in the fusion."""

    dense: float
    keyword: float


class HybridSearch:
    """Fusion of both sides as a weighted sum of scaled scores.

    Each side's scores are scaled to 0..1 between the lowest and the highest of its candidates, and a passage that
    a side did not return has 0 there (convex combination; Bruch, Gai, Ingber, "An Analysis of Fusion Functions
    for Hybrid Retrieval", 2023).
    """

    def __init__(self, index: OpenIndex, encoder: Encoder, weights: Weights) -> None:
        self._index, self._encoder, self._weights = index, encoder, weights

    def search(self, query: str, extra_terms: Sequence[str] = (), within: Filter = EVERYTHING) -> list[Candidate]:
        """Return candidates for a query, best first; `extra_terms` widen the keyword side only.

        Passages that do not fit `within` are never looked at, so a narrow one costs no recall; one that no passage fits
        finds nothing.
        A text without a letter, figure or Chinese character finds nothing: its vector would lie near anything.
        """
        if not any(map(str.isalnum, query)):
            return []
        query = query.encode("utf-8", "replace").decode("utf-8")  # half a pair of UTF-16 is no character
        dense = self._dense(query, within)
        keyword = self._keyword([*tokenize.terms(query), *extra_terms], within)
        weights = self._weights
        found = [
            Candidate(row, d, k, weights.dense * d + weights.keyword * k)
            for row in dense.keys() | keyword.keys()
            for d, k in ((dense.get(row, 0.0), keyword.get(row, 0.0)),)
        ]
        return sorted(found, key=lambda c: (-c.fused, c.row))

    def _dense(self, query: str, within: Filter) -> dict[int, float]:
        if not self._weights.dense:
            return {}
        return _by_passage(*self._index.vectors.search(self._encoder.encode_query(query), DEPTH, within.groups()))

    def _keyword(self, terms: Sequence[str], within: Filter) -> dict[int, float]:
        if not self._weights.keyword:
            return {}
        return _by_passage(*self._index.keywords.search(terms, DEPTH, within.groups()), floor=0.0)


def _by_passage(rows: NDArray[np.int64], scores: NDArray[np.float32], floor: float | None = None) -> dict[int, float]:
    """Give each passage the best scaled score of its texts."""
    if not len(rows):
        return {}
    low = float(scores.min()) if floor is None else floor
    span = max(float(scores.max()) - low, 1e-9)
    best: dict[int, float] = {}
    for row, score in zip(rows, scores, strict=True):
        best.setdefault(int(row), (float(score) - low) / span)
    return best
