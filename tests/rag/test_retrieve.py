from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus.translations import Translations
from index.build import build_index
from index.search import HybridSearch, Weights
from index.store import open_index
from rag.question import read_question
from rag.regions import Regions
from rag.retrieve import TimedRetriever
from tests.conftest import HashEncoder, make_documents
from tests.rag.conftest import GLOSSARY
from tests.rag.fakes import SharedCharacters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from index.store import OpenIndex
    from rag.types import Question


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> OpenIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    build_index(make_documents(), Translations({}), HashEncoder(), folder, glossary=GLOSSARY)
    return open_index(folder)


def retriever(index: OpenIndex, reranker: object = None) -> TimedRetriever:
    search = HybridSearch(index, HashEncoder(), Weights(0.5, 0.5))
    return TimedRetriever(search, index.library, Regions(GLOSSARY), True, reranker)  # type: ignore[arg-type]


def ask(text: str) -> Question:
    return read_question(text, GLOSSARY, date(2032, 5, 1))


class Opposite:
    """Prefers what the search likes least."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.seen += texts
        return np.arange(len(texts), dtype=np.float32)


def test_a_reranker_orders_the_hits_and_loses_none(index: OpenIndex) -> None:
    question = ask("企业租金补贴")
    plain, opposite = retriever(index).retrieve(question, 9), Opposite()
    turned = retriever(index, opposite).retrieve(question, 9)
    assert [hit.row for hit in turned] == [hit.row for hit in plain[::-1]]
    assert opposite.seen == [hit.passage.text for hit in plain]
    assert {hit.score for hit in turned} <= {hit.score for hit in turned if 0 <= hit.score <= 1}


def test_a_reranked_passage_of_another_year_still_counts_less(index: OpenIndex) -> None:
    hits = retriever(index, SharedCharacters()).retrieve(ask("2031年新增公共充电桩多少个?"), 5)
    assert "300" in hits[0].passage.text


def test_every_year_asked_for_is_among_the_first(index: OpenIndex) -> None:
    hits = retriever(index).retrieve(ask("2030年和2031年新增公共充电桩各多少?"), 5)
    assert {2030, 2031} <= {s.period.first for hit in hits for s in hit.passage.sentences if s.period}
