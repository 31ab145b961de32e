"""Reading a question: language, periods, status and kind of answer wanted, and the things it names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.english import english_words
from corpus.glossary import NAMES, REGION, Glossary, Mention
from corpus.periods import mentioned_plans, plan_period
from corpus.quantities import Unit, quantities
from corpus.types import Period
from index import tokenize
from rag.conversation import detect_language, stand_alone
from rag.cues import ASKING, CHANGE, CUES, compile_cue
from rag.facts import wanted_event, wanted_facts
from rag.focus import focus
from rag.types import ORDINAL, Concept, Fact, Kind, Language, Question, Wants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from index.tokenize import Tagged
    from rag.spelling import Speller
    from rag.types import Turn


#: A comma may end a clause or part a list; before three figures it groups a number (2,019,300).
_YEAR = re.compile(
    r"(?<!\d)(?<!\d\.)(20[0-4]\d)(?!\d|\.\d|,\d{3}(?!\d)|\s*(?:万|亿|元|个|家|平方米|units?|households?))"
)
#: A year by its last two digits (18年), where it cannot be a duration.
_SHORT_YEAR = re.compile(r"(?<![\d第近过去满])([12]\d)年(?![来前后内间多以规行里]|计划|时间|左右)")
#: 比上一年 compares; it does not ask about that year.
_COMPARED = re.compile(
    r"(?:比|较|与|跟|和|同)\s*(?:去年|上一?年|前年)|(?:from|than|over|with|to|against) (?:the )?(?:last|previous) year"
)
_SPAN = re.compile(
    r"(20[0-4]\d)\s*(?:年)?\s*(?:-|–|—|~|至|到|to|through|until|and)\s*(20[0-4]\d)"
    r"|(20[0-4]\d)\s*[-–—~]\s*([0-4]\d)(?![\d-])"
)
_FIVE_YEARS_TO = re.compile(
    r"(?:five|5) years (?:up )?(?:to|through|until|ending(?: in)?|ended)(?: the end of)? (20[0-4]\d)"
)
_ORDINALS = {
    word: number
    for number, word in enumerate(
        ["tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth"], 10
    )
}
_FIVE_YEAR_PLAN = re.compile(rf"\b(?:(1\d|20)(?:st|nd|rd|th)|({'|'.join(_ORDINALS)}))\s+five[- ]year", re.IGNORECASE)
_REPORT = re.compile(
    r"(20\d\d)\s*年?(?:度)?(?:的)?(?:[\u4e00-\u9fff]{2,8}?(?:区|市|省))?(?:人民)?(?:政府)?工作报告"
    r"|(20\d\d)(?:'s|’s)?\s+(?:\w+\s+){0,3}?(?:work\s+)?report|report\s+(?:of|for|from|delivered\s+in)\s+(?:\w+\s+)?(20\d\d)",
    re.I,
)
_RELATIVE = {
    re.compile(r"去年|上一?年|\blast year\b", re.I): -1,
    re.compile(r"今年|本年|\bthis year\b", re.I): 0,
    re.compile(r"明年|来年|\bnext year\b", re.I): 1,
    re.compile(r"前年|\bthe year before last\b", re.I): -2,
}


_KINDS = tuple((Kind(cue["name"]), compile_cue(cue)) for cue in CUES["kind"])
_TARGET, _RESULT = compile_cue(CUES["wants"]["target"]), compile_cue(CUES["wants"]["result"])
_STRICTLY_TARGET = compile_cue(CUES["wants"]["strictly_target"])
_STRICTLY_RESULT = compile_cue(CUES["wants"]["strictly_result"])
_WHETHER_REACHED = compile_cue(CUES["wants"]["whether_reached"])
#: Where one clause of a question ends, and what makes a clause one that asks.
_CLAUSE = re.compile(r"[,，;；?？。:：]|\band\b|\bbut\b|\s-\s")
_ASKS = compile_cue(CUES["asks"])
_ORDINAL = compile_cue(CUES["ordinal"])
_OVERRIDE, _ADVICE = compile_cue(CUES["override"]), compile_cue(CUES["advice"])
_ASIDE = compile_cue(CUES["aside"])


def read_question(
    text: str, glossary: Glossary, today: date, history: Sequence[Turn] = (), speller: Speller | None = None
) -> Question:
    """Read a question; `today` is what 去年 and "last year" count from, `speller` mends what is mistyped."""
    language = detect_language(text)
    standalone = stand_alone(text, history, glossary, language, speller)
    folded = tokenize.normalise(standalone)
    concepts = _concepts(standalone, language, glossary)
    facts = wanted_facts(folded)
    report_years = tuple(dict.fromkeys(int(next(filter(None, m.groups()))) for m in _REPORT.finditer(folded)))
    return Question(
        text=text,
        language=language,
        periods=_periods(folded, today, set(report_years)),
        report_years=report_years,
        wants=_wants(folded),
        kind=next((kind for kind, pattern in _KINDS if pattern.search(folded)), Kind.OTHER),
        facts=facts,
        event=wanted_event(folded, dated=Fact.TIME in facts or Fact.DAY in facts),
        concepts=concepts,
        focus=focus(standalone, language, concepts),
        is_override=bool(_OVERRIDE.search(folded)),
        is_for_advice=bool(_ADVICE.search(folded)),
        standalone=standalone,
    )


def _periods(folded: str, today: date, report_years: set[int]) -> tuple[Period, ...]:
    """Return the periods asked for, in the order named; relative words count only where no year is named."""
    found = [*_years(folded), *_plans(folded)]
    if not found:
        found = [(match.start(), Period.year(2000 + int(match[1]))) for match in _SHORT_YEAR.finditer(folded)]
    if not found:
        bare = _COMPARED.sub("", folded)
        found = [
            (match.start(), Period.year(today.year + offset))
            for pattern, offset in _RELATIVE.items()
            if (match := pattern.search(bare))
        ]
    periods = tuple(dict.fromkeys(period for _, period in sorted(found)))
    # "the 2020 report" names a document, not the year that a fact is about.
    return tuple(p for p in periods if not (p.first == p.last and p.first in report_years))


def _years(folded: str) -> Iterator[tuple[int, Period]]:
    """Yield the years named, each year of a span by itself; the years of a five-year plan stay one period."""
    for match in _SPAN.finditer(folded):
        first = int(match[1] or match[3])
        last = int(match[2]) if match[2] else first // 100 * 100 + int(match[4])
        if last - first == 4 and first % 5 == 1:
            yield match.start(), Period(first, last)
        elif first < last:
            years = (first, last) if "and" in match[0] else range(first, last + 1)
            yield from ((match.start(), Period.year(year)) for year in years)
    for match in _FIVE_YEARS_TO.finditer(folded):
        yield match.start(), Period(int(match[1]) - 4, int(match[1]))
    spans = [match.span() for pattern in (_SPAN, _FIVE_YEARS_TO) for match in pattern.finditer(folded)]
    for match in _YEAR.finditer(folded):
        if not any(start <= match.start() < end for start, end in spans):
            yield match.start(), Period.year(int(match[1]))


def _plans(folded: str) -> Iterator[tuple[int, Period]]:
    for match in _FIVE_YEAR_PLAN.finditer(folded):
        yield match.start(), plan_period(int(match[1]) if match[1] else _ORDINALS[match[2].casefold()])
    yield from ((0, plan) for plan in mentioned_plans(folded))


def _wants(folded: str) -> Wants:
    target, result = _STRICTLY_TARGET.search(folded), _STRICTLY_RESULT.search(folded)
    if (target and result) or _WHETHER_REACHED.search(folded) or _asks_for_both(folded):
        return Wants.BOTH
    if target or result:
        return Wants.TARGET if target else Wants.RESULT
    if _TARGET.search(folded):
        return Wants.RATHER_TARGET
    return Wants.RATHER_RESULT if _RESULT.search(folded) else Wants.ANY


def _asks_for_both(folded: str) -> bool:
    """Return whether one clause asks for what was reached and another for what is aimed at."""
    clauses = [clause for clause in _CLAUSE.split(folded) if _ASKS.search(clause)]
    aims = [bool(_TARGET.search(clause)) for clause in clauses]
    return any(aims) and any(_RESULT.search(clause) and not aim for clause, aim in zip(clauses, aims, strict=True))


def _concepts(text: str, language: Language, glossary: Glossary) -> tuple[Concept, ...]:
    """Read what the question names: glossary terms first, then the remaining content words."""
    words = tokenize.tagged(text)
    mentions = [name for name in glossary.find_chinese(text) if not _ends_another_name(name, words)]
    mentions += glossary.find_english(text) if language is Language.EN else []
    ordinals = [match for match in _ORDINAL.finditer(text) if not any(_is_part(match, name) for name in mentions)]
    # The plot of plot E is nothing by itself.
    mentions = [name for name in mentions if not any(_overlap(match, name) for match in ordinals)]
    concepts = [_from_mention(text, mention, glossary) for mention in mentions]
    concepts += [Concept(_ordinal_forms(match[0]), ORDINAL, match.start()) for match in ordinals]
    rest = _blank(text, [(name.start, name.end) for name in mentions] + [match.span() for match in ordinals])
    stated = [q for q in quantities(rest) if q.unit not in (Unit.YEAR, Unit.DATE)]
    concepts += [Concept((tokenize.normalise(rest[q.start : q.end]),), "", q.start, q) for q in stated]
    for word, start in _content_words(_blank(rest, [(q.start, q.end) for q in stated])):
        concepts.append(Concept((word,), "", start))
    asides = [match.span() for match in _ASIDE.finditer(text)]
    concepts = [_beside(c, asides) for c in concepts if not _is_asking(c)]
    return tuple(dict.fromkeys(sorted(concepts, key=lambda c: c.start)))


def _ends_another_name(name: Mention, words: Sequence[Tagged]) -> bool:
    """Return whether what looks like a region is the end of a longer name (金山 in 紫金山)."""
    inside = any(word.start < name.start and name.end <= word.end for word in words)
    return inside and any(term.kind == REGION for term in name.terms)


def _is_part(match: re.Match[str], name: Mention) -> bool:
    """Return whether what was matched stands in a longer name."""
    return (
        name.start <= match.start() and match.end() <= name.end and match.end() - match.start() < name.end - name.start
    )


def _overlap(match: re.Match[str], name: Mention) -> bool:
    return name.start < match.end() and match.start() < name.end


def _beside(concept: Concept, asides: Iterable[tuple[int, int]]) -> Concept:
    """Return a concept, marked where it stands in words that only tell who asks."""
    return replace(concept, aside=True) if any(start <= concept.start < end for start, end in asides) else concept


def _ordinal_forms(text: str) -> tuple[str, ...]:
    """Return an ordinal as it was written, without the 第 that texts leave out, and with 首 for 第一."""
    folded = tokenize.normalise(text)
    bare = folded.removeprefix("第") if folded.endswith(("季度", "期")) else folded
    return tuple(dict.fromkeys((folded, bare, re.sub("^第一(?!季)", "首", folded))))


def _from_mention(text: str, mention: Mention, glossary: Glossary) -> Concept:
    forms = [text[mention.start : mention.end]]
    for term in mention.terms:
        forms += [*term.zh, *term.en]
    names = [tokenize.normalise(form) for form in forms]
    bare = [CHANGE.sub("", name).strip() for name in names]
    names += [name for name in bare if glossary.is_indicator(name)]  # not the economy of economic growth
    folded = tuple(dict.fromkeys(filter(None, names)))
    kinds = [term.kind for term in mention.terms]
    return Concept(folded, next((kind for kind in kinds if kind in NAMES), kinds[0]), mention.start)


def _is_asking(concept: Concept) -> bool:
    return concept.forms[0] in ASKING


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _content_words(text: str) -> list[tuple[str, int]]:
    """Return the words that could name something, with where they stand; years are read elsewhere."""
    without_years = re.sub(r"20\d\d\s*年?", lambda m: " " * len(m[0]), tokenize.normalise(text))
    latin = english_words(without_years)
    found, at = [], 0
    for word in tokenize.words(without_years):
        # A stem need not stand in the text (subsidi, of subsidy).
        starts = (one.start for one in latin if one.stem == word and one.start >= at)
        at = next(starts, max(at, without_years.find(word, at)))
        if word not in ASKING and not (len(word) == 1 and not word.isdigit()):
            found.append((word, at))
    return found


def widen(question: Question) -> list[str]:
    """Return the search terms of every form of every concept, for the keyword side."""
    return [term for concept in question.concepts for form in concept.forms for term in tokenize.terms(form)]


def at_period(question: Question, period: Period) -> Question:
    """Return the question as asked about one period only."""
    return replace(question, periods=(period,))
