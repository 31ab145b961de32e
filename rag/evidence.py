"""Choosing the sentences that answer: what a question names must be there, in time, with the kind of fact asked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from corpus.glossary import INDICATOR
from corpus.types import Status
from index import tokenize
from rag.extent import extend, key
from rag.facts import gives, may_give, tells_of
from rag.matching import Text, presence
from rag.retrieve import fits_period, sentence_time_match
from rag.types import Concept, Evidence, Fact, Kind, Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from corpus.indicators import Indicator
    from corpus.translations import Translations
    from corpus.types import Entry
    from index.encoder import Encoder
    from index.store import OpenIndex
    from rag.types import Hit, Question

#: Hits whose sentences are looked at.
_HITS = 8
#: Passages read to learn whether a form occurs anywhere.
_READ_FOR_A_FORM = 24

#: What a concept counts when it stands not in the sentence but in the headings over it, or near it.
_IN_HEADING, _IN_PASSAGE = 0.7, 0.5
#: A name in the document's title is what all of it is about; its sentences need not repeat it.
_IN_TITLE = 1.0
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿两]+(?:余|多)?[个家项条次人户名座处所幢天元]")
_SHARE = re.compile(r"[%％]|百分|倍|成(?:以上|左右)")
_DAY = re.compile(r"\d+\s*[年月日]|年底|年内|月底|上半年|下半年|期末")
_SIGNS: dict[Kind, re.Pattern[str]] = {
    Kind.AMOUNT: _FIGURE,
    Kind.SHARE: _SHARE,
    Kind.TREND: _FIGURE,
    Kind.COMPARISON: _FIGURE,
    Kind.DATE: _DAY,
    Kind.LIST: re.compile(r"、|;|；"),
    Kind.PERSON: re.compile(r"[\u4e00-\u9fff]"),
    Kind.PLACE: re.compile(r"[区路街镇镇园港湾江河桥馆厦楼场]"),
    Kind.REASON: re.compile(r"[，,;；]"),
}
#: What one standard deviation of nearness counts beside the coverage of concepts; 0.05 to 0.2 do much the same.
_SIMILARITY = 0.1
#: A compound of which this share of bigrams is there may be the same; less is another one that sounds alike.
_SAME = 0.6 * 0.75
#: A form of which this share of bigrams stands in a sentence is said by it (公租房源 for 公租房房源).
_NAMED = 0.6 * 0.5
#: What words that only tell who asks count: the matter may be the asker's (we are a foreign headquarters).
_ASIDE = 0.3
#: What it counts that a sentence speaks of the thing asked for.
_FOCUS = 0.1
#: Coverage where nothing the question names could stand in the text: English words, and no translation.
_UNTELLABLE = 0.1
_SIGN_BONUS, _SIGN_PENALTY = 0.08, 0.18


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands around a sentence."""

    title: Text
    headings: Text
    passage: Text


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A concept asked for: what it counts, whether what stands around a sentence could show it, and how far it does."""

    concept: Concept
    weight: float
    can_show: bool
    around: float


class SentenceScorer:
    """Scores the sentences of hits against a question."""

    def __init__(self, index: OpenIndex, encoder: Encoder, translations: Translations) -> None:
        self._index, self._encoder, self._translations = index, encoder, translations
        self._keywords = index.keywords
        self._weight = lru_cache(maxsize=4096)(self._compute_weight)
        self._occurs = lru_cache(maxsize=4096)(self._form_occurs)

    def weigh(self, question: Question, hits: Sequence[Hit], document: Callable[[str], Entry]) -> list[Evidence]:
        """Return the sentences of the best hits as evidence, best first, none kept yet."""
        if not hits:
            return []
        top = max(hit.score for hit in hits) or 1.0
        found = []
        for hit in hits[:_HITS]:
            owner = document(hit.passage.document_id)
            wanted = self._wanted(question, self._around(hit, owner))
            for i, sentence in enumerate(hit.passage.sentences):
                original = hit.passage.sentence_text(sentence)
                if original.rstrip("。") in hit.passage.headings:
                    continue  # a heading says nothing by itself
                if _DELIVERED.match(original) and question.kind not in _ABOUT_DELIVERY:
                    continue  # nor does the line below the title
                text = Text.of(original, self._translations.lookup(original) or "")
                coverage = _coverage(wanted, text)
                time = sentence_time_match(question, sentence, hit.passage, owner)
                score = coverage + 0.25 * hit.score / top + _sign(question, original)
                said = tuple(c for c in question.focus if self._says(hit, original, c, owner))
                if question.focus:
                    score += _FOCUS * (2 * len(said) / len(question.focus) - 1)
                if len(question.regions) > 1:
                    said += tuple(c for c in question.regions if self._says(hit, original, c, owner))
                score *= time * hit.region
                found.append(Evidence(hit, i, score, coverage, time, kept=False, why="", said=said))
        similar = self._similarity(question, found)
        found = [replace(e, score=e.score + _SIMILARITY * s * e.time) for e, s in zip(found, similar, strict=True)]
        return sorted(found, key=_best_first)

    def _similarity(self, question: Question, found: Sequence[Evidence]) -> NDArray[np.float32]:
        """Return how near each sentence is to the question, in standard deviations over these sentences.

        Absolute cosines of e5 mislead (all lie between 0.7 and 0.95); how one stands out among its rivals does not.
        """
        query = self._encoder.encode_query(question.standalone)
        rows = {e.hit.row: self._index.sentence_vectors(e.hit.row) @ query for e in found}
        cosines = np.array([rows[e.hit.row][e.sentence] for e in found], np.float32)
        spread = float(cosines.std()) if len(cosines) else 0.0
        return (cosines - cosines.mean()) / spread if spread > 0 else np.zeros_like(cosines)

    def _wanted(self, question: Question, around: _Around) -> list[_Wanted]:
        """Return the question's concepts with how far what stands around the sentences of a passage holds each."""
        return [
            _Wanted(
                concept,
                self._weight(concept),
                around.passage.can_show(concept) or around.title.can_show(concept),
                max(
                    (_IN_TITLE if concept.is_name else _IN_HEADING) * presence(concept, around.title),
                    _IN_HEADING * presence(concept, around.headings),
                    _IN_PASSAGE * presence(concept, around.passage),
                ),
            )
            for concept in question.concepts
        ]

    def speaks_of(self, evidence: Evidence, concept: Concept, document: Entry) -> bool:
        """Return whether a sentence, or what stands around it, holds a concept; true where it could not show it."""
        around = self._around(evidence.hit, document)
        texts = (around.passage, around.headings, around.title)
        return not any(text.can_show(concept) for text in texts) or any(
            presence(concept, text) >= _SAME for text in texts
        )

    def _says(self, hit: Hit, sentence: str, concept: Concept, document: Entry) -> bool:
        """Return whether a sentence, its headings or titles hold a concept; true where they could not show it."""
        around = self._around(hit, document)
        # A gloss leaves words out: that one is not in it tells nothing.
        english = self._translations.lookup(sentence) if self._translations.kind(sentence) else None
        text = Text.of(sentence, english or "")
        if not text.can_show(concept):
            return True
        return any(presence(concept, one) >= _NAMED for one in (text, around.headings, around.title))

    def known(self, concept: Concept) -> bool:
        """Return whether any text of the index holds some form of the concept whole."""
        return any(self._occurs(form) for form in concept.forms)

    def _form_occurs(self, form: str) -> bool:
        """Return whether some passage, its headings or title hold a form.

        The passages that share most of its terms are read: one that holds it whole is among them.
        """
        if not self._frequency(form):
            return False
        if form.isascii():
            return True
        rows, _ = self._index.keywords.search(tokenize.terms(form), _READ_FOR_A_FORM)
        dense = "".join(form.split())
        passages = self._index.library.passages(sorted(set(map(int, rows))))
        return any(dense in Text.of(" ".join((p.text, *p.headings)), "").chinese for p in passages)

    def _around(self, hit: Hit, document: Entry) -> _Around:
        passage, english = hit.passage, self._translations.lookup
        titles = (document.title, *document.other_titles)
        return _Around(
            Text.of(" ".join(titles), " ".join(filter(None, map(english, titles)))),
            Text.of(" ".join(passage.headings), " ".join(filter(None, map(english, passage.headings)))),
            Text.of(passage.text, " ".join(english(passage.sentence_text(s)) or "" for s in passage.sentences)),
        )

    def _compute_weight(self, concept: Concept) -> float:
        """Return the inverse document frequency of a concept; names count more, since nothing stands in for them."""
        frequency = max(self._frequency(form) for form in concept.forms)
        weight = math.log(1 + self._keywords.size / (1 + frequency))
        return weight * (_ASIDE if concept.aside else 1.5 if concept.is_name else 1.0)

    def _frequency(self, form: str) -> int:
        """Return in how many texts a form may occur: that of its rarest word, or of its rarest pair of characters.

        Words alone would miss a form that stands only inside longer words.
        """
        by_words = min((self._keywords.frequency(word) for word in tokenize.words(form)), default=0)
        return by_words or min((self._keywords.frequency(pair) for pair in tokenize.bigrams(form)), default=0)


