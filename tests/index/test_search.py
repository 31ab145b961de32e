from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.translations import Translations
from index.build import build_index
from index.search import HybridSearch, Weights
from index.store import open_index
from tests.conftest import HashEncoder, make_documents

if TYPE_CHECKING:
    from index.store import OpenIndex


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> OpenIndex:
    folder = tmp_path_factory.mktemp("index")
    build_index(make_documents(), Translations({}), HashEncoder(), folder)
    return open_index(folder)


@pytest.fixture(scope="module")
def search(index: OpenIndex) -> HybridSearch:
    return HybridSearch(index, HashEncoder(), Weights(0.5, 0.5))


def test_the_passage_of_both_sides_comes_first(search: HybridSearch, index: OpenIndex) -> None:
    best = search.search("总部的开办资助和租金补贴")[0]
    (passage,) = index.library.passages([best.row])
    assert "租金补贴" in passage.text
    assert best.dense > 0
    assert best.keyword == 1


def test_extra_terms_widen_the_keyword_side_only(search: HybridSearch) -> None:
    plain, widened = search.search("subsidy"), search.search("subsidy", ["租金"])
    assert {c.row: c.dense for c in plain} == {c.row: c.dense for c in widened}
    assert not any(c.keyword for c in plain)
    assert any(c.keyword for c in widened)


@pytest.mark.parametrize("query", ["", "   ", "?!。,、", "\x00\x1b\x7f", "🙂🏙️", "'--;", "{{}} ${}", "\ud83d"])
def test_what_has_no_letter_figure_or_character_finds_nothing(search: HybridSearch, query: str) -> None:
    assert search.search(query) == []


@pytest.mark.parametrize(
    "query",
    [
        "充电桩" * 17_000,
        "补贴🙂多少\x00\x1b?",
        "'; drop table passage; --",
        "{{ 7 * 7 }} ${jndi:ldap://x} %s %n <script>alert(1)</script>",
        "租金\ud83d补贴",
        'AND OR NOT terms:补贴 number:[0 TO *] ^2 ~1 \\ ( "',
    ],
    ids=["50,000 characters", "emoji and control", "SQL", "templates", "half a pair", "query language"],
)
def test_odd_texts_are_searched_like_any_other(search: HybridSearch, index: OpenIndex, query: str) -> None:
    found = search.search(query)
    assert found
    assert {c.row for c in found} <= {row for row, _ in index.library.all_passages()}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_taken_and_every_passage_comes_once(search: HybridSearch, query: str) -> None:
    rows = [candidate.row for candidate in search.search(query)]
    assert len(rows) == len(set(rows))
