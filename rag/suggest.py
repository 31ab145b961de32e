"""Next questions that the documents answer, built by rule from what the index holds.

A rule only guesses: the same matter in another year, its target beside its result, another figure or name of the
passages cited. Each guess is asked before it is shown, and kept where its answer rests on what it was built from and
cites something that has not been said yet.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import TYPE_CHECKING

from corpus.glossary import NAMES, REGION
from corpus.types import Period, Status
from index import tokenize
from rag.cues import CHANGE
from rag.types import Language, Reason
from rag.wording import ABOUT, HISTORY, SECTION, indicator_question

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from corpus.glossary import Glossary, Mention
    from corpus.translations import Translations
    from corpus.types import Passage, Section
    from index.library import Reported
    from index.store import OpenIndex
    from rag.regions import Regions
    from rag.types import Answer, Citation, Question, Trace

#: Candidates asked at most: each costs what a question costs.
_TRIED = 9
#: Documents, the newest, by whose titles it is told what region most of them are about.
_LOOKED_AT = 500
#: Longer headings are sentences, not topics.
_LONGEST_TOPIC = {Language.ZH: 20, Language.EN: 60}
_NUMBERING = re.compile(r"^[(（]?[一二三四五六七八九十\d]+[)）、.．是]\s*")
_FEW_INDICATORS = 6
_QUOTES = tuple('《“‘"「『')
#: A name in more texts than this share, or than this many, is no topic of its own (the committee, high quality).
_COMMON_SHARE, _COMMON = 0.01, 4
#: What asks nothing of the documents has nothing nearest worth asking about.
_ASKS_NOTHING = (Reason.NOT_OURS, Reason.NOT_A_QUESTION)
#: What another year may mend.
_ABOUT_TIME = (Reason.OTHER_PERIOD, Reason.ONLY_TARGET, Reason.ONLY_RESULT, Reason.NOT_STATED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that may be answered; `fits` tells of a citation of its answer whether it is what was meant."""

    text: str
    fits: Callable[[Citation], bool]


