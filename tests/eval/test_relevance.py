from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.documents import make_document
from corpus.passages import cut_passages
from corpus.types import Document, Posting, RawText, Repair
from eval.cases import Judged
from eval.corpora import Corpus
from eval.relevance import Place, Relevance
from tests.eval.conftest import GRANT, GROWTH, PILES, make_case


def _corpus(*documents: Document) -> Corpus:
    return Corpus("c", documents, tuple(document.source_text() for document in documents))


def _document(text: str, title: str = "文") -> Document:
    return make_document([RawText(Posting(title, None, "here"), text)])


def _long(text: str) -> Document:
    """A document whose passages are cut within: sentences of about 100 characters."""
    return _document("。".join(text[0] + c * 97 for c in "甲乙丙丁戊己庚辛") + "。")


def test_an_evidence_is_held_by_its_passage(corpus: Corpus) -> None:
    judgement = Relevance(corpus).judge(make_case(evidence=(GROWTH, PILES)))
    passages = {p.id: p.text for d in corpus.documents for p in cut_passages(d)}
    assert [[GROWTH in passages[i] for i in ids] for ids in judgement.held[:1]] == [[True]]
    assert [[PILES in passages[i] for i in ids] for ids in judgement.held[1:]] == [[True]]
    assert judgement.grades == {i: 1 for ids in judgement.held for i in ids}
    assert judgement.missing == ()


def test_a_passage_with_less_than_half_is_not_relevant() -> None:
    document = _long("一")
    first, second = cut_passages(document)[:2]
    mostly_first = document.text[first.end - 60 : second.start + 40]
    judgement = Relevance(_corpus(document)).judge(make_case(evidence=(mostly_first,)))
    assert judgement.held == (frozenset({first.id}),)


def test_half_and_half_both_are_relevant() -> None:
    document = _long("一")
    first, second = cut_passages(document)[:2]
    assert first.end == second.start
    halves = document.text[first.end - 30 : second.start + 30]
    judgement = Relevance(_corpus(document)).judge(make_case(evidence=(halves,)))
    assert judgement.held == (frozenset({first.id, second.id}),)


def test_where_no_passage_has_half_the_fullest_counts() -> None:
    document = _long("一")
    passages = cut_passages(document)
    whole = document.text[passages[0].start : passages[-1].end]
    lengths = [p.end - p.start for p in passages]
    assert max(lengths) < len(whole) / 2
    held = Relevance(_corpus(document)).judge(make_case(evidence=(whole,))).held[0]
    assert held == {p.id for p, length in zip(passages, lengths, strict=True) if length == max(lengths)}


def test_places_are_those_of_the_repaired_text() -> None:
    damaged = _document("前面一句话。重工程全部开工，进展顺利。")
    at = damaged.text.index("重工") + 1
    mended = replace(
        damaged,
        text=damaged.text[:at] + "大" + damaged.text[at:],
        repairs=(Repair(at, "大", "reviewed", 1.0),),
    )
    places = Relevance(_corpus(mended)).locate("重工程全部开工")
    assert places == (Place(mended.id, at - 1, at + 7),), "eight characters: those of the evidence and the restored one"
    assert mended.text[at - 1 : at + 7] == "重大工程全部开工"


def test_every_place_counts() -> None:
    document = _document("增长6%左右。另一句。增长6%左右。")
    assert len(Relevance(_corpus(document)).locate("增长6%左右")) == 2


def test_evidence_from_a_damaged_copy_is_found_in_the_good_one(corpus: Corpus) -> None:
    # The corpus holds the good copy only; 中 is missing wherever the damaged one had it.
    document = _document("坚持稳中求进工作总基调，加快建设中心城区。")
    places = Relevance(_corpus(document)).locate("坚持稳求进工作总基调，加快建设心城区")
    assert places == (Place(document.id, 0, 20),)
    assert Relevance(_corpus(document)).locate("坚持稳求退工作总基调") == ()
    assert Relevance(_corpus(document)).locate("坚持求进工作总基调，加快建设") == (), (
        "two characters in a row are a word"
    )


def test_white_space_is_no_obstacle(corpus: Corpus) -> None:
    assert Relevance(corpus).locate(GRANT.replace(" ", "")) == Relevance(corpus).locate(GRANT)


def test_what_nobody_holds_counts_as_never_found(corpus: Corpus) -> None:
    judgement = Relevance(corpus).judge(make_case(evidence=(GROWTH, "这句话哪里都没有，怎么找也找不到")))
    assert judgement.held[1] == {"unheld:1"}
    assert "unheld:1" in judgement.grades
    assert judgement.missing == ("这句话哪里都没有，怎么找也找不到",)


def test_a_heading_is_held_by_the_passage_that_follows(corpus: Corpus) -> None:
    judgement = Relevance(corpus).judge(make_case(evidence=("二、2031年主要任务",)))
    (held,) = judgement.held[0]
    after = next(p for p in cut_passages(corpus.documents[0]) if "2031年主要任务" in "".join(p.headings))
    assert held == after.id


def test_a_case_may_be_judged_by_document() -> None:
    judgement = Relevance(_corpus()).judge(make_case(evidence=(), judged=(Judged("d", 2),)))
    assert (judgement.grades, judgement.by_document) == ({"d": 2}, True)
    assert judgement.is_relevant("d:0-5", "d")
    assert not judgement.is_relevant("e:0-5", "e")


@pytest.mark.parametrize("evidence", ["坚持稳", "AB"])
def test_a_short_string_is_not_looked_for_loosely(evidence: str) -> None:
    assert Relevance(_corpus(_document("坚持求稳。A x B。"))).locate(evidence) == ()
