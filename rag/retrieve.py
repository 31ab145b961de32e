"""Passages for a question: fused search, weighed by whether they speak about the asked period and status."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus.periods import mentioned_periods
from corpus.quantities import Unit, quantities
from corpus.types import Entry, Passage, Period, Sentence, Status
from rag.parts import cover, parts
from rag.question import widen
from rag.repeats import without_repeats
from rag.types import Hit, Wants

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from index.library import LibraryReader
    from index.search import Candidate, HybridSearch
    from rag.regions import Regions
    from rag.types import Concept, Question

#: Candidates whose passages are read and weighed by time; the fused order beyond them is not worth reading.
CONSIDERED = 60
#: Hits that a reranker reads: each costs one pass of its model.
RERANKED = 30

#: What a further text counts beside the question as the rules read it.
_FURTHER = 0.5

#: A passage of another period keeps this share of its score: enough to be shown as nearest, not to win.
_OTHER_PERIOD = 0.35
_UNKNOWN_PERIOD = 0.65
_OVERLAPPING = 0.75
_OTHER_STATUS = 0.6
_SAID_THEN = 0.85
#: So does one of another region.
_OTHER_REGION = 0.35
#: An unqualified question about a year wants its result; the year's target comes second.
_TARGET_WHEN_UNASKED = 0.8


class Retriever(Protocol):
    """What the pipeline needs: ranked passages for a question."""

    def retrieve(self, question: Question, k: int) -> list[Hit]:
        """Return at most `k` hits, best first; empty when nothing was found."""
        ...


class Reranker(Protocol):
    """What may look at the best passages once more, question and passage together."""

    def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return how well each text answers the query, of shape (len(texts),); more is better, the scale is its own."""
        ...


class TimedRetriever:
    """Hybrid search, then a soft match on period, status and region; every part of a question among the first.

    A hard filter would lose what the words cannot tell (ChronoQA: Recall@5 54.6 plain, 49.0 with a hard filter),
    so passages of other periods are only pushed down. Only a filter that who asks has set is hard.
    """

    def __init__(
        self,
        search: HybridSearch,
        library: LibraryReader,
        regions: Regions,
        time_match: bool = True,
        reranker: Reranker | None = None,
    ) -> None:
        self._search, self._library, self._regions, self._time_match = search, library, regions, time_match
        self._reranker = reranker

    def retrieve(self, question: Question, k: int) -> list[Hit]:
        """Return at most `k` hits, best first, none of which repeats another."""
        return cover(self._rank(question), parts(question, self._is_about), self._rank)[:k]

    def _rank(self, question: Question) -> list[Hit]:
        candidates = self._candidates(question)[:CONSIDERED]
        passages = self._library.passages([candidate.row for candidate in candidates])
        hits = []
        for candidate, passage in zip(candidates, passages, strict=True):
            document = self._library.entry(passage.document_id)
            time = passage_time_match(question, passage, document) if self._time_match else 1.0
            region = 1.0 if self._regions.fit(question, passage, document) else _OTHER_REGION
            score = candidate.fused * time * region
            hits.append(Hit(passage, candidate.row, score, candidate.dense, candidate.keyword, time, region))
        hits = without_repeats(sorted(hits, key=lambda hit: -hit.score))
        return self._reranked(question, hits) if self._reranker else hits

    def _candidates(self, question: Question) -> list[Candidate]:
        """Return what the search finds for the question, and for further texts that ask the same, best first."""
        found = self._search.search(question.standalone, widen(question), question.within)
        if not question.also:
            return found
        scores = {candidate.row: candidate for candidate in found}
        for text in question.also:
            for other in self._search.search(text, (), question.within):
                own = scores.get(other.row, replace(other, fused=0.0))
                scores[other.row] = replace(own, fused=own.fused + _FURTHER * other.fused)
        return sorted(scores.values(), key=lambda candidate: (-candidate.fused, candidate.row))

    def _reranked(self, question: Question, hits: Sequence[Hit]) -> list[Hit]:
        """Put the best hits in the order of the reranker, still weighed by time and region; the rest follow.

        Its scores are scaled to 0..1 over these hits, as those of both sides of the search are.
        """
        best = hits[:RERANKED]
        if self._reranker is None or len(best) < 2:
            return list(hits)
        scores = self._reranker.score(question.standalone, [hit.passage.text for hit in best])
        scaled = (scores - scores.min()) / max(float(np.ptp(scores)), 1e-9)
        weighed = [replace(h, score=float(s) * h.time * h.region) for h, s in zip(best, scaled, strict=True)]
        weighed.sort(key=lambda hit: -hit.score)
        lowest = weighed[-1].score
        return weighed + [replace(hit, score=min(hit.score, lowest)) for hit in hits[RERANKED:]]

    def _is_about(self, region: Concept, hit: Hit) -> bool:
        return self._regions.is_about(region, hit.passage, self._library.entry(hit.passage.document_id))


