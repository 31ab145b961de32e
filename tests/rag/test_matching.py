from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.quantities import quantities
from rag.matching import Text, holds, presence
from rag.types import Concept
from tests.corpus.conftest import STEADY


def concept(*forms: str) -> Concept:
    return Concept(forms, "", 0)


@pytest.mark.parametrize(
    ("original", "translation", "forms", "held"),
    [
        ("地区 生产总值增长", "", ["地区生产总值"], True),  # white space parts nothing
        ("ＧＤＰ增长6%", "", ["gdp"], True),
        ("人均GDP", "", ["生产总值", "gdp"], True),
        ("补贴企业", "", ["资助"], False),
        ("补贴企业", "Subsidies for companies", ["subsidy"], True),
        ("补贴企业", "Subsidies for companies", ["subsidies for company"], True),
        ("补贴企业", "unsubsidised", ["subsidy"], False),  # whole words only
        ("地區生產總值", "", ["地区生产总值"], False),  # the corpus is read as it is written
        ("", "", ["补贴"], False),
        ("😀", "😀", ["补贴"], False),
    ],
)
def test_a_concept_is_found_by_any_of_its_forms(original: str, translation: str, forms: list[str], held: bool) -> None:
    assert holds(concept(*forms), Text.of(original, translation)) is held


@pytest.mark.parametrize(
    ("sentence", "held"),
    [
        ("投资193.5亿元", True),
        ("投资19350百万元", True),
        ("投资193.5亿美元", False),
        ("增长193.5%", False),
    ],
)
def test_a_figure_is_found_by_its_value(sentence: str, held: bool) -> None:
    (quantity,) = quantities("193.5亿元")
    figure = Concept(("193.5亿元",), "", 0, quantity)
    assert holds(figure, Text.of(sentence, "")) is held
    assert presence(figure, Text.of(sentence, "")) == (1.0 if held else 0.0)


@pytest.mark.parametrize(
    ("form", "text", "present"),
    [
        ("外资总部", "外资地区总部", 0.6 * 2 / 3),  # of 外资 资总 总部 two are there
        ("外资总部机构", "外资企业的机构", 0.0),  # of five pairs two: less than half
        ("总部", "外资地区总部", 1.0),
        ("总部", "总的部分", 0.0),  # one pair cannot be there in part
    ],
)
def test_most_of_a_compound_is_there_in_part(form: str, text: str, present: float) -> None:
    assert presence(concept(form), Text.of(text, "")) == pytest.approx(present)


def test_english_words_can_be_shown_only_by_a_translation() -> None:
    english, chinese = concept("subsidy"), concept("subsidy", "补贴")
    bare, translated = Text.of("补贴", ""), Text.of("补贴", "subsidy")
    assert [text.can_show(term) for term in (english, chinese) for text in (bare, translated)] == [
        *(False, True, True, True)
    ]
    assert not Text.of("补贴", " \n").english, "white space is no translation"


@given(st.text(min_size=1, max_size=20), st.text(max_size=20))
@STEADY
def test_presence_is_a_share_and_whole_where_the_concept_stands(form: str, around: str) -> None:
    assert 0 <= presence(concept(form), Text.of(around, around)) <= 1


@given(st.text(alphabet="外资地区总部企业补贴徐汇0", min_size=1, max_size=12), st.text(max_size=20))
@STEADY
def test_a_text_holds_every_form_it_was_made_around(form: str, around: str) -> None:
    assert presence(concept(form), Text.of(f"{around}。{form}。{around}", "")) == 1