class Suggester:
    """Finds next questions in what one index holds."""

    def __init__(self, index: OpenIndex, regions: Regions, glossary: Glossary, translations: Translations) -> None:
        self._library, self._keywords = index.library, index.keywords
        self._regions, self._glossary, self._translations = regions, glossary, translations
        self._names = {tokenize.normalise(name): name for name in self._library.indicator_names()}
        self._english = {name: term.en[0] for term in reversed(glossary.terms) for name in term.zh[:1]}

    def suggest(
        self, trace: Trace, asked: Iterable[str], ask: Callable[[str], Answer], *, most: int, longest: int
    ) -> tuple[str, ...]:
        """Return at most `most` questions that `ask` answers, none of which is among those already `asked`.

        `longest` is the longest question that `ask` takes, in characters.
        """
        seen = {_folded(text) for text in (*asked, trace.question.text, trace.question.standalone)}
        said = _spans(trace.answer)
        found: list[str] = []
        short = (candidate for candidate in self._candidates(trace) if len(candidate.text) <= longest)
        for candidate in islice(_new(short, seen), _TRIED):
            answer = ask(candidate.text)
            spans = _spans(answer)
            if answer.status == "answered" and not spans <= said and any(map(candidate.fits, answer.citations)):
                found.append(candidate.text)
                said |= spans
            if len(found) == most:
                break
        return tuple(found)

    def _candidates(self, trace: Trace) -> Iterator[Candidate]:
        """Yield candidates, one of each sort in turn; then those that are good at any time."""
        refusal = trace.answer.refusal
        if refusal is None or refusal.reason not in _ASKS_NOTHING:
            sorts = (
                self._own_region(trace),
                self._other_years(trace),
                self._same_indicators(trace),
                self._other_indicators(trace),
                self._names_in_passages(trace),
                self._next_sections(trace),
            )
            for turn in zip_longest(*sorts):
                yield from filter(None, turn)
        yield from self._histories(trace.question)

    def _own_region(self, trace: Trace) -> Iterator[Candidate]:
        """Ask of the region that the documents are about what was asked of one they do not cover."""
        question, refusal = trace.question, trace.answer.refusal
        wrong_region = refusal is not None and refusal.reason in (Reason.NO_SUCH, Reason.OTHER_REGION)
        if not wrong_region or not question.regions or trace.answer.standalone is not None:
            return
        homes = Counter(name for entry in self._library.entries(_LOOKED_AT) for name in self._regions.home(entry))
        region = question.regions[0]
        end = region.start + len(region.forms[0])
        for name, _ in homes.most_common(1):
            own = name if question.language is Language.ZH else self._english.get(name)
            if own:
                text = question.text[: region.start] + own + question.text[end:]
                yield Candidate(text, lambda citation, home=name: self._is_home(citation, home))  # type: ignore[misc]

    def _is_home(self, citation: Citation, region: str) -> bool:
        return region in self._regions.home(self._library.entry(citation.document_id))

    def _other_years(self, trace: Trace) -> Iterator[Candidate]:
        """Ask in the same words about the other years that the sentences considered speak about, the nearest first."""
        question = trace.question
        refusal = trace.answer.refusal
        if refusal is not None and refusal.reason not in _ABOUT_TIME:
            return
        if len(question.periods) != 1 or trace.answer.standalone is not None:
            return
        asked = question.periods[0]
        if asked.first != asked.last or question.text.count(str(asked)) != 1:
            return
        spoken = {item.frame.period for item in trace.evidence}
        spoken |= {reported.indicator.period for reported in self._reported(trace)}
        years = {period.first for period in spoken if period is not None and period.first == period.last}
        for year in _nearest_first(years - {asked.first}, asked.first):
            yield Candidate(question.text.replace(str(asked), str(year)), _of_period(Period.year(year), question))

    def _same_indicators(self, trace: Trace) -> Iterator[Candidate]:
        """Ask about the same indicators otherwise: the target beside the result of a year, then other years."""
        periods = trace.question.periods or tuple(Period.parse(c.period) for c in _cited(trace) if c.period)
        around = periods[0].first if periods else 0

        def distance(reported: Reported) -> tuple[int, int]:
            period = reported.indicator.period
            return (abs(period.first - around), -period.first) if period else (0, 0)

        cited = {citation.passage_id for citation in trace.answer.citations}
        for candidate, passage in self._about_indicators(trace, sorted(self._reported(trace), key=distance)):
            if passage.id not in cited:
                yield candidate

    def _other_indicators(self, trace: Trace) -> Iterator[Candidate]:
        """Ask about other figures of the passages cited, then of their sections."""
        named = {reported.indicator.name for reported in self._reported(trace)}
        for citation in _cited(trace):
            held = self._library.indicators_of(citation.document_id)
            passages = self._library.passages([reported.row for reported in held])
            near = [
                (passage.id != citation.passage_id, reported)
                for reported, passage in zip(held, passages, strict=True)
                if passage.headings == citation.headings and reported.indicator.name not in named
            ]
            ordered = [reported for _, reported in sorted(near, key=lambda item: item[0])]
            yield from (candidate for candidate, _ in self._about_indicators(trace, ordered))

    def _about_indicators(self, trace: Trace, found: Iterable[Reported]) -> Iterator[tuple[Candidate, Passage]]:
        """Yield a question for each figure reported as reached or aimed at, and the passage that reports it."""
        language = trace.question.language
        for reported in found:
            indicator = reported.indicator
            name = self._indicator_name(reported, language)
            if not name or indicator.period is None or indicator.status is Status.NONE:
                continue
            period, level = str(indicator.period), indicator.value is not None
            text = indicator_question(language, name, period, intent=indicator.status.is_intent, level=level)
            (passage,) = self._library.passages([reported.row])
            yield Candidate(text, _of_passages([passage])), passage

    def _names_in_passages(self, trace: Trace) -> Iterator[Candidate]:
        """Ask about the companies, projects, policies and the like that the passages cited name."""
        question = trace.question
        known = {form for concept in question.concepts for form in concept.forms}
        cited = {citation.passage_id for citation in _cited(trace)}
        for passage in (hit.passage for hit in trace.hits if hit.passage.id in cited):
            for mention in self._glossary.find_chinese(passage.text):
                term = mention.terms[0]
                words = passage.text[mention.start : mention.end]
                if tokenize.normalise(term.zh[0]) not in known and self._is_topic(passage.text, mention):
                    name = words if question.language is Language.ZH else term.en[0]
                    yield Candidate(ABOUT[question.language].format(name=name), _with_words(words))

    def _is_topic(self, text: str, mention: Mention) -> bool:
        """Return whether a name is worth a question: a policy is often a slogan, unless it is quoted as a title."""
        kind = mention.terms[0].kind
        quoted = text[max(0, mention.start - 1) : mention.start] in _QUOTES
        named = kind in NAMES - {REGION} and (kind != "policy" or quoted)
        return named and not self._is_common(text[mention.start : mention.end])

    def _is_common(self, words: str) -> bool:
        texts = min(map(self._keywords.frequency, tokenize.words(words)), default=0)
        return texts > max(_COMMON, _COMMON_SHARE * self._keywords.size)

    def _next_sections(self, trace: Trace) -> Iterator[Candidate]:
        """Ask about the sections that follow the one cited."""
        language = trace.question.language
        for citation in _cited(trace)[:1]:
            for section in self._library.document(citation.document_id).sections:
                topic = self._topic(section, language)
                if topic and section.start > citation.end:
                    yield Candidate(SECTION[language].format(title=topic), _under(section.title))

    def _topic(self, section: Section, language: Language) -> str:
        """Return a section's title without its number; empty for whole parts of a document, and for sentences."""
        title = section.title if language is Language.ZH else self._translations.lookup(section.title) or ""
        topic = _NUMBERING.sub("", title).rstrip("。.")
        fits = section.level > 1 and len(topic) <= _LONGEST_TOPIC[language] and "," not in tokenize.normalise(topic)
        return topic if fits else ""

    def _histories(self, question: Question) -> Iterator[Candidate]:
        """Ask how indicators have developed: those that share a word with the question, then those reported most."""
        words = [form for concept in question.concepts for form in concept.chinese if not concept.is_region]
        related = sorted(self._names, key=lambda name: not any(word in name for word in words))
        for name in (self._names[form] for form in related[:_FEW_INDICATORS]):
            zh = question.language is Language.ZH
            shown = CHANGE.sub("", name) if zh else self._english_name(name)
            reported = self._library.indicators([name])
            years = {one.indicator.period for one in reported if one.indicator.status.is_result}
            if shown and len(years) > 1:
                passages = self._library.passages([one.row for one in reported])
                yield Candidate(HISTORY[question.language].format(name=shown), _of_passages(passages))

    def _reported(self, trace: Trace) -> list[Reported]:
        """Return what the documents report of the indicators that the question names, in its own region's documents."""
        forms = {form for concept in trace.question.concepts for form in concept.forms}
        names = [name for form, name in self._names.items() if form in forms]
        return self._library.indicators(names) if names else []

    def _indicator_name(self, reported: Reported, language: Language) -> str | None:
        indicator = reported.indicator
        if language is Language.EN:
            return self._english_name(indicator.name)
        scope = "" if indicator.scope in indicator.wording else indicator.scope
        return scope + CHANGE.sub("", indicator.wording)

    def _english_name(self, name: str) -> str | None:
        return self._english.get(CHANGE.sub("", name)) or self._english.get(name)


