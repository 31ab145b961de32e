from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.english import english_words, fold_english
from corpus.glossary import KINDS, NAMES, Glossary, GlossaryError, Mention, Term, load_glossary, read_terms
from tests.corpus.conftest import STEADY

if TYPE_CHECKING:
    from pathlib import Path

GDP = Term(("地区生产总值", "生产总值", "GDP"), ("gross domestic product", "GDP"), "indicator")
GROWTH = Term(("地区生产总值增速",), ("GDP growth rate", "growth of GDP"), "indicator")
HQ = Term(("总部",), ("headquarters", "HQ"), "term")
BAY = Term(("青山湾",), ("Qingshan Bay",), "place")
BAY_PARK = Term(("青山湾公园", "青山湾"), ("Qingshan Bay Park", "Qingshan Bay"), "place")
GLOSSARY = Glossary([GDP, GROWTH, HQ, BAY])
HEADER = "zh\ten\tzh_variants\ten_variants\tkind\n"


def _named(text: str, mentions: list[Mention]) -> list[tuple[str, Term]]:
    return [(text[m.start : m.end], term) for m in mentions for term in m.terms]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("地区生产总值增长", [("地区生产总值", GDP)]),
        ("地区生产总值增速", [("地区生产总值增速", GROWTH)]),
        ("青山湾总部的GDP和gdp", [("青山湾", BAY), ("总部", HQ), ("GDP", GDP), ("gdp", GDP)]),
        ("xGDP与GDPx，GDP", [("GDP", GDP)]),
        ("地区生产总", []),
        ("码头", []),
        ("", []),
    ],
)
def test_chinese_terms_are_found_longest_first(text: str, named: list[tuple[str, Term]]) -> None:
    assert _named(text, GLOSSARY.find_chinese(text)) == named


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("What was the GDP growth rate?", [("GDP growth rate", GROWTH)]),
        ("Growth of GDP", [("Growth of GDP", GROWTH)]),
        ("gdp-growth rates", [("gdp-growth rates", GROWTH)]),
        ("Gross Domestic Products and an HQ", [("Gross Domestic Products", GDP), ("HQ", HQ)]),
        ("Qingshan Bay’s headquarters", [("Qingshan Bay’s", BAY), ("headquarters", HQ)]),
        ("the bay of Qingshan", []),
        ("", []),
    ],
)
def test_english_terms_are_found_whatever_their_endings(text: str, named: list[tuple[str, Term]]) -> None:
    assert _named(text, GLOSSARY.find_english(text)) == named


def test_a_name_of_two_terms_finds_both() -> None:
    glossary = Glossary([BAY, BAY_PARK])
    assert glossary.find_chinese("青山湾码头") == [Mention(0, 3, (BAY, BAY_PARK))]
    assert glossary.find_english("at Qingshan Bay") == [Mention(3, 15, (BAY, BAY_PARK))]


def test_an_empty_glossary_finds_nothing() -> None:
    assert Glossary([]).find_chinese("青山湾") == []
    assert Glossary([]).find_english("Qingshan Bay") == []


def test_names_that_hold_no_other_name_are_given_for_the_segmenter() -> None:
    """地区生产总值 and 地区生产总值增速 hold 生产总值, which a question may ask for by itself."""
    assert GLOSSARY.chinese_names == ("生产总值", "gdp", "总部", "青山湾")


@STEADY
@given(
    st.lists(st.sampled_from("青山湾 总部 地区生产总值 增速 GDP Growth of rate HQ -".split()), max_size=12).map(
        " ".join
    )
)
def test_mentions_come_in_order_without_overlap(text: str) -> None:
    for mentions in (GLOSSARY.find_chinese(text), GLOSSARY.find_english(text)):
        edges = [edge for mention in mentions for edge in (mention.start, mention.end)]
        assert edges == sorted(edges)
        assert all(mention.start < mention.end for mention in mentions)


def test_english_words_are_compared_by_stem() -> None:
    assert fold_english("The subsidies: State-owned, companies’ HQ's") == "the subsidi state own compani headquart"
    assert [(w.start, w.end) for w in english_words("a R&D, 6.3 b")] == [(0, 1), (2, 5), (7, 10), (11, 12)]


def test_a_file_gives_its_terms_with_names_first_and_variants_behind(tmp_path: Path) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text(
        f"# a remark\n{HEADER}\n总部\theadquarters\t总公司 | 大本营\tHQ\tterm\n青山湾\tQingshan Bay\t\t\tplace\n",
        encoding="utf-8",
    )
    assert read_terms(path) == [Term(("总部", "总公司", "大本营"), ("headquarters", "HQ"), "term"), BAY]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("总部\theadquarters\tterm", "3 columns, wanted 5"),
        ("总部\theadquarters\t\t\tterm\tmore", "6 columns, wanted 5"),
        ("总部\theadquarters\t\t\tidea", "wanted zh, en and a kind"),
        ("\theadquarters\t\t\tterm", "wanted zh, en and a kind"),
        ("总部\t\t\t\tterm", "wanted zh, en and a kind"),
    ],
)
def test_a_line_that_is_no_term_is_refused_with_its_number(tmp_path: Path, line: str, fault: str) -> None:
    path = tmp_path / "terms.tsv"
    path.write_text(f"{HEADER}青山湾\tQingshan Bay\t\t\tplace\n{line}\n", encoding="utf-8")
    with pytest.raises(GlossaryError, match=rf"terms\.tsv, line 3: .*{fault}"):
        read_terms(path)


def test_all_files_of_a_folder_are_one_glossary(tmp_path: Path) -> None:
    (tmp_path / "b.tsv").write_text(f"{HEADER}总部\theadquarters\t\tHQ\tterm\n", encoding="utf-8")
    (tmp_path / "a.tsv").write_text(f"{HEADER}青山湾\tQingshan Bay\t\t\tplace\n", encoding="utf-8")
    assert load_glossary(tmp_path).terms == (BAY, HQ)


def test_the_shipped_glossary_knows_the_words_of_an_investor_in_both_languages() -> None:
    assert NAMES < KINDS
    chinese, english = "徐汇区的地区生产总值", "GDP of Xuhui District"
    assert {t.en[0] for _, t in _named(chinese, load_glossary().find_chinese(chinese))} >= {"Xuhui District"}
    assert {t.zh[0] for _, t in _named(english, load_glossary().find_english(english))} >= {"徐汇区", "地区生产总值"}


def test_no_two_shipped_terms_have_the_same_first_names() -> None:
    firsts = Counter((term.zh[0], term.en[0].casefold()) for term in load_glossary().terms)
    assert [pair for pair, count in firsts.items() if count > 1] == []


def test_the_shipped_glossary_knows_the_provinces_cities_and_fields_of_any_report() -> None:
    sentence = "西藏日喀则和江苏苏州的城镇调查失业率、粮食产量、高速公路、新型储能、森林覆盖率和养老床位"
    named = {term.en[0] for _, term in _named(sentence, load_glossary().find_chinese(sentence))}
    assert {"Xigaze", "grain output", "expressway", "forest coverage rate", "elderly care beds"} <= named
    question = "surveyed urban unemployment rate, installed power capacity and afforestation in Guizhou Province"
    asked = {term.zh[0] for _, term in _named(question, load_glossary().find_english(question))}
    assert {"城镇调查失业率", "电力装机", "造林绿化", "贵州省"} <= asked
