"""A document as it is read: contents, sections, paragraphs of sentences, in the original, in English, or in both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from corpus.passages import cut_passages
from ui.chat.cards import runs
from ui.chat.render import status_class

if TYPE_CHECKING:
    from corpus.types import Document, Passage, Section, Sentence
    from rag.pipeline import Pipeline
    from ui.chat.cards import Run

#: Longest text that is searched for.
MOST_SOUGHT = 100


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sentence: a run of its text, and which finding of what is searched for it belongs to (from 1)."""

    run: Run
    hit: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: where it starts, its parts, and whether it is the one cited."""

    start: int
    parts: tuple[Part, ...]
    is_cited: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage, with its English where there is any."""

    lines: tuple[Line, ...]
    english: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section and the paragraphs that stand in it directly; `section` is None for text without a heading."""

    section: Section | None
    colour: str
    paragraphs: tuple[Paragraph, ...]
    english: str = ""

    @property
    def anchor(self) -> str:
        """The name under which the contents reach it."""
        return f"section-{self.section.start if self.section else 0}"


@dataclass(frozen=True, slots=True)
class Reading:
    """A document laid out, and how often what is searched for was found in it."""

    document: Document
    chapters: tuple[Chapter, ...]
    hits: int

    @property
    def source(self) -> str:
        """Where the document was posted, where that is an address a browser may open."""
        return next((p.source for p in self.document.postings if is_web_address(p.source)), "")


def is_web_address(source: str) -> bool:
    """Return whether a source is a page of the web: nothing that a browser would run."""
    return urlsplit(source).scheme in ("http", "https")


def read(pipeline: Pipeline, document: Document, start: int, end: int, sought: str) -> Reading:
    """Return a document laid out; sentences within `start` to `end` are the cited ones, `sought` is searched for."""
    numbers = _Numbers()
    by_section: dict[Section | None, list[Paragraph]] = {}
    for passage in cut_passages(document):
        lines = tuple(_line(document, sentence, start, end, sought, numbers) for sentence in passage.sentences)
        paragraph = Paragraph(lines, pipeline.english(document, passage.sentences))
        by_section.setdefault(_innermost(document, passage), []).append(paragraph)
    chapters = [Chapter(None, "plain", tuple(by_section[None]))] if None in by_section else []
    chapters += [
        Chapter(
            section,
            status_class(section.status),
            tuple(by_section.get(section, ())),
            pipeline.english_heading(section.title),
        )
        for section in document.sections
    ]
    return Reading(document, tuple(chapters), numbers.last)


class _Numbers:
    """Counts findings in reading order."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def _innermost(document: Document, passage: Passage) -> Section | None:
    held = document.headings_at(passage.start)
    return held[-1] if held else None


def _line(document: Document, sentence: Sentence, start: int, end: int, sought: str, numbers: _Numbers) -> Line:
    parts: list[Part] = []
    at = sentence.start
    text = document.text[sentence.start : sentence.end]
    for found in re.finditer(re.escape(sought), text, re.IGNORECASE) if sought else ():
        first, last = sentence.start + found.start(), sentence.start + found.end()
        number = numbers.next()
        parts += [Part(run) for run in runs(document, at, first)]
        parts += [Part(run, number) for run in runs(document, first, last)]
        at = last
    parts += [Part(run) for run in runs(document, at, sentence.end)]
    return Line(sentence.start, tuple(parts), start < end and sentence.start < end and sentence.end > start)
