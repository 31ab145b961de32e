"""What a chosen sentence needs beside it, once it is decided to answer, and nothing said twice.

Choosing (`rag.evidence`, `rag.extent`) decides by what the sentences say themselves, and what it chooses is also what
refusing goes by. What is taken along here comes after that: no refusal becomes an answer by it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from rag.extent import Key, asks_what_is_said, fits, key
from rag.facts import gives
from rag.matching import Text, holds
from rag.repeats import say_the_same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rag.types import Evidence, Question

_Known = dict[Key, "Evidence"]

#: A sentence that explains a term: “两极驱动”，即….
_EXPLAINS = re.compile(r"^\s*[“\"](?P<term>[^”\"]{2,12})[”\"][，,]?(?:即|就是|是指)")
#: Sentences of one paragraph that tell what is said of a thing.
_LONGEST_TELLING = 5
#: What a neighbour must score beside the kept sentence that it completes.
_NEAR = 0.6


def complete(question: Question, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence with those sentences kept too that a kept one needs, and without what says the same twice.

    Taken along are the paragraph of a thing, from the sentence on that names it, where it is asked what is said of it;
    what explains a term of the question; and the sentence beside a kept one that gives the kind of figure, or names the
    thing, that is asked for and that no kept one does. The order stays; each tells why it is kept.
    """
    known = {key(item): item for item in evidence}
    kept = {key(item): item.why for item in evidence if item.kept}
    for item in [item for item in evidence if item.kept]:
        kept |= {key(one): "explains a term" for one in _explained(question, item, known) if key(one) not in kept}
        kept |= {key(one): "goes on about it" for one in _told_of(question, item, known) if key(one) not in kept}
    kept |= {key(one): "gives what else is asked for" for one in _beside(question, known, list(kept))}
    return _once([replace(item, kept=key(item) in kept, why=kept.get(key(item), item.why)) for item in evidence])


def _passage(item: Evidence, known: _Known) -> list[Evidence]:
    """Return the sentences of a passage that are known, in its order."""
    places = ((item.hit.passage.id, at) for at in range(len(item.hit.passage.sentences)))
    return [known[place] for place in places if place in known]


def _told_of(question: Question, item: Evidence, known: _Known) -> list[Evidence]:
    """Return the sentences of a passage from the one on that names the thing of which it is asked what is said."""
    named = [concept for concept in question.concepts if concept.is_name and not (concept.is_region or concept.aside)]
    if not named or not asks_what_is_said(question):
        return []
    sentences = _passage(item, known)
    first = next(
        (at for at, one in enumerate(sentences) if all(holds(concept, Text.of(one.text, "")) for concept in named)),
        None,
    )
    if first is None or sentences[first].sentence > item.sentence:
        return []
    return list(takewhile(lambda one: fits(question, one), sentences[first:]))[:_LONGEST_TELLING]


def _explained(question: Question, item: Evidence, known: _Known) -> Iterator[Evidence]:
    """Yield the sentences of a passage that explain a term of the question."""
    forms = [question.standalone, *(form for concept in question.concepts for form in concept.forms)]
    for one in _passage(item, known):
        explains = _EXPLAINS.match(one.text)
        if explains and any(explains["term"] in form for form in forms):
            yield one


def _beside(question: Question, known: _Known, kept: Sequence[Key]) -> list[Evidence]:
    """Return the sentences next to kept ones that give a figure or name a thing asked for, where no kept one does."""
    given = [known[place] for place in kept]
    lacking: list[Callable[[Evidence], bool]] = [
        lambda one, fact=fact: gives(fact, one.text)  # type: ignore[misc]
        for fact in question.facts
        if not any(gives(fact, item.text) for item in given)
    ]
    lacking += [
        lambda one, concept=concept: concept in one.said  # type: ignore[misc]
        for concept in question.focus
        if not any(concept in item.said for item in given)
    ]
    near = [
        other
        for item in given
        for at in (item.sentence + 1, item.sentence - 1)
        if (other := known.get((item.hit.passage.id, at))) is not None
        and key(other) not in kept
        and other.score >= _NEAR * item.score
        and fits(question, other)
    ]
    found = (next(filter(wanted, near), None) for wanted in lacking)
    return [item for item in found if item is not None]


def _once(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return evidence with a sentence dropped that says what a better one says."""
    told: list[Evidence] = []
    found = []
    for item in evidence:
        is_said = item.kept and any(say_the_same(item, other) for other in told)
        told += [item] if item.kept and not is_said else []
        found.append(replace(item, kept=False, why="says what is said already") if is_said else item)
    return found