def _best_first(item: Evidence) -> tuple[float, str, int]:
    return -item.score, *key(item)


def _coverage(wanted: Sequence[_Wanted], text: Text) -> float:
    """Return the weighted share of a question's concepts that a sentence holds, 0 to 1."""
    total = covered = 0.0
    for one in wanted:
        if one.can_show or text.can_show(one.concept):
            total += one.weight
            covered += one.weight * max(presence(one.concept, text), one.around)
    return covered / total if total else _UNTELLABLE


def _sign(question: Question, sentence: str) -> float:
    """Return what the kind of fact asked for, found or missed in a sentence, counts."""
    if question.facts:
        return _SIGN_BONUS if any(gives(fact, sentence) for fact in question.facts) else -_SIGN_PENALTY
    sign = _SIGNS.get(question.kind)
    if sign is None:
        return 0.0
    return _SIGN_BONUS if sign.search(sentence) else -_SIGN_PENALTY


#: Where and when a report was delivered, the line below its title.
_DELIVERED = re.compile(r"[—–-]{1,2}\s*(?:20\d\d年\d+月\d+日)?\s*在.{4,40}会议?上")
_ABOUT_DELIVERY = (Kind.DATE, Kind.PLACE, Kind.PERSON)
#: What it counts that a sentence reports a figure of the indicator asked for, and not only names it.
_REPORTED = 0.2


