"""Checking what a language model wrote: each sentence against the evidence that it was given.

A sentence stands on a piece of evidence when that bears out every figure, date, year and name in it, gives it the same
status (a result is no target), makes no other fact of its words (`rag.claims`), and has most of its own words from it.
What does not stand on what it cites is held against the rest; what stands on nothing is not shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpus.english import english_words, fold_english
from corpus.glossary import NAMES, REGION
from corpus.measures import load_measures
from corpus.pinyin import romanize
from corpus.quantities import Unit, quantities
from corpus.translation_checks import without_brackets
from corpus.types import Status
from index import tokenize
from rag.claims import BREAK, CLAIMS, another_fact, in_anothers_place
from rag.conversation import detect_language
from rag.cues import compile_cue
from rag.exchange import displaced
from rag.facts import figures
from rag.gate import unsupported
from rag.prompts import refusal_phrase
from rag.spelling import is_english
from rag.types import Language
from rag.wording import STATUS_LABEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from corpus.glossary import Glossary, Mention, Term
    from corpus.quantities import Quantity
    from rag.gate import Source
    from rag.types import Evidence, Question

_INTENT, _REACHED = compile_cue(CLAIMS["intent"]), compile_cue(CLAIMS["reached"])
_PAST = compile_cue(CLAIMS["past"])
_ESTIMATE, _CUMULATIVE = compile_cue(CLAIMS["estimate"]), compile_cue(CLAIMS["cumulative"])
_RELATIVE_YEAR, _REPORT = compile_cue(CLAIMS["relative_year"]), compile_cue(CLAIMS["report"])
_NAMED = tuple(CLAIMS["named"]["zh"])

_MARK = re.compile(r"\s*[\[【［]\s*(\d{1,3}(?:\s*[,，、;；–-]\s*\d{1,3})*)\s*[\]】］]")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9.&-]*[A-Za-z0-9]")
#: A period and status in brackets before a sentence, as extractive answers have it.
_LABEL = re.compile(r"^[【\[][^】\]]{1,40}[】\]]\s*")
#: Least share of a sentence's content words that its evidence must hold; of a gloss, which has but the known words.
_SUPPORT, _SUPPORT_BY_GLOSS = 0.5, 0.3
#: A sentence with this share of its content words in the question, and no figure beyond, only repeats it.
_ECHO = 0.9
#: Another piece of evidence is cited instead when it holds so much more of a sentence than the one cited.
_CLEARLY = 0.2
#: What a year is multiplied by in the value of a date.
_MONTH_AND_DAY = 10_000


@dataclass(frozen=True, slots=True)
class Offered:
    """A piece of evidence as sentences are held against it; `around` are its document's titles and its headings.

    `known` is English for all that its words and names may be called, where the answer is in English.
    """

    evidence: Evidence
    source: Source
    around: str
    known: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of checking a sentence: its words without marks, the evidence that bears it out, else the fault.

    `nearest` is the evidence that the sentence was most likely written from; `as_cited` tells whether its own marks
    were right.
    """

    text: str
    cited: tuple[Evidence, ...]
    nearest: Evidence | None
    as_cited: bool
    fault: str = ""


def is_refusal(sentence: str, language: Language) -> bool:
    """Return whether a sentence is the one by which a model says that the evidence does not answer."""
    said, phrase = (re.sub(r"[\W_]+", "", text).casefold() for text in (sentence, refusal_phrase(language)))
    return said.startswith(phrase)


def without_marks(sentence: str) -> tuple[str, tuple[int, ...]]:
    """Return a sentence without its marks and without Markdown, and the numbers marked, in order."""
    numbers = [int(number) for match in _MARK.finditer(sentence) for number in re.findall(r"\d+", match[1])]
    plain = _MARK.sub("", sentence)
    plain = re.sub(r"\*\*|__|`|^\s*(?:[-*•#>]+|\d{1,2}[.)、])\s+", "", plain)
    return " ".join(plain.split()), tuple(dict.fromkeys(numbers))


def says_status(sentence: str, status: Status) -> bool:
    """Return whether a sentence tells its status: aimed at, estimated or cumulative; a result needs no word."""
    if status.is_intent:
        return bool(_INTENT.search(sentence))
    cue = {Status.ESTIMATE: _ESTIMATE, Status.CUMULATIVE: _CUMULATIVE}.get(status)
    return cue is None or bool(cue.search(sentence))


