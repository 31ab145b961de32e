from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from corpus.glossary import Glossary
from corpus.translations import Translations
from corpus.types import Period, Status
from rag.generate import ExtractiveGenerator
from rag.question import read_question
from tests.rag.fakes import make_evidence, make_hit

NOTHING = Glossary([])


def told(question: str, *said: tuple[str, int | None, Status]) -> list[str]:
    asked = read_question(question, NOTHING, date(2032, 5, 1))
    hits = [make_hit(text, period=Period.year(year) if year else None, status=status) for text, year, status in said]
    generator = ExtractiveGenerator(Translations({}), NOTHING)
    return [statement.text for statement in generator.compose(asked, [make_evidence(hit) for hit in hits])]


RESULT, TARGET, UNDATED = (
    ("甲增长5%。", 2030, Status.ACTUAL),
    ("乙增长6%。", 2031, Status.TARGET),
    ("丙好。", None, Status.NONE),
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([RESULT], ["【2030年 实际】甲增长5%。"]),
        ([RESULT, TARGET], ["【2030年 实际】甲增长5%。", "【2031年 目标】乙增长6%。"]),
        ([UNDATED], ["丙好。"]),
        ([RESULT, UNDATED], ["【2030年 实际】甲增长5%。", "【未注明年份】丙好。"]),
        ([("2030年甲好。", 2030, Status.ACTUAL)], ["2030年甲好。"]),
        # Behind another year its own is said also where it stands in the sentence, maybe in a name.
        (
            [TARGET, ("2030大会甲好。", 2030, Status.ACTUAL)],
            ["【2031年 目标】乙增长6%。", "【2030年 实际】2030大会甲好。"],
        ),
    ],
)
def test_no_sentence_is_read_under_the_year_of_another(
    said: list[tuple[str, int | None, Status]], expected: list[str]
) -> None:
    assert told("甲乙丙?", *said) == expected


def test_years_come_in_order_of_time_and_a_result_before_its_target() -> None:
    assert told("2030年和2031年?", TARGET, RESULT)[0] == "【2030年 实际】甲增长5%。"
    assert told("2030年和2031年?", RESULT, TARGET)[0] == "【2030年 实际】甲增长5%。"
    assert told("目标实现了吗?", TARGET, RESULT)[0] == "【2030年 实际】甲增长5%。"
    assert told("甲乙?", TARGET, RESULT)[0] == "【2031年 目标】乙增长6%。"


def test_of_untranslated_sentences_no_more_are_told_than_help() -> None:
    said = [(f"{name}增长5%。", 2030, Status.ACTUAL) for name in "甲乙丙丁戊"]
    assert len(told("What grew?", *said)) == 3
    assert len(told("什么增长了?", *said)) == 5


def test_passages_that_follow_each_other_are_read_in_the_order_of_the_text() -> None:
    asked = read_question("哪些实事?", NOTHING, date(2032, 5, 1))
    first, second, third = (make_hit(text, status=Status.NONE) for text in ("一。", "二。", "三。"))
    elsewhere = replace(third, passage=replace(third.passage, document_id="other"))
    (sentence,) = second.passage.sentences
    moved = (replace(sentence, start=2, end=4),)
    behind = replace(second, passage=replace(second.passage, start=2, end=4, sentences=moved))
    ranked = [make_evidence(hit) for hit in (behind, elsewhere, first)]
    generator = ExtractiveGenerator(Translations({}), NOTHING)
    assert [statement.text for statement in generator.compose(asked, ranked)] == ["一。", "二。", "三。"]
