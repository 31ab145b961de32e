from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corpus.documents import make_document
from corpus.glossary import Glossary, Term, load_official
from corpus.translation_checks import (
    ANY,
    Check,
    Exemption,
    check_edition,
    check_sentence,
    read_exemptions,
    without_brackets,
)
from corpus.translations import Translations, load_translations, sentence_key, texts_to_translate
from corpus.types import Posting, RawText

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.library import Library

GLOSSARY = Glossary(
    [
        Term(("青山湾", "青湾"), ("Qingshan Bay",), "place"),
        Term(("总部", "大本营"), ("headquarters", "HQ"), "term"),
        Term(("亿元",), ("hundred million yuan",), "unit"),
    ]
)


def _faults(zh: str, en: str) -> list[tuple[str, str]]:
    return [(fault.check.value, fault.what) for fault in check_sentence(zh, en, GLOSSARY)]


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("总投资4.8亿美元。", "Total investment is USD 480 million."),
        ("增长6.5%左右,提高3个百分点。", "Growth of about 6.5%, up 3 percentage points."),
        ("占地20亩。", "It covers 20 mu (about 1.33 hectares)."),
        ("2030年1月9日", "January 9, 2030"),
        ("三大任务,第二届会议,15号线", "Three major tasks, the second session, Line 15"),
        ("千亿级产业集群", "a cluster of the RMB 100 billion class"),
        ("“十四五”期间", "during the 14th Five-Year Plan (2021-2025)"),
        ("“双轮驱动”", "two-wheel drive"),
        ("青湾建总部", "HQ at Qingshan Bay (青湾)"),
        ("青湾的大本营", "Its base is at Qingshan Bay"),  # a variant of a term that is no name may be put otherwise
    ],
)
def test_a_right_translation_has_no_fault(zh: str, en: str) -> None:
    assert _faults(zh, en) == []


@pytest.mark.parametrize(
    ("zh", "en", "fault"),
    [
        ("总投资4.8亿美元。", "Total investment is USD 4.8 million.", ("number", "4.8亿美元")),
        ("增长6.5%。", "It grew.", ("number", "6.5%")),
        ("提高3个百分点。", "Up 3%.", ("number", "3个百分点")),
        ("15号线通车。", "Line 11 opened.", ("number", "15")),
        ("它增长了。", "It grew by 5%.", ("added", "5%")),
        ("增长4%—5%。", "Up 4% to 6%.", ("number", "4%—5%")),
        ("“十四五”期间", "in the coming years", ("plan", "plan of 2021-2025")),
        ("“十四五”期间", "the 14th Five-Year Plan (2016-2020)", ("plan", "14th Five-Year Plan (2016-2020)")),
        ("青湾", "Qingshan Bay 青湾", ("chinese", "青湾")),
        ("青湾", "Green Bay", ("term", "青湾")),
        ("总部", "main office", ("term", "总部")),
    ],
)
def test_a_wrong_translation_is_told_by_what_it_fails_on(zh: str, en: str, fault: tuple[str, str]) -> None:
    assert fault in _faults(zh, en)


def test_only_brackets_that_hold_chinese_are_taken_out() -> None:
    assert (
        without_brackets("Qingshan Bay (青湾), a park (large), [the (新) one]")
        == "Qingshan Bay, a park (large), [the one]"
    )


def _document(title: str, text: str):  # type: ignore[no-untyped-def]
    return make_document([RawText(Posting(title, None, "test"), text)])


def test_what_has_no_english_is_a_fault_and_can_be_excused() -> None:
    document = _document("题目", "青湾增长5%。谢谢。")
    english = Translations({sentence_key("题目"): "A Title", sentence_key("青湾增长5%。"): "Green Bay grew by 5%."})
    report = check_edition([document], english, GLOSSARY)
    assert [(f.check, f.what) for f in report.faults] == [(Check.TERM, "青湾"), (Check.UNTRANSLATED, "")]
    exemptions = [
        Exemption(Check.TERM, sentence_key("青湾增长5%。"), "青湾", "the bay is green there"),
        Exemption(Check.UNTRANSLATED, ANY, "", "thanks need no English"),
        Exemption(Check.NUMBER, ANY, "5%", "never happens"),
    ]
    report = check_edition([document], english, GLOSSARY, exemptions)
    assert (report.sentences, report.faults, report.unused) == (3, (), (exemptions[2],))
    assert [exemption for _, exemption in report.excused] == exemptions[:2]


def test_a_name_in_brackets_has_the_same_english_everywhere() -> None:
    document = _document("题目", "青湾一。青湾二。青湾三。")
    english = {
        "题目": "T",
        "青湾一。": "Bay Park (青园)",
        "青湾二。": "the Bay Park (青园)",
        "青湾三。": "Bay Garden (青园)",
    }
    report = check_edition([document], Translations({sentence_key(zh): en for zh, en in english.items()}), Glossary([]))
    assert [(f.check, f.what, f.zh) for f in report.faults if f.check is Check.NAME] == [
        (Check.NAME, "青园", "青湾三。")
    ]


@pytest.mark.parametrize("line", ["term\t*\t青湾", "tern\t*\t青湾\tbecause", "term\t*\t青湾\t"])
def test_an_exception_without_check_or_reason_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "exceptions.tsv"
    path.write_text(f"# remark\ncheck\tkey\twhat\treason\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"exceptions\.tsv, line 3: wanted check, key, what and reason"):
        read_exemptions(path)


def test_the_shipped_edition_is_right_but_for_exceptions_with_a_reason(shipped: Library) -> None:
    report = check_edition(shipped.documents, load_translations(), load_official(), read_exemptions())
    assert [(fault.check, fault.what, fault.zh) for fault in report.faults] == []
    assert report.unused == ()
    assert report.sentences == len({text for d in shipped.documents for _, text in texts_to_translate(d)})
