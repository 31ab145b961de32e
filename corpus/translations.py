"""The English edition: renderings of single sentences, titles and headings, kept as data.

`corpus/translations/en/<document id>.jsonl`, one object a line: `key` (see `sentence_key`), `document`, `order`,
`kind` (title, heading, sentence), `zh`, `en`. The key is a hash of the repaired sentence, so re-cutting or
re-adding a document keeps its translations.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.types import text_id

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("translations") / "en"


def sentence_key(sentence: str) -> str:
    """Return the key of a sentence: the hash of its text with white space evened out."""
    return text_id(" ".join(sentence.split()))


class Translations:
    """English renderings by sentence."""

    def __init__(self, english: dict[str, str]) -> None:
        self._english = english

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
        """Return the English of a sentence or heading, or None where there is none yet.

        A heading that is a sentence of the text (see `corpus.sections`) has lost its full stop.
        """
        found = self._english.get(sentence_key(sentence))
        if found is None:
            found = self._english.get(sentence_key(sentence + "。"))
        return found


@functools.cache
def load_translations(folder: Path = FOLDER) -> Translations:
    """Read all translation files of a folder; an absent folder is an empty edition.

    Raises:
        ValueError: a line is not an object with `key` and `en`, or its key is not that of its `zh`.
    """
    english: dict[str, str] = {}
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                entry = json.loads(line)
                key, zh, en = entry["key"], entry["zh"], entry["en"]
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{path}, line {number}: wanted an object with key, zh and en ({error})") from error
            if key != sentence_key(zh):
                raise ValueError(f"{path}, line {number}: the key {key} is not that of its Chinese text")
            english[key] = en
    return Translations(english)
