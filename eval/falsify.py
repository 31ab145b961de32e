"""Ways to falsify a sentence, one thing at a time, and ways to tell the same faithfully, for `eval.tamper`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from corpus.glossary import NAMES
from corpus.quantities import Unit, quantities
from rag.types import Language
from rag.wording import STATUS_LABEL

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator, Sequence

    from corpus.glossary import Glossary, Mention
    from corpus.quantities import Quantity
    from rag.types import Evidence, Question


class Kind(StrEnum):
    """How a sentence is falsified."""

    DIGIT = "a digit changed"
    UNIT = "a unit changed"
    BOUND = "a bound changed"
    EXCHANGE = "two figures exchanged"
    FIGURE = "the figure of another thing"
    YEAR = "a year changed"
    YEARS = "two years exchanged"
    DIRECTION = "a rise told as a fall, or a fall as a rise"
    CITATION = "another citation"
    NAME = "an invented name"
    NAMES = "a name of the evidence in another's place"
    STATUS = "a result called target, or a target result"
    SCOPE = "a total called an addition, the city the district"


class Faithful(StrEnum):
    """How a sentence says what its evidence says."""

    AS_IT_IS = "word for word"
    FREELY = "one clause by itself"
    TOGETHER = "two years in one sentence"
    ANSWER = "the gold answer, as a person worded it"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A faithful sentence: what it was asked for, all evidence that was kept, and the numbers of its own.

    `whole` is all that its first evidence says, in the language of the question.
    """

    question: Question
    kept: tuple[Evidence, ...]
    numbers: tuple[int, ...]
    text: str
    whole: str
    how: Faithful = Faithful.AS_IT_IS

    @property
    def own(self) -> tuple[Evidence, ...]:
        """The evidence that it rests on."""
        return tuple(self.kept[number - 1] for number in self.numbers)


@dataclass(frozen=True, slots=True)
class Trial:
    """A sentence as it was written, with the numbers that it cites."""

    kind: Kind | Faithful
    sentence: Sentence
    text: str
    numbers: tuple[int, ...]


_CLAUSE = re.compile(r"[，；;。]|,(?!\d)|(?<!No)\.(?=\s|$)")


def told_freely(sentence: Sentence) -> Sentence | None:
    """Return one clause with a figure, told by itself with its year, as a summary would; None where there is none."""
    frame, language = sentence.own[0].frame, sentence.question.language
    clauses = [
        clause.strip().removeprefix("and ")
        for clause in _CLAUSE.split(re.sub(r"^[【\[][^】\]]+[】\]]\s*", "", sentence.text))
    ]
    found = [clause for clause in clauses if 5 < len(clause) < 120 and _amounts(clause)]
    if len(clauses) < 2 or not found or frame.period is None or frame.period.first != frame.period.last:
        return None
    said = f"{frame.period}年{found[0]}。" if language is Language.ZH else f"In {frame.period}, {found[0]}."
    return replace(sentence, text=said, how=Faithful.FREELY)


def told_together(sentences: Sequence[Sentence]) -> Iterator[Sentence]:
    """Yield what two clauses say of two years, each with the next of another year, in one sentence that cites both."""
    for at, one in enumerate(sentences):
        year = one.own[0].frame.period
        later = (s for s in sentences[at + 1 :] if s.question.language is one.question.language)
        other = next((s for s in later if s.own[0].frame.period != year), None)
        if other is not None:
            numbers = (*one.numbers, *(number + len(one.kept) for number in other.numbers))
            said = f"{one.text.rstrip('。')}，{other.text}"
            if one.question.language is Language.EN:
                said = f"{one.text.rstrip('.')}, while in{other.text.removeprefix('In')}"
            kept = (*one.kept, *other.kept)
            yield replace(one, kept=kept, numbers=numbers, text=said, whole="", how=Faithful.TOGETHER)


# --- falsifying --------------------------------------------------------------------------------------------------


def falsify(kind: Kind, sentence: Sentence, glossary: Glossary, chance: random.Random) -> Trial | None:
    """Return a sentence falsified in one way, None where it offers no place for it."""
    if kind is Kind.CITATION:
        own = {item.text for item in sentence.own}
        others = [n for n, item in enumerate(sentence.kept, 1) if item.text not in own]
        return Trial(kind, sentence, sentence.text, (chance.choice(others),)) if others else None
    changed = _CHANGES[kind](sentence, glossary, chance)
    return None if changed in (None, sentence.text) else Trial(kind, sentence, str(changed), sentence.numbers)


