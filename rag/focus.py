"""What a question asks for: the thing counted, the office held, the papers wanted.

A near miss has every word in the documents but this one: how many *visitors* did the museum have, who is the
*chairman*. So the head of the noun phrase that is asked for is found, by the word that asks (`cues.toml`), a
part-of-speech tagger in Chinese and the first run of content words in English; a sentence that answers speaks of it.
"""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from corpus.english import fold_english, stem
from index import tokenize
from rag.cues import CUES, compile_cue
from rag.types import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.tokenize import Tagged
    from rag.types import Concept

#: What is asked for follows these words, or in Chinese stands before them; after the second kind it only follows.
_COUNTED, _CHOSEN = compile_cue(CUES["focus"]["counted"]), compile_cue(CUES["focus"]["chosen"])
#: Asked for, but answered without the word: 目标, level.
_GENERAL = frozenset(CUES["general"]["zh"].split()) | {stem(word) for word in CUES["general"]["en"].split()}

#: Tags of jieba: nouns and what is used as one; what may stand before the head of a noun phrase.
_NOUNS = ("n", "vn", "an", "j", "l")
_MODIFIERS = frozenset({"m", "q", "mq", "uj", "a", "b", "ag", "ng", "eng", "f", "r", "c", "i", "s", "z"})
#: How many words before the asking one its noun may stand (收入增长了多少).
_BACK = 5
_JOINT = re.compile(r"\s*(?:[和与及、]|以及|(?:,\s*)?\band\b|&)\s*(?:the\s+|the\s+number\s+of\s+)?")
_WORD = re.compile(r"[\w’'-]+|[^\w\s]")
#: Behind a noun these are verbs more often than not: how many subdistricts passed.
_VERB = re.compile(
    r"(?:ed|doing|going|trying|planning|offering|providing)$|^(?:won|took|got|went|came|made|gave|held|led|became|saw|hit"
    r"|grew|rose|fell|paid|built|bought|sold|met|ran|began|had|has|have|put|lost|spent)$"
)
#: So is what follows a noun in the plural (what subsidies apply); a compound has its plural at the end.
_PLURAL = re.compile(r"[^su]s$|^(?:people|children|staff)$")
_BREAKS = tokenize.ENGLISH_FUNCTION_WORDS | {
    "per",
    "within",
    "under",
    "during",
    "between",
    "since",
    "after",
    "before",
    "along",
    "near",
}
_SKIPPED = frozenset(
    (
        "the its their a an more new other such main total of different kind kinds type types sort minimum maximum"
        " average annual monthly exact official current"
    ).split()
)


def _is_noun(word: Tagged) -> bool:
    """Return whether a word names something; names that the segmenter was taught carry the tag of marks."""
    return word.tag.startswith(_NOUNS) or (word.tag == "x" and word.text[0].isalnum())


def focus(text: str, language: Language, concepts: Sequence[Concept]) -> tuple[Concept, ...]:
    """Return those concepts of a question that an answer must speak of; empty where that cannot be told."""
    starts = _chinese_heads(text) if language is Language.ZH else _english_heads(text, concepts)
    heads = (_at(start, concepts) for start in starts)
    found = (concept for head in heads if head for concept in _with_coordinates(text, head, concepts))
    return tuple(
        dict.fromkeys(
            c
            for c in found
            if not c.is_region and not c.aside and not _GENERAL & {c.forms[0], fold_english(c.forms[0])}
        )
    )


def _at(start: int, concepts: Sequence[Concept]) -> Concept | None:
    return next((c for c in concepts if c.start <= start < c.start + len(c.forms[0])), None)


def _with_coordinates(text: str, head: Concept, concepts: Sequence[Concept]) -> list[Concept]:
    """Return the head of a noun phrase with what a joining word alone parts from it (A和B各多少, A and B)."""
    chain = [head]
    for concept in concepts:  # those behind it, in order
        if concept.start > chain[-1].start and _JOINT.fullmatch(text[chain[-1].end(text) : concept.start]):
            chain.append(concept)
    for concept in reversed(concepts):  # those before it
        if concept.start < chain[0].start and _JOINT.fullmatch(text[concept.end(text) : chain[0].start]):
            chain.insert(0, concept)
    return chain


def _chinese_heads(text: str) -> Iterator[int]:
    words = tokenize.tagged(text)
    for pattern, looks_back in ((_COUNTED, True), (_CHOSEN, False)):
        for match in pattern.finditer(text):
            after = [word for word in words if word.start >= match.end()]
            head = _head(after)
            if head is None and looks_back and not match["measure"]:
                head = _noun_before([word for word in words if word.end <= match.start()])
            if head is not None:
                yield head.start


def _head(words: Sequence[Tagged]) -> Tagged | None:
    """Return the head of the noun phrase that words begin with: its last noun."""
    head = None
    for word, following, beyond in zip_longest(words, words[1:], words[2:]):
        if following is not None and following.tag == "uj":
            if beyond is None or beyond.tag == "x":
                break  # it says what was done: 哪位设计师设计的?
            head = None  # all so far only says which one: 找不到工作的年轻人
        elif _is_noun(word):
            head = word
        elif not (word.tag in _MODIFIERS or (head is None and following and _is_noun(following))):
            break
    return head


def _noun_before(words: Sequence[Tagged]) -> Tagged | None:
    for word in reversed(words[-_BACK:]):
        if _is_noun(word):
            return word
        if word.tag == "x":
            break
    return None


def _english_heads(text: str, concepts: Sequence[Concept]) -> Iterator[int]:
    for pattern in (_COUNTED, _CHOSEN):
        for match in pattern.finditer(text):
            head, ended = None, False
            for word in _WORD.finditer(text, match.end()):
                folded, start = word[0].casefold(), word.start()
                if head is None and folded in _SKIPPED:
                    continue
                concept = _at(start, concepts)
                known = concept is not None and (" " in concept.forms[0] or not _VERB.search(folded))
                if folded in _BREAKS or not word[0][0].isalnum() or ended or (head is not None and not known):
                    break
                head = start if concept is not None else None
                ended = bool(_PLURAL.search(folded))
            if head is not None:
                yield head
