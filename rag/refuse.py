"""Deciding that the documents do not say, and saying so helpfully.

No single score can refuse: at the cosine floor that keeps recall, 60 % of unanswerable questions still pass. So
evidence is combined: the things named, the names known, the period covered.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.evidence import gives_kind
from rag.retrieve import fits_period
from rag.types import Language, Reason, Wants
from rag.wording import COVERS, REFUSAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.translations import Translations
    from corpus.types import Document
    from rag.evidence import SentenceScorer
    from rag.types import Evidence, Question

#: The least weighted share of a question's concepts that the best sentence must hold (with its surroundings).
COVERAGE = 0.25


@dataclass(frozen=True, slots=True)
class Doubt:
    """A reason to refuse, and the name or period that it is about."""

    reason: Reason
    about: str = ""


def find_reason(question: Question, evidence: Sequence[Evidence], scorer: SentenceScorer) -> Doubt | None:
    """Return why the question cannot be answered from the evidence, or None when it can."""
    if question.is_override:
        return Doubt(Reason.NOT_OURS)
    if not question.concepts and not question.periods and not question.report_years:
        return Doubt(Reason.NOT_A_QUESTION)
    # A term of the glossary that no text holds, in no form and no language, is something the documents lack.
    unknown = [c for c in question.concepts if len(c.forms) > 1 and not scorer.known(c)]
    if unknown:
        return Doubt(Reason.NO_SUCH, unknown[0].forms[0])
    kept = [item for item in evidence if item.kept]
    if not kept or max(item.coverage for item in kept) < COVERAGE:
        return Doubt(Reason.NOT_FOUND)
    asked = ", ".join(map(str, question.periods))
    in_time = [item for item in kept if fits_period(question, item.hit.passage, item.sentence)]
    if not in_time:
        return Doubt(Reason.OTHER_PERIOD, asked)
    if not any(gives_kind(question, item) for item in in_time):
        return Doubt(Reason.NOT_FOUND)
    return _wrong_status(question, in_time, asked) if question.periods else None


def _wrong_status(question: Question, kept: Sequence[Evidence], asked: str) -> Doubt | None:
    """A clearly asked result is not answered by a target, nor the other way round."""
    statuses = {item.hit.passage.sentences[item.sentence].status for item in kept}
    if any(question.wants.fits(status) for status in statuses):
        return None
    if question.wants is Wants.RESULT:
        return Doubt(Reason.ONLY_TARGET, asked)
    return Doubt(Reason.ONLY_RESULT, asked) if question.wants is Wants.TARGET else None


def refusal_message(question: Question, doubt: Doubt, documents: Sequence[Document], translations: Translations) -> str:
    """Return the sentence that refuses, with what the documents cover."""
    language = question.language
    opening = REFUSAL[language][doubt.reason].format(name=doubt.about, period=doubt.about)
    if doubt.reason in (Reason.NOT_A_QUESTION, Reason.NOT_OURS):
        return opening
    titles = []
    for document in documents:
        english = translations.lookup(document.title) if language is Language.EN else None
        title = english or document.title
        titles.append(f"{title} ({document.delivered})" if document.delivered.date else title)
    joint = "；" if language is Language.ZH else "; "
    gap = "" if language is Language.ZH else " "
    return opening + gap + COVERS[language].format(documents=joint.join(titles))
