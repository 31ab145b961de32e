"""Translating what has no English yet: the seam for translators, checking what they deliver, and keeping it.

What a translator delivers goes to `<data_dir>/translations/en/<document id>.jsonl` in the form of the shipped edition
(see `corpus.translations`), so documents that are added again keep it. It is checked by the rules of the shipped
edition; a translation whose numbers are not those of its sentence is not kept.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from corpus.durable import replace_file
from corpus.translation_checks import FATAL, check_sentence
from corpus.translations import Entry, TranslationKind, read_entries, sentence_key, texts_to_translate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from corpus.glossary import Glossary
    from corpus.translation_checks import Fault
    from corpus.translations import Translations
    from corpus.types import Document


class Translator(Protocol):
    """What is needed to have a sentence translated."""

    name: str  #: shown with what it made
    kind: TranslationKind
    fault: str  #: why it no longer translates; empty while it does

    def translate(self, text: str, terms: Sequence[tuple[str, str]]) -> str | None:
        """Return the English of a Chinese sentence or heading, or None where there is none to be had.

        `terms` are the names and terms in it with the English that they are to have.
        """
        ...


class TranslationFileError(ValueError):
    """A file of translations that cannot be read: file, line, what came, what was wanted."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text without English: its document, its place in reading order, what it is, and the terms in it."""

    document: str
    order: int
    kind: str
    zh: str
    terms: tuple[tuple[str, str], ...]

    def line(self) -> str:
        """Return it as a line of a file, `en` to be filled in."""
        fields = {"key": sentence_key(self.zh), "document": self.document, "order": self.order, "kind": self.kind}
        return json.dumps(fields | {"zh": self.zh, "en": "", "terms": dict(self.terms)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of translating: entries kept, translations refused with their faults, and texts still without."""

    kept: tuple[Entry, ...]
    refused: tuple[Fault, ...]
    missing: tuple[Wanted, ...]


def find_missing(documents: Iterable[Document], translations: Translations, glossary: Glossary) -> Iterator[Wanted]:
    """Yield what has no English yet, in reading order, each text once."""
    seen: set[str] = set()
    for document in documents:
        for order, (kind, text) in enumerate(texts_to_translate(document)):
            key = sentence_key(text)
            if key not in seen and translations.lookup(text) is None:
                seen.add(key)
                yield Wanted(document.id, order, kind, text, terms_in(text, glossary))


def terms_in(text: str, glossary: Glossary) -> tuple[tuple[str, str], ...]:
    """Return the terms of the glossary in a Chinese text with their English, in order, each once."""
    pairs = {text[m.start : m.end]: m.terms[0].en[0] for m in glossary.find_chinese(text)}
    return tuple(pairs.items())


def translate(
    wanted: Iterable[Wanted],
    translator: Translator,
    glossary: Glossary,
    progress: Callable[[], object] = lambda: None,
) -> Outcome:
    """Have texts translated and check what comes back; `progress` is called after each."""
    kept: list[Entry] = []
    refused: list[Fault] = []
    missing: list[Wanted] = []
    for text in wanted:
        english = translator.translate(text.zh, text.terms)
        faults = [f for f in check_sentence(text.zh, english, glossary) if f.check in FATAL] if english else []
        if not english or faults:
            missing.append(text)
            refused += faults
        else:
            machine = translator.kind is TranslationKind.MACHINE
            kept.append(Entry(text.document, text.order, text.kind, text.zh, english, translator.name, machine))
        progress()
    return Outcome(tuple(kept), tuple(refused), tuple(missing))


def keep(entries: Iterable[Entry], folder: Path) -> None:
    """Add entries to the files of a folder, a file a document; an earlier entry of the same text is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    by_document: dict[str, list[Entry]] = {}
    for entry in entries:
        by_document.setdefault(entry.document, []).append(entry)
    for document, new in by_document.items():
        path = folder / f"{document}.jsonl"
        held = {entry.key: entry for entry in (*(read_entries(path) if path.exists() else ()), *new)}
        lines = (entry.line() for entry in sorted(held.values(), key=lambda entry: entry.order))
        replace_file(path, "\n".join(lines) + "\n")


class FileTranslator:
    """A Translator that looks translations up in a file, as `Wanted.line` writes it, with `en` filled in.

    So people, or a machine elsewhere, can translate without this program knowing how.
    """

    def __init__(self, path: Path, kind: TranslationKind) -> None:
        """Read the file.

        Raises:
            TranslationFileError: a line is not an object with `zh` and `en`.
        """
        self.name, self.kind, self.fault = path.name, kind, ""
        self._english = dict(_pairs(path))

    def translate(self, text: str, terms: Sequence[tuple[str, str]]) -> str | None:
        """Return the English that the file has for a text."""
        return self._english.get(sentence_key(text))


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
            zh, en = fields["zh"], fields["en"]
        except (ValueError, KeyError, TypeError):
            wanted = "wanted a JSON object with zh and en, as `district-qa translate --missing` writes"
            raise TranslationFileError(f"{path}, line {number}: {wanted}, got {line[:80]!r}") from None
        if not isinstance(zh, str) or not isinstance(en, str):
            raise TranslationFileError(f"{path}, line {number}: zh and en must be texts, got {line[:80]!r}")
        if en.strip():
            yield sentence_key(zh), en.strip()
