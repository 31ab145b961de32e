from __future__ import annotations

from typing import Any

import pytest

from corpus.types import Period, Status
from eval import measures
from eval.cases import Expect
from eval.gold import GoldDates
from eval.measures import Ranked, Share, Statement, asked_periods
from eval.records import Outcome, Record
from eval.relevance import Judgement
from rag.types import Language
from tests.eval.conftest import GROWTH, answered, make_case, make_cited, make_found, refused, unanswerable


def _judged(*held: set[str]) -> Judgement:
    return Judgement(tuple(map(frozenset, held)), {i: 1 for ids in held for i in ids}, (), by_document=False)


def test_standard_retrieval_measures() -> None:
    # Relevant: b and d. Ranked a, b, c, d: recall 0/2, 2/2, 2/2; first hit at 2.
    # DCG = 1/log2(3) + 1/log2(5) = 0.63093 + 0.43068; ideal 1 + 1/log2(3) = 1.63093.
    ranked = measures.rank_all({"q": ["a", "b", "c", "d"]}, {"q": _judged({"b"}, {"d"})})["q"]
    assert (ranked.recall_1, ranked.recall_5, ranked.recall_10, ranked.mrr_10) == (0, 1, 1, 0.5)
    assert ranked.ndcg_10 == pytest.approx((0.63093 + 0.43068) / 1.63093, abs=1e-4)


def test_a_question_without_hits_scores_nothing_instead_of_being_left_out() -> None:
    found = measures.rank_all({"q": ["a"]}, {"q": _judged({"a"}), "silent": _judged({"b"})})
    assert found["silent"] == Ranked(0, 0, 0, 0, 0)
    assert found["q"] == Ranked(1, 1, 1, 1, 1)


def test_hits_beyond_ten_do_not_count() -> None:
    ids = [f"x{i}" for i in range(10)] + ["a"]
    assert measures.rank_all({"q": ids}, {"q": _judged({"a"})})["q"] == Ranked(0, 0, 0, 0, 0)


def test_the_order_of_a_ranking_is_kept_whatever_its_scores() -> None:
    assert [doc.score for doc in measures.scored_docs("q", ["z", "a"])] == [2.0, 1.0]


def test_documents_are_ranked_by_their_best_passage() -> None:
    record = answered("x[1]", passages=(make_found("d:0-5"), make_found("e:0-5"), make_found("d:5-9")))
    by_document = Judgement((), {"d": 1}, (), by_document=True)
    assert measures.ranking(record, by_document) == ("d", "e")
    assert measures.ranking(record, _judged({"d:0-5"})) == ("d:0-5", "e:0-5", "d:5-9")


def test_all_evidence_must_be_within_five() -> None:
    record = answered("x[1]", passages=tuple(make_found(f"d:{i}-{i + 1}") for i in range(6)))
    assert measures.all_evidence(record, _judged({"d:0-1", "e:0-1"}, {"d:4-5"})) == Share(1, 1)
    assert measures.all_evidence(record, _judged({"d:0-1"}, {"d:5-6"})) == Share(0, 1)
    assert measures.all_evidence(record, _judged()) is None


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2019年徐汇区GDP增速", [Period(2019, 2019)]),
        ("徐汇区2018、2019年GDP", [Period(2018, 2018), Period(2019, 2019)]),
        ("想了解一下,2018年有多大", [Period(2018, 2018)]),
        ("从2018到2020年是怎么变化的", [Period(year, year) for year in (2018, 2019, 2020)]),
        ("from 2018 to 2020; 2018–2019", [Period(year, year) for year in (2018, 2019, 2020)]),
        ("2018,2019,2020", [Period(year, year) for year in (2018, 2019, 2020)]),
        ("“十四五”期间的目标", [Period(2021, 2025)]),
        ("goals of the 14th Five-Year Plan", [Period(2021, 2025)]),
        ("the thirteenth five-year plan and 2021", [Period(2021, 2021), Period(2016, 2020)]),
        ("In 2019 and 2020", [Period(2019, 2019), Period(2020, 2020)]),
        ("新增2000个泊位", []),
        ("2,019 jobs, 20190 places", []),
        ("2021年徐汇区政府工作报告是哪天作的", []),  # names a document
        ("Xuhui's 2021 government work report", []),
        ("那下一年呢?", []),
    ],
)
def test_what_period_a_question_names(question: str, expected: list[Period]) -> None:
    assert list(asked_periods(question)) == expected


