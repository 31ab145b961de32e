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
from rag.wording import COVERS, MORE_DOCUMENTS, REFUSAL, WITHIN, filter_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from corpus.translations import Translations
    from corpus.types import Entry
    from index.library import LibraryReader
    from rag.evidence import SentenceScorer
    from rag.types import Concept, Evidence, Question

#: The least weighted share of a question's concepts that the best sentence must hold (with its surroundings).
COVERAGE = 0.25
#: Below this an unknown word that looks like a name is taken for one: telling names is error-prone.
_DOUBTFUL = 0.55
#: Documents that a refusal names; of more it tells how many.
_NAMED_IN_A_REFUSAL = 12


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to refuse, and the name or period that it is about."""

    reason: Reason
    about: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """What the documents cover, as far as a refusal tells it: the newest ones, and how many there are in all."""

    newest: tuple[Entry, ...]
    documents: int

    @classmethod
    def by(cls, library: LibraryReader) -> Covered:
        """Return what a library covers; reads the entries of a few documents, however many there are."""
        return cls(library.entries(_NAMED_IN_A_REFUSAL), library.document_count())


def find_reason(
    question: Question, evidence: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Doubt | None:
    """Return why the question cannot be answered from the evidence, or None when it can."""
    if early := _nothing_to_weigh(question, evidence):
        return early
    kept = [item for item in evidence if item.kept]
    coverage = max((item.coverage for item in kept), default=0.0)
    if question.regions and not any(map(scorer.known, question.regions)):
        return Doubt(Reason.NO_SUCH, question.regions[0].forms[0])
    named = _named(question) if coverage < _DOUBTFUL else []
    unknown = [concept for concept in named if not scorer.known(concept)]
    if unknown:
        return Doubt(Reason.NO_SUCH, unknown[0].forms[0])
    if coverage < COVERAGE:
        return Doubt(Reason.NOT_FOUND)
    missing = _missing(question, kept, scorer, document)
    if missing:
        return Doubt(Reason.NOT_STATED, missing.forms[0])
    unsaid = _unsaid(question, kept, scorer, document)
    if unsaid and False:
        return Doubt(Reason.NOT_STATED, unsaid.forms[0])
    if question.regions and all(item.hit.region < 1 for item in kept):
        return Doubt(Reason.OTHER_REGION, question.regions[0].forms[0])
    asked = ("、" if question.language is Language.ZH else ", ").join(map(str, question.periods))
    in_time = [item for item in kept if fits_period(question, item.hit.passage, item.sentence)]
    if not in_time:
        corrected = any(names_another_time(question, item) for item in kept)
        return None if corrected else Doubt(Reason.OTHER_PERIOD, asked)
    if not any(gives_kind(question, item) for item in in_time):
        return Doubt(Reason.NOT_STATED)
    return _wrong_status(question, in_time, asked) if question.periods else None


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
    names = [c for c in question.concepts if c.is_name and not c.is_exact and not c.is_region]
    return exact + names + _taken_for_names(question)


def _taken_for_names(question: Question) -> list[Concept]:
    """Return the plain words that look like names: by a capital letter, in Chinese by a tagger."""
    plain = [concept for concept in question.concepts if not concept.kind]
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


def _unsaid(
    question: Question, kept: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Concept | None:
    """Return a thing asked for that no kept sentence speaks of."""
    owners = {item.hit.passage.document_id: document(item.hit.passage.document_id) for item in kept}
    for concept in question.focus:
        if not any(scorer.says(item, concept, owners[item.hit.passage.document_id]) for item in kept):
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


def refusal_message(question: Question, doubt: Doubt, covered: Covered, translations: Translations) -> str:
    """Return the sentence that refuses, with the filter it was asked under and what the documents cover."""
    language = question.language
    opening = REFUSAL[language][doubt.reason].format(name=doubt.about, period=doubt.about)
    if doubt.reason in (Reason.NOT_A_QUESTION, Reason.NOT_OURS):
        return opening
    gap = "" if language is Language.ZH else " "
    if question.within:
        opening += gap + WITHIN[language].format(filter=filter_label(language, question.within))
    titles = []
    for document in covered.newest:
        english = translations.lookup(document.title) if language is Language.EN else None
        title = english or document.title
        titles.append(f"{title} ({document.delivered})" if document.delivered.date else title)
    if covered.documents > len(titles):
        titles.append(MORE_DOCUMENTS[language].format(count=covered.documents - len(titles)))
    joint = "；" if language is Language.ZH else "; "
    return opening + gap + COVERS[language].format(documents=joint.join(titles))