class Checker:
    """Checks sentences against evidence; safe to call from several threads."""

    def __init__(self, glossary: Glossary) -> None:
        self._glossary = glossary

    def check(self, sentence: str, question: Question, offered: Sequence[Offered]) -> Verdict:
        """Return what bears a sentence out; marks count from 1 over `offered`, which must not be empty."""
        language = question.language
        text, numbers = without_marks(sentence)
        marked = [offered[number - 1] for number in numbers if 0 < number <= len(offered)]
        support = {id(one): _support(text, language, one) for one in offered}
        ranked = sorted(offered, key=lambda one: -support[id(one)])
        nearest = (marked or ranked)[0]
        fault = _fault_of_itself(text, question)
        if fault:
            return Verdict(text, (), nearest.evidence, as_cited=False, fault=fault)
        standing = [one for one in ranked if not self._fault(text, language, one, support[id(one)])]
        chosen = _choose(marked, standing, support)
        if not chosen and len(marked) > 1:
            chosen = self._jointly(text, language, marked)
        if not chosen:
            fault = self._fault(text, language, nearest, support[id(nearest)])
            return Verdict(text, (), nearest.evidence, as_cited=False, fault=fault)
        as_cited = chosen == marked and len(marked) == len(numbers)
        return Verdict(text, tuple(one.evidence for one in chosen), chosen[0].evidence, as_cited)

    def _jointly(self, text: str, language: Language, marked: Sequence[Offered]) -> list[Offered]:
        """Return the evidence on which the clauses of a sentence stand, each by itself; empty where one does not."""
        used = []
        for clause in _clauses(text, language):
            fits = (one for one in marked if not self._fault(clause, language, one, _support(clause, language, one)))
            one = next(fits, None)
            if one is None:
                return []
            used.append(one)
        return [one for one in marked if one in used]

    def _fault(self, text: str, language: Language, one: Offered, support: float) -> str:
        """Return why a sentence does not stand on a piece of evidence; empty where it does."""
        if figure := _unsupported_figure(text, language, one):
            return f"figure not in the evidence: {figure}"
        if fault := _status_fault(text, one):
            return fault
        bare, alike = _LABEL.sub("", text), one.source.quote if language is Language.ZH else one.source.translation
        if fault := another_fact(bare, one.source) or in_anothers_place(bare, alike) or self._other_name(bare, alike):
            return fault
        if name := next(self._unknown_names(text, language, one), None):
            return f"name not in the evidence: {name}"
        least = _SUPPORT if language is Language.ZH or one.source.translation else _SUPPORT_BY_GLOSS
        return "" if support >= least else "most of its words are not in the evidence"

    def _other_name(self, text: str, held: str) -> str:
        """Return the fault of a name that stands where another one stands in the evidence; both in one language."""
        find = self._glossary.find_chinese if _HAN.search(text) else self._glossary.find_english
        mine, theirs = ([m for m in find(t) if all(term.kind in NAMES for term in m.terms)] for t in (text, held))
        here, there = ([(mention.start, mention.end) for mention in found] for found in (mine, theirs))
        moved = [*displaced(text, held, here, there, lambda a, b: bool({*mine[a].terms} & {*theirs[b].terms}))]
        moved += [at for at in range(len(mine)) if _too_often(mine[at].terms, mine, theirs)]
        return f"name of something else: {text[slice(*here[moved[0]])]}" if moved else ""

    def _unknown_names(self, text: str, language: Language, one: Offered) -> Iterator[str]:
        held = _dense(f"{one.source.quote} {one.around}")
        find = self._glossary.find_chinese if language is Language.ZH else self._glossary.find_english
        for mention in find(text):
            names = [term for term in mention.terms if term.kind in NAMES]
            said = text[mention.start : mention.end]
            known = language is Language.EN and f" {fold_english(said)} " in f" {fold_english(one.known)} "
            forms = [said, *(form for term in names for form in term.zh)]
            if len(names) == len(mention.terms) and not known and not any(_dense(form) in held for form in forms):
                yield said
        if language is Language.EN:
            yield from _unknown_english(text, one)
            return
        yield from _unknown_chinese(text, held)
        for word in _LATIN.findall(_LABEL.sub("", text)):
            terms = [term for mention in self._glossary.find_english(word) for term in mention.terms]
            if not any(_dense(form) in held for form in (word, *(form for term in terms for form in term.zh))):
                yield word


def _fault_of_itself(text: str, question: Question) -> str:
    bare = _LABEL.sub("", text)
    if not any(map(str.isalnum, bare)):
        return "says nothing"
    if question.language is Language.EN and _HAN.search(without_brackets(bare)):
        return "not in the language asked"
    if question.language is Language.ZH and detect_language(bare) is not Language.ZH:
        return "not in the language asked"
    asked = question.standalone
    known = (*quantities(asked), *quantities(" ".join(map(str, question.periods))))
    new = [q for q in quantities(bare) if not any(q.stated_by(other) for other in known)]
    return "repeats the question" if not new and _share(bare, question.language, asked) >= _ECHO else ""