def test_time_of_the_hits() -> None:
    case = make_case(question="2019年和2021年的增速?")
    periods = ["2019", "2018", "2016-2020", None, "2018", "2021"]  # the sixth is out of sight
    record = answered("x[1]", passages=tuple(make_found(f"d:{i}-9", period=p) for i, p in enumerate(periods)))
    assert measures.in_period(case, record, 5) == Share(2 / 5, 1)
    assert measures.in_period(case, record, 1) == Share(1, 1)
    assert measures.periods_covered(case, record) == Share(1 / 2, 1)
    assert measures.in_period(case, refused(), 5) == Share(0, 1), "no hit at all is no reason to be left out"
    assert measures.in_period(make_case(question="增速多少?"), record, 5) is None
    assert measures.in_period(unanswerable("u"), record, 5) is None


def test_right_and_correct() -> None:
    good, bad = answered("增长5.1%[1]", make_cited()), answered("增长6%[1]", make_cited())
    error = Record("q1", Outcome.ERROR, error="500")
    case, hopeless = make_case(), unanswerable("u")
    assert [measures.right(case, r) for r in (good, bad, refused(), error)] == [Share(v, 1) for v in (1, 0, 0, 0)]
    assert [measures.correct(case, r) for r in (good, bad, refused(), error)] == [Share(v, 1) for v in (1, 0, 0, 0)]
    assert [measures.right(hopeless, r) for r in (good, refused(), error)] == [Share(v, 1) for v in (0, 1, 0)]
    assert measures.correct(hopeless, refused()) is None


@pytest.mark.parametrize(
    ("changes", "cited", "accurate"),
    [
        ({}, {}, 1),
        ({}, {"period": "2029"}, 0),  # another year
        ({}, {"period": "2026-2030"}, 1),  # overlaps it
        ({}, {"period": None}, 0),
        ({}, {"status": Status.TARGET}, 0),  # a target is no result
        ({"type": "target"}, {"status": Status.TARGET}, 1),
        ({"type": "target"}, {"status": Status.ESTIMATE}, 0),
        ({"type": "fact"}, {"status": Status.TARGET}, 1),
        ({}, {"quote": "增长5.1个百分点"}, 0),  # another unit
        ({}, {"quote": "增长", "translation": "up 5.1 percent"}, 1),
        ({"must_include": (("5.2%",),)}, {}, 0),  # not correct
        ({"must_not_include": ("增长",)}, {}, 0),  # cited, but said wrongly
        ({"must_include": (("5.1%",), ("88亿",))}, {}, 0),
        ({"must_include": (("5.1",),)}, {"quote": "增加5.1亿元"}, 1),  # a bare figure leaves the unit open
        ({"must_include": (("5.1",),)}, {"quote": "增加15.1亿元和5.12亿元"}, 0),
        (
            {"must_include": (("5.1%",), ("增长", "up 9%"))},
            {},
            1,
        ),  # a group that can be met without a figure asks for none
    ],
)
def test_number_accuracy(changes: dict[str, Any], cited: dict[str, Any], accurate: float) -> None:
    record = answered("增长5.1%[1]", make_cited(**cited))
    assert measures.number_accuracy(make_case(**changes), record) == Share(accurate, 1)


def test_number_accuracy_is_about_questions_with_figures() -> None:
    assert measures.number_accuracy(make_case(must_include=(("徐汇滨江",),)), refused()) is None
    assert measures.number_accuracy(unanswerable("u"), refused()) is None
    assert measures.number_accuracy(make_case(), refused()) == Share(0, 1)


def test_figures_of_several_groups_may_come_from_several_citations() -> None:
    case = make_case(question="2029、2030年增速?", must_include=(("5.1%",), ("4%", "4 percent")))
    both = answered("5.1%[1]4%[2]", make_cited(), make_cited(marker=2, period="2029", quote="增长4%"))
    assert measures.number_accuracy(case, both) == Share(1, 1)


@pytest.mark.parametrize(
    ("text", "names", "language"),
    [
        ("2030年地区生产总值增长5.1%。", (), Language.ZH),
        ("GDP grew by 5.1% in 2030.", (), Language.EN),
        (
            "The documents cover: 二〇三一年青山区政府工作报告, 青山区出台企业落户政策.",
            ("青山区出台企业落户政策", "二〇三一年青山区政府工作报告"),
            Language.EN,
        ),
        (
            "(no translation; the original reads) 全年预计地区生产总值增长百分之五点一左右,财政收入八十八亿元",
            (),
            Language.ZH,
        ),
        ("西岸美术馆 opened in that year.", (), Language.EN),  # a name of five characters is no Chinese text
        ("5.1%", (), None),
    ],
)
def test_language_of_a_text(text: str, names: tuple[str, ...], language: Language | None) -> None:
    assert measures.written_in(text, names) is language


