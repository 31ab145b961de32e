"""The glossary: official terms of the field in Chinese and English, with the other words people use for them.

Data, not code: `corpus/glossary/*.tsv`, UTF-8, tab-separated, first line `zh en zh_variants en_variants kind`;
variants are separated by ` | `. `kind` is one of KINDS.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.english import english_words, fold_english

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = Path(__file__).with_name("glossary")
#: The file of everyday words that questions use for what the other files name officially.
EVERYDAY = "everyday.tsv"
COLUMNS = ("zh", "en", "zh_variants", "en_variants", "kind")
KINDS = frozenset(
    "indicator policy institution region place project company event industry plan person unit term".split()
)
#: Kinds that name one thing in the world; a question that names it is about it and nothing else.
NAMES = frozenset("institution region place project company event person policy".split())
#: The kind of districts, cities and provinces: what has a government that reports, other than a mere `place`.
REGION = "region"
#: The kind of figures that reports give from year to year.
INDICATOR = "indicator"
#: Characters by which Chinese names are looked up: of thousands of names hardly ten begin alike.
_START = 2
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: canonical names first, then variants."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A term found in a text, and where."""

    start: int
    end: int
    terms: tuple[Term, ...]


class GlossaryError(ValueError):
    """A line of a glossary file that cannot be read: file, line, what came, what was wanted."""


class Glossary:
    """Looks up every name of every term, the longest first, in either language."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._zh: dict[str, list[Term]] = defaultdict(list)
        self._en: dict[str, list[Term]] = defaultdict(list)
        for term in self.terms:
            # Names that fold to one (HQ, headquarters) are one name of the term.
            for folded in dict.fromkeys(name.casefold() for name in term.zh):
                self._zh[folded].append(term)
            for folded in dict.fromkeys(map(fold_english, term.en)):
                self._en[folded].append(term)
        self._zh_by_start: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self._zh, key=len, reverse=True):
            self._zh_by_start[name[:_START]].append(name)
        self._longest = max((name.count(" ") + 1 for name in self._en), default=0)

    @property
    def chinese_names(self) -> tuple[str, ...]:
        """The Chinese names that hold no shorter one of three characters or more, for the segmenter's dictionary.

        Taught whole, 地区生产总值增长 would hide 地区生产总值 from a question that asks for it.
        """
        return tuple(name for name in self._zh if not any(part in self._zh for part in _parts(name)))

    def is_indicator(self, name: str) -> bool:
        """Return whether a name in either language, whole, is that of an indicator."""
        terms = (*self._zh.get(name.casefold(), ()), *self._en.get(fold_english(name), ()))
        return any(term.kind == INDICATOR for term in terms)

    def find_chinese(self, text: str) -> list[Mention]:
        """Return the terms named in a Chinese text, in order, longest match first, without overlap."""
        folded = text.casefold()
        mentions: list[Mention] = []
        at = 0
        while at < len(folded):
            name = self._chinese_at(folded, at)
            if name:
                mentions.append(Mention(at, at + len(name), tuple(self._zh[name])))
            at += len(name) or 1
        return mentions

    def _chinese_at(self, folded: str, at: int) -> str:
        """Return the longest name that stands at a place; empty where none does."""
        for length in range(_START, 0, -1):
            for name in self._zh_by_start.get(folded[at : at + length], ()):
                if folded.startswith(name, at) and _is_whole(folded, at, at + len(name)):
                    return name
        return ""

    def find_english(self, text: str) -> list[Mention]:
        """Return the terms named in an English text; endings do not count, nor do hyphens."""
        words = english_words(text)
        mentions: list[Mention] = []
        at = 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                name = " ".join(word.stem for word in words[at : at + length])
                if name in self._en:
                    mentions.append(Mention(words[at].start, words[at + length - 1].end, tuple(self._en[name])))
                    at += length
                    break
            else:
                at += 1
        return mentions


def _parts(name: str, least: int = 3) -> Iterator[str]:
    """Yield the proper substrings of a name that have at least `least` characters."""
    for length in range(least, len(name)):
        for start in range(len(name) - length + 1):
            yield name[start : start + length]


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether Latin letters and digits at the ends of a span do not go on beyond it (AI is not in Shanghai)."""
    goes_on_before = start > 0 and text[start] in _LATIN and text[start - 1] in _LATIN
    goes_on_behind = end < len(text) and text[end - 1] in _LATIN and text[end] in _LATIN
    return not goes_on_before and not goes_on_behind


def read_terms(path: Path) -> list[Term]:
    """Read one glossary file.

    Raises:
        GlossaryError: a line has not five columns, an unknown kind, or no Chinese or English name.
    """
    terms: list[Term] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if tuple(cells) == COLUMNS:
            continue
        if len(cells) != len(COLUMNS):
            raise GlossaryError(f"{path}, line {number}: {len(cells)} columns, wanted {len(COLUMNS)}: {line!r}")
        zh, en, zh_variants, en_variants, kind = cells
        if kind not in KINDS or not zh or not en:
            raise GlossaryError(f"{path}, line {number}: wanted zh, en and a kind of {sorted(KINDS)}, got {line!r}")
        terms.append(Term((zh, *_variants(zh_variants)), (en, *_variants(en_variants)), kind))
    return terms


def _variants(cell: str) -> list[str]:
    return [name.strip() for name in cell.split("|") if name.strip()]


@functools.cache
def load_glossary(folder: Path = FOLDER) -> Glossary:
    """Read all glossary files of a folder; official names come before the everyday words for the same thing."""
    everyday = folder / EVERYDAY
    return Glossary((*load_official(folder).terms, *(read_terms(everyday) if everyday.exists() else ())))


@functools.cache
def load_official(folder: Path = FOLDER) -> Glossary:
    """Read the glossary files of a folder without the everyday words: what things are called in a translation."""
    paths = [path for path in sorted(folder.glob("*.tsv")) if path.name != EVERYDAY]
    return Glossary(term for path in paths for term in read_terms(path))
