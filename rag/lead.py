"""The bare figure or date that is asked for, before the long sentence that tells it.

It is given only where it cannot be another one: the sentence holds one figure of the kind, in a clause that tells of
all that is asked. What an amount depends on would be lost, so one under a condition is left to its sentence. Figures
of indicators lead by their name, see `rag.series`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.english_figures import english_quantity
from corpus.quantities import Unit
from index import tokenize
from rag.cues import CUES, compile_cue
from rag.extent import asks_for_several
from rag.facts import figures, is_of, tells_of
from rag.generate import Statement
from rag.matching import Text, holds
from rag.types import ORDINAL, Fact, Language
from rag.wording import period_label

if TYPE_CHECKING:
    from corpus.quantities import Quantity
    from rag.types import Evidence, Question

#: A shorter sentence is read at a glance, in characters.
LONG = 50
_ASKS, _CONDITION = compile_cue(CUES["asks"]), compile_cue(CUES["condition"])
_CLAUSE = re.compile(r"(?:[^，,；;。：:]|(?<=\d),(?=\d{3}(?!\d)))+")
_TIMES = frozenset({Fact.TIME, Fact.DAY})


def lead(question: Question, first: Statement) -> Statement | None:
    """Return the figure or date asked for, out of the long sentence that an answer begins with; None where not sure."""
    best = first.evidence
    if len(best.text) < LONG or len(question.facts) != 1 or asks_for_several(question):
        return None
    fact = question.facts[0]
    fitting = [figure for figure in figures(best.text) if is_of(fact, figure)]
    # What is merely counted may be anything.
    if fact is Fact.COUNT or len(fitting) != 1 or not _tells_what_is_asked(question, first, fitting[0]):
        return None
    return _date(question, best, fitting[0]) if fact in _TIMES else _figure(question, best, fitting[0])


def says_all(question: Question, told: Statement) -> bool:
    """Return whether the figure of an indicator, told with its name, answers a question without its sentence.

    It does where one thing is asked, what is told names all that the question names, and the sentence has no condition.
    """
    asked = sum(1 for _ in _ASKS.finditer(tokenize.normalise(question.standalone)))
    if asked != 1 or asks_for_several(question) or _CONDITION.search(told.evidence.text):
        return False
    text = Text.of(told.text, told.text)
    return all(holds(concept, text) for concept in question.concepts if not (concept.is_region or concept.aside))


def _tells_what_is_asked(question: Question, step: Statement, figure: Quantity) -> bool:
    """Return whether the clause of a figure tells of all that is asked, under no condition.

    Names may stand elsewhere in the sentence or over it. Words that only its English can hold may be of another clause:
    they settle a date, of which there is one, and no figure.
    """
    sentence, passage = step.evidence.text, step.evidence.hit.passage
    clause = next((m[0] for m in _CLAUSE.finditer(sentence) if m.start() <= figure.start < m.end()), "")
    if _CONDITION.search(clause) or (question.event and not tells_of(question.event, clause)):
        return False
    is_date = figure.unit in (Unit.YEAR, Unit.DATE)
    own, around = Text.of(clause, ""), Text.of(" ".join((sentence, *passage.headings)), step.text if is_date else "")
    return all(
        holds(one, around if one.is_name or one.kind == ORDINAL or not own.can_show(one) else own)
        for one in question.concepts
        if not (one.is_region or one.aside)
    )


def _figure(question: Question, best: Evidence, figure: Quantity) -> Statement:
    frame, language = best.frame, question.language
    label = period_label(language, str(frame.period) if frame.period else None, frame.status)
    told = _words(language, best.text, figure)
    if language is Language.ZH:
        return Statement(f"{label}：{told}。" if label else f"{told}。", best)
    return Statement(f"{label}: {told}." if label else f"{told}.", best)


def _date(question: Question, best: Evidence, date: Quantity) -> Statement | None:
    """Return a date by itself, unless the sentence will be told as one of its year, or begins with it."""
    year = int(date.value) if date.unit is Unit.YEAR else int(date.value) // 10_000
    period = best.frame.period
    if date.start == 0 or (date.unit is Unit.YEAR and period is not None and period.first == period.last == year):
        return None
    told = _words(question.language, best.text, date)
    return Statement(told + ("。" if question.language is Language.ZH else "."), best)


def _words(language: Language, sentence: str, figure: Quantity) -> str:
    return sentence[figure.start : figure.end] if language is Language.ZH else english_quantity(figure)
