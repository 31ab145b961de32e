"""Answers over several years, or of result beside target, from the indicators read at ingestion.

Only figures that the documents report are given, each with its own citation; nothing is calculated. Figures are
called comparable only where the documents use the same words and unit for them: bases are revised, and names of
indicators change from year to year.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.english_figures import english_quantity
from corpus.quantities import Bound
from corpus.types import Status
from index import tokenize
from rag.cues import CHANGE
from rag.facts import is_of
from rag.generate import ExtractiveGenerator, Statement
from rag.lead import LONG
from rag.types import ORDINAL, Evidence, Hit, Kind, Language, Wants
from rag.verdict import LESS_IS_BETTER, Verdict, asks_up_or_down, asks_whether_met
from rag.wording import (
    AGAINST_TARGET,
    HIGHEST,
    NOT_STATED,
    REVISED,
    SCOPE,
    TARGET_MET,
    VERDICT,
    change_words,
    period_label,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from corpus.glossary import Glossary
    from corpus.indicators import Indicator
    from corpus.quantities import Quantity
    from corpus.types import Entry, Passage, Period
    from index.filter import Filter
    from index.library import LibraryReader, Reported
    from rag.regions import Regions
    from rag.types import Concept, Question

#: Of several statements about a year the firmer one is given.
_RESULTS = (Status.ACTUAL, Status.ESTIMATE, Status.CUMULATIVE)
_INTENTS = (Status.TARGET, Status.PLAN)
#: Kinds of questions that want one figure.
_FIGURES = (Kind.AMOUNT, Kind.SHARE, Kind.OTHER)
#: Least coverage of a sentence that stands in for a figure that was not read.
_SURE = 0.4
#: Statements about an indicator beyond which not all are read for a question: each costs some 0.1 ms with its passage.
_VERY_MANY = 2000


@dataclass(frozen=True, slots=True)
class Point:
    """A statement about an indicator with the passage that makes it."""

    reported: Reported
    passage: Passage
    document: Entry

    @property
    def sentence(self) -> str:
        """The sentence that makes the statement."""
        return self.passage.sentence_text(self.passage.sentences[self.reported.sentence])


class Series:
    """Finds what the documents report of the indicators that a question names."""

    def __init__(
        self, library: LibraryReader, regions: Regions, glossary: Glossary, generator: ExtractiveGenerator
    ) -> None:
        self._library, self._regions, self._generator = library, regions, generator
        self._counts = library.indicator_names()
        self._names = {tokenize.normalise(name): name for name in self._counts}
        # Official names come first in the glossary, everyday words for the same thing last.
        self._english = {term.zh[0]: term.en[0] for term in reversed(glossary.terms)}

    def answer(self, question: Question, kept: Sequence[Evidence], hits: Sequence[Hit] = ()) -> list[Statement]:
        """Return one statement a year and kind of figure asked for; empty where the question is not of that sort.

        Also empty where fewer than two of the figures asked for are there: a single sentence answers better then. A
        year for which no figure was read is answered by the sentence `kept` for it, if there is one. An indicator with
        very many statements is looked for in the documents of the `hits` only.
        """
        if not _asks_for_series(question) or _is_one_of_a_series(question):
            return []
        statements: list[Statement] = []
        for concept in question.concepts:
            chosen = _choose(question, self._points(question, concept, hits))
            given = {point.reported.indicator.period for point in chosen}
            missing = [period for period in question.periods if period not in given]
            found = [item for item in kept if _speaks_of(item, missing)]
            if len(chosen) < 2 or len(given) + len(found) <= len(missing):
                continue
            told = [(point.reported.indicator.period, self._statement(question, point, "")) for point in chosen]
            told += [(one.evidence.frame.period, one) for one in self._generator.compose(question, found)]
            if len(question.periods) > 1:
                told.sort(key=lambda pair: pair[0].first if pair[0] else 0)
            opening = self._opening(question, chosen, [] if found else missing)
            if any(statement.text == told[0][1].text for statement in statements):
                continue  # two words of the question name the same indicator
            statements += [replace(told[0][1], opening=opening), *(statement for _, statement in told[1:])]
        return statements

    def asked_for(self, question: Question, hits: Sequence[Hit]) -> list[list[Point]]:
        """Return all points of every indicator of which a question asks for several figures, whatever year they are of.

        Empty where the question is not of that sort. As in `answer`, only those of the documents found, within the
        filter and of the region asked about.
        """
        if not _asks_for_series(question):
            return []
        by_name: dict[str, list[Point]] = {}
        for concept in question.concepts:
            for point in self._points(question, concept, hits):
                points = by_name.setdefault(point.reported.indicator.name, [])
                if point not in points:
                    points.append(point)
        return list(by_name.values())

    def lead(self, question: Question, best: Evidence) -> Statement | None:
        """Return the figure asked for by itself, where it stands in a long sentence among others; else None."""
        if len(best.text) < LONG or question.kind not in _FIGURES or _is_one_of_a_series(question):
            return None
        points = [
            self._point(reported, best.hit.passage)
            for concept in question.concepts
            for reported in self._reported_by(best, concept)
        ]
        fitting = [point for point in points if _gives(question, point.reported.indicator)]
        best_of = max(fitting, key=lambda point: _fit(question, point, tuple(Status)), default=None)
        return self._statement(question, best_of, "") if best_of else None

    def stated(self, evidence: Evidence, concept: Concept) -> list[Indicator]:
        """Return what a sentence reports of an indicator."""
        return [reported.indicator for reported in self._reported_by(evidence, concept)]

    def _reported_by(self, evidence: Evidence, concept: Concept) -> list[Reported]:
        place = (evidence.hit.row, evidence.sentence)
        reported = self._reported(concept.forms, [evidence.hit.passage.document_id])
        return [one for one in reported if (one.row, one.sentence) == place]

    def _opening(self, question: Question, chosen: Sequence[Point], missing: Sequence[Period]) -> str:
        wording = question.language
        lines = [NOT_STATED[wording].format(period=", ".join(map(str, missing)))] if missing else []
        if _is_revised(chosen):
            lines.append(REVISED[wording])
        elif (order := _against_target(chosen)) is not None:
            told = TARGET_MET if asks_whether_met(question) and _more_is_better(chosen) else AGAINST_TARGET
            lines.append(told[wording][order])
        elif asks_up_or_down(question):
            lines += [VERDICT[wording][verdict] for verdict in _went(question, chosen)]
        else:
            lines += [HIGHEST[wording].format(period=year) for year in _highest(question, chosen)]
        return " ".join(lines) if wording is Language.EN else "".join(lines)

    def points(self, forms: Collection[str] | None = None, documents: Sequence[str] = ()) -> list[Point]:
        """Return what is reported of the indicators that have one of these folded names; of all where None.

        Where documents are given, only what these report.
        """
        found = self._reported(forms, documents)
        passages = self._library.passages([reported.row for reported in found])
        return [self._point(reported, passage) for reported, passage in zip(found, passages, strict=True)]

    def names(self) -> list[str]:
        """Return the names of all indicators, the most reported first."""
        return list(self._counts)

    @functools.cached_property
    def years(self) -> tuple[int, ...]:
        """The single years of which figures are reported, the earliest first."""
        periods = {reported.indicator.period for reported in self._library.indicators()}
        return tuple(sorted(period.first for period in periods if period and period.first == period.last))

    def _named(self, forms: Collection[str] | None) -> list[str]:
        return [name for form, name in self._names.items() if forms is None or form in forms]

    def _reported(self, forms: Collection[str] | None, documents: Sequence[str] = ()) -> list[Reported]:
        names = self._named(forms)
        return self._library.indicators(names, documents) if names else []

    def _point(self, reported: Reported, passage: Passage) -> Point:
        return Point(reported, passage, self._library.entry(reported.document_id))

    def english_name(self, name: str) -> str:
        """Return the English name of an indicator, its own name where the glossary has none."""
        return self._english.get(name, name)

    def _points(self, question: Question, concept: Concept, hits: Sequence[Hit]) -> list[Point]:
        very_many = sum(self._counts[name] for name in self._named(concept.forms)) > _VERY_MANY
        documents = list(dict.fromkeys(hit.passage.document_id for hit in hits)) if very_many else []
        return [
            point
            for point in self.points(concept.forms, documents)
            if self._regions.fit(question, point.passage, point.document) and _is_within(question.within, point)
        ]

    def _statement(self, question: Question, point: Point, opening: str) -> Statement:
        indicator = point.reported.indicator
        label = period_label(question.language, str(indicator.period), indicator.status)
        scope = "" if period_label(Language.ZH, None, indicator.status) == indicator.scope else indicator.scope
        name = scope + CHANGE.sub("", indicator.wording)
        if question.language is Language.EN:
            name = self.english_name(indicator.name) + (f" ({SCOPE.get(scope, scope)})" if scope else "")
        figures = [self._figure(question.language, indicator.value, point.sentence)] if indicator.value else []
        if indicator.change is not None:
            words = change_words(question.language, fell=indicator.change.value < 0)
            figures.append(words.format(self._figure(question.language, indicator.change, point.sentence)))
        joint = "，" if question.language is Language.ZH else ", "
        text = f"{label}：{name}{joint.join(figures)}。" if joint == "，" else f"{label}: {name} {joint.join(figures)}."
        hit = Hit(point.passage, point.reported.row, 1.0, 0.0, 0.0, 1.0)
        evidence = Evidence(hit, point.reported.sentence, 1.0, 1.0, 1.0, kept=True, why="reports the indicator")
        return Statement(text, evidence, opening)

    def _figure(self, language: Language, quantity: Quantity, sentence: str) -> str:
        """Return a figure as the sentence has it, in English as English writes it."""
        if language is Language.ZH:
            return sentence[quantity.start : quantity.end]
        rise = replace(quantity, value=abs(quantity.value), upper=quantity.upper and abs(quantity.upper))
        return english_quantity(rise)  # the words around it tell a fall


def _is_within(within: Filter, point: Point) -> bool:
    indicator = point.reported.indicator
    return within.takes(point.document.id, point.document.kind) and within.fits(indicator.period, indicator.status)


def _asks_for_series(question: Question) -> bool:
    # What is compared with the year before a single year stands in the sentence on that year.
    several = len(question.periods) != 1 and question.kind in (Kind.TREND, Kind.COMPARISON)
    return several or len(question.periods) > 1 or question.wants is Wants.BOTH


def _is_one_of_a_series(question: Question) -> bool:
    """Return whether a quarter or a phase is asked for; figures are kept by year."""
    return any(concept.kind == ORDINAL for concept in question.concepts)


def _gives(question: Question, indicator: Indicator) -> bool:
    """Return whether a statement gives the kind of fact that is asked for, where that can be told."""
    figures = [figure for figure in (indicator.value, indicator.change) if figure is not None]
    return not question.facts or any(is_of(fact, figure) for fact in question.facts for figure in figures)


def _choose(question: Question, points: Sequence[Point]) -> list[Point]:
    """Return the best point for every year and kind of figure asked for, in order of time."""
    asked = question.periods or sorted({p.reported.indicator.period for p in points if p.reported.indicator.period})
    kinds: list[tuple[Status, ...]] = [_RESULTS, _INTENTS]
    if question.wants in (Wants.TARGET, Wants.RATHER_TARGET):
        kinds.reverse()
    chosen: list[Point] = []
    for period in asked:
        found = [best for statuses in kinds if (best := _best(question, points, period, statuses)) is not None]
        # Where only one of the two is asked for, the other stands in for a year that lacks it, called what it is.
        chosen += found if question.wants is Wants.BOTH else found[:1]
    return chosen


def _best(question: Question, points: Iterable[Point], period: Period, statuses: Sequence[Status]) -> Point | None:
    fitting = [
        point
        for point in points
        if point.reported.indicator.period == period and point.reported.indicator.status in statuses
    ]
    return max(fitting, key=lambda point: _fit(question, point, statuses), default=None)


def _fit(question: Question, point: Point, statuses: Sequence[Status]) -> tuple[bool, int, int]:
    """Return how well a point fits the words of a question: its wording, its scope, its firmness."""
    indicator = point.reported.indicator
    return (
        indicator.wording in question.standalone,
        _scope_fit(question, indicator.scope),
        -statuses.index(indicator.status),
    )


#: What limits nothing that a plain question would not mean: the total.
_WHOLE = ("累计", "总", "全区")


def _scope_fit(question: Question, scope: str) -> int:
    """Return 2 where a question names what limits a figure, 1 where nothing limits it, else 0."""
    if not scope:
        return 1
    english = SCOPE.get(scope, scope).split()[-1]
    asked = scope in question.standalone or english in question.standalone.casefold()
    return 2 if asked else int(scope in _WHOLE)


def _highest(question: Question, chosen: Sequence[Point]) -> list[Period]:
    """Return the year of the highest figure, where that is asked and the figures can be compared; else nothing."""
    figures = _comparable(chosen) if question.kind is Kind.COMPARISON else []
    best = max((figure.value for _, figure in figures), default=None)
    years = [period for period, figure in figures if figure.value == best]
    return years if len(years) == 1 else []


def _went(question: Question, chosen: Sequence[Point]) -> list[Verdict]:
    """Return whether the level of an indicator rose or fell all along; nothing where neither is certain."""
    levels = [figure.value for _, figure in _comparable([p for p in chosen if p.reported.indicator.status in _RESULTS])]
    if len(levels) < len(chosen) or any(point.reported.indicator.value is None for point in chosen):
        return []
    steps = {1 if later > earlier else -1 if later < earlier else 0 for earlier, later in pairwise(levels)}
    return [Verdict.UP if steps == {1} else Verdict.DOWN] if steps in ({1}, {-1}) else []


def _comparable(chosen: Sequence[Point]) -> list[tuple[Period, Quantity]]:
    """Return the levels, or else the changes, of different years in order of time; empty where they do not compare."""
    indicators = [point.reported.indicator for point in chosen]
    figures = [(i.period, figure) for i in indicators if (figure := i.value or i.change) is not None and i.period]
    levels = {indicator.value is None for indicator in indicators}
    like = {(i.series, f.unit, f.measure) for i, (_, f) in zip(indicators, figures, strict=False)}
    years = {indicator.period for indicator in indicators}
    if len(figures) != len(chosen) or len(like) != 1 or len(levels) != 1 or len(years) != len(chosen):
        return []
    return sorted(figures, key=lambda pair: pair[0].first)


def _more_is_better(chosen: Sequence[Point]) -> bool:
    """Return whether to lie above its target is to meet it: not for what is to be kept low, or brought down."""
    indicators = [point.reported.indicator for point in chosen]
    figures = [figure for i in indicators for figure in (i.value, i.change) if figure]
    lowered = any(figure.value < 0 or figure.bound in (Bound.AT_MOST, Bound.LESS_THAN) for figure in figures)
    return not lowered and not any(LESS_IS_BETTER.search(i.name) for i in indicators)


def _against_target(chosen: Sequence[Point]) -> int | None:
    """Return 1 where the one result chosen lies above the one target of its year, 0 where they are equal, else -1.

    None where there is not one of each, or they cannot be compared.
    """
    results = [p.reported.indicator for p in chosen if p.reported.indicator.status in _RESULTS]
    targets = [p.reported.indicator for p in chosen if p.reported.indicator.status in _INTENTS]
    if len(results) != 1 or len(targets) != 1 or results[0].period != targets[0].period:
        return None
    for result, target in ((results[0].value, targets[0].value), (results[0].change, targets[0].change)):
        if result and target and (result.unit, result.measure, result.upper) == (target.unit, target.measure, None):
            return int(result.value > target.value) - int(result.value < target.value)
    return None


def _is_revised(chosen: Sequence[Point]) -> bool:
    """Return whether a level rose while its change is reported as a fall, or the other way round: bases differ then."""
    indicators = [point.reported.indicator for point in chosen if point.reported.indicator.status.is_result]
    return any(
        earlier.value is not None
        and later.value is not None
        and later.change is not None
        and (later.value.value - earlier.value.value) * later.change.value < 0
        for earlier, later in pairwise(indicators)
    )


def _speaks_of(item: Evidence, periods: Sequence[Period]) -> bool:
    return item.frame.period in periods and item.coverage >= _SURE
