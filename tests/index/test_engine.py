"""What holds of every engine; on Milvus against the lite server, a test double."""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.translations import Translations, sentence_key
from corpus.types import Period, Status
from index import tokenize
from index.build import build_index
from index.embedded import EmbeddedEngine
from index.filter import Filter
from index.milvus import MilvusEngine
from index.milvus_coding import expression, safe_label
from index.search import HybridSearch, Weights
from index.store import open_index
from tests.conftest import HashEncoder, make_documents
from tests.index.test_build import article

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.types import Document
    from index.engine import Engine
    from index.store import OpenIndex
    from tests.index.milvus_server import LiteServer

NONE = Translations({})
QUERIES = ["青山区新增公共充电桩", "总部 租金补贴 80 万元", "2031年地区生产总值增长", "Qingshan rent 80", "码头改造"]
_names = count()


def make_engine(name: str, lite: LiteServer) -> Engine:
    return EmbeddedEngine() if name == "faiss" else MilvusEngine(lite.place(f"contract{next(_names)}"))


@pytest.fixture(scope="module", params=["faiss", "milvus"])
def engine(request: pytest.FixtureRequest, lite: LiteServer) -> Engine:
    return make_engine(request.param, lite)


@pytest.fixture(scope="module")
def index(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> OpenIndex:
    folder = tmp_path_factory.mktemp("index")
    return built(engine, folder, make_documents())


def built(engine: Engine, folder: Path, documents: list[Document], translations: Translations = NONE) -> OpenIndex:
    manifest = build_index(documents, translations, HashEncoder(), folder, engine=engine)
    assert manifest.store is engine.store
    return open_index(folder, {engine.store: engine})


def test_every_text_is_nearest_to_itself(index: OpenIndex) -> None:
    rows, places = index.library.text_places()
    assert index.vectors.size == index.keywords.size == len(rows)
    for row, vector in zip(rows, index.encoded[places], strict=True):
        found, scores = index.vectors.search(vector, 2)
        assert found[0] == row
        assert scores[0] == pytest.approx(1, abs=0.01)
        assert scores[0] >= scores[1]


def test_texts_are_found_by_their_terms_best_first(index: OpenIndex) -> None:
    rows, scores = index.keywords.search(tokenize.terms("新增公共充电桩210个"), 3)
    assert "210个" in index.library.passages([rows[0]])[0].text
    assert scores.min() > 0
    assert list(scores) == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", [[], ["不存在"], [""], [" "], ["a\0b"], ["x" * 70_000], ["' or 1 == 1 or '"]])
def test_unknown_terms_find_nothing(index: OpenIndex, query: list[str]) -> None:
    assert len(index.keywords.search(query, 10)[0]) == 0


def test_no_text_is_asked_for_and_none_is_given(index: OpenIndex) -> None:
    assert len(index.keywords.search(["充电"], 0)[0]) == 0


def test_frequency_counts_texts(index: OpenIndex) -> None:
    texts = [set(tokenize.terms("\n".join((index.library.entry(p.document_id).title, *p.headings, p.text))))
             for _, p in index.library.all_passages()]  # fmt: skip
    for term in ("充电", "青山", "增长", "没有"):
        assert index.keywords.frequency(term) == sum(term in terms for terms in texts)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    periods=st.lists(st.integers(2029, 2033).map(Period.year), max_size=2).map(tuple),
    statuses=st.lists(st.sampled_from(Status), max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from(["report", "article"]), max_size=1).map(tuple),
)
def test_a_filtered_search_finds_what_fits_and_nothing_else(
    index: OpenIndex, periods: tuple[Period, ...], statuses: tuple[Status, ...], kinds: tuple[str, ...]
) -> None:
    within = Filter(periods, statuses, kinds)
    fitting = {
        row
        for row, held in index.library.all_passages()
        if within.takes(held.document_id, index.library.entry(held.document_id).kind)
        and any(within.fits(sentence.period, sentence.status) for sentence in held.sentences)
    }
    found = HybridSearch(index, HashEncoder(), Weights(1, 0)).search("青山区新增公共充电桩", (), within)
    assert {candidate.row for candidate in found} == fitting
    found = HybridSearch(index, HashEncoder(), Weights(0, 1)).search("青山区新增公共充电桩", (), within)
    assert {candidate.row for candidate in found} <= fitting


@pytest.mark.parametrize("document", ["' or 1=1 --", '"]) or id >= 0 or (["', "a\0b", "\\", '\\"', "document:", "𠀀😀"])
def test_an_id_is_compared_and_never_read_as_a_query(index: OpenIndex, document: str) -> None:
    search = HybridSearch(index, HashEncoder(), Weights(0.5, 0.5))
    assert search.search("公共充电桩", (), Filter(documents=(document,))) == []


def test_a_passage_is_found_in_both_languages(engine: Engine, lite: LiteServer, tmp_path: Path) -> None:
    report, policy = make_documents()
    english = {
        sentence_key(policy.text[s.start : s.end]): f"Rent subsidies, part {i}" for i, s in enumerate(policy.sentences)
    }
    index = built(make_engine(engine.store, lite), tmp_path, [report, policy], Translations(english))
    (row,) = {row for row, passage in index.library.all_passages() if passage.document_id == policy.id}
    assert index.keywords.search(tokenize.terms("rent subsidies"), 5)[0].tolist() == [row]
    assert row in index.keywords.search(tokenize.terms("租金补贴"), 5)[0]
    assert index.vectors.size == index.manifest.passages + 1


def test_a_new_build_serves_and_a_reader_of_the_old_one_is_not_disturbed(
    engine: Engine, lite: LiteServer, tmp_path: Path
) -> None:
    own = make_engine(engine.store, lite)
    old = built(own, tmp_path, [article(i) for i in range(3)])
    new = built(own, tmp_path, [article(i) for i in range(1, 3)])
    query = HashEncoder().encode_query("青山区第0街道")
    assert len(old.vectors.search(query, 9)[0]) == old.vectors.size == 3
    assert len(new.vectors.search(query, 9)[0]) == new.keywords.size == 2
    assert len(old.keywords.search(["租金"], 9)[0]) == 3


def test_both_engines_rank_alike(lite: LiteServer, tmp_path: Path) -> None:
    documents = [*make_documents(), *(article(i) for i in range(8))]
    found = []
    for name in ("faiss", "milvus"):
        search = HybridSearch(
            built(make_engine(name, lite), tmp_path / name, documents), HashEncoder(), Weights(0.5, 0.5)
        )
        found.append([{c.row: c.fused for c in search.search(query)} for query in QUERIES])
    for one, other in zip(*found, strict=True):
        assert one.keys() == other.keys()
        assert [*one.values()] == pytest.approx([other[row] for row in one], abs=0.02), "lengths are rounded in tantivy"


@given(st.text())
def test_a_label_for_milvus_cannot_end_its_quotes_and_none_is_another(label: str) -> None:
    assert expression([[label]]) == f'array_contains_any(labels, ["{safe_label(label)}"])'
    assert re.fullmatch(r"[A-Za-z0-9_.:*-]+", safe_label(label), re.ASCII)
    assert safe_label(label) != safe_label(label + "x")


def test_groups_for_milvus_are_all_to_be_met() -> None:
    assert expression([["kind:report"], ["claim:2019:*", "claim:2020:*"]]) == (
        'array_contains_any(labels, ["kind:report"]) and array_contains_any(labels, ["claim:2019:*", "claim:2020:*"])'
    )
