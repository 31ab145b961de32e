from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from corpus.glossary import Glossary, Term
from corpus.indicators import read_indicators
from corpus.periods import Frame
from corpus.types import Period, Status
from rag.evidence import prefer_reported
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

if TYPE_CHECKING:
    from corpus.indicators import Indicator
    from rag.types import Concept, Evidence

GLOSSARY = Glossary([Term(("地区生产总值",), ("GDP",), "indicator"), Term(("服务业",), ("services",), "industry")])
SHARE, GROWTH = "服务业占地区生产总值比重达56%。", "地区生产总值增长5%。"


def _stated(evidence: Evidence, concept: Concept) -> list[Indicator]:
    own = Frame(Period.year(2030), Status.ACTUAL)
    return [one for one in read_indicators(evidence.text, own, None, GLOSSARY) if one.name in concept.forms]


def _best(question: str, *, coverage: float = 1.0) -> str:
    weighed = [
        make_evidence(make_hit(SHARE, period=Period.year(2030)), 0, 1.0),
        make_evidence(make_hit(GROWTH, period=Period.year(2030)), 0, coverage),
    ]
    return prefer_reported(read_question(question, GLOSSARY, date(2032, 1, 1)), weighed, _stated)[0].text


def test_a_sentence_that_reports_the_figure_goes_before_one_that_only_names_it() -> None:
    assert _best("2030年地区生产总值增长多少?") == GROWTH


@pytest.mark.parametrize(("question", "coverage"), [("2030年服务业怎么样?", 1.0), ("2030年地区生产总值增长多少?", 0.0)])
def test_the_order_stays_where_no_figure_is_asked_for_or_little_is_covered(question: str, coverage: float) -> None:
    assert _best(question, coverage=coverage) == SHARE


def test_without_evidence_there_is_nothing_to_prefer() -> None:
    assert prefer_reported(read_question("地区生产总值?", GLOSSARY, date(2032, 1, 1)), [], _stated) == []
