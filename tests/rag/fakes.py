"""Parts of answering written out by hand, the plainest way that keeps their contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from corpus.types import Passage, Sentence, Status
from rag.language_model import LanguageModelError
from rag.types import Evidence, Hit

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

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


class ScriptedModel:
    """A fake LanguageModel that says what it is told to, a few characters a piece, and may break off at the end."""

    name = "scripted"

    def __init__(self, *answers: str, breaks: bool = False, room: int = 8192) -> None:
        self._answers, self._breaks, self.room = list(answers), breaks, room
        self.requests: list[str] = []
        self.pieces_given = 0
        self.is_closed = False

    def stream(self, instructions: str, request: str, most: int) -> Generator[str, None, None]:
        self.requests.append(f"{instructions}\n\n{request}")
        answer = self._answers.pop(0) if self._answers else ""
        try:
            for at in range(0, len(answer), 5):
                self.pieces_given += 1
                yield answer[at : at + 5]
            if self._breaks:
                raise LanguageModelError("scripted broke off")
        finally:
            self.is_closed = True

    def count(self, text: str) -> int:
        return len(text)

    def check(self) -> None:
        if self._breaks:
            raise LanguageModelError("scripted is away")
