from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from corpus.glossary import Glossary, Term
from corpus.indicators import Indicator
from corpus.quantities import Quantity, Unit
from corpus.translations import Translations, sentence_key
from corpus.types import Period, Status
from rag.question import read_question
from rag.verdict import Verdict, settle
from tests.rag.fakes import make_evidence, make_hit

if TYPE_CHECKING:
    from rag.types import Concept, Evidence

GLOSSARY = Glossary(
    [
        Term(("总部企业",), ("headquarters",), "term"),
        Term(("租金补贴",), ("rent subsidy",), "term"),
        Term(("文化馆",), ("culture centre",), "project"),
        Term(("财政收入",), ("revenue",), "indicator"),
        Term(("甲区",), ("Jia District",), "region"),
    ]
)
PAID = "对租用办公楼的总部企业,每年给予最高500万元的租金补贴。"
PAID_EN = "Headquarters that rent offices get a rent subsidy of up to RMB 5 million a year."
ENGLISH = Translations({sentence_key(PAID): PAID_EN})


def nothing_stated(_evidence: Evidence, _concept: Concept) -> list[Indicator]:
    return []


def verdict(
    question: str, sentence: str, *, year: int | None = 2030, status: Status = Status.ACTUAL, change: int = 0
) -> Verdict | None:
    """Return what one sentence settles; `change` is what it reports of an indicator, in percent."""
    period = Period.year(year) if year else None

    def stated(_evidence: Evidence, concept: Concept) -> list[Indicator]:
        moved = Quantity(Decimal(change), Unit.PERCENT)
        told = Indicator("财政收入", "财政收入", None, moved, period, status, "", "")
        return [told] if change and concept.kind == "indicator" else []

    item = make_evidence(make_hit(sentence, period=period, status=status))
    settled = settle(read_question(question, GLOSSARY, date(2032, 5, 1)), [item], ENGLISH, stated)
    return settled.verdict if settled else None


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("甲区有没有给总部企业的租金补贴?", PAID),
        ("是否给予总部企业租金补贴", PAID),
        ("Is there a rent subsidy for headquarters?", PAID),
        ("2030年文化馆建成了吗?", "新增绿地3公顷,文化馆竣工。"),  # another word for the same event
    ],
)
def test_a_clause_that_names_all_that_is_asked_settles_it(question: str, sentence: str) -> None:
    assert verdict(question, sentence) is Verdict.YES


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("文化馆建成了吗?", "文化馆尚未建成。"),
        ("文化馆建成了吗?", "加快推进文化馆建成。"),
        ("文化馆建成了吗?", "文化馆春节前建成。"),
        ("文化馆建成了吗?", "文化馆开工,学校建成。"),  # of two things
        ("文化馆的总部企业有租金补贴吗?", PAID),
        ("文化馆拆建了吗?", "文化馆改建。"),
        ("总部企业的租金补贴是不是最高的?", PAID),
        ("总部企业只有租金补贴吗?", PAID),
        ("总部企业有没有租金补贴?", "全市总部企业都有租金补贴。"),
        ("是否因为租金补贴引进了总部企业?", PAID),
        ("Is the rent subsidy for headquarters higher than last year?", PAID),
        ("总部企业租金补贴是多少?", PAID),
    ],
)
def test_what_a_clause_leaves_open_is_not_settled(question: str, sentence: str) -> None:
    assert verdict(question, sentence) is None


def test_an_aim_does_not_settle_whether_it_is_so_nor_another_year() -> None:
    assert verdict("文化馆建成了吗?", "文化馆建成。", status=Status.TARGET) is None
    assert verdict("2029年文化馆建成了吗?", "文化馆建成。") is None
    assert verdict("2030年文化馆建成了吗?", "文化馆建成。", year=None) is None


@pytest.mark.parametrize(
    ("question", "change", "expected"),
    [
        ("财政收入是增长还是下降?", 3, Verdict.UP),
        ("财政收入是涨是跌?", -3, Verdict.DOWN),
        ("财政收入增长了吗?", 3, Verdict.YES_UP),
        ("财政收入下降了吗?", -3, Verdict.YES_DOWN),
        ("财政收入增长了吗?", -3, Verdict.NO_DOWN),
        ("Did revenue fall?", 3, Verdict.NO_UP),
        ("Did revenue rise or fall?", -3, Verdict.DOWN),
        ("财政收入增长了吗?", 0, None),
        ("财政收入增长了多少?", 3, None),
    ],
)
def test_up_or_down_is_what_is_reported_of_the_indicator(question: str, change: int, expected: Verdict | None) -> None:
    assert verdict(question, "财政收入变化3%。", change=change) is expected


def test_up_or_down_is_also_read_from_a_clause_that_names_the_thing() -> None:
    assert verdict("总部企业是增加还是减少?", "总部企业由20家增加到23家,租金下降。") is Verdict.UP
    assert verdict("总部企业是增加还是减少?", "总部企业租金补贴发放及时。") is None


def test_the_sentence_that_settles_is_told() -> None:
    beside, settling = (make_evidence(make_hit(text)) for text in ("文化馆开工。", "文化馆竣工。"))
    question = read_question("文化馆建成了吗?", GLOSSARY, date(2032, 5, 1))
    settled = settle(question, [beside, settling], ENGLISH, nothing_stated)
    assert settled is not None
    assert settled.evidence is settling
