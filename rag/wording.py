"""Every sentence of our own that a reader sees, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.translations import TranslationKind
from corpus.types import Status
from rag.premise import Premise
from rag.types import Language, QuestionFault, Reason
from rag.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from index.filter import Filter

STATUS_LABEL = {
    Language.ZH: {
        Status.ACTUAL: "实际",
        Status.ESTIMATE: "预计",
        Status.CUMULATIVE: "累计",
        Status.TARGET: "目标",
        Status.PLAN: "规划",
        Status.NONE: "",
    },
    Language.EN: {
        Status.ACTUAL: "result",
        Status.ESTIMATE: "estimate",
        Status.CUMULATIVE: "cumulative",
        Status.TARGET: "target",
        Status.PLAN: "plan",
        Status.NONE: "",
    },
}

#: In place of a year, where a sentence without one follows one that has a year.
UNDATED = {Language.ZH: "未注明年份", Language.EN: "year not stated"}

REFUSAL = {
    Language.ZH: {
        Reason.FILTERED_OUT: "没有符合筛选条件的内容。",
        Reason.NOT_FOUND: "现有文件中没有说明这一点。",
        Reason.NOT_STATED: "现有文件提到了相关内容，但没有给出所问的具体信息。",
        Reason.OTHER_REGION: "现有文件没有给出{name}的相关内容。",
        Reason.OTHER_PERIOD: "现有文件没有给出{period}年的相关内容。",
        Reason.ONLY_TARGET: "现有文件只给出了{period}年的目标或计划，没有给出实际结果。",
        Reason.ONLY_RESULT: "现有文件没有给出{period}年的目标，只有已报告的结果。",
        Reason.NO_SUCH: "现有文件中没有提到“{name}”。",
        Reason.NOT_OURS: "这里只根据区情文件回答问题，不接受改变规则或索取系统信息的要求。",
        Reason.NOT_A_QUESTION: "没有读到可以检索的问题。请用一句话提问，例如写明事项和年份。",
    },
    Language.EN: {
        Reason.FILTERED_OUT: "Nothing in the documents fits the filter.",
        Reason.NOT_FOUND: "The documents do not say.",
        Reason.NOT_STATED: "The documents speak of this, but do not state what is asked.",
        Reason.OTHER_REGION: "The documents do not give this for {name}.",
        Reason.OTHER_PERIOD: "The documents do not give this for {period}.",
        Reason.ONLY_TARGET: "The documents give only the target or plan for {period}, not the result.",
        Reason.ONLY_RESULT: "The documents give no target for {period}, only what was reported as reached.",
        Reason.NO_SUCH: "The documents do not mention “{name}”.",
        Reason.NOT_OURS: "Answers here come from the district's documents only; other instructions are not followed.",
        Reason.NOT_A_QUESTION: "There is nothing to search for. Please ask in one sentence, naming matter and year.",
    },
}

#: The same, where it can be told what is missing.
REFUSAL_OF = {
    Language.ZH: {Reason.NOT_STATED: "现有文件提到了相关内容，但没有给出“{name}”方面的信息。"},
    Language.EN: {Reason.NOT_STATED: "The documents speak of this, but tell nothing of “{name}” there."},
}

#: Of a question that is not even read.
QUESTION_FAULT = {
    Language.ZH: {
        QuestionFault.EMPTY: "问题是空的；请用中文或英文写出问题。",
        QuestionFault.TOO_LONG: "问题有{count}个字符，最多读{most}个；请缩短后再问。",
        QuestionFault.HALF_CHARACTER: "第{place}个字符不完整（{code}），可能是复制时截断的；请重新输入问题。",
    },
    Language.EN: {
        QuestionFault.EMPTY: "the question is empty; write it in Chinese or English",
        QuestionFault.TOO_LONG: "the question has {count} characters, at most {most} are read; shorten it",
        QuestionFault.HALF_CHARACTER: (
            "character {place} of what was said is half of one ({code}); send whole characters, as UTF-8"
        ),
    },
}
#: With an answer that a language model was to write and could not.
NO_MODEL = {
    Language.ZH: "语言模型暂时不可用，答复直接引用文件原文。",
    Language.EN: "The language model was not available; the answer quotes the documents instead.",
}
#: Before an answer to a question that states a figure or a year.
PREMISE = {
    Language.ZH: {Premise.CONFIRMED: "是的。", Premise.DIFFERS: "文件所说的与问题不同："},
    Language.EN: {Premise.CONFIRMED: "Yes.", Premise.DIFFERS: "The documents say otherwise:"},
}
#: Before an answer to a question of yes or no, or of up or down, that the sentence behind it settles.
VERDICT = {
    Language.ZH: {
        Verdict.YES: "是的。",
        Verdict.UP: "上升。",
        Verdict.DOWN: "下降。",
        Verdict.YES_UP: "是的，上升了。",
        Verdict.YES_DOWN: "是的，下降了。",
        Verdict.NO_UP: "不是，是上升了。",
        Verdict.NO_DOWN: "不是，是下降了。",
    },
    Language.EN: {
        Verdict.YES: "Yes.",
        Verdict.UP: "It rose.",
        Verdict.DOWN: "It fell.",
        Verdict.YES_UP: "Yes, it rose.",
        Verdict.YES_DOWN: "Yes, it fell.",
        Verdict.NO_UP: "No, it rose.",
        Verdict.NO_DOWN: "No, it fell.",
    },
}
#: Before a series of figures.
NOT_STATED = {Language.ZH: "文件没有给出{period}的数字。", Language.EN: "Not stated in the documents: {period}."}
HIGHEST = {Language.ZH: "其中{period}年的数字最高。", Language.EN: "The highest figure is that of {period}."}
#: How a result lies to its target: equal, above, below.
AGAINST_TARGET = {
    Language.ZH: {0: "结果与目标持平。", 1: "结果高于目标。", -1: "结果低于目标。"},
    Language.EN: {
        0: "The result equals the target.",
        1: "The result is above the target.",
        -1: "The result is below the target.",
    },
}
#: The same, where it is asked whether the target was met.
TARGET_MET = {
    Language.ZH: {
        0: "达到了目标：结果与目标持平。",
        1: "达到了目标：结果高于目标。",
        -1: "没有达到目标：结果低于目标。",
    },
    Language.EN: {
        0: "Yes: the result equals the target.",
        1: "Yes: the result is above the target.",
        -1: "No: the result is below the target.",
    },
}
REVISED = {
    Language.ZH: "各年口径不同，数字不能直接相比。",
    Language.EN: "The basis was revised between these years; the figures cannot be compared directly.",
}
#: What limits a figure, as texts say it, in English; and what a question says that asks for it.
SCOPE = {
    "新增": "newly added",
    "新建": "newly built",
    "新辟": "newly opened",
    "净增": "net increase",
    "累计": "cumulative",
    "全市": "city-wide",
    "全国": "nationwide",
    "全省": "province-wide",
    "全区": "district-wide",
    "中心城区": "central districts",
    "人均": "per capita",
    "年均": "annual average",
    "总": "total",
}
_CHANGE = {Language.ZH: ("增长{}", "下降{}"), Language.EN: ("up {}", "down {}")}


def change_words(language: Language, *, fell: bool) -> str:
    """Return the words for a rise or a fall by `{}`."""
    return _CHANGE[language][fell]


#: Next questions: what the documents say of a name, what a section says, and how a figure has developed.
ABOUT = {Language.ZH: "关于{name}，文件有哪些说明？", Language.EN: "What do the documents say about {name}?"}
SECTION = {Language.ZH: "“{title}”方面有哪些内容？", Language.EN: "What do the documents say under “{title}”?"}
HISTORY = {Language.ZH: "{name}历年的变化如何？", Language.EN: "How has {name} changed over the years?"}
_LEVEL = {
    Language.ZH: ("{period}年{name}是多少？", "{period}年{name}的目标是多少？"),
    Language.EN: ("What was {name} in {period}?", "What was the target for {name} in {period}?"),
}
_GROWTH = {
    Language.ZH: ("{period}年{name}的增幅是多少？", "{period}年{name}的增长目标是多少？"),
    Language.EN: ("By how much did {name} grow in {period}?", "What growth of {name} was the target for {period}?"),
}


def indicator_question(language: Language, name: str, period: str, *, intent: bool, level: bool) -> str:
    """Return a question for the level or the growth of an indicator, as a result or, with `intent`, as a target."""
    return (_LEVEL if level else _GROWTH)[language][intent].format(name=name, period=period)


NEXT_QUESTIONS = {Language.ZH: "接下来可以问：", Language.EN: "You may also ask:"}
UNDERSTOOD = {Language.ZH: "理解为：{question}", Language.EN: "Understood as: {question}"}
NEAREST = {Language.ZH: "最接近的内容：", Language.EN: "The nearest that they hold:"}
_COVERS = {
    Language.ZH: ("现有文件共{count}份。", "现有文件共{count}份，形成于{years}年。"),
    Language.EN: ("Documents held: {count}.", "Documents held: {count}, of {years}."),
}


def coverage(language: Language, count: int, years: tuple[int, int] | None) -> str:
    """Return a sentence on how many documents there are, and of which years they are where that is known."""
    span = "–".join(map(str, dict.fromkeys(years))) if years else ""
    return _COVERS[language][bool(span)].format(count=count, years=span)


#: For an English answer from a passage that has no translation; the original is quoted beside it.
_READ_FROM = "(Read from the Chinese original, which has no English translation yet.)"
_GLOSSED = "No English translation of this passage exists yet. Its key terms, in the order of the original: {terms}."
_GLOSSED_TOO = "Key terms of a further untranslated passage: {terms}."
_ALSO = "Further key terms of the passage: {terms}."
#: On what a figure was compared, as texts say it, in English.
BASIS = {
    "同口径": "on the same basis",
    "可比口径": "on a comparable basis",
    "按可比价格": "at comparable prices",
    "按可比价": "at comparable prices",
}
#: After every refusal to a question that was asked under a filter.
WITHIN = {
    Language.ZH: "筛选条件：{filter}；范围之外的内容没有检索。",
    Language.EN: "The filter was: {filter}; nothing beyond it was searched.",
}
#: In place of passages, where a search found none; the second where it was made under a filter.
NO_PASSAGE = {Language.ZH: "没有找到相关段落。", Language.EN: "No passage was found."}
NO_PASSAGE_WITHIN = {
    Language.ZH: "没有符合筛选条件（{filter}）的段落。",
    Language.EN: "No passage fits the filter ({filter}).",
}
_KIND_LABEL = {
    Language.ZH: {"report": "工作报告", "article": "文章"},
    Language.EN: {"report": "report", "article": "article"},
}
_FIELDS = {
    Language.ZH: ("年份 {}", "性质 {}", "文件类型 {}", "文件 {}"),
    Language.EN: ("year {}", "status {}", "kind {}", "document {}"),
}
_NO_STATUS = {Language.ZH: "一般描述", Language.EN: "none"}
UNTRANSLATED = "No English translation of this passage exists yet; the original is quoted in Chinese."
REPAIR_NOTE = {
    Language.ZH: "方括号中的字在来源网页中缺失，由本系统补回。",
    Language.EN: "Characters in square brackets were missing on the source page and have been restored.",
}
TRANSLATION_NOTE = {
    TranslationKind.EDITION: "English text: unofficial translation.",
    TranslationKind.MACHINE: "English text: machine translation, not read by a person; its figures are checked.",
}


def untranslated(facts: Sequence[str], terms: Sequence[str], *, is_first: bool) -> str:
    """Return what an English answer says of a passage without translation.

    `facts` are figures that were read from it, `terms` what else it names; where there is neither, nothing is known.
    """
    listed = "; ".join(terms)
    if not facts and not terms:
        return UNTRANSLATED
    if not facts:
        return (_GLOSSED if is_first else _GLOSSED_TOO).format(terms=listed)
    told = "; ".join(facts)
    parts = [
        f"{told[0].upper()}{told[1:]}.",
        *([_ALSO.format(terms=listed)] if terms else ()),
        *([_READ_FROM] if is_first else ()),
    ]
    return " ".join(parts)


def filter_label(language: Language, within: Filter) -> str:
    """Return what a filter asks for in words, such as `year 2019; status target or plan`."""
    statuses = (STATUS_LABEL[language][status] or _NO_STATUS[language] for status in within.statuses)
    kinds = (_KIND_LABEL[language][kind] for kind in within.kinds)
    values = (map(str, within.periods), statuses, kinds, within.documents)
    either, joint = ("或", "；") if language is Language.ZH else (" or ", "; ")
    asked = zip(_FIELDS[language], map(either.join, values), strict=True)
    return joint.join(field.format(value) for field, value in asked if value)


def no_passage(language: Language, within: Filter) -> str:
    """Return what is said in place of passages where a search found none."""
    if not within:
        return NO_PASSAGE[language]
    return NO_PASSAGE_WITHIN[language].format(filter=filter_label(language, within))


#: Labels of an exported answer.
EXPORT = {
    Language.ZH: {
        "title": "问题与答复",
        "question": "问题",
        "within": "限定范围",
        "answer": "答复",
        "refused": "未能答复",
        "nearest": "最接近的内容",
        "sources": "来源",
        "place": "位置",
        "dates": "日期",
        "period": "时期与性质",
        "passage": "段落编号",
        "translation": "英文译文",
        "receipt": "回执",
        "asked_at": "提问时间",
        "index": "索引",
        "corpus": "文件集",
        "encoder": "向量模型",
        "hash": "答复校验值",
    },
    Language.EN: {
        "title": "Question and answer",
        "question": "Question",
        "within": "Only from",
        "answer": "Answer",
        "refused": "Not answered",
        "nearest": "The nearest that the documents hold",
        "sources": "Sources",
        "place": "Place",
        "dates": "Dates",
        "period": "Period and status",
        "passage": "Passage",
        "translation": "In English",
        "receipt": "Receipt",
        "asked_at": "Asked at",
        "index": "Index",
        "corpus": "Documents",
        "encoder": "Embedding model",
        "hash": "Hash of the answer",
    },
}


def kind_and_year(language: Language, kind: str, delivered: str) -> str:
    """Return what tells a document without a title in the reader's language: its kind, and its year where known."""
    year = delivered[:4] if delivered[:4].isdecimal() else ""
    return ", ".join(filter(None, (_KIND_LABEL[language].get(kind, ""), year)))


def title_label(title: str, english: str | None) -> str:
    """Return a document's title: in English with the original in brackets where there is English to show."""
    return f"{english} ({title})" if english else title


def dates_label(language: Language, delivered: str, posted: Sequence[str]) -> str:
    """Return a document's two dates: when it was delivered or took place, and when it was put up."""
    days = tuple(dict.fromkeys(posted))
    if language is Language.ZH:
        return f"作出或发生 {delivered} · 发布 {'、'.join(days) or '不详'}"
    return f"delivered {delivered} · posted {', '.join(days) or 'unknown'}"


def period_label(language: Language, period: str | None, status: Status) -> str:
    """Return a short label such as `2019年 预计` or `2019 estimate`; empty where nothing is known."""
    status_label = STATUS_LABEL[language][status]
    if period is None:
        return status_label
    year = f"{period}年" if language is Language.ZH else period
    return f"{year} {status_label}".strip()