def passage_time_match(question: Question, passage: Passage, document: Entry) -> float:
    """Return how well the best-fitting sentence of a passage fits the asked period and status, 0 to 1."""
    return max(sentence_time_match(question, sentence, passage, document) for sentence in passage.sentences)


def sentence_time_match(question: Question, sentence: Sentence, passage: Passage, document: Entry) -> float:
    """Return how well a sentence fits the asked period, report and status: 1 fits, lower is worse, never 0.

    What a passage of the asked period says of another (到2025年 …) fits almost as well: it was said for that year.
    """
    around = _SAID_THEN * _period_match(question.periods, passage.period)
    factor = max(_period_match(question.periods, sentence.period), around)
    if question.report_years:
        delivered = document.period
        named = delivered is not None and delivered.first in question.report_years and document.kind == "report"
        factor *= 1.0 if named else _OTHER_PERIOD
    return factor * _status_match(question, sentence.status)


#: A year that is asked about as the end of a plan.
_BY_THEN = re.compile(r"到\s*20\d\d\s*年|\bby (?:the end of )?20\d\d\b", re.IGNORECASE)
#: Said of all years of a plan together, not of its last.
_OF_ALL_YEARS = re.compile(r"累计|年均|五年|期间|以来|年来")


def fits_period(question: Question, passage: Passage, sentence: int) -> bool:
    """Return whether a sentence speaks about a period that is asked for; always true when none is asked.

    A year is not answered by a figure for five years, unless the sentence names it or tells a level reached at their
    end; a plan is, by a year within. A sentence of unknown period fits, and so does one that names the very day the
    question names.
    """
    period = passage.sentences[sentence].period
    if not question.periods or period is None:
        return True
    if passage.period in question.periods:
        return True
    text = passage.sentence_text(passage.sentences[sentence])
    named = {*mentioned_periods(text)}
    if any(p == period or (p.first <= period.first and period.last <= p.last) or p in named for p in question.periods):
        return True
    ends = any(p.last == period.last for p in question.periods)
    if ends and _BY_THEN.search(question.standalone):
        return True
    ends = ends and passage.sentences[sentence].status.is_result
    if ends and passage.sentences[sentence].status is not Status.CUMULATIVE and not _OF_ALL_YEARS.search(text):
        return True
    days = [q for q in quantities(question.standalone) if q.unit is Unit.DATE]
    return any(day.stated_by(figure) for day in days for figure in quantities(text) if figure.unit is Unit.DATE)


def _period_match(asked: tuple[Period, ...], period: Period | None) -> float:
    if not asked or period in asked:
        return 1.0
    if period is None:
        return _UNKNOWN_PERIOD
    return _OVERLAPPING if any(period.overlaps(one) for one in asked) else _OTHER_PERIOD


def _status_match(question: Question, status: Status) -> float:
    if question.wants is Wants.ANY:
        plans_asked = any(period.first != period.last for period in question.periods)
        unasked_target = bool(question.periods) and not plans_asked and status.is_intent
        return _TARGET_WHEN_UNASKED if unasked_target else 1.0
    if status is Status.NONE:
        return 0.9
    return 1.0 if question.wants.fits(status) else _OTHER_STATUS
