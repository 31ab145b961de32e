from __future__ import annotations

from datetime import date

import pytest

from corpus.glossary import Glossary, Term
from corpus.periods import Frame
from corpus.types import Period, Status
from rag.untranslated import tell

GLOSSARY = Glossary(
    [
        Term(("税收收入",), ("tax revenue",), "indicator"),
        Term(("城镇化率",), ("urbanization rate",), "indicator"),
        Term(("草原",), ("grassland",), "indicator"),
        Term(("青山湾",), ("Qingshan Bay",), "place"),
    ]
)
RESULT = Frame(Period.year(2030), Status.ACTUAL)


def told(sentence: str, own: Frame = RESULT, *, is_first: bool = False) -> str:
    return tell(sentence, own, date(2031, 1, 9), GLOSSARY, is_first=is_first)


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        ("税收收入80亿元，增长5.2%。", "Tax revenue: RMB 8 billion, up 5.2%."),
        ("税收收入下降0.4%。", "Tax revenue: down 0.4%."),
        ("税收收入预计80亿元。", "Tax revenue (2030 estimate): RMB 8 billion."),
        ("税收收入同口径增长5%。", "Tax revenue (on the same basis): up 5%."),
        ("全省税收收入80亿元。", "Tax revenue (province-wide): RMB 8 billion."),
        ("青山湾税收收入80亿元。", "Tax revenue (Qingshan Bay): RMB 8 billion."),
        ("城镇化率从2025年的53.2%提升到57.7%。", "Urbanization rate: from 53.2% in 2025 to 57.7%."),
        ("税收收入80亿元，青山湾开园。", "Tax revenue: RMB 8 billion. Further key terms of the passage: Qingshan Bay."),
    ],
)
def test_figures_that_were_read_are_told_in_english(sentence: str, english: str) -> None:
    assert told(sentence) == english


def test_an_average_of_years_is_called_one() -> None:
    own = Frame(Period(2026, 2030), Status.ACTUAL)
    assert told("税收收入年均增长5%。", own) == "Tax revenue (annual average): up 5%."


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        # A part that is not known in English would change what the figure says.
        ("熠熠税收收入80亿元。", "Key terms of a further untranslated passage: … tax revenue – RMB 8 billion."),
        # What was done to a thing is no figure of it.
        (
            "修整草原300亩。",
            "Key terms of a further untranslated passage: … grassland 300 mu (about 20 hectares).",
        ),
        ("熠熠生辉。", "No English translation of this passage exists yet; the original is quoted in Chinese."),
    ],
)
def test_what_cannot_be_told_rightly_is_only_named(sentence: str, english: str) -> None:
    assert told(sentence) == english


def test_a_reader_is_told_once_that_there_is_no_translation() -> None:
    assert told("税收收入80亿元。", is_first=True).endswith(
        "(Read from the Chinese original, which has no English translation yet.)"
    )
    assert told("青山湾", is_first=True).startswith("No English translation of this passage exists yet.")
    assert "translation" not in told("税收收入80亿元。")