def _clauses(text: str, language: Language) -> Iterator[str]:
    """Yield the clauses of a sentence that say something; what only leads to one (In 2018, …) goes with it."""
    before = ""
    for part in re.split(rf"{BREAK.pattern}|\b(?:while|and|but)\b", text):
        clause = f"{before} {part}"
        if _share(clause, language, "") >= 0 or _amounts(clause):
            yield clause
            clause = ""
        before = clause


def _amounts(text: str) -> list[Quantity]:
    return [quantity for quantity in quantities(text) if quantity.unit is not Unit.YEAR]


def _choose(marked: Sequence[Offered], standing: Sequence[Offered], support: dict[int, float]) -> list[Offered]:
    """Return the evidence to cite: what was cited and bears the sentence out, unless another clearly does it better."""
    if not standing:
        return []
    right = [one for one in marked if one in standing]
    best = standing[0]
    if right and support[id(best)] < max(support[id(one)] for one in right) + _CLEARLY:
        return right
    return [best]


def _dense(text: str) -> str:
    return "".join(tokenize.normalise(text).split())


def _support(text: str, language: Language, one: Offered) -> float:
    """Return the share of a sentence's content words that the evidence, its headings or its document's title hold.

    A bare figure is as well supported as the figure is.
    """
    bare = _LABEL.sub("", text)
    held = one.source.translation + " " + one.known if language is Language.EN else one.source.quote + one.around
    share = _share(bare, language, held)
    return share if share >= 0 else float(bool(_amounts(bare)))


def _share(text: str, language: Language, held: str) -> float:
    """Return the share of a text's content words that another text holds; -1 where it has none. Figures are none."""
    if language is Language.EN:
        stems = set(fold_english(held).split())
        said = [w for w in english_words(text) if text[w.start : w.end].casefold() not in _FUNCTION_WORDS]
        words = [word.stem for word in said if not any(map(str.isdigit, word.stem))]
        return sum(word in stems for word in words) / len(words) if words else -1.0
    dense = _dense(held)
    words = [word for word in tokenize.words(text) if not any(map(str.isdigit, word)) and len(word) > 1]
    # 入驻机构 is borne out by 入驻的20家机构.
    words = [part for word in words for part in ([word[:2], word[2:]] if len(word) == 4 else [word])]
    total = sum(map(len, words))
    return sum(len(word) for word in words if word in dense) / total if total else -1.0


_FUNCTION_WORDS = tokenize.ENGLISH_FUNCTION_WORDS


def _unsupported_figure(text: str, language: Language, one: Offered) -> str:
    """Return a figure, date or year of a sentence that its evidence does not bear out.

    The year in which a report was delivered is not the year that it speaks about, so it counts only where a sentence
    speaks of the report, or where the evidence tells no year. Chinese keeps the measure of what it counts as well.
    """
    source = one.source
    if source.period is not None and not _REPORT.search(text):
        source = replace(source, delivered="")
    for claim in unsupported(text, source):
        return f"{claim.value}{claim.measure}"
    for year in _years(quantities(text)) - _years(source.quantities()) - _years(_own_dates(text, one.source)):
        return str(year)
    if figure := next(_other_measures(text, language, source), ""):
        return figure
    return next(_repeated(text, source), "")


