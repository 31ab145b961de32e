"""The first words of an answer to a question of yes or no, or of up or down: said only where one clause settles it.

A clause settles a question when it names everything the question names, in the period and of the status asked for, and
nothing in it leaves the matter open (a negation, an intention, another scope). A question that such a clause would not
settle (about a cause, a comparison, all or only some) gets no first words, nor does one whose words are spread over
several clauses: these may speak of several things.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from corpus.english import fold_english
from index import tokenize
from rag.cues import ASKING, CUES, compile_cue
from rag.facts import blank_event, names_event, wanted_event
from rag.matching import Text, holds
from rag.premise import direction
from rag.types import Language, Wants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from corpus.indicators import Indicator
    from corpus.translations import Translations
    from rag.types import Concept, Evidence, Question


class Verdict(StrEnum):
    """What the documents say to what is asked."""

    YES = "yes"
    UP = "up"
    DOWN = "down"
    YES_UP = "yes, up"
    YES_DOWN = "yes, down"
    NO_UP = "no, up"
    NO_DOWN = "no, down"


@dataclass(frozen=True, slots=True)
class Settled:
    """A verdict and the sentence that bears it out."""

    verdict: Verdict
    evidence: Evidence


_POLAR, _EITHER_WAY = compile_cue(CUES["verdict"]["polar"]), compile_cue(CUES["verdict"]["either_way"])
_UP, _DOWN = compile_cue(CUES["verdict"]["up"]), compile_cue(CUES["verdict"]["down"])
_BEYOND, _HAVING = compile_cue(CUES["verdict"]["beyond"]), compile_cue(CUES["verdict"]["having"])
_DENIED, _OPEN = compile_cue(CUES["verdict"]["denied"]), compile_cue(CUES["verdict"]["open"])
_MET = compile_cue(CUES["wants"]["whether_reached"])
#: Names of indicators of which less is better than more.
LESS_IS_BETTER = compile_cue(CUES["verdict"]["less_is_better"])
_WIDER = compile_cue(CUES["verdict"]["wider"])
_GENERAL = frozenset(CUES["general"]["zh"].split()) | {fold_english(word) for word in CUES["general"]["en"].split()}
#: A comma inside a number ends no clause; a phrase before its verb (对新设立的总部，) is no clause of its own.
_CLAUSE = re.compile(r"(?:(?:对于?|针对|为|在)[^，,；;。：:]*[，,])?(?:[^，,；;。：:]|(?<=\d),(?=\d{3}(?!\d)))+")
#: Least number of things that a clause must name to settle a question: one alone stands in too many.
_FEWEST = 2
#: Tags of jieba for words that name something.
_CONTENT = ("v", "n", "a", "i", "l", "j")
_ENGLISH_CLAUSE = re.compile(r"(?:[^,;.:]|(?<=\d)[,.](?=\d))+")


def asks_up_or_down(question: Question) -> bool:
    """Return whether a question asks which way a figure went, whatever else it asks."""
    return bool(_EITHER_WAY.search(question.standalone))


def asks_whether_met(question: Question) -> bool:
    """Return whether a question asks if a target was met, and not only what target and result were."""
    return question.wants is Wants.BOTH and bool(_POLAR.search(question.standalone) or _MET.search(question.standalone))


def settle(
    question: Question,
    kept: Sequence[Evidence],
    translations: Translations,
    stated: Callable[[Evidence, Concept], Sequence[Indicator]],
) -> Settled | None:
    """Return what the sentences kept say to a question of yes or no, or of up or down; None where that is not certain.

    `stated` tells what a sentence reports of an indicator.
    """
    text, either = question.standalone, asks_up_or_down(question)
    polar = bool(_POLAR.search(text)) and not either
    if not (polar or either) or _BEYOND.search(text) or len(question.periods) > 1:
        return None
    asked = bool(_UP.search(text)) - bool(_DOWN.search(text)) if polar else 0
    for item in kept:
        if not _fits(question, item):
            continue
        if either or asked:
            if went := _direction(question, item, translations, stated):
                return Settled(_which_way(went, asked), item)
        elif _is_all_read(question) and any(_clauses_that_settle(question, item, translations)):
            return Settled(Verdict.YES, item)
    return None


def _which_way(went: int, asked: int) -> Verdict:
    if not asked:
        return Verdict.UP if went > 0 else Verdict.DOWN
    if went == asked:
        return Verdict.YES_UP if went > 0 else Verdict.YES_DOWN
    return Verdict.NO_UP if went > 0 else Verdict.NO_DOWN


def _fits(question: Question, item: Evidence) -> bool:
    """Return whether a sentence is of the period, status and region asked for."""
    aims = question.wants in (Wants.TARGET, Wants.RATHER_TARGET)
    in_time = not question.periods or item.frame.period == question.periods[0]
    return in_time and item.hit.region == 1 and item.frame.status.is_intent == aims


def _direction(
    question: Question,
    item: Evidence,
    translations: Translations,
    stated: Callable[[Evidence, Concept], Sequence[Indicator]],
) -> int:
    """Return 1 where what is asked about rose, -1 where it fell, 0 where that is not certain."""
    changes = {
        1 if indicator.change.value > 0 else -1
        for concept in question.concepts
        for indicator in stated(item, concept)
        if indicator.change and indicator.change.value and indicator.period == item.frame.period
        if not indicator.scope or indicator.scope in question.text
    }
    told = changes or {direction(clause) for clause in _clauses_that_settle(question, item, translations)}
    return told.pop() if len(told) == 1 else 0


def _clauses_that_settle(question: Question, item: Evidence, translations: Translations) -> Iterator[str]:
    """Yield the clauses of a sentence that name everything a question names, and leave nothing open."""
    event = wanted_event(question.standalone.casefold(), dated=True)
    named = [concept for concept in question.concepts if not _is_beside(question, concept, event)]
    for clause, said in _clauses(item, translations):
        if (
            named
            and all(holds(concept, said) for concept in named)
            and (not event or names_event(event, clause))
            and not _leaves_open(question, clause)
        ):
            yield clause


def _clauses(item: Evidence, translations: Translations) -> Iterator[tuple[str, Text]]:
    """Yield the clauses of a sentence, then those of its English, each as concepts are looked up in it."""
    for match in _CLAUSE.finditer(item.text):
        yield match[0], Text.of(match[0], "")
    for match in _ENGLISH_CLAUSE.finditer(translations.lookup(item.text) or ""):
        yield match[0], Text.of(match[0], match[0])


def _is_all_read(question: Question) -> bool:
    """Return whether enough is read from a question, and no word of it that could name something is left over.

    A verb of one character is no concept, and yet 外立面修好了吗 and 外立面拆好了吗 ask for different things.
    """
    event = wanted_event(question.standalone.casefold(), dated=True)
    named = [concept for concept in question.concepts if not _is_beside(question, concept, event)]
    if len(named) + bool(event) < _FEWEST:
        return False
    if question.language is Language.EN:
        return True  # every word that is no function word is a concept
    text = _POLAR.sub(lambda match: " " * len(match[0]), question.standalone)
    text = blank_event(event, text) if event else text
    read = {at for concept in question.concepts for at in range(concept.start, concept.end(question.standalone))}
    return not any(
        word.tag.startswith(_CONTENT)
        and word.text not in ASKING
        and not _HAVING.fullmatch(word.text)
        and not read.issuperset(range(word.start, word.end))
        for word in tokenize.tagged(text)
    )


def _is_beside(question: Question, concept: Concept, event: str) -> bool:
    """Return whether a clause need not name a concept: where it is, who asks, what is asked of it."""
    first, text = concept.forms[0], question.standalone
    is_event = bool(event) and names_event(event, text[concept.start : concept.end(text)])
    words = (_UP, _DOWN, _HAVING)
    return (
        is_event
        or concept.is_region
        or concept.aside
        or first in _GENERAL
        or "吗" in first
        or any(pattern.fullmatch(first) for pattern in words)
    )


def _leaves_open(question: Question, clause: str) -> bool:
    """Return whether a clause denies something, speaks of a wider area, or intends what is asked for as a fact."""
    wider = {match[0] for match in _WIDER.finditer(clause)} - {match[0] for match in _WIDER.finditer(question.text)}
    is_aimed = question.wants in (Wants.TARGET, Wants.RATHER_TARGET)
    return bool(_DENIED.search(clause) or wider or (not is_aimed and _OPEN.search(clause)))