def _cited(trace: Trace) -> tuple[Citation, ...]:
    """Return what an answer cites, or what a refusal names as nearest."""
    refusal = trace.answer.refusal
    return refusal.nearest if refusal is not None else trace.answer.citations


def _spans(answer: Answer) -> frozenset[tuple[str, int, int]]:
    return frozenset((c.document_id, c.start, c.end) for c in answer.citations)


def _nearest_first(years: Iterable[int], around: int) -> list[int]:
    return sorted(years, key=lambda year: (abs(year - around), -year))


def _of_period(period: Period, question: Question) -> Callable[[Citation], bool]:
    """A citation is of this period and holds a term that the question names, of the glossary where it names any."""
    named = [concept for concept in question.concepts if not concept.is_region and concept.chinese]
    known = [concept for concept in named if concept.kind] or named
    forms = [form for concept in known for form in concept.chinese]

    def fits(citation: Citation) -> bool:
        quote = tokenize.normalise(citation.quote)
        return citation.period == str(period) and any(form in quote for form in forms)

    return fits


def _of_passages(passages: Iterable[Passage]) -> Callable[[Citation], bool]:
    ids = {passage.id for passage in passages}
    return lambda citation: citation.passage_id in ids


def _with_words(words: str) -> Callable[[Citation], bool]:
    return lambda citation: words in citation.quote


def _under(heading: str) -> Callable[[Citation], bool]:
    return lambda citation: heading in citation.headings


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, tokenize.normalise(text)))


def _new(candidates: Iterable[Candidate], seen: set[str]) -> Iterator[Candidate]:
    for candidate in candidates:
        folded = _folded(candidate.text)
        if folded not in seen:
            seen.add(folded)
            yield candidate
