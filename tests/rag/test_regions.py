from __future__ import annotations

from datetime import date

import pytest

from corpus.glossary import Glossary, Term
from corpus.types import Dated, Entry, Posting
from rag.question import read_question
from rag.regions import Regions
from tests.rag.fakes import make_hit

GLOSSARY = Glossary(
    [
        Term(("青山区", "南湖市青山区"), ("Qingshan District",), "region"),
        Term(("南湖市", "南湖"), ("Nanhu",), "region"),
        Term(("青山湾",), ("Qingshan Bay",), "place"),
    ]
)


def entry(*titles: str) -> Entry:
    postings = tuple(Posting(title, date(2032, 3, 1), "listing") for title in titles)
    return Entry("-".join(titles), titles[0], "report", Dated(None, "unknown", "none found"), postings, None, 0, 0)


@pytest.mark.parametrize(
    ("titles", "home"),
    [
        (["2031年青山区政府工作报告"], {"青山区"}),
        (["2031年南湖市青山区政府工作报告"], {"青山区"}),  # the district, not the city before it
        (["南湖与青山区合作"], {"南湖市", "青山区"}),
        (["政府工作报告", "2031年南湖政府工作报告"], {"南湖市"}),  # another title of the same document
        (["青山湾开工"], set()),  # a place has no government that reports
        (["😀"], set()),
    ],
)
def test_titles_tell_whose_figures_a_document_holds(titles: list[str], home: set[str]) -> None:
    assert Regions(GLOSSARY).home(entry(*titles)) == home


@pytest.mark.parametrize(
    ("question", "title", "text", "fits"),
    [
        ("青山区的补贴", "青山区报告", "给予补贴。", True),
        ("Subsidies in Qingshan District", "青山区报告", "给予补贴。", True),
        ("南湖市的补贴", "青山区报告", "给予补贴。", False),
        ("南湖市的补贴", "企业落户政策", "给予补贴。", True),  # it may be about any
        ("南湖的补贴", "青山区报告", "南湖市给予补贴。", True),  # the passage names it
        ("青山区和南湖市的补贴", "青山区报告", "给予补贴。", True),  # one of those named
        ("补贴", "青山区报告", "给予补贴。", True),  # none is named
    ],
)
def test_a_passage_is_about_the_region_of_its_document(question: str, title: str, text: str, fits: bool) -> None:
    asked = read_question(question, GLOSSARY, date(2032, 5, 1))
    assert Regions(GLOSSARY).fit(asked, make_hit(text).passage, entry(title)) is fits


def test_without_a_glossary_every_passage_fits() -> None:
    regions = Regions(Glossary([]))
    assert regions.home(entry("2031年青山区政府工作报告")) == frozenset()