def prefer_reported(
    question: Question, weighed: Sequence[Evidence], stated: Callable[[Evidence, Concept], Sequence[Indicator]]
) -> list[Evidence]:
    """Return the evidence with those sentences moved up that report what is asked for, of the whole and not of a part.

    `stated` returns what a sentence reports of an indicator: 占地区生产总值比重 names the product and reports none.
    """
    asked = [concept for concept in question.concepts if concept.kind == INDICATOR]
    if not asked or not weighed:
        return list(weighed)
    found = []
    for item in weighed:
        figures = (one for concept in asked for one in stated(item, concept))
        reports = any(not one.scope or one.scope in question.standalone for one in figures)
        gain = _REPORTED * item.coverage**2 * item.time * item.hit.region if reports else 0.0
        found.append(replace(item, score=item.score + gain))
    return sorted(found, key=_best_first)


#: Kinds of fact whose sign an answer must carry. A date may also be the period that a result is reported for.
_MUST_CARRY = (Kind.DATE, Kind.SHARE, Kind.AMOUNT)


def gives_kind(question: Question, evidence: Evidence) -> bool:
    """Return whether a sentence carries the kind of fact that is asked for, where that can be told."""
    sentence, text = evidence.frame, evidence.text
    if question.event and not tells_of(question.event, text):
        return False
    if question.facts:
        dated = Fact.TIME in question.facts and sentence.period is not None and sentence.status is not Status.NONE
        return dated or any(may_give(fact, text) for fact in question.facts)
    if question.kind not in _MUST_CARRY:
        return True
    if question.kind is Kind.DATE and sentence.status.is_result and sentence.period is not None:
        return True
    sign = _FIGURE if question.kind is Kind.SHARE else _SIGNS[question.kind]
    return bool(sign.search(text))


#: Further sentences are taken while they score this share of the best one, so many at most.
_CLOSE = {Kind.LIST: 0.8, Kind.REASON: 0.8, Kind.TREND: 0.6, Kind.COMPARISON: 0.7}
_CLOSE_ELSE = 0.92
_MOST = {Kind.LIST: 3, Kind.REASON: 3, Kind.TREND: 4, Kind.COMPARISON: 3}
_MOST_ELSE = 2


def choose(question: Question, weighed: Sequence[Evidence]) -> list[Evidence]:
    """Mark the sentences to answer with: the best for every part of the question, then close ones and continuations."""
    if not weighed:
        return []
    kept = _best_of_parts(question, weighed)
    kept.setdefault(key(weighed[0]), "best")
    floor = _CLOSE.get(question.kind, _CLOSE_ELSE) * weighed[0].score
    most = max(len(kept), _MOST.get(question.kind, _MOST_ELSE))
    for evidence in weighed:
        if len(kept) < most and evidence.score >= floor:
            kept.setdefault(key(evidence), "close to the best")
    kept |= extend(question, weighed, kept)
    return [replace(e, kept=key(e) in kept, why=kept.get(key(e)) or _why_dropped(question, e)) for e in weighed]


def _why_dropped(question: Question, evidence: Evidence) -> str:
    """Return what spoke most against a sentence that was not kept."""
    if not fits_period(question, evidence.hit.passage, evidence.sentence):
        return "speaks of another period"
    if evidence.hit.region < 1:
        return "speaks of another region"
    if not question.wants.fits(evidence.frame.status):
        return "not of the status asked for (result or target)"
    if not gives_kind(question, evidence):
        return "lacks the kind of fact asked for"
    return "scores too low"


#: The best sentence for a part of the question is taken while it scores this share of the best of all.
_PART = 0.45


def _best_of_parts(question: Question, weighed: Sequence[Evidence]) -> dict[tuple[str, int], str]:
    """Return the best sentence for every asked period and thing, and for result and target where both are asked."""
    parts: list[tuple[str, Callable[[Evidence], bool]]] = []
    if len(question.periods) > 1:
        parts += [(str(p), lambda e, p=p: e.frame.period == p) for p in question.periods]  # type: ignore[misc]
    if question.wants is Wants.BOTH:
        parts += [
            ("the result", lambda e: e.frame.status.is_result),
            ("the target", lambda e: e.frame.status.is_intent),
        ]
    for several in (question.focus, question.regions):
        if len(several) > 1:
            parts += [(c.forms[0], lambda e, c=c: c in e.said) for c in several]  # type: ignore[misc]
    kept: dict[tuple[str, int], str] = {}
    for name, belongs in parts:
        best = next((e for e in weighed if belongs(e)), None)
        if best and best.score >= _PART * weighed[0].score:
            kept[key(best)] = f"best for {name}"
    return kept
