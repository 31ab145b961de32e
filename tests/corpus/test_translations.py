from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from corpus.translations import Translations, load_translations, sentence_key

if TYPE_CHECKING:
    from pathlib import Path

    from corpus.library import Library

#: The first 12 hex digits of the SHA-256 of "abc" and of "a b".
ABC, A_B = "ba7816bf8f01", "c8687a08aa5d"


def _entry(zh: str, en: str, key: str | None = None) -> str:
    return json.dumps({"key": key or sentence_key(zh), "zh": zh, "en": en}, ensure_ascii=False)


def test_a_key_is_the_hash_of_the_words_with_white_space_evened_out() -> None:
    assert sentence_key("abc") == ABC
    assert sentence_key(" a\n\u3000b ") == sentence_key("a b") == A_B


def test_a_sentence_is_looked_up_whatever_its_white_space() -> None:
    translations = Translations({A_B: "A, then B"})
    assert translations.lookup("a  b\n") == "A, then B"
    assert translations.lookup("ab") is None


def test_a_heading_that_has_lost_its_full_stop_is_found_as_its_sentence() -> None:
    translations = Translations({sentence_key("营商服务不断优化。"): "Services to business kept improving."})
    assert translations.lookup("营商服务不断优化") == "Services to business kept improving."
    assert translations.lookup("营商服务不断优化！") is None


def test_the_files_of_a_folder_are_one_edition(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(_entry("新增泊位900个。", "900 berths were added.") + "\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(_entry("谢谢大家。", "Thank you all.") + "\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("not a translation", encoding="utf-8")
    translations = load_translations(tmp_path)
    assert len(translations) == 2
    assert translations.lookup("新增泊位900个。") == "900 berths were added."
    assert translations.lookup("谢谢大家。") == "Thank you all."


def test_an_absent_folder_is_an_empty_edition(tmp_path: Path) -> None:
    assert len(load_translations(tmp_path / "en")) == 0


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("not json", "wanted an object with key, zh and en"),
        ("[1, 2]", "wanted an object with key, zh and en"),
        ('{"key": "ba7816bf8f01", "zh": "abc"}', "wanted an object with key, zh and en"),
        ("", "wanted an object with key, zh and en"),
        ('{"key": "ba7816bf8f02", "zh": "abc", "en": "ABC"}', "the key ba7816bf8f02 is not that of its Chinese text"),
    ],
)
def test_a_line_that_is_no_translation_is_refused_with_its_number(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "a.jsonl").write_text(f"{_entry('abc', 'ABC', ABC)}\n{line}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=rf"a\.jsonl, line 2: {fault}"):
        load_translations(tmp_path)


def test_every_title_heading_and_sentence_of_the_shipped_documents_has_its_english(shipped: Library) -> None:
    english = load_translations()
    missing = [
        text
        for document in shipped.documents
        for text in (
            document.title,
            *(section.title for section in document.sections),
            *(document.text[s.start : s.end] for s in document.sentences),
        )
        if not english.lookup(text)
    ]
    assert missing == []


def test_a_shipped_translation_keeps_the_figures_of_its_sentence(shipped: Library) -> None:
    (report,) = (d for d in shipped.documents if d.title == "2020年徐汇区政府工作报告")
    (growth,) = (s for s in report.sentences if "地区生产总值增长6.3%" in report.text[s.start : s.end])
    english = load_translations().lookup(report.text[growth.start : growth.end])
    assert english is not None
    assert all(figure in english for figure in ("6.3%", "0.3%", "11.67%"))
