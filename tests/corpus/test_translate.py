from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from corpus.documents import make_document
from corpus.glossary import Glossary, Term
from corpus.translate import FileTranslator, TranslationFileError, find_missing, keep, translate
from corpus.translations import TranslationKind, Translations, load_translations, sentence_key
from corpus.types import Posting, RawText

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from corpus.translate import Translator
    from corpus.types import Document

GLOSSARY = Glossary([Term(("青山湾",), ("Qingshan Bay",), "place"), Term(("码头",), ("pier", "wharf"), "term")])
ENGLISH = {
    "青山湾": "Qingshan Bay",
    "青山湾增长5%。": "Qingshan Bay grew by 5%.",
    "码头竣工。": "The pier is complete.",
}


class PhraseBook:
    """A Translator that knows some sentences by heart, and is asked to remember with which terms."""

    name = "phrase book"
    kind = TranslationKind.MACHINE

    def __init__(self, english: dict[str, str]) -> None:
        self._english = english
        self.terms: list[tuple[tuple[str, str], ...]] = []

    def translate(self, text: str, terms: Sequence[tuple[str, str]]) -> str | None:
        self.terms.append(tuple(terms))
        return self._english.get(text)


@pytest.fixture
def document() -> Document:
    return make_document([RawText(Posting("青山湾", None, "test"), "青山湾增长5%。码头竣工。谢谢。谢谢。")])


def _file(path: Path, english: dict[str, str]) -> FileTranslator:
    lines = [json.dumps({"zh": zh, "en": en}, ensure_ascii=False) for zh, en in english.items()]
    path.write_text("\n".join([*lines, "", json.dumps({"zh": "谢谢。", "en": " "})]), encoding="utf-8")
    return FileTranslator(path, TranslationKind.MACHINE)


@pytest.fixture(params=["phrase book", "file"])
def translator(request: pytest.FixtureRequest, tmp_path: Path) -> Translator:
    return PhraseBook(ENGLISH) if request.param == "phrase book" else _file(tmp_path / "filled.jsonl", ENGLISH)


def test_what_is_missing_is_translated_marked_and_kept(
    translator: Translator, document: Document, tmp_path: Path
) -> None:
    wanted = list(find_missing([document], Translations({sentence_key("青山湾"): "Qingshan Bay"}), GLOSSARY))
    assert [text.zh for text in wanted] == ["青山湾增长5%。", "码头竣工。", "谢谢。"]
    outcome = translate(wanted, translator, GLOSSARY)
    assert [entry.en for entry in outcome.kept] == ["Qingshan Bay grew by 5%.", "The pier is complete."]
    assert [text.zh for text in outcome.missing] == ["谢谢。"]
    keep(outcome.kept, tmp_path / "en")
    held = load_translations(tmp_path / "nothing shipped", added=tmp_path / "en")
    assert held.lookup("码头竣工。") == "The pier is complete."
    assert held.kind("码头竣工。") is TranslationKind.MACHINE
    assert held.kind("谢谢。") is None


def test_terms_are_given_with_their_english(document: Document) -> None:
    translator = PhraseBook(ENGLISH)
    translate(find_missing([document], Translations({}), GLOSSARY), translator, GLOSSARY)
    bay, pier = (("青山湾", "Qingshan Bay"),), (("码头", "pier"),)
    assert translator.terms == [bay, bay, pier, ()]


@pytest.mark.parametrize(
    "wrong", ["Qingshan Bay grew by 6%.", "Qingshan Bay grew.", "Qingshan Bay 增长 5%.", "Up 5% in 2019."]
)
def test_a_translation_with_other_figures_or_chinese_in_it_is_not_used(document: Document, wrong: str) -> None:
    wanted = [text for text in find_missing([document], Translations({}), GLOSSARY) if "5%" in text.zh]
    outcome = translate(wanted, PhraseBook({"青山湾增长5%。": wrong}), GLOSSARY)
    assert outcome.kept == ()
    assert outcome.refused
    assert outcome.missing == tuple(wanted)


def test_other_words_for_a_term_do_not_stop_a_translation(document: Document) -> None:
    wanted = list(find_missing([document], Translations({}), GLOSSARY))
    assert translate(wanted, PhraseBook({"青山湾": "Green Mountain Bay"}), GLOSSARY).kept[0].en == "Green Mountain Bay"


def test_what_is_kept_twice_is_held_once_and_the_shipped_english_comes_first(
    document: Document, tmp_path: Path
) -> None:
    added, shipped = tmp_path / "added", tmp_path / "shipped"
    wanted = list(find_missing([document], Translations({}), GLOSSARY))
    for english in ("The wharf is complete.", "The pier is finished."):
        keep(translate(wanted, PhraseBook({"码头竣工。": english}), GLOSSARY).kept, added)
    (path,) = added.glob("*")
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    assert load_translations(shipped, added=added).lookup("码头竣工。") == "The pier is finished."
    keep(translate(wanted, PhraseBook(ENGLISH), GLOSSARY).kept, tmp_path / "shipped2")
    both = load_translations(tmp_path / "shipped2", added=added)
    assert both.lookup("码头竣工。") == "The pier is complete."


def test_english_of_several_sentences_is_a_machines_where_any_of_it_is() -> None:
    translations = Translations({sentence_key("甲"): "A", sentence_key("乙"): "B"}, machine=[sentence_key("乙")])
    assert translations.join(["甲"]) == ("A", TranslationKind.EDITION)
    assert translations.join(["甲", "乙", "丙"]) == ("A B", TranslationKind.MACHINE)
    assert translations.join(["丙"]) == (None, None)


@pytest.mark.parametrize("line", ["no json", '{"zh": "甲"}', '["甲", "A"]', '{"zh": 1, "en": "A"}'])
def test_a_file_that_holds_something_else_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "filled.jsonl"
    path.write_text(f'{{"zh": "甲", "en": "A"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(TranslationFileError, match=r"filled\.jsonl, line 2: "):
        FileTranslator(path, TranslationKind.MACHINE)


def test_the_lines_written_for_a_translator_can_be_read_back(document: Document, tmp_path: Path) -> None:
    wanted = list(find_missing([document], Translations({}), GLOSSARY))
    path = tmp_path / "missing.jsonl"
    path.write_text("".join(text.line() + "\n" for text in wanted), encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8").splitlines()[0])["terms"] == {"青山湾": "Qingshan Bay"}
    assert translate(wanted, FileTranslator(path, TranslationKind.EDITION), GLOSSARY).kept == ()
