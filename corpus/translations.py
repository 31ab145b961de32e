"""The English edition: renderings of single sentences, titles and headings, kept as data.

`corpus/translations/en/<document id>.jsonl` is the shipped edition; `<data_dir>/translations/en/` holds in the same
form what `corpus.translate` has added for other documents. One object a line: `key` (see `sentence_key`), `document`,
`order`, `kind` (title, heading, sentence), `zh`, `en`; added ones also have `made_by`, and `machine` where a machine
made them. The key is a hash of the repaired sentence, so re-cutting or re-adding a document keeps its translations.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.types import text_id

if TYPE_CHECKING:
    from corpus.types import Document

FOLDER = Path(__file__).with_name("translations") / "en"


class TranslationKind(StrEnum):
    """Where the English of a sentence comes from; neither is official."""

    EDITION = "edition"  #: made with care and read again
    MACHINE = "machine"  #: made by a machine and only checked by rule


@dataclass(frozen=True, slots=True)
class Entry:
    """The English of one sentence, title or heading."""

    document: str
    order: int
    kind: str
    zh: str
    en: str
    made_by: str = ""
    machine: bool = False

    @property
    def key(self) -> str:
        """The key of its Chinese text."""
        return sentence_key(self.zh)

    def line(self) -> str:
        """Return the entry as a line of a file."""
        fields = {"key": self.key, "document": self.document, "order": self.order, "kind": self.kind}
        fields |= {"zh": self.zh, "en": self.en}
        if self.made_by:
            fields |= {"made_by": self.made_by, "machine": self.machine}
        return json.dumps(fields, ensure_ascii=False)


def sentence_key(sentence: str) -> str:
    """Return the key of a sentence: the hash of its text with white space evened out."""
    return text_id(" ".join(sentence.split()))


def texts_to_translate(document: Document) -> Iterator[tuple[str, str]]:
    """Yield the kind and text of all that a document's English edition holds, title first, then in reading order."""
    yield "title", document.title
    placed = [(section.start, "heading", section.title) for section in document.sections]
    placed += [(s.start, "sentence", document.text[s.start : s.end]) for s in document.sentences]
    for _, kind, text in sorted(placed):
        yield kind, text


class Translations:
    """English renderings by sentence; `machine` are the keys of those that a machine made."""

    def __init__(self, english: dict[str, str], machine: Iterable[str] = ()) -> None:
        self._english = english
        self._machine = frozenset(machine)

    def __len__(self) -> int:
        return len(self._english)

    def texts(self) -> Iterator[str]:
        """Yield every English text."""
        yield from self._english.values()

    @functools.cached_property
    def identity(self) -> str:
        """A hash of all renderings: what an index was built with, and whether they have changed since."""
        return hashlib.sha256(json.dumps(self._english, sort_keys=True).encode()).hexdigest()[:12]

    def lookup(self, sentence: str) -> str | None:
        """Return the English of a sentence or heading, or None where there is none yet."""
        key = self._key(sentence)
        return self._english[key] if key else None

    def kind(self, sentence: str) -> TranslationKind | None:
        """Return where the English of a sentence comes from, or None where there is none yet."""
        key = self._key(sentence)
        if key is None:
            return None
        return TranslationKind.MACHINE if key in self._machine else TranslationKind.EDITION

    def join(self, sentences: Iterable[str]) -> tuple[str | None, TranslationKind | None]:
        """Return the English of those sentences that have one, and its kind: MACHINE where any of it is."""
        found = [sentence for sentence in sentences if self._key(sentence)]
        if not found:
            return None, None
        made = {self.kind(sentence) for sentence in found}
        kind = TranslationKind.MACHINE if TranslationKind.MACHINE in made else TranslationKind.EDITION
        return " ".join(self.lookup(sentence) or "" for sentence in found), kind

    def _key(self, sentence: str) -> str | None:
        """A heading that is a sentence of the text (see `corpus.sections`) has lost its full stop."""
        keys = (sentence_key(sentence), sentence_key(sentence + "。"))
        return next((key for key in keys if key in self._english), None)


def read_entries(path: Path) -> list[Entry]:
    """Read one translation file.

    Raises:
        ValueError: a line is not an object with `key`, `zh` and `en`, or its key is not that of its `zh`.
    """
    return [_entry(path, n, line) for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)]


def _entry(path: Path, number: int, line: str) -> Entry:
    try:
        fields: dict[str, Any] = json.loads(line)
        key, zh, en = fields["key"], fields["zh"], fields["en"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}, line {number}: wanted an object with key, zh and en ({error})") from error
    if key != sentence_key(zh):
        raise ValueError(f"{path}, line {number}: the key {key} is not that of its Chinese text")
    return Entry(
        document=str(fields.get("document", "")),
        order=int(fields.get("order", 0)),
        kind=str(fields.get("kind", "sentence")),
        zh=zh,
        en=en,
        made_by=str(fields.get("made_by", "")),
        machine=fields.get("machine") is True,
    )


def load_translations(shipped: Path = FOLDER, added: Path | None = None) -> Translations:
    """Read the shipped edition and, where a folder is given, what was added to it; the shipped English comes first.

    An absent folder is an empty edition.

    Raises:
        ValueError: a line of a file is no translation; the message names file and line.
    """
    english: dict[str, str] = {}
    machine = []
    for entry in (*(_read_folder(added) if added else ()), *_read_shipped(shipped)):
        english[entry.key] = entry.en
        if entry.machine:
            machine.append(entry.key)
    shipped_keys = {entry.key for entry in _read_shipped(shipped)}
    return Translations(english, (key for key in machine if key not in shipped_keys))


def _read_folder(folder: Path) -> tuple[Entry, ...]:
    return tuple(entry for path in sorted(folder.glob("*.jsonl")) for entry in read_entries(path))


#: The shipped files do not change while the program runs.
_read_shipped = functools.cache(_read_folder)
