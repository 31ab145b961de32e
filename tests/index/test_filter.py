from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.translations import Translations
from corpus.types import Passage, Period, Sentence, Status
from index.build import build_index
from index.filter import EVERYTHING, Filter, FilterError, labels
from index.search import HybridSearch, Weights
from index.store import OpenIndex, open_index
from tests.conftest import HashEncoder, make_documents

YEARS = st.integers(2015, 2024)
PERIODS = st.tuples(YEARS, YEARS).map(lambda years: Period(min(years), max(years)))
STATUSES = st.sampled_from(list(Status))
FILTERS = st.builds(
    Filter,
    st.lists(PERIODS, max_size=2).map(tuple),
    st.lists(STATUSES, max_size=2).map(tuple),
    st.lists(st.sampled_from(["report", "article"]), max_size=1).map(tuple),
    st.lists(st.sampled_from(["a", "b"]), max_size=1).map(tuple),
)


def passage(document: str, frames: list[tuple[Period | None, Status]]) -> Passage:
    sentences = tuple(Sentence(i, i + 1, period, status) for i, (period, status) in enumerate(frames))
    return Passage("p", document, 0, len(frames), "x" * len(frames), "", (), *frames[0], sentences)


@given(
    within=FILTERS,
    document=st.sampled_from(["a", "b"]),
    kind=st.sampled_from(["report", "article"]),
    frames=st.lists(st.tuples(st.none() | PERIODS, STATUSES), min_size=1, max_size=3),
)
def test_labels_and_groups_say_what_the_filter_says(
    within: Filter, document: str, kind: str, frames: list[tuple[Period | None, Status]]
) -> None:
    carried = set(labels(passage(document, frames), kind))
    by_labels = all(carried & {*group} for group in within.groups())
    assert by_labels == (within.takes(document, kind) and any(within.fits(*frame) for frame in frames))


def test_a_filter_is_read_as_people_write_it() -> None:
    within = Filter.parse(["2019", "2016-2020", "2019"], ["target"], ["report"], ["abc"])
    assert within == Filter((Period(2019, 2019), Period(2016, 2020)), (Status.TARGET,), ("report",), ("abc",))
    assert within
    assert not EVERYTHING
    assert EVERYTHING.groups() == ()


@pytest.mark.parametrize(
    ("field", "value", "fault"),
    [
        ("periods", "twenty", "'twenty'; wanted 2019, or 2016-2020"),
        ("periods", "", "wanted 2019"),
        ("periods", "2020-2016", "wanted 2019"),
        ("periods", "1-999999999", "wanted years from 1900 to 2199"),
        ("statuses", "done", "'done'; wanted one of actual, estimate, cumulative, target, plan, none"),
        ("kinds", "letter", "'letter'; wanted report or article"),
        ("documents", "", "wanted an id"),
        ("documents", "x" * 201, "of 201 characters"),
        ("documents", "\ud800", r"'\\ud800'"),
    ],
)
def test_what_is_no_filter_is_refused_with_what_was_wanted(field: str, value: str, fault: str) -> None:
    with pytest.raises(FilterError, match=fault):
        Filter.parse(**{field: [value]})


def test_a_field_takes_no_more_than_it_can_hold() -> None:
    with pytest.raises(FilterError, match="201 documents, at most 200"):
        Filter.parse(documents=map(str, range(201)))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> OpenIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    build_index(make_documents(), Translations({}), HashEncoder(), folder)
    return open_index(folder)


@settings(max_examples=60, deadline=None)
@given(
    periods=st.lists(st.integers(2029, 2033).map(Period.year), max_size=2).map(tuple),
    statuses=st.lists(STATUSES, max_size=2).map(tuple),
    kinds=st.lists(st.sampled_from(["report", "article"]), max_size=1).map(tuple),
    weights=st.sampled_from([Weights(0.5, 0.5), Weights(1.0, 0.0), Weights(0.0, 1.0)]),
)
def test_a_search_finds_what_fits_and_nothing_else(
    index: OpenIndex,
    periods: tuple[Period, ...],
    statuses: tuple[Status, ...],
    kinds: tuple[str, ...],
    weights: Weights,
) -> None:
    within = Filter(periods, statuses, kinds)
    fitting = {
        row
        for row, held in index.library.all_passages()
        if within.takes(held.document_id, index.library.entry(held.document_id).kind)
        and any(within.fits(sentence.period, sentence.status) for sentence in held.sentences)
    }
    found = {c.row for c in HybridSearch(index, HashEncoder(), weights).search("青山区新增公共充电桩", (), within)}
    assert found <= fitting
    if weights.dense:
        assert found == fitting, "of so few passages nearness leaves out none"


@pytest.mark.parametrize("document", ["' or 1=1 --", "* OR *", "a\0b", 'kind:"report"', "document:"])
def test_an_id_is_compared_and_never_read_as_a_query(index: OpenIndex, document: str) -> None:
    search = HybridSearch(index, HashEncoder(), Weights(0.5, 0.5))
    assert search.search("公共充电桩", (), Filter(documents=(document,))) == []
