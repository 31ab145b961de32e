"""Finding the headings of a text: those that its file marks, numbered ones, short lines, and opening sentences.

Sources either keep their lines, or have had every line break taken out, so that a heading runs straight into its
text (`一、2020年工作回顾过去一年是…`). Where the end of such a heading cannot be told, the section still begins at
its number and the words stay in the text; only the label is then a guess, cut at the first punctuation. Words that
state a figure always stay in the text: nothing that could be an answer is hidden in a heading.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.sentences import sentence_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus.types import Heading


class Rank(IntEnum):
    """The kinds of headings, from the outside in."""

    GLOSSARY = -2  #: 名词解释, below which nothing is claimed
    MARKED = -1  #: marked by the file's format and without a number; its level says where it belongs
    CHAPTER = 0  #: 第一章
    PART = 1  #: 第一节
    ARTICLE = 2  #: 第一条
    HAN = 3  #: 一、
    HAN_BRACKETS = 4  #: （一）
    NUMBER = 5  #: 1.
    BRACKETS = 6  #: （1） 1）
    LINE = 7  #: a short line of its own
    TOPIC = 8  #: a short sentence that opens a paragraph


@dataclass(frozen=True, slots=True)
class FoundHeading:
    """A heading at `start`; the text it governs begins at `body`, which is before its own words where they stay."""

    title: str
    rank: Rank
    level: int
    start: int
    body: int


@dataclass(frozen=True, slots=True)
class _Marker:
    """A number that opens a heading or an entry of a list: where it stands and ends."""

    start: int
    end: int
    rank: Rank


_HAN = "[一二三四五六七八九十]{1,3}"
_ORDINAL = r"[一二三四五六七八九十百零〇\d]{1,5}"
_LINE_START = r"(?:^|\n)[ \t\u3000]*"
_NAMED = r"(?=\s|[^\s，。、的]{2,30}(?:\n|$))"
#: A number counts at the start of a line, or after white space, the end of a sentence, a colon or a bracketed
#: remark, as far as its kind is seldom part of a sentence; never inside a sentence.
_MARKERS = (
    (
        Rank.GLOSSARY,
        re.compile(
            rf"{_LINE_START}(?P<mark>(?:附件\d*[：:]?\s*)?(?:有关)?(?:名词|术语|用语)(?:解释|说明|注释))(?=\s*(?:\n|$))"
        ),
    ),
    (Rank.CHAPTER, re.compile(rf"(?:{_LINE_START}|[。\s])(?P<mark>第{_ORDINAL}[编章]){_NAMED}")),
    (Rank.PART, re.compile(rf"(?:{_LINE_START}|[。\s])(?P<mark>第{_ORDINAL}节){_NAMED}")),
    (Rank.ARTICLE, re.compile(rf"(?:{_LINE_START}|。\s*)(?P<mark>第{_ORDINAL}条)(?=[\s（(【])")),
    (Rank.HAN, re.compile(rf"(?:(?<=^)|(?<=[\s。！？!?；;)）]))(?P<mark>{_HAN}、)")),
    (Rank.HAN_BRACKETS, re.compile(rf"(?:(?<=^)|(?<=[\s。！？!?；;：:]))(?P<mark>[(（]{_HAN}[)）]、?)")),
    (Rank.NUMBER, re.compile(rf"(?:{_LINE_START}|[。；;：:])(?P<mark>\d{{1,2}}[.．、](?!\d))")),
    (Rank.BRACKETS, re.compile(rf"(?:{_LINE_START}|[。；;：:])(?P<mark>[(（]\d{{1,2}}[)）]|\d{{1,2}}[)）])")),
)
#: The first entry of a deeper level may follow straight upon a heading (（一）经济运行稳中向好1.产业发展…).
_STRAIGHT_WORDS = re.compile(r"[^。；;：:！？!?\n]{2,40}?")
_STRAIGHT = re.compile(
    rf"{_STRAIGHT_WORDS.pattern}(?:(?P<han>[(（]一[)）])|(?P<number>1[.．、](?!\d))|(?P<brackets>[(（]1[)）]))"
)
_STRAIGHT_RANKS = {"han": Rank.HAN_BRACKETS, "number": Rank.NUMBER, "brackets": Rank.BRACKETS}

#: Kinds of numbers that may also open the entries of a list.
_LISTED = (Rank.HAN, Rank.HAN_BRACKETS, Rank.NUMBER, Rank.BRACKETS)

#: Longest heading worth the name; the longest in the reports at hand has 61 characters.
MAX_HEADING = 64
#: Where a run-in heading of a review or task chapter ends: its fixed closing word, with no second clause behind.
_CHAPTER = re.compile(
    r"[^，,。；;]{0,52}?"
    r"(?:工作回顾|工作总结|主要任务|重点工作|工作安排|的说明|开局工作|治理能力现代化|治理现代化|总体考虑|目标任务|自身建设)(?![，,])"
)
#: A run-in heading of two clauses ends in a word of change; the text then opens with a verb of method.
_CHANGE = (
    "提升|提高|增强|改善|优化|完善|有力|健全|增进|加快|加强|深化|巩固|扩大|显现|见效|明显|成效|发展|推进|保障"
    "|夯实|突破|进步|转变"
)
_OPENER = (
    '坚持|围绕|着眼|发挥|按照|立足|全面|聚焦|突出|深入|加快|紧扣|以[“"]|贯彻|落实|把握|积极|牢固|强化|进一步|充分|瞄准|依托'
    "|主动|统筹"
)
_TWO_CLAUSES = re.compile(rf"[^，,。；;]{{4,24}}[，,][^，,。；;]{{4,24}}?(?:{_CHANGE})(?=(?:{_OPENER}))")
_ARTICLE_NAME = re.compile(r"\s*[（(【][^）)】\n]{2,14}[）)】]")
#: A figure with its unit states something; a year alone does not.
_CLAIM = re.compile(r"\d[\d.,]*\s*(?:[%％万亿元]|个百分点|美元|[家个条项套张人户所辆座次台吨亩]|公里|公顷|平方米|千瓦)")


def find_headings(text: str, marked: Sequence[Heading] = ()) -> list[FoundHeading]:
    """Return the headings of a text in order; `marked` are those that its file marks.

    Levels count from 1 without gaps; they follow the file's where it marks headings of that kind, else `Rank`.
    """
    given = [_marked_heading(text, heading) for heading in marked]
    headings = sorted([*given, *_numbered(text, marked)], key=lambda heading: heading.start)
    headings = headings or list(_short_lines(text))
    bounds = [*(heading.start for heading in headings), len(text)]
    topics = list(_opening_sentences(text, 0, bounds[0])) if not headings else []
    for heading, following in zip(headings, bounds[1:], strict=True):
        topics += _opening_sentences(text, heading.body, following)
    return _levelled(sorted([*headings, *topics], key=lambda heading: heading.start))


def _levelled(headings: Sequence[FoundHeading]) -> list[FoundHeading]:
    """Give every heading its level, from its rank and the levels that the file marks."""
    observed: dict[Rank, int] = {}
    for heading in headings:
        if heading.level and heading.rank is not Rank.MARKED:
            observed.setdefault(heading.rank, heading.level)

    def place(heading: FoundHeading) -> float:
        if heading.rank is Rank.MARKED:
            return heading.level
        if heading.rank in observed:
            return observed[heading.rank]
        beneath = [level for rank, level in observed.items() if rank > heading.rank]
        # Just above the marked kinds that belong beneath it; else below all that is marked.
        return min(beneath) - 0.5 if beneath else 100.0 + heading.rank

    own = [heading for heading in headings if heading.rank is not Rank.GLOSSARY]
    places = sorted({place(heading) for heading in own}) or [0]
    return [
        replace(heading, level=1 if heading.rank is Rank.GLOSSARY else places.index(place(heading)) + 1)
        for heading in headings
    ]


def _marked_heading(text: str, heading: Heading) -> FoundHeading:
    """Return a heading that the file marks; a number that it bears tells its rank."""
    title = " ".join(text[heading.start : heading.end].split())
    number = next(((rank, match.end()) for rank, pattern in _MARKERS if (match := pattern.match(title))), None)
    rank, words_at = number or (Rank.MARKED, 0)
    body = heading.start if states_figure(title[words_at:]) else heading.end
    return FoundHeading(title.rstrip("。，,：:"), rank, heading.level, heading.start, body)


def states_figure(words: str) -> bool:
    """Return whether words state a figure with its unit, which no heading may hide."""
    return bool(_CLAIM.search(words))


def _numbered(text: str, marked: Sequence[Heading]) -> Iterator[FoundHeading]:
    markers = _headings_only(text, _markers(text, marked))
    stops = sorted([*(marker.start for marker in markers), *(heading.start for heading in marked), len(text)])
    ranks = {marker.start: marker.rank for marker in markers}
    for marker in markers:
        following = stops[bisect_left(stops, marker.end)]
        yield _numbered_heading(text, marker, following, followed_by=ranks.get(following))


def _markers(text: str, marked: Sequence[Heading]) -> list[_Marker]:
    """Return the numbers that open something, in order, but for those inside marked headings."""
    found = [_Marker(*match.span("mark"), rank) for rank, pattern in _MARKERS for match in pattern.finditer(text)]
    inside = [range(heading.start, heading.end) for heading in marked]
    found = [marker for marker in found if not any(marker.start in span for span in inside)]
    upon = [one for marker in found for one in _straight(text, marker)]
    return sorted({marker.start: marker for marker in (*found, *upon)}.values(), key=lambda marker: marker.start)


def _straight(text: str, marker: _Marker) -> Iterator[_Marker]:
    """Yield the numbers that follow straight upon the heading that `marker` opens, each deeper than the last."""
    while (match := _STRAIGHT.match(text, marker.end)) and match.lastgroup:
        rank = _STRAIGHT_RANKS[match.lastgroup]
        if rank <= marker.rank:
            return
        marker = _Marker(*match.span(match.lastgroup), rank)
        yield marker


def _headings_only(text: str, markers: Sequence[_Marker]) -> list[_Marker]:
    """Leave out the numbers of lists: entries that end in semicolons, or of one sentence each."""
    entries: list[range] = []
    for group in _groups(markers):
        last = group[-1]
        end = next((m.start for m in markers if m.start > last.start and m.rank <= last.rank), len(text))
        spans = [*pairwise([*(marker.start for marker in group), end])]
        if last.rank in _LISTED and len(group) > 1 and _are_entries(text, group, spans, markers):
            entries.append(range(group[0].start, end))
    return [marker for marker in markers if not any(marker.start in span for span in entries)]


def _groups(markers: Sequence[_Marker]) -> list[list[_Marker]]:
    """Return the runs of numbers of one kind under one heading; a first number begins a new run."""
    groups: list[list[_Marker]] = []
    running: dict[Rank, list[_Marker]] = {}
    for marker in markers:
        running = {rank: group for rank, group in running.items() if rank <= marker.rank}
        running.setdefault(marker.rank, [])
        running[marker.rank].append(marker)
        if len(running[marker.rank]) == 1:
            groups.append(running[marker.rank])
    return groups


def _are_entries(
    text: str, group: Sequence[_Marker], spans: Sequence[tuple[int, int]], markers: Sequence[_Marker]
) -> bool:
    starts = [marker.start for marker in markers]
    plain = [
        (marker, end)
        for marker, (start, end) in zip(group, spans, strict=True)
        if starts[bisect_left(starts, start + 1) : bisect_left(starts, end)] == []
    ]
    if any(text[marker.end : end].rstrip().endswith(("；", ";")) for marker, end in plain if marker is not group[-1]):
        return True
    return len(plain) == len(group) and all(
        _is_entry(text, marker, end, is_last=marker is group[-1]) for marker, end in plain
    )


def _is_entry(text: str, marker: _Marker, end: int, is_last: bool) -> bool:
    """Return whether a number opens a single sentence on its line, in which no heading can be told.

    Below 1. there may be several sentences; below the last line of a list the text goes on.
    """
    line_end = text.find("\n", marker.end, end)
    stop = end if line_end < 0 else line_end
    words = text[marker.end : stop].strip()
    heading_end = _heading_end(text, marker.end, stop)
    told = heading_end is not None and bool(text[heading_end:stop].strip())
    alone = is_last or not text[stop:end].strip()
    return words.endswith("。") and (words.count("。") == 1 or marker.rank >= Rank.NUMBER) and not told and alone


def _numbered_heading(text: str, marker: _Marker, following: int, followed_by: Rank | None) -> FoundHeading:
    if marker.rank is Rank.ARTICLE:
        named = _ARTICLE_NAME.match(text, marker.end)
        title = " ".join(text[marker.start : named.end() if named else marker.end].split())
        return FoundHeading(title, marker.rank, 0, marker.start, marker.start)
    at = marker.end
    while at < following and text[at] in " \t\u3000":
        at += 1
    deeper = followed_by is not None and followed_by > marker.rank
    end = _heading_end(text, at, following)
    if end is None and deeper and _STRAIGHT_WORDS.fullmatch(text, at, following):
        end = following
    title = " ".join(text[marker.start : end or _label_end(text, at, following)].split()).rstrip("。，,：:；;")
    body = at if end is None else end
    if end is not None and (states_figure(text[at:end]) or (_is_all(text, end, following) and not deeper)):
        body = at
    return FoundHeading(title, marker.rank, 0, marker.start, body)


def _is_all(text: str, end: int, following: int) -> bool:
    """Return whether a heading ends like a sentence and has no text beneath it: then it is the text."""
    return text[end - 1] in "。！" and not text[end:following].strip()


_BREAK = r"\n|(?<=[^\x00-\x7f])[ \u3000]+(?=[^\x00-\x7f]|$)"


def _heading_end(text: str, at: int, stop: int) -> int | None:
    """Return where the heading that begins at `at` ends, or None where that cannot be told."""
    window = text[at : min(stop, at + MAX_HEADING)]
    closing = _CHAPTER.match(window)
    # Where a line is no longer than a heading, its spaces are its own and end nothing.
    broken = re.search(r"\n" if 0 <= text.find("\n", at, stop + 1) - at <= MAX_HEADING else _BREAK, window)
    ended = re.search(r"[。！]", window)
    if broken and (not ended or broken.start() <= ended.start()):
        return at + broken.start()
    if closing:
        return at + closing.end()
    two = _TWO_CLAUSES.match(window)
    if two:
        return at + two.end()
    if ended and not re.search(r"[；;:：]", window[: ended.start()]) and ended.start() <= MAX_HEADING - 10:
        return at + ended.end()
    return None


def _label_end(text: str, at: int, stop: int) -> int:
    window = text[at : min(stop, at + 24)]
    found = re.search(r"[，,。；;:：\n]", window)
    return at + (found.start() if found else len(window))


#: A heading without a number: a short line, with a paragraph below it.
_SHORT_LINE = re.compile(r"[^\s。；;，,：:！？!?…|]{2,24}(?:[ \u3000][^\s。；;，,：:！？!?…|]{2,20})?")
_PERSON = re.compile(r".{0,12}(?:[省市区县州盟旗镇乡]长|主席|主任|书记)\s+\S{2,12}|[\d年月日./\-: ]+")
_PARAGRAPH = re.compile(r".{12,}[。；;：:！]|.{2,}: .+")


def _short_lines(text: str) -> Iterator[FoundHeading]:
    """Find headings that are nothing but short lines between paragraphs; one alone is none."""
    lines = [(match.start(), match.group()) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    found = [
        FoundHeading(" ".join(line.split()), Rank.LINE, 0, start, start + len(line))
        for (start, line), (_, below) in pairwise(lines)
        if _is_short_line(line.strip()) and _PARAGRAPH.match(below.strip())
    ]
    return iter(found if len(found) > 1 else ())


def _is_short_line(line: str) -> bool:
    return bool(_SHORT_LINE.fullmatch(line)) and not (_PERSON.fullmatch(line) or states_figure(line))


#: An opening sentence names a topic: short, no figures, at most one comma, and text enough behind it.
_PLAIN_MAX, _COMMA_MAX = 18, 26
_OPENING_GAP = 90
#: The same for topics that are counted (一是) or open a line: these cannot be mistaken.
_SURE_GAP = 24
_COUNTED_TOPIC = re.compile(r"[一二三四五六七八九十]{1,3}是|这(?:五年)?是|——")
#: Paragraphs that are longer on average have several topics each.
_LONG_PARAGRAPH = 400


def _opening_sentences(text: str, start: int, stop: int) -> Iterator[FoundHeading]:
    """Find short topic sentences at the head of a paragraph, also where it has lost its line break.

    In a section of several short paragraphs a topic opens one, or is counted (一是). Where line breaks are lost, the
    paragraph under such a sentence runs for at least `_OPENING_GAP` characters, and the one before it has too; short
    factual sentences at a paragraph's end are thus left alone. The topics of one chapter are built alike, so of the
    candidates with a comma and those without only the more frequent kind is kept.
    """
    topics = [span for span in sentence_spans(text, start, stop) if _is_topic(text[slice(*span)])]
    counted = [span for span in topics if _COUNTED_TOPIC.match(text, span[0])]
    by_line = _has_short_paragraphs(text[start:stop])
    if by_line:
        topics = [span for span in topics if span in counted or _opens_line(text, *span)]
    with_comma = [span for span in topics if _COMMA.search(text, *span)]
    plain = [span for span in topics if span not in with_comma]
    candidates = plain if len(plain) >= len(with_comma) else with_comma
    if len(counted) > 1:
        candidates = sorted({*counted, *candidates})
    sure = topics if by_line else counted if len(counted) > 1 else []
    chosen: list[tuple[int, int]] = []
    for first, last in candidates if len(candidates) > 1 else ():
        gap = _SURE_GAP if (first, last) in sure else _OPENING_GAP
        if not chosen or first - chosen[-1][1] >= gap:
            chosen.append((first, last))
    ends = [*(first for first, _ in chosen[1:]), stop][: len(chosen)]
    for (first, last), end in zip(chosen, ends, strict=True):
        if end - last >= (_SURE_GAP if (first, last) in sure else _OPENING_GAP):
            # The sentence stays part of the text: its words carry the topic of what follows.
            yield FoundHeading(text[first:last].rstrip("。！"), Rank.TOPIC, 0, first, first)


def _has_short_paragraphs(section: str) -> bool:
    paragraphs = section.strip().split("\n")
    return len(paragraphs) > 1 and sum(map(len, paragraphs)) <= _LONG_PARAGRAPH * len(paragraphs)


def _opens_line(text: str, first: int, last: int) -> bool:
    """Return whether a sentence stands at the head of a line with more text on it."""
    behind = text[last : end if (end := text.find("\n", last)) >= 0 else len(text)]
    return bool(behind.strip()) and not text[text.rfind("\n", 0, first) + 1 : first].strip()


_COMMA = re.compile(r"[，,]")
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]+(?:家|个|条|项|次|人|户|公顷|平方米)")
#: What tells a fact names no topic: what a year is, who is first.
_FACT = re.compile(
    r"^(?:20\d\d年|[今去本]年|[一两二三五]年来|过去)|(?<![一二三四五六七八九十这年要就])是|成为|第一(?!产业|时间|线)|首位|首家|前列|之最|获评|获批|荣获"
    r"|位居|[稳跃]居|完成(?!情况)|开通|通车|投[运产用]|全覆盖$|清零$|以下|如下"
)


def _is_topic(sentence: str) -> bool:
    body = sentence.rstrip("。")
    return (
        6 <= len(body) <= (_PLAIN_MAX, _COMMA_MAX, 0)[min(2, len(_COMMA.findall(body)))]
        and sentence.endswith("。")
        and not re.search(r"[；;：:、（(《]", body)
        and not re.match(r"各位|现在|同时|此外|下面|我们", body)
        and not _FACT.search(body)
        and not (_FIGURE.search(body) and "”" not in body and "五年" not in body)
    )
