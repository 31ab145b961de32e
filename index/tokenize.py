"""Text to search terms: jieba words and character bigrams for Chinese, stems for English.

Home of jieba. Words alone miss on damaged or unusual text and bigrams alone are vague, so a text gives both
(top-1 on damaged passages: 0.75 with bigrams, 0.57 with words only).
"""

from __future__ import annotations

import functools
import hashlib
import logging
import re
import unicodedata
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.english import stem

if TYPE_CHECKING:
    from collections.abc import Iterable

    import jieba.posseg

#: Raise it whenever the same text would give other terms.
VERSION = 3

#: Runs of Chinese characters whose words are kept: titles and headings stand before every passage of theirs, and
#: reports repeat themselves. Some 15 MB once full, which only a build of many documents reaches.
_RUNS_KEPT = 1 << 15

_taught: set[str] = set()

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0002fa1f]+")
_WORD = re.compile(r"[a-z]+(?:[’'&.-][a-z]+)*|\d+(?:\.\d+)?%?|[a-z]+\d+|\d+[a-z]+")

#: Function words carry nothing; keeping them would let long sentences win.
_STOP_HAN = frozenset(
    "的了和与及在是有为对等并将从到以把被由于这那其也都就而或着过地得吗呢吧啊什么哪些多少怎么如何是否请问一下"
)
ENGLISH_FUNCTION_WORDS = frozenset(
    "a an and are as at be been by can could did do does for from had has have how i in into is it its me my of on"
    " or our please so tell than that the their them there these they this those to us was we were what when where"
    " which who whom whose why will with would you your about any each many much".split()
)


def normalise(text: str) -> str:
    """Fold full width, compatibility forms and case: `ＧＤＰ` and `gdp` are one."""
    return unicodedata.normalize("NFKC", text).casefold()


@functools.cache
def _segmenter() -> jieba.Tokenizer:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import jieba

    jieba.setLogLevel(logging.ERROR)
    tokenizer = jieba.Tokenizer()
    tokenizer.initialize()
    return tokenizer


def add_words(words: Iterable[str]) -> None:
    """Teach the segmenter names that its dictionary lacks."""
    segmenter = _segmenter()
    for word in words:
        if word not in _taught and _HAN.fullmatch(word) and 2 <= len(word) <= 12:
            segmenter.add_word(word)
            _taught.add(word)
            _cut.cache_clear()


def identity() -> str:
    """Return what the terms of a text depend on: this code's version and the names taught so far.

    An index and the questions put to it must agree on it, or words that one side sees whole the other sees in parts.
    """
    names = hashlib.sha256("\n".join(sorted(_taught)).encode()).hexdigest()
    return f"{VERSION}-{names[:8]}"


def word_score(text: str) -> float:
    """Return the log probability of the best division of a Chinese text into dictionary words."""
    segmenter = _segmenter()
    route: dict[int, tuple[float, int]] = {}
    segmenter.calc(text, segmenter.get_DAG(text), route)
    return route[0][0]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A word of a text with its part of speech, as jieba names them, and where it starts."""

    text: str
    tag: str
    start: int

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + len(self.text)


def tagged(text: str) -> list[Tagged]:
    """Return all words of a Chinese text in order, marks and spaces among them, with their parts of speech.

    The tagger errs now and then: use it to doubt, not to decide. It is loaded at the first call, half a second.
    """
    found: list[Tagged] = []
    for pair in _tagger().cut(text):
        found.append(Tagged(pair.word, pair.flag, found[-1].end if found else 0))
    return found


#: Part-of-speech tags of names: persons, places, institutions and others.
_NAME_TAGS = ("nr", "ns", "nt", "nz")


def name_words(text: str) -> list[str]:
    """Return the words of a Chinese text that a tagger takes for names, whether or not a dictionary has them."""
    return [word.text for word in tagged(text) if len(word.text) > 1 and word.tag.startswith(_NAME_TAGS)]


@functools.cache
def _tagger() -> jieba.posseg.POSTokenizer:
    import jieba.posseg

    return jieba.posseg.POSTokenizer(_segmenter())


@functools.lru_cache(_RUNS_KEPT)
def _cut(run: str) -> tuple[str, ...]:
    """Return the words of a run of Chinese characters, in order."""
    return tuple(_segmenter().cut(run))


def words(text: str) -> list[str]:
    """Return the words of a text in order: Chinese by jieba, English as stems; no stop words."""
    folded = normalise(text)
    found: list[tuple[int, str]] = []
    for run in _HAN.finditer(folded):
        at = run.start()
        for word in _cut(run[0]):
            if not all(c in _STOP_HAN for c in word):
                found.append((at, word))
            at += len(word)
    found += [(m.start(), stem(m[0])) for m in _WORD.finditer(folded) if m[0] not in ENGLISH_FUNCTION_WORDS]
    return [word for _, word in sorted(found)]


def bigrams(text: str) -> list[str]:
    """Return the overlapping pairs of neighbouring Chinese characters."""
    return [run[0][i : i + 2] for run in _HAN.finditer(normalise(text)) for i in range(len(run[0]) - 1)]


def terms(text: str) -> list[str]:
    """Return the search terms of a text: its words, and its bigrams where they are not words already."""
    own = words(text)
    known = set(own)
    return own + [pair for pair in bigrams(text) if pair not in known]
