"""The question files, reports and dates that ship with the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.passages import cut_passages
from eval.ablations import ABLATIONS
from eval.cases import Case, check, meets, read_cases, unknown_keys
from eval.corpora import (
    DISTRICT,
    PROVINCES,
    Corpus,
    CorpusError,
    corpus_name,
    index_settings,
    load_corpus,
    read_reports,
)
from eval.gold import read_gold_dates
from eval.relevance import UNHELD, Relevance
from eval.split import half_of
from eval.suites import shipped
from rag.settings import Settings
from rag.types import Language

FILES = [f"{corpus}-{split}.jsonl" for corpus in (DISTRICT, PROVINCES) for split in ("dev", "test")]
#: Worked out with `printf q0 | sha256sum`: the parity of the last hex digit.
HALVES = ["dev", "test", "test", "test", "dev", "test"]
#: What the issue asks for.
KINDS = set(
    "result target comparison trend fact date policy entity list how_why place damaged follow_up unanswerable"
    " false_premise furniture override".split()
)


@pytest.fixture(scope="module")
def corpora() -> dict[str, Corpus]:
    return {name: load_corpus(name, Settings()) for name in (DISTRICT, PROVINCES)}


@pytest.fixture(scope="module")
def shelf() -> dict[str, tuple[Case, ...]]:
    return {path.name: read_cases(path) for path in shipped()}


def test_the_files_are_there_and_well_formed(shelf: dict[str, tuple[Case, ...]]) -> None:
    assert sorted(shelf) == sorted(FILES)
    assert [path.name for path in shipped("dev")] == ["district-dev.jsonl", "provinces-dev.jsonl"]
    assert all(not unknown_keys(path) for path in shipped())


def test_there_are_as_many_as_promised(shelf: dict[str, tuple[Case, ...]]) -> None:
    cases = [case for cases in shelf.values() for case in cases]
    district = [case for name, cases in shelf.items() if name.startswith(DISTRICT) for case in cases]
    assert len(cases) >= 220
    assert sum(case.lang is Language.EN for case in cases) >= 90
    assert len(cases) - len(district) >= 60
    assert {case.type for case in cases} == KINDS
    assert all(case.history for case in cases if case.type == "follow_up")


@pytest.mark.parametrize("name", FILES)
def test_the_checker_finds_nothing(name: str, shelf: dict[str, tuple[Case, ...]], corpora: dict[str, Corpus]) -> None:
    assert check(shelf[name], corpora[corpus_name(Path(name))].sources) == []


@pytest.mark.parametrize("name", FILES)
def test_every_evidence_stands_in_one_place_and_in_a_passage(
    name: str, shelf: dict[str, tuple[Case, ...]], corpora: dict[str, Corpus]
) -> None:
    relevance = Relevance(corpora[corpus_name(Path(name))])
    for case in shelf[name]:
        assert [len(relevance.locate(evidence)) for evidence in case.evidence] == [1] * len(case.evidence), case.id
        assert not any(identity.startswith(UNHELD) for identity in relevance.judge(case).grades), case.id


def test_no_gold_answer_is_one_to_another_question_of_its_evidence(shelf: dict[str, tuple[Case, ...]]) -> None:
    """A rule that lets everything pass would be of no use: gold answers must not fit questions at random."""
    cases = [case for cases in shelf.values() for case in cases if case.answerable]
    pairs = zip(cases, cases[1:] + cases[:1], strict=True)
    assert sum(meets(case, other.answer) for case, other in pairs) < 0.02 * len(cases)


def test_every_question_is_in_the_half_that_its_id_gives(shelf: dict[str, tuple[Case, ...]]) -> None:
    for name, cases in shelf.items():
        assert {half_of(case.id) for case in cases} == {name.removesuffix(".jsonl").split("-")[1]}
    ids = [case.id for cases in shelf.values() for case in cases]
    assert len(ids) == len(set(ids))


def test_the_half_of_an_id_never_changes() -> None:
    assert [half_of(f"q{i}") for i in range(6)] == HALVES


def test_every_document_has_its_dates_in_the_gold_table(corpora: dict[str, Corpus]) -> None:
    gold = read_gold_dates()
    for corpus in corpora.values():
        for document in corpus.documents:
            rows = [row for row in gold if row.corpus == corpus.name and row.title in document.title]
            assert len(rows) == 1, document.title
            assert rows[0].posted == {str(posting.date) for posting in document.postings}


def test_a_faulty_table_of_dates_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.tsv").write_text("corpus\ttitle\tdelivered\tposted\nx\ty\t2020\n")
    with pytest.raises(ValueError, match="line 2: wanted corpus, title, delivered, posted"):
        read_gold_dates(tmp_path / "d.tsv")


def test_the_provinces_are_six_dated_reports(corpora: dict[str, Corpus]) -> None:
    documents = corpora[PROVINCES].documents
    assert len(documents) == 6
    assert {document.kind for document in documents} == {"report"}
    assert {document.delivered.precision for document in documents} == {"day"}
    assert all(len(cut_passages(document)) > 40 for document in documents)


def test_a_faulty_report_is_named(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("title,source_url,publish_date,full_text\nT,u,2026-01-01,x\nT,u,soon,x\n")
    with pytest.raises(CorpusError, match=r"r.csv, line 3: not a report"):
        read_reports(path)


def test_where_an_index_is_kept() -> None:
    settings = Settings(data_dir=Path("data"))
    assert index_settings(settings, DISTRICT) == settings
    assert index_settings(settings, PROVINCES).index_dir == Path("data/eval/provinces/index")
    assert index_settings(settings, DISTRICT, "no-prefixes").index_dir == Path("data/eval/district-no-prefixes/index")


def test_configurations_are_what_the_settings_allow() -> None:
    settings = Settings(passages=7)
    for one in ABLATIONS:
        applied = one.apply(settings).model_dump()
        assert applied["passages"] == 7, "what it does not change stays as it is"
        assert {name: applied[name] for name in one.changes} == dict(one.changes)
    assert [one.own_index for one in ABLATIONS] == ["", "", "", "", "no-repair", "no-prefixes", "swapped-prefixes"]
