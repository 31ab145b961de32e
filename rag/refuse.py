"""Deciding that the documents do not say, and saying so helpfully.

No single score can refuse: at the cosine floor that keeps recall, 60 % of unanswerable questions still pass. So
evidence is combined: the things named, the names known, the region and period covered, the kind of fact given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.glossary import INDICATOR
from index import tokenize
from rag.contrast import sides_asked
from rag.cues import CUES, compile_cue
from rag.evidence import gives_kind
from rag.facts import is_of
from rag.premise import names_another_time
from rag.retrieve import fits_period
from rag.types import Language, Reason, Wants
from rag.wording import REFUSAL, REFUSAL_OF, WITHIN, coverage, filter_label

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.indicators import Indicator
    from corpus.types import Entry
    from index.tokenize import Tagged
    from rag.evidence import SentenceScorer
    from rag.types import Concept, Evidence, Question

_ASKS = compile_cue(CUES["asks"])
#: The least weighted share of a question's concepts that the best sentence must hold (with its surroundings).
COVERAGE = 0.2
#: Tags of persons, places and organisations; shorter ones are mostly ordinary words.
_NAME_TAGS = ("nr", "nrt", "ns", "nt")
_COMMON = re.compile(r"(?:[A-Z][a-z]+(?:ese|ish|ian|ean|can)|Arabs?|[A-Z]{2,3})s?\b")
#: Between two regions that are compared.
_JOINED = re.compile(r"\s*(?:or|and|vs\.?|versus|than|[和与跟比、]|还是|,)\s*", re.IGNORECASE)
#: What points, and is taken for a name by the tagger.
_POINTING = ("那", "这", "哪", "某", "每", "各")
_WITHOUT_SYNONYMS = ("", "unit")
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
    question: Question,
    evidence: Sequence[Evidence],
    scorer: SentenceScorer,
    document: Callable[[str], Entry],
    stated: Callable[[Evidence, Concept], Sequence[Indicator]],
) -> Doubt | None:
    """Return why the question cannot be answered from the evidence, or None when it can.

    `document` returns the entry of a document, `stated` what a sentence reports of an indicator.
    """
    kept = [item for item in evidence if item.kept]
    return (
        _nothing_to_weigh(question, evidence)
        or _unknown(question, kept, scorer)
        or _unspoken(question, kept, scorer, document)
        or _of_another_side(question, kept, document)
        or _of_another_report(question, kept, document)
        or _untimely(question, kept)
        or _of_another_kind(question, _in_time(question, kept), stated)
    )


def _unknown(question: Question, kept: Sequence[Evidence], scorer: SentenceScorer) -> Doubt | None:
    """Doubt a question that names what is in no document, or next to nothing that is in the best sentence."""
    strange = _strange_region(question, scorer)
    if strange:
        return Doubt(Reason.NO_SUCH, _as_typed(question, strange))
    coverage = max((item.coverage for item in kept), default=0.0)
    named = _named(question) if coverage < _DOUBTFUL else []
    unknown = [concept for concept in named if not scorer.known(concept)]
    if unknown:
        return Doubt(Reason.NO_SUCH, _as_typed(question, unknown[0]))
    return Doubt(Reason.NOT_FOUND) if coverage < _enough(question) else None


def _strange_region(question: Question, scorer: SentenceScorer) -> Concept | None:
    """Return a region that no document names: where none is known, or of several that are compared."""
    regions = [region for region in question.regions if not region.aside]
    if regions and not any(map(scorer.known, question.regions)):
        return regions[0]
    text = question.standalone
    compared = [(a, b) for a, b in pairwise(regions) if _JOINED.fullmatch(text[a.end(text) : b.start])]
    return next((region for pair in compared for region in pair if not scorer.known(region)), None)


def _unspoken(
    question: Question, kept: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Doubt | None:
    """Doubt a question of whose names, things asked for and regions no kept sentence speaks."""
    missing = _missing(question, kept, scorer, document)
    if missing:
        return Doubt(Reason.NOT_STATED, _as_typed(question, missing))
    if question.regions and all(item.hit.region < 1 for item in kept):
        return Doubt(Reason.OTHER_REGION, _as_typed(question, question.regions[0]))
    said = {concept for item in kept for concept in item.said}
    # Of a plain word other words for it may be in the text; the glossary knows those of its terms.
    unsaid = [c for c in question.focus if c not in said and c.kind not in _WITHOUT_SYNONYMS]
    if unsaid and len(unsaid) == len(question.focus):  # of several things asked for one is enough to answer with
        return Doubt(Reason.NOT_STATED, _as_typed(question, unsaid[0]))
    return None


def _of_another_side(question: Question, kept: Sequence[Evidence], document: Callable[[str], Entry]) -> Doubt | None:
    """Doubt a question for one of two that exclude each other where the sentences kept are about the other."""
    for side in sides_asked(question.standalone):
        if kept and all(side.is_left_out(_from_near_to_far(item, document)) for item in kept):
            return Doubt(Reason.NOT_STATED, side.words)
    return None


def _from_near_to_far(item: Evidence, document: Callable[[str], Entry]) -> Iterator[str]:
    """Yield a sentence, then what stands around it."""
    passage = item.hit.passage
    yield from (item.text, " ".join(passage.headings), passage.text, document(passage.document_id).title)


def _of_another_report(question: Question, kept: Sequence[Evidence], document: Callable[[str], Entry]) -> Doubt | None:
    """Doubt a question about a report that nothing is quoted from; one may be named by the year that it reviews."""
    named = {year + after for year in question.report_years for after in (0, 1)}
    owners = [document(item.hit.passage.document_id).period for item in kept]
    if not named or any(period is None or period.first in named for period in owners):
        return None
    return Doubt(Reason.OTHER_PERIOD, "、".join(map(str, question.report_years)))


def _untimely(question: Question, kept: Sequence[Evidence]) -> Doubt | None:
    """Doubt a question of whose period, or whose result or target, no kept sentence speaks."""
    asked = ("、" if question.language is Language.ZH else ", ").join(map(str, question.periods))
    in_time = _in_time(question, kept)
    if not in_time:
        corrected = any(names_another_time(question, item) for item in kept)
        return None if corrected else Doubt(Reason.OTHER_PERIOD, asked)
    return _wrong_status(question, in_time, asked) if question.periods else None


def _in_time(question: Question, kept: Sequence[Evidence]) -> list[Evidence]:
    return [item for item in kept if fits_period(question, item.hit.passage, item.sentence)]


def _of_another_kind(
    question: Question, in_time: Sequence[Evidence], stated: Callable[[Evidence, Concept], Sequence[Indicator]]
) -> Doubt | None:
    """Doubt a question for a kind of fact that no sentence gives, or none of the indicator asked for."""
    if in_time and not any(gives_kind(question, item) for item in in_time):
        return Doubt(Reason.NOT_STATED)
    if len(question.facts) != 1 or len(_ASKS.findall(question.standalone)) > 1:
        return None  # of several facts each may be of another indicator
    for concept in question.concepts:
        reported = [one for item in in_time for one in stated(item, concept)]
        figures = [figure for one in reported for figure in (one.value, one.change) if figure is not None]
        if figures and not any(is_of(fact, figure) for fact in question.facts for figure in figures):
            return Doubt(Reason.NOT_STATED, _as_typed(question, concept))
    return None


def _enough(question: Question) -> float:
    """Return the least coverage for a question; the more words it has, the fewer of them an answer repeats."""
    return COVERAGE * min(1.0, _WORDY / len(question.concepts)) if question.concepts else COVERAGE


def _as_typed(question: Question, concept: Concept) -> str:
    """Return the words of the question for a concept, whose forms are folded or stems."""
    return re.sub("[’']s?$", "", question.standalone[concept.start : concept.end(question.standalone)])


def _nothing_to_weigh(question: Question, evidence: Sequence[Evidence]) -> Doubt | None:
    """Return why the evidence need not be looked at."""
    if question.is_override:
        return Doubt(Reason.NOT_OURS)
    if question.is_for_advice:
        return Doubt(Reason.NOT_STATED)
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
        words = tokenize.tagged(question.standalone)
        names = {tokenize.normalise(word.text) for word in words if _is_name(word)}
        return [concept for concept in plain if concept.forms[0] in names]
    return [concept for concept in plain if _is_capitalised(question.standalone, concept.start)]


def _is_name(word: Tagged) -> bool:
    return word.tag in _NAME_TAGS and len(word.text) > 2 and not word.text.startswith(_POINTING)


def _is_capitalised(text: str, at: int) -> bool:
    """Return whether the word at a place is written like a name; at the start of a sentence every word is.

    What comes from a country (Chinese, Arab) and short abbreviations (TV) name nobody.
    """
    if _COMMON.match(text, at):
        return False
    return text[at : at + 1].isupper() and bool(re.search(r"[\w,;:)’'”\"]\s+[“\"'(]?$", text[:at]))


def _missing(
    question: Question, kept: Sequence[Evidence], scorer: SentenceScorer, document: Callable[[str], Entry]
) -> Concept | None:
    """Return a name or indicator of the question that no kept passage holds; a like-sounding one does not do."""
    # An indicator beside the thing asked for only tells more about it (stops for visitors).
    beside = {c for c in question.concepts if c.kind == INDICATOR and question.focus and c not in question.focus}
    exact = (concept for concept in question.concepts if concept.is_exact and concept not in beside)
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
