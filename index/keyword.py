"""BM25 over search terms, by bm25s; loaded memory-mapped."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import bm25s
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray


class KeywordIndex:
    """BM25 (Lucene's variant, k1 1.2, b 0.75) over the terms of texts; rows are texts in the order given."""

    def __init__(self, engine: bm25s.BM25, size: int) -> None:
        self._engine = engine
        self.size = size

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> KeywordIndex:
        """Index texts given as lists of terms.

        Raises:
            ValueError: no text has any term, which would make every search silently empty.
        """
        if not any(texts):
            raise ValueError(f"none of the {len(texts)} texts has a search term; nothing could ever be found")
        engine = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        engine.index([list(text) for text in texts], show_progress=False)
        return cls(engine, len(texts))

    def search(self, query: Sequence[str], k: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and scores of the best `k` texts with a score above 0, best first."""
        known = [term for term in query if term in self._engine.vocab_dict]
        if not known or k < 1:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        scores = self._engine.get_scores(known)
        k = min(k, len(scores))
        best = np.argpartition(-scores, k - 1)[:k]
        # Equal scores go by row, so that a search gives the same order every time.
        best = best[np.lexsort((best, -scores[best]))]
        best = best[scores[best] > 0]
        return best.astype(np.int64), scores[best].astype(np.float32)

    def frequency(self, term: str) -> int:
        """Return in how many texts a term occurs."""
        row = self._engine.vocab_dict.get(term)
        if row is None:
            return 0
        pointers = self._engine.scores["indptr"]
        return int(pointers[row + 1] - pointers[row])

    def save(self, folder: Path) -> None:
        """Write the index to a folder."""
        self._engine.save(folder, show_progress=False)
        (folder / "size.json").write_text(json.dumps(self.size))

    @classmethod
    def load(cls, folder: Path) -> KeywordIndex:
        """Open an index that `save` wrote."""
        engine = bm25s.BM25.load(folder, mmap=True, show_progress=False)
        return cls(engine, int(json.loads((folder / "size.json").read_text())))
