"""Reading a question: language, periods, status and kind of answer wanted, and the things it names."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.glossary import NAMES, Glossary, Mention
from corpus.periods import mentioned_periods, plan_period
from corpus.types import Period, Status
from index import tokenize
from rag.types import Concept, Kind, Language, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from rag.types import Turn

_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")

_YEAR = re.compile(r"(?<![\d.,])(20[0-4]\d)(?![\d.,]*\d|\s*(?:万|亿|元|个|家|平方米|units?|households?))")
_SPAN = re.compile(r"(20[0-4]\d)\s*(?:年)?\s*(?:-|–|—|~|至|到|to|through|until|and)\s*(20[0-4]\d)")
_FIVE_YEAR_PLAN = re.compile(r"\b(1[0-9]|20)(?:st|nd|rd|th)\s+five[- ]year|\b(tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth)\s+five[- ]year", re.I)
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth".split(), 10
    )
}
_HAN_NUMBERS = {number: "十" + "一二三四五六七八九"[number - 11] for number in range(11, 20)} | {10: "十", 20: "二十"}
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

_TARGET = re.compile(
    r"目标|计划|预期|打算|安排|将[要会]?|准备|要(?:完成|达到|新增|建|实现|做)|力争|拟|任务|规划|"
    r"\btargets?\b|\bplan(?:s|ned|ning)?\b|\bgoals?\b|\baim(?:s|ed|ing)?\b|\bwill\b|\bexpect(?:s|ed)?\b|\bintend(?:s|ed)?\b|"
    r"\bpledge[ds]?\b|\bset for\b|\bsupposed to\b|\bto be (?:built|completed|added)\b|\bgoing to\b",
    re.I,
)
_RESULT = re.compile(
    r"实际|完成了|达到了|实现了|结果|增长了|新增了|建成了|完成情况|取得|成绩|成效|"
    r"\bactual(?:ly)?\b|\bachieved?\b|\bdid\b|\bwas\b|\bwere\b|\bresults?\b|\breached\b|\bcompleted\b|\bhad\b|\bgrew\b|\brose\b|\bfell\b",
    re.I,
)

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.TREND, re.compile(r"趋势|历年|逐年|变化|这几年|各年|近[几三]年|\btrend|over the (?:years|past)|year by year|each year from|changed? (?:over|between|from)|evolv", re.I)),
    (Kind.COMPARISON, re.compile(r"相比|比较|对比|哪个(?:更|大|多|高)|差(?:多少|距)|还是|\bcompare|\bversus\b|\bvs\b|higher or lower|more or less|difference between", re.I)),
    (Kind.SHARE, re.compile(r"百分之|比例|占比|增幅|增速|增长(?:率|多少|了?几)|率(?:是|为|达|有)|\bpercent|\bpercentage|\bshare of\b|\brate\b|\bproportion|how fast|by how much", re.I)),
    (Kind.AMOUNT, re.compile(r"多少|几[个家条项座所处人户公个次]|数量|金额|总额|规模|多[大长高]|\bhow (?:many|much|large|big|long)\b|\bamount|\bnumber of\b|\btotal\b", re.I)),
    (Kind.DATE, re.compile(r"什么时候|何时|哪[一]?[年天月日]|几月|日期|\bwhen\b|\bwhat (?:date|year|day|month)\b|\bwhich (?:year|month|day)\b", re.I)),
    (Kind.PERSON, re.compile(r"谁|哪位|区长是|\bwho\b|\bwhose\b", re.I)),
    (Kind.PLACE, re.compile(r"哪里|哪儿|什么地方|位于|地点|在哪|\bwhere\b|\blocated\b|\blocation", re.I)),
    (Kind.REASON, re.compile(r"为什么|为何|原因|怎么|怎样|如何|\bwhy\b|\bhow (?:does|did|do|is|are|was|were|will|has|have|can)\b|\bin what way", re.I)),
    (Kind.LIST, re.compile(r"哪些|哪几|有什么|包括|分别|列出|名单|\bwhich\b.*s\b|\bwhat are\b|\blist\b|\bname the\b|\bwhat (?!was\b|is\b|does\b|has\b|gdp\b)(?:\w+ )?\w+s\b(?! growth)", re.I)),
    (Kind.YES_NO, re.compile(r"吗[？?]?$|是否|有没有|是不是|^(?:is|are|was|were|did|does|do|has|have|had|can|will)\b", re.I)),
)

#: Words of asking that name nothing to look for.
_ASKING_ZH = frozenset(
    "多少 哪些 什么 怎么 如何 怎样 为什么 为何 是否 有没有 哪里 哪个 哪几个 几个 几家 何时 时候 情况 请问 告诉 我 我们 你 你们"
    " 介绍 一下 具体 主要 目前 现在 当年 全年 年 想 知道 了解 能否 可以 一共 总共 达到 达 左右 怎么样 包括 分别 提到 关于 方面 相关 去年"
    " 今年 明年 进行 内容 哪 几 谁 有关 帮 查 问 下 说 讲 里 中 里面 文件 报告 工作报告 政府工作报告 数据 数字 是多少 年度 年份 位".split()
)
_ASKING_EN = frozenset(
    "many much get give given tell know please list name mention mentioned stated according documents document report"
    " year years amount number total kind kinds type types new say says said like want find exactly currently main"
    " there overall during over under between after before also other more most than whole come came made make".split()
)


def read_question(
    text: str, glossary: Glossary, today: date, history: Sequence[Turn] = ()
) -> Question:
    """Read a question; `today` is what 去年 and "last year" count from."""
    standalone = " ".join(text.split())
    language = detect_language(standalone)
    if history:
        standalone = _with_context(standalone, history, language, glossary)
    folded = tokenize.normalise(standalone)
    report_years = tuple(dict.fromkeys(int(next(filter(None, m.groups()))) for m in _REPORT.finditer(folded)))
    return Question(
        text=text,
        language=language,
        periods=_periods(folded, today, set(report_years)),
        report_years=report_years,
        wants=_wants(folded),
        kind=next((kind for kind, pattern in _KINDS if pattern.search(folded)), Kind.OTHER),
        concepts=_concepts(standalone, language, glossary),
        standalone=standalone,
    )


def detect_language(text: str) -> Language:
    """Return the language a question is asked in; names in the other language do not decide it."""
    han, latin = len(_HAN.findall(text)), len(_LATIN_WORD.findall(text))
    return Language.ZH if han > latin else Language.EN


def _periods(folded: str, today: date, report_years: set[int]) -> tuple[Period, ...]:
    found: list[tuple[int, Period]] = []
    taken: list[tuple[int, int]] = []
    for match in _SPAN.finditer(folded):
        first, last = int(match[1]), int(match[2])
        if first < last:
            joined = "and" in match[0]
            years = (first, last) if joined else range(first, last + 1)
            found += [(match.start(), Period.year(year)) for year in years]
            taken.append(match.span())
    for match in _YEAR.finditer(folded):
        if not any(start <= match.start() < end for start, end in taken):
            found.append((match.start(), Period.year(int(match[1]))))
    plans = [period for period in mentioned_periods(folded) if period.first != period.last]
    for match in _FIVE_YEAR_PLAN.finditer(folded):
        number = int(match[1]) if match[1] else _ORDINALS[match[2].casefold()]
        plans.append(plan_period(_HAN_NUMBERS[number]))
    found += [(0, plan) for plan in plans if plan not in {period for _, period in found}]
    for pattern, offset in _RELATIVE.items():
        match_ = pattern.search(folded)
        if match_ and not found:
            found.append((match_.start(), Period.year(today.year + offset)))
    periods = tuple(dict.fromkeys(period for _, period in sorted(found)))
    # "the 2020 report" names a document, not the year that a fact is about.
    return tuple(p for p in periods if not (p.first == p.last and p.first in report_years))


def _wants(folded: str) -> Status | None:
    target, result = _TARGET.search(folded), _RESULT.search(folded)
    if target and not (result and result.start() > target.start() and "实际" in folded):
        return Status.TARGET
    return Status.ACTUAL if result else None


def _concepts(text: str, language: Language, glossary: Glossary) -> tuple[Concept, ...]:
    """Read what the question names: glossary terms first, then the remaining content words."""
    chinese = glossary.find_chinese(text)
    english = glossary.find_english(text) if language is Language.EN else []
    concepts = [_from_mention(text, mention) for mention in (*chinese, *english)]
    covered = [(mention.start, mention.end) for mention in (*chinese, *english)]
    rest = _blank(text, covered)
    for word, start in _content_words(rest):
        concepts.append(Concept((word,), False, start))
    concepts = [c for c in concepts if not _is_asking(c)]
    return tuple(dict.fromkeys(sorted(concepts, key=lambda c: c.start)))


def _from_mention(text: str, mention: Mention) -> Concept:
    forms = [text[mention.start : mention.end]]
    for term in mention.terms:
        forms += [*term.zh, *term.en]
    folded = tuple(dict.fromkeys(tokenize.normalise(form) for form in forms))
    return Concept(folded, any(term.kind in NAMES for term in mention.terms), mention.start)


def _is_asking(concept: Concept) -> bool:
    return any(form in _ASKING_ZH or form in _ASKING_EN for form in concept.forms[:1])


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


def _content_words(text: str) -> list[tuple[str, int]]:
    """Return the words that could name something, with where they stand; years are read elsewhere."""
    without_years = re.sub(r"20\d\d\s*年?", lambda m: " " * len(m[0]), tokenize.normalise(text))
    found, at = [], 0
    for word in tokenize.words(without_years):
        at = max(0, without_years.find(word, at))
        if word not in _ASKING_ZH and word not in _ASKING_EN and not (len(word) == 1 and not word.isdigit()):
            found.append((word, at))
    return found


#: A follow-up leans on what was said: it is short, or points back with one of these words.
_POINTS_BACK = re.compile(
    r"^(?:那|那么|它|他|她|这|该|其中|还有|同样|呢)|呢[？?]?$|它|该(?:项目|政策|区|企业|中心)|这(?:个|些|项|一)|"
    r"^(?:and|what about|how about|so|then|but)\b|\b(?:it|its|they|them|their|that|those|this|these|there|the same|one)\b",
    re.I,
)


def _with_context(text: str, history: Sequence[Turn], language: Language, glossary: Glossary) -> str:
    """Make a follow-up stand alone by putting the last user question's words before it.

    A year in the follow-up replaces the years of the earlier question.
    """
    earlier = next((turn.content for turn in reversed(history) if turn.role == "user"), None)
    if earlier is None:
        return text
    own = _concepts(text, language, glossary)
    if not _POINTS_BACK.search(text) and len(own) > 2:
        return text
    earlier = " ".join(earlier.split()).rstrip("?？。.! ")
    if _YEAR.search(text) or mentioned_periods(text):
        earlier = re.sub(r"20\d\d\s*年?", " ", earlier)
    return f"{earlier} {text}"


def widen(question: Question) -> list[str]:
    """Return the search terms of every form of every concept, for the keyword side."""
    return [term for concept in question.concepts for form in concept.forms for term in tokenize.terms(form)]


def at_period(question: Question, period: Period) -> Question:
    """Return the question as asked about one period only."""
    return replace(question, periods=(period,))