def _years(found: Iterable[Quantity]) -> set[int]:
    """Return the years among quantities; a date may tell none."""
    dated = {int(quantity.value) // _MONTH_AND_DAY for quantity in found if quantity.unit is Unit.DATE}
    named = {int(end.value) for quantity in found if quantity.unit is Unit.YEAR for end in quantity.ends}
    return (named | dated) - {0}


def _own_dates(text: str, source: Source) -> Iterator[Quantity]:
    """Yield the dates of a sentence that its evidence tells without their year, which is that of its delivery."""
    told = [figure for figure in figures(source.quote) if figure.unit is Unit.DATE and figure.value < _MONTH_AND_DAY]
    for claim in quantities(text):
        same_year = {int(claim.value) // _MONTH_AND_DAY} <= _years(quantities(source.delivered))
        if claim.unit is Unit.DATE and same_year and any(claim.stated_by(figure) for figure in told):
            yield claim


def _other_measures(text: str, language: Language, source: Source) -> Iterator[str]:
    """Yield figures that a sentence measures otherwise than its evidence: 210家 for 210个, 10米 for 10条.

    English counts in words of its own, so only what is measured is compared there.
    """
    measures = load_measures()
    held = (*figures(source.quote), *figures(source.translation))
    for claim in quantities(text):
        measure = measures.get(claim.measure)
        same = [figure.measure for figure in held if claim.stated_by(figure)]
        if measure is None or not same or (measure.is_count and language is Language.EN):
            continue
        alike = [m for m in same if m == claim.measure or (m in measures and not measure.is_count)]
        if not alike and any(same):
            yield f"{claim.value}{claim.measure}"


def _repeated(text: str, source: Source) -> Iterator[str]:
    """Yield figures that stand more often in a sentence than in its evidence, so one of them is in another's place."""
    said = [end for quantity in _amounts(text) for end in quantity.ends]
    for claim in said:
        often = sum(claim.stated_by(other) for other in said)
        held = (figures(source.quote), figures(source.translation))
        if often > max(sum(claim.stated_by(end) for q in found for end in q.ends) for found in held):
            yield f"{claim.value}{claim.measure}"


def _status_fault(text: str, one: Offered) -> str:
    status, own = one.evidence.frame.status, f"{one.source.quote} {one.source.translation} "
    if _adds(_RELATIVE_YEAR, _LABEL.sub("", text), own):
        return "tells a year by its distance"
    if label := _LABEL.match(text):
        words = [STATUS_LABEL[language] for language in Language]
        if any(word and word in label[0] for named in words for kind, word in named.items() if kind is not status):
            return "labelled as what the evidence is not"
    if not status.is_intent and _adds(_INTENT, text, own):
        return "told as aimed at, which the evidence does not say"
    reached = _adds(_REACHED, text, own) or (_adds(_PAST, text, own) and not _INTENT.search(_LABEL.sub("", text)))
    if status.is_intent and reached:
        return "told as reached, the evidence only aims at it"
    if status is not Status.ESTIMATE and _adds(_ESTIMATE, text, own):
        return "told as an estimate, which the evidence does not say"
    if status is not Status.CUMULATIVE and _adds(_CUMULATIVE, text, own):
        return "told as cumulative, which the evidence does not say"
    return ""


def _adds(cue: re.Pattern[str], text: str, own: str) -> bool:
    """Return whether a text has a cue that the evidence has not in that place, beside the same character or word."""
    folded, dense = " ".join(own.split()).casefold(), _dense(own)
    for match in cue.finditer(text):
        before = re.search(r"\w+\s*$" if match[0].isascii() else r".$", text[: match.start()])
        after = re.match(r"\s*\w+" if match[0].isascii() else r".", text[match.end() :])
        beside = [f"{before[0]}{match[0]}"] if before else []
        beside += [f"{match[0]}{after[0]}"] if after else []
        if not any(part.casefold() in held for part in beside for held in (folded, dense)):
            return True
    return False


def _too_often(terms: Sequence[Term], mine: Sequence[Mention], theirs: Sequence[Mention]) -> bool:
    """Return whether a name stands more often in a sentence than in its evidence, which has it; not a region's."""
    said, told = (sum(bool({*terms} & {*mention.terms}) for mention in found) for found in (mine, theirs))
    return said > max(told, 1) and told > 0 and all(term.kind != REGION for term in terms)


def _unknown_chinese(text: str, held: str) -> Iterator[str]:
    """Yield what looks like a name in a Chinese sentence and does not stand in the evidence."""
    bare = _LABEL.sub("", text)
    yield from (name for name in tokenize.name_words(bare) if tokenize.normalise(name) not in held)
    before = ""
    for word in tokenize.tagged(bare):
        # 星河湾科技公司 is one word or several; 地区 is a word and no name, and so is 公司 behind one that is held.
        whole = word.text if len(word.text) > 2 and word.text.endswith(_NAMED) else ""
        behind = before + word.text if word.text in _NAMED and len(before) > 1 and _dense(before) not in held else ""
        yield from (name for name in (whole, behind) if name and _dense(name) not in held)
        before = word.text if _HAN.fullmatch(word.text) else ""


def _unknown_english(text: str, one: Offered) -> Iterator[str]:
    """Yield capitalised words of an English sentence that are no name in the evidence."""
    bare = _LABEL.sub("", text)
    known = set(fold_english(f"{one.source.translation} {one.known}").split())
    spelt = romanize(one.source.quote + one.around).casefold()
    opening = True
    for word in english_words(bare):
        said = bare[word.start : word.end]
        named = said[0].isupper() and word.stem not in known and said.casefold() not in _FUNCTION_WORDS
        if named and not (opening and is_english(said)) and said.casefold() not in spelt:
            yield said
        opening = bool(re.match(r"[.!?:]", bare[word.end : word.end + 1]))
