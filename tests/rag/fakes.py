"""Parts of answering written out by hand, the plainest way that keeps their contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus.types import Passage, Sentence, Status
from rag.types import Evidence, Hit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from corpus.types import Period


class SharedCharacters:
    """A fake Reranker: how many of the query's characters a text holds."""

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([len({*query} & {*text}) for text in texts], np.float32)


def make_hit(
    *texts: str, period: Period | None = None, status: Status = Status.ACTUAL, document: str = "d", region: float = 1.0
) -> Hit:
    """Return a hit on a passage of these sentences, all of one period and status."""
    text = "".join(texts)
    starts = [sum(map(len, texts[:i])) for i in range(len(texts))]
    sentences = tuple(Sentence(at, at + len(own), period, status) for at, own in zip(starts, texts, strict=True))
    passage = Passage(f"p-{text[:8]}", document, 0, len(text), text, text, (), period, status, sentences)
    return Hit(passage, 0, 1.0, 0.0, 0.0, 1.0, region)


def make_evidence(hit: Hit, sentence: int = 0, coverage: float = 1.0, *, kept: bool = True) -> Evidence:
    """Return a sentence of a hit as evidence, kept as what answers unless told otherwise."""
    return Evidence(hit, sentence, coverage, coverage, 1.0, kept=kept, why="")
