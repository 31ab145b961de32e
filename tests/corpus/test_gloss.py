from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.gloss import GlossedTranslations, gloss, key_terms, load_words, rendering
from corpus.glossary import Glossary, Term, load_glossary
from corpus.quantities import all_stated, quantities
from corpus.translations import Translations, sentence_key
from tests.corpus.conftest import STEADY

if TYPE_CHECKING:
    from pathlib import Path

GLOSSARY = Glossary(
    [
        Term(("常住人口", "人口"), ("resident population", "residents"), "indicator"),
        Term(("青山湾", "青湾"), ("Qingshan Bay",), "place"),
        Term(("城际铁路",), ("intercity railway",), "project"),
        Term(("财富500强企业",), ("Fortune 500 company",), "term"),
        Term(("区长",), ("district mayor",), "person"),
        Term(("亿元",), ("hundred million yuan",), "unit"),
    ]
)


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        (
            "常住人口由上年729万人增加到732万人。",
            "resident population from the previous year's 7.29 million people increased to 7.32 million people",
        ),
        ("常住人口35万人，青湾建成；", "resident population – 350,000 people, Qingshan Bay completed"),
        ("青湾3.0建成", "Qingshan Bay – 3.0 completed"),
        ("增长5%左右；下降2个百分点", "up about 5%; down 2 percentage points"),
        ("财富500强企业新增3家", "Fortune 500 company newly added 3"),
        ("甬金城际铁路通车", "Yongjin intercity railway opened to traffic"),
        ("西安城际铁路", "Xi'an intercity railway"),
        ("区长李明作报告", "district mayor Li Ming … report"),
        ("熠熠生辉的青山湾", "… Qingshan Bay"),
        ("青山湾熠熠生辉", "Qingshan Bay …"),
        ("人口熠熠", "population …"),
        ("熠熠生辉", ""),
        ("", ""),
    ],
)
def test_known_words_figures_and_names_are_given_in_order(chinese: str, english: str) -> None:
    assert gloss(chinese, GLOSSARY) == english


def test_a_longer_stretch_before_a_railway_is_no_name() -> None:
    assert gloss("熠熠生辉甬金城际铁路", GLOSSARY) == "… intercity railway"


_PARTS = "青山湾 常住人口 35万人 增长5%左右 、 ，熠熠 李明 区长 2030年 4.8亿美元 的 。 铁路".split()


@STEADY
@given(st.lists(st.sampled_from(_PARTS)).map("".join))
def test_a_gloss_has_no_chinese_and_keeps_every_figure(sentence: str) -> None:
    english = gloss(sentence, GLOSSARY)
    assert not re.search(r"[\u3400-\u9fff]", english)
    assert all_stated(quantities(english), quantities(sentence))
    assert all_stated(quantities(sentence), quantities(english))


def test_the_shipped_words_and_terms_gloss_a_sentence_of_any_report() -> None:
    english = gloss("全年城镇新增就业45万人，粮食产量达1200万吨，高速公路通车里程突破9000公里。", load_glossary())
    for part in ("new urban jobs – 450,000 people", "grain output", "12 million tons", "more than 9,000 kilometers"):
        assert part in english


def test_a_line_of_words_that_is_none_is_refused_with_its_number(tmp_path: Path) -> None:
    path = tmp_path / "words.tsv"
    path.write_text("zh\ten\n增长\tup\n下降\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.tsv, line 3: wanted a Chinese word"):
        load_words(path)


def test_a_translation_comes_before_the_gloss_and_only_it_has_a_kind() -> None:
    translations = Translations({sentence_key("青湾建成"): "The bay is done."})
    searched = GlossedTranslations(translations, GLOSSARY)
    assert searched.lookup("青湾建成") == "The bay is done."
    assert searched.lookup("青湾下降") == "Qingshan Bay down"
    assert searched.lookup("熠熠") is None
    assert searched.kind("青湾下降") is None


@pytest.mark.parametrize(
    ("chinese", "terms"),
    [
        (
            "推进青山湾建设，常住人口35万人；",
            ("advancing Qingshan Bay construction", "resident population – 350,000 people"),
        ),
        ("熠熠常住人口35万人", ("… resident population – 350,000 people",)),
        ("青山湾、青山湾", ("Qingshan Bay",)),
        ("推进", ()),
        ("熠熠生辉", ()),
    ],
)
def test_key_terms_are_names_and_figures_with_what_stands_beside_them(chinese: str, terms: tuple[str, ...]) -> None:
    assert key_terms(chinese, GLOSSARY) == terms


def test_key_terms_leave_out_what_is_told_already() -> None:
    assert key_terms("常住人口35万人，青山湾", GLOSSARY, [(0, 8)]) == ("Qingshan Bay",)


def test_a_phrase_is_rendered_only_where_all_of_it_is_known() -> None:
    assert rendering("青山湾常住人口", GLOSSARY) == "Qingshan Bay resident population"
    assert rendering("熠熠常住人口", GLOSSARY) == ""


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("临溪市2025年人口", "Linxi City 2025 population"),
        ("人口，青山新区人口", "population, Qingshan New Area population"),
        ("在青山湾新区，人口", "… population"),
        ("示范新区人口", "… population"),
    ],
)
def test_an_area_is_named_where_a_title_or_clause_begins_with_it(chinese: str, english: str) -> None:
    assert gloss(chinese, GLOSSARY) == english


def test_a_kind_of_county_is_no_name() -> None:
    assert gloss("财政省直管县", load_glossary()) == "public finance … County"
