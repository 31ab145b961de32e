"""Deciding that the documents do not say, and saying so helpfully.

No single score can refuse: at the cosine floor that keeps recall, 60 % of unanswerable questions still pass. So
evidence is combined: the things named, the names known, the region and period covered, the kind of fact given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from index import tokenize
from rag.evidence import gives_kind
from rag.premise import names_another_time
from rag.retrieve import fits_period
from rag.types import Language, Reason, Wants
from rag.wording import REFUSAL, REFUSAL_OF, WITHIN, coverage, filter_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.types import Entry
    from rag.evidence import SentenceScorer
    from rag.types import Concept, Evidence, Question

#: The least weighted share of a question's concepts that the best sentence must hold (with its surroundings).
COVERAGE = 0.25
#: Of more concepts than this a smaller share will do.
_WORDY = 6
#: Below this an unknown word that looks like a name is taken for one: telling names is error-prone.
_DOUBTFUL = 0.55


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to refuse, and the name or period that it is about."""

    reason: Reason
    about: str = ""


def find_reason(
    question: Question, evidence: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Doubt | None:
    """Return why the question cannot be answered from the evidence, or None when it can."""
    if early := _nothing_to_weigh(question, evidence):
        return early
    kept = [item for item in evidence if item.kept]
    coverage = max((item.coverage for item in kept), default=0.0)
    regions = [region for region in question.regions if not region.aside]
    if regions and not any(map(scorer.known, question.regions)):
        return Doubt(Reason.NO_SUCH, _as_typed(question, regions[0]))
    named = _named(question) if coverage < _DOUBTFUL else []
    unknown = [concept for concept in named if not scorer.known(concept)]
    if unknown:
        return Doubt(Reason.NO_SUCH, _as_typed(question, unknown[0]))
    if coverage < _enough(question):
        return Doubt(Reason.NOT_FOUND)
    missing = _missing(question, kept, scorer, document)
    if missing:
        return Doubt(Reason.NOT_STATED, _as_typed(question, missing))
    if question.regions and all(item.hit.region < 1 for item in kept):
        return Doubt(Reason.OTHER_REGION, _as_typed(question, question.regions[0]))
    asked = ("、" if question.language is Language.ZH else ", ").join(map(str, question.periods))
    in_time = [item for item in kept if fits_period(question, item.hit.passage, item.sentence)]
    if not in_time:
        corrected = any(names_another_time(question, item) for item in kept)
        return None if corrected else Doubt(Reason.OTHER_PERIOD, asked)
    if not any(gives_kind(question, item) for item in in_time):
        return Doubt(Reason.NOT_STATED)
    return _wrong_status(question, in_time, asked) if question.periods else None


def _enough(question: Question) -> float:
    """Return the least coverage for a question; the more words it has, the fewer of them an answer repeats."""
    return COVERAGE * min(1.0, _WORDY / len(question.concepts)) if question.concepts else COVERAGE


def _as_typed(question: Question, concept: Concept) -> str:
    """Return the words of the question for a concept, whose forms are folded or stems."""
    return question.standalone[concept.start : concept.end(question.standalone)]


def _nothing_to_weigh(question: Question, evidence: Sequence[Evidence]) -> Doubt | None:
    """Return why the evidence need not be looked at."""
    if question.is_override:
        return Doubt(Reason.NOT_OURS)
    if not question.concepts and not question.periods and not question.report_years:
        return Doubt(Reason.NOT_A_QUESTION)
    return Doubt(Reason.FILTERED_OUT) if question.within and not evidence else None


def _named(question: Question) -> list[Concept]:
    """Return what the documents must hold somewhere if they are to answer, the surest first; regions apart."""
    exact = [concept for concept in question.concepts if concept.is_exact]
    names = [c for c in question.concepts if c.is_name and not (c.is_exact or c.is_region or c.aside)]
    return exact + names + _taken_for_names(question)


def _taken_for_names(question: Question) -> list[Concept]:
    """Return the plain words that look like names: by a capital letter, in Chinese by a tagger."""
    plain = [concept for concept in question.concepts if not concept.kind and not concept.aside]
    if question.language is Language.ZH:
        names = {tokenize.normalise(word) for word in tokenize.name_words(question.standalone)}
        return [concept for concept in plain if concept.forms[0] in names]
    return [concept for concept in plain if _is_capitalised(question.standalone, concept.start)]


def _is_capitalised(text: str, at: int) -> bool:
    """Return whether the word at a place is written like a name; at the start of a sentence every word is."""
    return text[at : at + 1].isupper() and bool(re.search(r"[\w,;:)’'”\"]\s+[“\"'(]?$", text[:at]))


def _missing(
    question: Question, kept: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Concept | None:
    """Return a name or indicator of the question that no kept passage holds; a like-sounding one does not do."""
    exact = (concept for concept in question.concepts if concept.is_exact)
    owners = {item.hit.passage.document_id: document(item.hit.passage.document_id) for item in kept}
    for concept in exact:
        if not any(scorer.speaks_of(item, concept, owners[item.hit.passage.document_id]) for item in kept):
            return concept
    return None


def _wrong_status(question: Question, kept: Sequence[Evidence], asked: str) -> Doubt | None:
    """A clearly asked result is not answered by a target, nor the other way round."""
    statuses = {item.frame.status for item in kept}
    if any(question.wants.fits(status) for status in statuses):
        return None
    if question.wants is Wants.RESULT:
        return Doubt(Reason.ONLY_TARGET, asked)
    return Doubt(Reason.ONLY_RESULT, asked) if question.wants is Wants.TARGET else None


def refusal_message(question: Question, doubt: Doubt, documents: int, years: tuple[int, int] | None) -> str:
    """Return the sentence that refuses, with the filter it was asked under and what the documents cover.

    `documents` is how many there are, `years` those of the oldest and the newest, where they are known.
    """
    language = question.language
    reasons = REFUSAL_OF if doubt.reason in REFUSAL_OF[language] and doubt.about else REFUSAL
    opening = reasons[language][doubt.reason].format(name=doubt.about, period=doubt.about)
    if doubt.reason in (Reason.NOT_A_QUESTION, Reason.NOT_OURS):
        return opening
    gap = "" if language is Language.ZH else " "
    if question.within:
        opening += gap + WITHIN[language].format(filter=filter_label(language, question.within))
    return opening + gap + coverage(language, documents, years)
