"""English words as they are compared: lower case, one spelling, one ending. Home of the Snowball stemmer."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

import Stemmer

_WORD = re.compile(r"[A-Za-z0-9]+(?:[’'.&][A-Za-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands, and its stem."""

    start: int
    end: int
    stem: str


def english_words(text: str) -> list[Word]:
    """Return the words of a text; hyphens part words, a possessive ending is dropped."""
    return [Word(m.start(), m.end(), stem(m[0])) for m in _WORD.finditer(text)]


def fold_english(text: str) -> str:
    """Return the stems of a text with one space between."""
    return " ".join(word.stem for word in english_words(text))


#: British spellings and an abbreviation, each brought to one form; both sides of a search go the same way.
_SPELLINGS = (
    (re.compile(r"(?<=\w\w)tre(?=s?$)"), "ter"),
    (re.compile(r"(?<=\w{3})our(?=s?$|ed$|ing$)"), "or"),
    (re.compile(r"(?<=\w{3})is(?=(?:e[ds]?|ing|ations?)$)"), "iz"),
    (re.compile(r"^programme(?=s?$)"), "program"),
    (re.compile(r"^hqs?$"), "headquarters"),
)


@functools.lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """Return the stem of one word (Porter's English stemmer, revised, of the Snowball project)."""
    bare = re.sub(r"[’']s?$", "", word.casefold())
    for pattern, spelling in _SPELLINGS:
        bare = pattern.sub(spelling, bare)
    if re.fullmatch(r"[b-df-hj-np-tv-xz]{2,5}s", bare):
        return bare[:-1]  # the plural of an abbreviation (HQs), which the stemmer takes for a word
    stemmed: str = _stemmer().stemWord(bare)
    return stemmed if len(stemmed) > 1 else bare  # AEDs must not become the article


@functools.cache
def _stemmer() -> Stemmer.Stemmer:
    # Its own cache is not safe to share between threads; ours above is.
    return Stemmer.Stemmer("english", 0)
