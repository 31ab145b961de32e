"""Recovering headings: numbered (一、 (一) 1.) or the short sentence that opens a paragraph.

Sources either keep their lines, or have had every line break taken out, so that a heading runs straight into its
text (`一、2020年工作回顾过去一年是…`). Where the end of such a heading cannot be told, the section still begins at
its number and the words stay in the text; only the label is then a guess, cut at the first punctuation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.periods import UNKNOWN, Frame, heading_frame
from corpus.sentences import sentence_spans
from corpus.types import Section

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HAN = "[一二三四五六七八九十]{1,3}"
#: Marker, level. A marker counts after white space, at the start, after a sentence's end, or after a bracketed
#: remark; never inside a sentence.
_MARKERS = (
    (re.compile(rf"(?:(?<=^)|(?<=[\s。！？!?；;)）]))(?P<mark>{_HAN}、)"), 1),
    (re.compile(rf"(?:(?<=^)|(?<=[\s。！？!?；;]))(?P<mark>[(（]{_HAN}[)）]、?)"), 2),
    (re.compile(r"(?:(?<=^)|(?<=[\n。]))(?P<mark>\d{1,2}[.．、](?!\d))"), 3),
)
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


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    level: int
    start: int
    body: int


def find_sections(text: str, delivered_year: int | None, start: int = 0, end: int | None = None) -> list[Section]:
    """Return the sections of `text[start:end]` in order, each with its period and status.

    A section ends where the next one of the same or a higher level begins. Levels are 1 (一、), 2 (（一）),
    3 (1.) and 4 (a short opening sentence).
    """
    stop = len(text) if end is None else end
    numbered = sorted(_numbered(text, start, stop), key=lambda heading: heading.start)
    bounds = [start, *(heading.start for heading in numbered), stop]
    headings = list(_opening_sentences(text, start, bounds[1])) if not numbered else []
    for heading, following in zip(numbered, bounds[2:], strict=True):
        headings.append(heading)
        headings += _opening_sentences(text, heading.body, following)
    return _nest(text, headings, delivered_year, stop)


def _nest(text: str, headings: list[_Heading], delivered_year: int | None, stop: int) -> list[Section]:
    sections: list[Section] = []
    open_frames: list[tuple[int, Frame]] = []
    for i, heading in enumerate(headings):
        end = next((h.start for h in headings[i + 1 :] if h.level <= heading.level), stop)
        turn = _TURN.search(text, heading.body, end) if heading.level == _TOPIC_LEVEL else None
        end = turn.start() if turn else end
        while open_frames and open_frames[-1][0] >= heading.level:
            open_frames.pop()
        outer = open_frames[-1][1] if open_frames else UNKNOWN
        frame = heading_frame(heading.title, outer, delivered_year)
        if heading.level == 1 and frame == UNKNOWN and sections and sections[-1].status.is_intent:
            # A closing chapter without a year (推进政府治理现代化) continues the tasks before it.
            frame = Frame(sections[-1].period, sections[-1].status)
        open_frames.append((heading.level, frame))
        sections.append(
            Section(heading.title, heading.level, heading.start, heading.body, end, frame.period, frame.status)
        )
    return sections


def _numbered(text: str, start: int, stop: int) -> Iterator[_Heading]:
    markers = sorted(
        (
            (found.start("mark"), found.end(), level)
            for pattern, level in _MARKERS
            for found in pattern.finditer(text, start, stop)
        )
    )
    for (first, at, level), (following, _, _) in pairwise([*markers, (stop, stop, 0)]):
        title_end = _heading_end(text, at, following)
        label_end = title_end or _label_end(text, at, following)
        title = text[first:label_end].strip().rstrip("。，,：:")
        body = title_end if title_end is not None else at
        yield _Heading(" ".join(title.split()), level, first, body)


def _heading_end(text: str, at: int, stop: int) -> int | None:
    """Return where the heading that begins at `at` ends, or None where that cannot be told."""
    window = text[at : min(stop, at + MAX_HEADING)]
    closing = _CHAPTER.match(window)
    broken = re.search(r"\n|(?<=[^\x00-\x7f])[ \u3000]+(?=[^\x00-\x7f]|$)", window)
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


#: An opening sentence names a topic: short, no figures, at most one comma, and text enough behind it.
_TOPIC_LEVEL = 4
_PLAIN_MAX, _COMMA_MAX = 18, 26
_OPENING_GAP = 90
#: The speaker turns to the audience again: what follows is no longer under the last topic.
_TURN = re.compile(r"各位(?:代表|委员|领导|来宾)[：:，,！!]")


def _opening_sentences(text: str, start: int, stop: int) -> Iterable[_Heading]:
    """Find short topic sentences at the head of a paragraph that has lost its line break.

    The paragraph under such a sentence runs for at least `_OPENING_GAP` characters, and the one before it has
    too; short factual sentences at a paragraph's end are thus left alone. The topics of one chapter are built
    alike, so of the candidates with a comma and those without only the more frequent kind is kept.
    """
    spans = list(sentence_spans(text, start, stop))
    topics = [span for span in spans if _is_topic(text[slice(*span)])]
    with_comma = [span for span in topics if _COMMA.search(text, *span)]
    plain = [span for span in topics if span not in with_comma]
    chosen: list[tuple[int, int]] = []
    candidates = plain if len(plain) >= len(with_comma) else with_comma
    for first, last in candidates if len(candidates) > 1 else ():
        if not chosen or first - chosen[-1][1] >= _OPENING_GAP:
            chosen.append((first, last))
    ends = [*(first for first, _ in chosen[1:]), stop][: len(chosen)]
    for (first, last), end in zip(chosen, ends, strict=True):
        if end - last >= _OPENING_GAP:
            # The sentence stays part of the text: its words carry the topic of what follows.
            yield _Heading(text[first:last].rstrip("。！"), _TOPIC_LEVEL, first, first)


_COMMA = re.compile(r"[，,]")
_FIGURE = re.compile(r"\d|[一二三四五六七八九十百千万亿]+(?:家|个|条|项|次|人|户|公顷|平方米)")


def _is_topic(sentence: str) -> bool:
    body = sentence.rstrip("。")
    return (
        6 <= len(body) <= (_PLAIN_MAX, _COMMA_MAX, 0)[min(2, len(_COMMA.findall(body)))]
        and sentence.endswith("。")
        and not re.search(r"[；;：:、（(《]", body)
        and not re.match(r"各位|现在|同时|此外|下面|我们", body)
        and not (_FIGURE.search(body) and "”" not in body and "五年" not in body)
    )
