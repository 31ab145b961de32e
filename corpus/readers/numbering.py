"""Word's automatic numbers (`一、`, `第三条`, `1.`): not in a paragraph's text, so they are counted as Word does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docx.document import Document
    from docx.oxml.xmlchemy import BaseOxmlElement as Element

_PLACE = re.compile(r"%([1-9])")
#: After a number that ends in one of these, Chinese text follows without a space.
_TIGHT = tuple("、）)章条节款项点")
#: Styles are based on one another; a longer chain is a circle.
_LONGEST_CHAIN = 20


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered: first number, format, text around `%1`, style that belongs to it."""

    start: int
    style: str
    text: str
    paragraphs: str


@dataclass(frozen=True, slots=True)
class List:
    """One list: lists of the same `scheme` go on counting, except at the levels that this one restarts."""

    scheme: str
    levels: dict[int, Level]
    restarts: frozenset[int]


class Numbering:
    """The numbers of one document; its paragraphs must be asked for in their order."""

    def __init__(self, document: Document) -> None:
        self._styles: dict[str, Element] = {
            style.get(qn("w:styleId"), ""): style for style in document.styles.element.findall(qn("w:style"))
        }
        self._lists = dict(_read_lists(document))
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[str] = set()

    def label(self, paragraph: Element) -> str:
        """Return the number that Word shows before a paragraph; empty for none and for bullets."""
        list_id, level = self._place(paragraph)
        own = self._lists.get(list_id)
        if own is None or level not in own.levels:
            return ""
        counts = self._count(list_id, own, level)
        if own.levels[level].style in ("bullet", "none"):
            return ""

        def number(found: re.Match[str]) -> str:
            i = int(found[1]) - 1
            at = own.levels.get(i, own.levels[level])
            return written(counts.get(i, at.start), at.style)

        text = _PLACE.sub(number, own.levels[level].text)
        return text if not text or text.endswith(_TIGHT) else f"{text} "

    def _place(self, paragraph: Element) -> tuple[str, int]:
        """Return list and level as the paragraph says, else its style, else a style that this is based on."""
        properties = paragraph.find(qn("w:pPr"))
        style_id = _value(properties, "w:pStyle")
        level = _value(properties, "w:numPr", "w:ilvl")
        for _ in range(_LONGEST_CHAIN):
            list_id = _value(properties, "w:numPr", "w:numId")
            if list_id:
                return list_id, int(level) if level else self._level_of(list_id, style_id)
            style = self._styles.get(style_id)
            if style is None:
                break
            properties = style.find(qn("w:pPr"))
            level = level or _value(properties, "w:numPr", "w:ilvl")
            if not _value(properties, "w:numPr", "w:numId"):
                style_id = _value(style, "w:basedOn")
        return "", 0

    def _level_of(self, list_id: str, style_id: str) -> int:
        levels = self._lists[list_id].levels if list_id in self._lists else {}
        return next((i for i, level in levels.items() if style_id and level.paragraphs == style_id), 0)

    def _count(self, list_id: str, own: List, level: int) -> dict[int, int]:
        """Count one paragraph and return the numbers that now stand at each level."""
        counts = self._counts.setdefault(own.scheme, {})
        if list_id not in self._begun:
            self._begun.add(list_id)
            for restarted in own.restarts:
                counts.pop(restarted, None)
        counts[level] = counts.get(level, own.levels[level].start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return counts


def _read_lists(document: Document) -> Iterator[tuple[str, List]]:
    """Yield the lists of a document by their ids."""
    if all(rel.reltype != RELATIONSHIP_TYPE.NUMBERING for rel in document.part.rels.values()):
        return
    root = document.part.numbering_part.element
    schemes = {scheme.get(qn("w:abstractNumId")): scheme for scheme in root.findall(qn("w:abstractNum"))}
    for own in root.findall(qn("w:num")):
        name = _value(own, "w:abstractNumId")
        if name not in schemes:
            continue
        levels = dict(_read_level(element) for element in schemes[name].findall(qn("w:lvl")))
        restarts = set()
        for override in own.findall(qn("w:lvlOverride")):
            level = int(override.get(qn("w:ilvl"), "0"))
            replaced = override.find(qn("w:lvl"))
            if replaced is not None:
                levels[level] = _read_level(replaced)[1]
            start = _value(override, "w:startOverride")
            if start and level in levels:
                at = levels[level]
                levels[level] = Level(int(start), at.style, at.text, at.paragraphs)
                restarts.add(level)
        yield own.get(qn("w:numId"), ""), List(name, levels, frozenset(restarts))


def _read_level(element: Element) -> tuple[int, Level]:
    level = Level(
        start=int(_value(element, "w:start") or 1),
        style=_value(element, "w:numFmt") or "decimal",
        text=_value(element, "w:lvlText"),
        paragraphs=_value(element, "w:pStyle"),
    )
    return int(element.get(qn("w:ilvl"), "0")), level


def _value(element: Element | None, *path: str) -> str:
    """Return the `w:val` of what stands at a path below an element; empty where it is missing."""
    for name in path:
        element = element.find(qn(name)) if element is not None else None
    return "" if element is None else str(element.get(qn("w:val"), ""))


def written(number: int, style: str) -> str:
    """Write a number in one of Word's formats; formats not known here are written in digits."""
    return _FORMATS.get(style, str)(number)


def _chinese(number: int) -> str:
    """Write 1 to 9999 as 一, 十, 十二, 二十, 一百零五."""
    if not 0 < number < 10_000:
        return str(number)
    text = ""
    for power, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // power % 10
        if digit:
            text += "零一二三四五六七八九"[digit] + unit
        elif text and number % power and not text.endswith("零"):
            text += "零"
    return text.removeprefix("一") if text.startswith("一十") else text


def _digits(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "〇一二三四五六七八九"))


def _roman(number: int) -> str:
    marks = "M CM D CD C XC L XL X IX V IV I".split()
    text = ""
    for value, mark in zip((1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1), marks, strict=True):
        count, number = divmod(number, value)
        text += mark * count
    return text


def _letter(number: int) -> str:
    """Write a, b … z, aa, bb, as Word does."""
    repeats, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (repeats + 1)


def _circled(number: int) -> str:
    return chr(ord("①") + number - 1) if 1 <= number <= 20 else str(number)


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "ideographDigital": _digits,
    "taiwaneseDigital": _digits,
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": lambda number: _letter(number).upper(),
    "lowerLetter": _letter,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": lambda number: str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
}