def test_language_asked_and_given() -> None:
    english = make_case(lang=Language.EN)
    assert measures.same_language(english, refused(), ()) == Share(0, 1)
    assert measures.same_language(english, refused("The documents do not say."), ()) == Share(1, 1)
    assert measures.same_language(english, Record("q", Outcome.ERROR), ()) == Share(0, 1)


def test_statements_end_at_their_marks() -> None:
    assert measures.statements("甲。乙[1][2]丙。[3] 丁。") == (
        Statement("甲。乙", (1, 2)),
        Statement("丙。", (3,)),
        Statement("丁。", ()),
    )
    assert measures.statements("[2019 estimate] It grew. [1]") == (Statement("[2019 estimate] It grew.", (1,)),)
    assert measures.statements("甲[1]。") == (Statement("甲", (1,)),), "a mark of punctuation is no statement"


@pytest.mark.parametrize(
    ("answer", "recall"),
    [
        ("增长5.1%。[1]", 1),
        ("【2030年 预计】增长5.1%。[1]", 1),  # the year is the citation's period
        ("【2029年】增长5.1%。[1]", 0),
        ("增长5.1%。[1]增长5.2%。[1]", 1 / 2),
        ("增长5.1%。[1]财政收入增长。", 1 / 2),  # the second is not cited
        ("增长5.1%。[2]", 0),  # nobody is citation 2
    ],
)
def test_citation_recall(answer: str, recall: float) -> None:
    found = measures.citation_recall(answered(answer, make_cited()))
    assert found is not None
    assert found.part == pytest.approx(recall)


def test_citation_measures_are_about_answers() -> None:
    assert measures.citation_recall(refused()) is None
    assert measures.unsupported_numbers(refused()) is None
    assert measures.verbatim_quotes(refused(), {}) is None


def test_citation_precision() -> None:
    record = answered("x[1][2]", make_cited(), make_cited(marker=2, passage_id="d:20-40"))
    assert measures.citation_precision(make_case(), record, _judged({"d:0-20"})) == Share(1 / 2, 1)
    assert measures.citation_precision(make_case(expect=Expect.REFUSE), record, _judged({"d:0-20"})) is None


def test_unsupported_numbers_are_counted_one_by_one() -> None:
    record = answered("2030年增长5.1%,2028年增长4%。[1]", make_cited(translation=None))
    assert measures.unsupported_numbers(record) == Share(2, 4), "2028 and 4 %"
    assert measures.unsupported_numbers(answered("没有数字。[1]", make_cited())) is None


def test_verbatim_quotes() -> None:
    cited = make_cited(), make_cited(passage_id="e:0-9"), make_cited(passage_id="f:0-9"), make_cited(quote="")
    record = answered("x[1]", *cited, passages=(make_found("d:0-20", text=f"…{GROWTH}…"),))
    assert measures.verbatim_quotes(record, {"e:0-9": "别的文字"}) == Share(1, 4)


def test_correct_dates() -> None:
    gold = (GoldDates("fake", "青山区政府工作报告", ("2031-01-09", "2031-01"), frozenset({"2032-03-01"})),)
    right = make_cited(), make_cited(delivered="2031-01"), make_cited(posted=("2032-03-01", "2032-03-01"))
    wrong = make_cited(delivered="2031"), make_cited(posted=())
    unknown = make_cited(title="别的文件", delivered="1999")
    assert measures.correct_dates(answered("x[1]", *right, *wrong, unknown), gold) == Share(3, 5)
    assert measures.correct_dates(answered("x[1]", unknown), gold) is None


def test_an_error_is_neither_answer_nor_refusal() -> None:
    found = measures.decision(unanswerable("u"), Record("u", Outcome.ERROR))
    assert found is not None
    assert (found.refused, found.answered, found.to_refuse, found.rightly_refused) == (0, 0, 1, 0)
    assert measures.decision(make_case(), Record("q1", Outcome.RETRIEVED)) is None


def test_marks_are_taken_out_of_an_answer() -> None:
    assert measures.unmarked("甲[1][2]乙 [3]") == "甲乙"
