"""Checking a translation against its Chinese sentence: numbers, five-year plans, terms, Chinese left over.

The same rules hold for the shipped English edition (`district-qa translations --check` reports on it) and for what
a machine translates. What is right all the same is listed with its reason in `corpus/translations/exceptions.tsv`:
UTF-8, tab-separated, `check key what reason`; `key` is that of a sentence, or `*` for all sentences.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.english import fold_english
from corpus.glossary import NAMES
from corpus.numerals import CHINESE, PARTS, TENS, WORDS, chinese_scale, english_scale, read_chinese
from corpus.periods import mentioned_plans, plan_period
from corpus.quantities import Quantity, Unit, quantities
from corpus.translations import FOLDER, sentence_key, texts_to_translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from corpus.glossary import Glossary, Mention
    from corpus.translations import Translations
    from corpus.types import Document, Period

EXCEPTIONS = FOLDER.parent / "exceptions.tsv"
COLUMNS = ("check", "key", "what", "reason")
ANY = "*"


class Check(StrEnum):
    """What a translation is checked for."""

    UNTRANSLATED = "untranslated"  #: a sentence, title or heading without English
    NUMBER = "number"  #: a number of the Chinese that the English lacks
    ADDED = "added"  #: a number of the English that the Chinese lacks
    PLAN = "plan"  #: a five-year plan named on one side only, or with other years
    CHINESE = "chinese"  #: Chinese in the English, outside brackets
    TERM = "term"  #: a term of the glossary rendered otherwise than it says
    NAME = "name"  #: a Chinese name in brackets that has other English elsewhere


#: A translation that fails one of these would mislead, and is not used; a term in other words still tells.
FATAL = frozenset({Check.NUMBER, Check.ADDED, Check.PLAN, Check.CHINESE})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a translation: the check it fails, the sentence's key, and the words it fails on."""

    check: Check
    key: str
    what: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """A fault that is none: which, in which sentence (or ANY), and why."""

    check: Check
    key: str
    what: str
    reason: str

    def excuses(self, fault: Fault) -> bool:
        """Return whether it is this fault."""
        return (self.check, self.what) == (fault.check, fault.what) and self.key in (fault.key, ANY)


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of many sentences found: faults, those excused, and exceptions that excuse nothing."""

    sentences: int
    faults: tuple[Fault, ...]
    excused: tuple[tuple[Fault, Exemption], ...]
    unused: tuple[Exemption, ...]


def check_sentence(zh: str, en: str, glossary: Glossary) -> list[Fault]:
    """Return what is wrong with the English of a Chinese sentence."""
    bare = without_brackets(en)
    found = [(Check.NUMBER, what) for what in _lost_numbers(zh, en)]
    found += [(Check.ADDED, what) for what in _added_numbers(zh, bare)]
    found += [(Check.PLAN, what) for what in _plan_faults(zh, en)]
    found += [(Check.CHINESE, run) for run in re.findall(r"[\u3400-\u9fff]+", bare)]
    found += [(Check.TERM, what) for what in _lost_terms(zh, en, glossary)]
    key = sentence_key(zh)
    return [Fault(check, key, what, zh, en) for check, what in dict.fromkeys(found)]


def without_brackets(english: str) -> str:
    """Return a translation without the Chinese names that it gives in brackets."""
    before = ""
    while before != english:
        before, english = english, re.sub(r"\s*[(\[][^()\[\]]*[\u3400-\u9fff][^()\[\]]*[)\]]", "", english)
    return english


# --- numbers -----------------------------------------------------------------------------------------------------

_WORD_VALUES = {"one": 1, "first": 1, "both": 2, "second": 2, "secondary": 2, "dual": 2, "centenary": 100} | (
    WORDS | TENS | PARTS
)
_LOOSE = re.compile(
    rf"(?P<digits>\d+(?:,\d{{3}})*(?:\.\d+)?)\s*(?P<zh>(?:十|百|千|万|亿)*)(?P<en>(?:[\s-]*(?:hundred|thousand|million|billion"
    rf"|trillion))*)|(?P<chinese>{CHINESE}+)|\b(?P<word>[a-z]+?)(?:th|s)?\b(?P<scale>(?:[\s-]+(?:thousand|million|billion))*)",
    re.IGNORECASE,
)


def _lost_numbers(zh: str, en: str) -> Iterator[str]:
    stated, anywhere = _ends(quantities(en)), _numbers_anywhere(en)
    said = quantities(zh)
    for quantity in said:
        for end in quantity.ends:
            if not _matched(end, stated) and not (_is_plain(end) and abs(end.value) in anywhere):
                yield zh[quantity.start : quantity.end]
    rest = list(zh)
    for quantity in said:
        rest[quantity.start : quantity.end] = " " * (quantity.end - quantity.start)
    for number in re.findall(r"\d+(?:\.\d+)?", "".join(rest)):
        if Decimal(number) not in anywhere:
            yield number


def _added_numbers(zh: str, bare: str) -> Iterator[str]:
    stated, anywhere = _ends(quantities(zh)), _numbers_anywhere(zh)
    plans = {year for plan in mentioned_plans(zh) for year in (plan.first, plan.last)}
    for quantity in quantities(bare):
        for end in quantity.ends:
            is_plan = end.unit is Unit.YEAR and end.value in plans
            loose = (_is_plain(end) or end.unit is Unit.CNY) and abs(end.value) in anywhere
            if not (_matched(end, stated) or is_plan or loose):
                yield bare[quantity.start : quantity.end]


def _ends(found: Iterable[Quantity]) -> list[Quantity]:
    return [end for quantity in found for end in quantity.ends]


def _matched(one: Quantity, others: Sequence[Quantity]) -> bool:
    """A unit may be left to the surroundings on either side."""
    return any(one.stated_by(other) or other.stated_by(one) for other in others)


def _is_plain(quantity: Quantity) -> bool:
    return quantity.unit is Unit.NONE


def _numbers_anywhere(text: str) -> set[Decimal]:
    """Return every number that a text writes in whatever way, also in names and ordinals."""
    found = {Decimal(2)} if "双" in text else set()
    for match in _LOOSE.finditer(text):
        if match["digits"]:
            value = Decimal(match["digits"].replace(",", ""))
            found |= {value, value * chinese_scale(match["zh"]) * english_scale(match["en"].lower())}
        elif match["chinese"]:
            found |= {Decimal(read_chinese(match["chinese"])), *(Decimal(read_chinese(c)) for c in match["chinese"])}
        elif (word := match["word"].lower()) in _WORD_VALUES or word == "ten":
            found.add(Decimal(_WORD_VALUES[word] * english_scale(match["scale"].lower())))
    return found


# --- plans and terms ---------------------------------------------------------------------------------------------

_ENGLISH_PLAN = re.compile(r"\b(1\d|20)th Five-Year Plan(?:\s*\(?((?:19|20)\d\d)\s*[-–]\s*((?:19|20)?\d\d)\)?)?")


def _plan_faults(zh: str, en: str) -> Iterator[str]:
    chinese = set(mentioned_plans(zh))
    english: set[Period] = set()
    for match in _ENGLISH_PLAN.finditer(en):
        plan = plan_period(int(match[1]))
        english.add(plan)
        if match[2] and (int(match[2]), int(match[3]) % 100) != (plan.first, plan.last % 100):
            yield match[0]
    yield from (f"plan of {plan}" for plan in sorted(chinese ^ english))


def _lost_terms(zh: str, en: str, glossary: Glossary) -> Iterator[str]:
    folded = f" {fold_english(en)} "
    for mention in glossary.find_chinese(zh):
        name = zh[mention.start : mention.end]
        if _is_strict(name, mention) and not _is_rendered(mention, folded):
            yield name


#: Kinds whose variants are names too; those of a policy or plan are often only a part of it.
_NAMED = NAMES - {"policy", "event"}


def _is_strict(name: str, mention: Mention) -> bool:
    """Names are always rendered by the book, other terms where they stand in their first form.

    Their variants are only words that people also use for them; measures are read as quantities.
    """
    kinds = {term.kind for term in mention.terms}
    return "unit" not in kinds and any(
        term.kind in _NAMED or term.zh[0].casefold() == name.casefold() for term in mention.terms
    )


def _is_rendered(mention: Mention, folded: str) -> bool:
    return any(f" {fold_english(english)} " in folded for term in mention.terms for english in term.en)


# --- a whole edition ---------------------------------------------------------------------------------------------


def check_edition(
    documents: Iterable[Document],
    translations: Translations,
    glossary: Glossary,
    exemptions: Sequence[Exemption] = (),
) -> Report:
    """Check the English of every title, heading and sentence of some documents, each text once."""
    texts = dict.fromkeys(text for document in documents for _, text in texts_to_translate(document))
    found: list[Fault] = []
    for text in texts:
        english = translations.lookup(text)
        if english is None:
            found.append(Fault(Check.UNTRANSLATED, sentence_key(text), "", text, ""))
        else:
            found += check_sentence(text, english, glossary)
    found += _unsteady_names({text: translations.lookup(text) or "" for text in texts})
    pairs = [(fault, next((e for e in exemptions if e.excuses(fault)), None)) for fault in found]
    used = {exemption for _, exemption in pairs}
    return Report(
        sentences=len(texts),
        faults=tuple(fault for fault, exemption in pairs if exemption is None),
        excused=tuple((fault, exemption) for fault, exemption in pairs if exemption is not None),
        unused=tuple(exemption for exemption in exemptions if exemption not in used),
    )


_NAMED_IN_BRACKETS = re.compile(r"([\w.’'&-]+)[\"”]?\s*\(([^()]*[\u3400-\u9fff][^()]*)\)")


def _unsteady_names(english: Mapping[str, str]) -> Iterator[Fault]:
    """Yield each use of a bracketed name whose English ends in another word than most uses of it do."""
    uses: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for zh, en in english.items():
        for word, name in _NAMED_IN_BRACKETS.findall(en):
            uses[name].append((fold_english(word), zh))
    for name, found in uses.items():
        usual = Counter(word for word, _ in found).most_common(1)[0][0]
        yield from (Fault(Check.NAME, sentence_key(zh), name, zh, english[zh]) for word, zh in found if word != usual)


def read_exemptions(path: Path = EXCEPTIONS) -> list[Exemption]:
    """Read a file of exceptions.

    Raises:
        ValueError: a line has not four columns, an unknown check, or no reason.
    """
    exemptions = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if not line.strip() or line.startswith("#") or cells == COLUMNS:
            continue
        if len(cells) != len(COLUMNS) or cells[0] not in list(Check) or not cells[3]:
            raise ValueError(
                f"{path}, line {number}: wanted check, key, what and reason with tabs between, got {line!r}"
            )
        exemptions.append(Exemption(Check(cells[0]), *cells[1:]))
    return exemptions