def _amounts(text: str) -> list[Quantity]:
    return [q for q in quantities(text) if q.unit not in (Unit.YEAR, Unit.DATE) and text[q.start : q.end].strip()]


def _in_place(text: str, a: tuple[int, int], b: tuple[int, int]) -> str:
    """Return a text with two spans of it exchanged, the earlier one first."""
    return text[: a[0]] + text[b[0] : b[1]] + text[a[1] : b[0]] + text[a[0] : a[1]] + text[b[1] :]


def _replaced(text: str, pairs: Sequence[tuple[str, str]], chance: random.Random, start: int = 0) -> str | None:
    """Return a text with one of several words replaced, at one of its places behind `start`."""
    found = [
        text[: match.start()] + new + text[match.end() :]
        for old, new in pairs
        for match in re.finditer(re.escape(old), text)
        if match.start() >= start
    ]
    return chance.choice(found) if found else None


def _digit(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text = sentence.text
    places = [at for q in _amounts(text) for at in range(q.start, q.end) if text[at] in "0123456789"]
    if not places:
        return None
    at = chance.choice(places)
    return text[:at] + chance.choice([d for d in "123456789" if d != text[at]]) + text[at + 1 :]


def _exchange(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    """Exchange two figures of one kind."""
    text = sentence.text
    pairs = [
        (a, b)
        for a, b in combinations(_amounts(text), 2)
        if (a.unit, a.measure) == (b.unit, b.measure) and a.end <= b.start and a.ends != b.ends and a.value != b.value
    ]
    if not pairs:
        return None
    a, b = chance.choice(pairs)
    return _in_place(text, (a.start, a.end), (b.start, b.end))


#: A clause that goes on about what the one before it named says of nothing what it is.
_OF_NOTHING = re.compile(
    r"^\d{4}年(?:同比|比上年|较上年|年均|占[^，]{0,6})?(?:增长|下降|上升|减少|提高)?|^In \d{4}, (?:up|an?)\b"
)


def _figure(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    """Put another figure of the evidence into a clause that is told by itself."""
    text = sentence.text
    named = [c for c in _OF_NOTHING.sub("", text) if c.isalpha()]
    if sentence.how is not Faithful.FREELY or len(named) < 4:
        return None
    held = _amounts(text)
    found = [
        text[: a.start] + sentence.whole[b.start : b.end] + text[a.end :]
        for a in held
        for b in _amounts(sentence.whole)
        if (a.unit, a.measure) == (b.unit, b.measure) and not any(b.value == other.value for other in held)
    ]
    return chance.choice(found) if found else None


#: A unit, behind a figure, and what it is changed for.
_UNITS = {
    Language.ZH: [
        ("亿美元", "亿元"), ("万美元", "万元"), ("亿元", "万元"), ("亿元", "亿美元"), ("万元", "亿元"), ("亿", "万"),
        ("个百分点", "%"), ("%", "个百分点"), ("万平方米", "平方米"), ("平方米", "公顷"), ("公里", "米"), ("万", "亿"),
        ("平方公里", "平方米"), ("户", "平方米"), ("小时", "天"),
    ],
    Language.EN: [
        ("million", "billion"), ("billion", "million"), ("percentage points", "percent"), ("%", " percentage points"),
        ("percent", "percentage points"), ("square meters", "hectares"), ("kilometers", "meters"), ("hours", "days"),
        ("square metres", "hectares"), ("km", "m"),
    ],
}  # fmt: skip


def _unit(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text, found = sentence.text, []
    for unit, other in _UNITS[sentence.question.language]:
        # A longer unit that begins alike is another one: 亿美元 is not 亿.
        longer = [
            one[len(unit) :] for one, _ in _UNITS[sentence.question.language] if one != unit and one.startswith(unit)
        ]
        end = "".join(f"(?!{re.escape(rest)})" for rest in longer)
        for match in re.finditer(rf"(?<=\d)(\s?){re.escape(unit)}{end}(?![a-z])", text):
            found.append(text[: match.start()] + match[1] + other + text[match.end() :])
    for sign, other in (("RMB", "USD"), ("USD", "RMB"), ("US$", "RMB ")):
        found += [text.replace(sign, other, 1)] if re.search(rf"{re.escape(sign)}\s?\d", text) else []
    return chance.choice(found) if found else None


def _year(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text = sentence.text
    years = list(re.finditer(r"(?<!\d)20\d\d(?!\d)", text))
    if not years:
        return None
    match = chance.choice(years)
    held = {int(year[0]) for year in years}
    other = chance.choice([y for offset in (-2, -1, 1, 2) if (y := int(match[0]) + offset) not in held])
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


def _years(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    """Exchange two years wherever they stand, the label apart."""
    text = sentence.text
    label = re.match(r"[【\[][^】\]]+[】\]]", text)
    body = label.end() if label else 0
    years = sorted({*re.findall(r"(?<!\d)20\d\d(?!\d)", text[body:])})
    if len(years) < 2:
        return None
    one, other = chance.sample(years, 2)
    turn = {one: other, other: one}
    return text[:body] + re.sub(rf"(?<!\d)(?:{one}|{other})(?!\d)", lambda match: turn[match[0]], text[body:])


#: What bounds a figure, behind or before it, and what turns it.
_BOUNDS = {
    Language.ZH: [
        ("以上", "以内"), ("以上", "以下"), ("以内", "以上"), ("以下", "以上"), ("超过", "不到"), ("不低于", "不超过"),
        ("不少于", "不超过"), ("至少", "至多"), ("左右", "以上"), ("左右", "以内"), ("余", "左右"), ("近", "超过"),
        ("约", "超过"), ("突破", "接近"), ("不超过", "不低于"),
    ],
    Language.EN: [
        ("more than", "less than"), ("over", "under"), ("at least", "at most"), ("or more", "or less"),
        ("above", "below"), ("no less than", "no more than"), ("about", "more than"), ("around", "at least"),
        ("nearly", "more than"), ("up to", "at least"), ("less than", "more than"), ("within", "over"),
        ("exceeded", "fell short of"), ("or above", "or below"), ("not less than", "not more than"),
    ],
}  # fmt: skip


def _bound(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    """Change what bounds a figure, behind it (with its measure between) or before it."""
    text, found = sentence.text, []
    for old, new in _BOUNDS[sentence.question.language]:
        for match in re.finditer(rf"(?<![a-z])(?<!规模){re.escape(old)}(?![a-z])", text):
            before, after = text[max(0, match.start() - 9) : match.start()], text[match.end() : match.end() + 6]
            if re.match(r"\s*(?:RMB|USD|US\$)?\s*\d", after) or re.search(r"\d\s?[^\d\s，,、；;a-z]{0,4}$", before):
                found.append(text[: match.start()] + new + text[match.end() :])
    return chance.choice(found) if found else None


#: Words for a rise and for a fall.
_TURNS = {
    Language.ZH: [
        ("增长", "下降"), ("提高", "降低"), ("上升", "下降"), ("增加", "减少"), ("提升", "下降"), ("扩大", "缩小"),
        ("下降", "增长"), ("减少", "增加"), ("降低", "提高"), ("回落", "上升"),
    ],
    Language.EN: [
        (" grew ", " fell "), (" growth", " decline"), (" rose ", " fell "), (" increase", " decrease"),
        (" increased", " decreased"), (", up ", ", down "), (" fell ", " rose "), (" decreased", " increased"),
        (" reduced", " raised"), (" reduction", " increase"), (", down ", ", up "), (" grow ", " fall "),
    ],
}  # fmt: skip


def _direction(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    return _replaced(sentence.text, _TURNS[sentence.question.language], chance)


#: What a figure is of, and another such thing.
_SCOPES = {
    Language.ZH: [
        ("累计", "新增"), ("新增", "累计"), ("全区", "全市"), ("全市", "全区"), ("人均", ""), ("年均", ""),
    ],
    Language.EN: [
        ("the district", "the city"), (", added ", ", had a total of "), (" new ", " total "),
        ("cumulative", "newly added"), ("per capita ", ""), ("the city", "the district"), ("average annual", "total"),
    ],
}  # fmt: skip


def _scope(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text, label = sentence.text, re.match(r"[【\[][^】\]]+[】\]]", sentence.text)
    changed = _replaced(text, _SCOPES[sentence.question.language], chance, label.end() if label else 0)
    # The first in the city is the first in the district as well.
    return None if changed is None or re.search(r"全[区市](?:率先|首)", changed) else changed


#: Names that stand in no document.
_INVENTED = {
    Language.ZH: ["星河湾科技公司", "腾岳集团", "周启明", "临江镇", "梧桐大道广场", "东明大学", "海曙区", "恒瑞达医院"],
    Language.EN: [
        "Starbay Technologies",
        "Tengyue Group",
        "Zhou Qiming",
        "Linjiang Town",
        "Dongming University",
        "Hengrui Hospital",
    ],
}
_INSERTED = {
    Language.ZH: ["，由{}承担", "，{}参与其中", "，其中包括{}"],
    Language.EN: [", led by {}", " together with {}", ", including {}"],
}


def _name(sentence: Sentence, glossary: Glossary, chance: random.Random) -> str | None:
    text, language = sentence.text, sentence.question.language
    invented = chance.choice(_INVENTED[language])
    named = _named(text, sentence, glossary)
    if named and chance.random() < 0.5:
        match = chance.choice(named)
        return text[: match.start] + invented + text[match.end :]
    body = text.rstrip("。.;；")
    return body + chance.choice(_INSERTED[language]).format(invented) + text[len(body) :]


def _named(text: str, sentence: Sentence, glossary: Glossary) -> list[Mention]:
    find = glossary.find_chinese if sentence.question.language is Language.ZH else glossary.find_english
    return [m for m in find(text) if all(term.kind in NAMES for term in m.terms)]


def _names(sentence: Sentence, glossary: Glossary, chance: random.Random) -> str | None:
    """Exchange two names that are not of one list, or put one in another's place."""
    text = sentence.text
    pairs = []
    for a, b in combinations(_named(text, sentence, glossary), 2):
        between = text[a.end : b.start]
        for match in reversed(_named(between, sentence, glossary)):
            between = between[: match.start] + between[match.end :]
        is_list = not [c for c in re.sub(r"\b(?:and|or|the)\b|[和与及]", "", between) if c.isalpha()]
        if a.end <= b.start and not {*a.terms} & {*b.terms} and not is_list:
            pairs.append((a, b))
    if not pairs:
        return None
    a, b = chance.choice(pairs)
    if chance.random() < 0.5:
        return text[: a.start] + text[b.start : b.end] + text[a.end :]
    return _in_place(text, (a.start, a.end), (b.start, b.end))


#: Words that tell a result, and what makes a target of them; the other way round below.
_AIMED = {
    Language.ZH: [
        ("预计完成", "目标是完成"), ("预计", "力争"), ("完成", "计划完成"), ("新增", "将新增"), ("实现", "力争实现"),
        ("增长", "目标增长"), ("建成", "计划建成"), ("达到", "力争达到"),
    ],
    Language.EN: [
        (" grew ", " is to grow "), (" was ", " will be "), (" were ", " will be "), (" reached ", " is targeted at "),
        (" rose ", " is planned to rise "), (" completed", " planned to complete"), (" built", " planned to build"),
        (" added", " will be added"),
    ],
}  # fmt: skip
_REACHED = {
    Language.ZH: [
        ("计划", "已"), ("力争", "已"), ("确保", "已"), ("将", "已"), ("目标", "实际"), ("新增", "已新增"),
        ("完成", "已完成"), ("推进", "已推进"),
    ],
    Language.EN: [
        (" will be ", " was "), (" plan to ", " have "), (" aim to ", " have "),
        ("target", "actual result"), (" strive to ", " have already "), (" will ", " have already "),
    ],
}  # fmt: skip


def _status(sentence: Sentence, _: Glossary, chance: random.Random) -> str | None:
    text, language, status = sentence.text, sentence.question.language, sentence.own[0].frame.status
    if len({item.frame.status for item in sentence.own}) > 1 or not (status.is_result or status.is_intent):
        return None
    labels = STATUS_LABEL[language]
    other = "目标" if language is Language.ZH else "target"
    if status.is_intent:
        other = "实际" if language is Language.ZH else "result"
    label = re.match(r"[【\[][^】\]]+[】\]]", text)
    if label and labels[status] in label[0] and chance.random() < 0.5:
        return text.replace(labels[status], other, 1)
    pairs = (_AIMED if status.is_result else _REACHED)[language]
    return _replaced(text, pairs, chance, label.end() if label else 0)


_CHANGES: dict[Kind, Callable[[Sentence, Glossary, random.Random], str | None]] = {
    Kind.DIGIT: _digit,
    Kind.UNIT: _unit,
    Kind.BOUND: _bound,
    Kind.EXCHANGE: _exchange,
    Kind.FIGURE: _figure,
    Kind.YEAR: _year,
    Kind.YEARS: _years,
    Kind.DIRECTION: _direction,
    Kind.NAME: _name,
    Kind.NAMES: _names,
    Kind.STATUS: _status,
    Kind.SCOPE: _scope,
}
