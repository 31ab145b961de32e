"""The words of the house: what a document, a section, a passage and a period are.

Positions are offsets in characters into `Document.text`, half-open: `text[start:end]`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """What kind of claim a sentence makes about its period."""

    ACTUAL = "actual"  #: a result that was reached
    ESTIMATE = "estimate"  #: a result not yet final when it was reported (预计)
    CUMULATIVE = "cumulative"  #: a total since some earlier time (累计)
    TARGET = "target"  #: what is to be reached within a year
    PLAN = "plan"  #: what is to be reached over several years
    NONE = "none"  #: neither; a description

    @property
    def is_result(self) -> bool:
        """True for what has happened, final or estimated."""
        return self in (Status.ACTUAL, Status.ESTIMATE, Status.CUMULATIVE)

    @property
    def is_intent(self) -> bool:
        """True for what is still to happen."""
        return self in (Status.TARGET, Status.PLAN)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A span of whole years, both ends included."""

    first: int
    last: int

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"a period cannot end in {self.last} before it begins in {self.first}")

    @classmethod
    def year(cls, year: int) -> Period:
        """Return the period of one year."""
        return cls(year, year)

    @classmethod
    def parse(cls, label: str) -> Period:
        """Read `2019` or `2016-2020`, as `str` writes it."""
        first, _, last = label.partition("-")
        return cls(int(first), int(last or first))

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def overlaps(self, other: Period) -> bool:
        """Return whether the two share at least one year."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Posting:
    """One appearance of a document: when it was put up, under which title, and where."""

    title: str
    date: dt.date | None
    source: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A span of a text that its file marks as a heading; `level` counts from 1, the highest."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class RawText:
    """A text as a reader delivers it: nothing repaired, nothing left out, with the headings that the format marks."""

    posting: Posting
    text: str
    headings: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """One character that the source had lost, at `position` in the repaired text."""

    position: int
    character: str
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Omission:
    """A span of the text that is not the document's own (site furniture), and why it is left out."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the span it governs; `start` is where the heading begins, `body` where its text does."""

    title: str
    level: int
    start: int
    body: int
    end: int
    period: Period | None
    status: Status


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with the period it speaks about and the kind of claim it makes."""

    start: int
    end: int
    period: Period | None
    status: Status


@dataclass(frozen=True, slots=True)
class Dated:
    """When a document was delivered or its event took place; `rule` says how that was found.

    `precision` is `day`, `month`, `year` or `unknown`; with `unknown` the date is None.
    """

    date: dt.date | None
    precision: str
    rule: str

    def __str__(self) -> str:
        if self.date is None:
            return "unknown"
        return self.date.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


@dataclass(frozen=True, slots=True)
class Document:
    """One report or article. `text` is the repaired text; removing the repairs gives the source back.

    `revision_of` is the id of an earlier edition of the same text, where one is held; `in_force` are the years for
    which a policy says that it holds.
    """

    id: str
    title: str
    kind: str
    delivered: Dated
    postings: tuple[Posting, ...]
    text: str
    repairs: tuple[Repair, ...]
    omissions: tuple[Omission, ...]
    sections: tuple[Section, ...]
    sentences: tuple[Sentence, ...]
    revision_of: str | None = None
    in_force: Period | None = None

    @property
    def other_titles(self) -> tuple[str, ...]:
        """Titles of further postings, in order, without repetition."""
        return Entry.of(self).other_titles

    @property
    def period(self) -> Period | None:
        """The year in which the document was delivered or its event took place."""
        return Entry.of(self).period

    def source_text(self, start: int = 0, end: int | None = None) -> str:
        """Return `text[start:end]` as it came: without the characters that repairs put in."""
        stop = len(self.text) if end is None else end
        restored = {repair.position for repair in self.repairs}
        return "".join(self.text[i] for i in range(start, stop) if i not in restored)

    def marked_text(self, start: int, end: int) -> str:
        """Return `text[start:end]` as a reader sees it: every restored character in square brackets."""
        restored = {repair.position for repair in self.repairs}
        return "".join(f"[{self.text[i]}]" if i in restored else self.text[i] for i in range(start, end))

    def headings_at(self, position: int) -> tuple[Section, ...]:
        """Return the sections that hold `position`, outermost first."""
        return tuple(section for section in self.sections if section.start <= position < section.end)


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as a catalogue lists it: all but its text and what was read from the text.

    `characters` is the length of the text, `restored` how many of them were put back.
    """

    id: str
    title: str
    kind: str
    delivered: Dated
    postings: tuple[Posting, ...]
    revision_of: str | None
    characters: int
    restored: int
    in_force: Period | None = None

    @classmethod
    def of(cls, document: Document) -> Entry:
        """Return the entry of a document."""
        return cls(
            id=document.id,
            title=document.title,
            kind=document.kind,
            delivered=document.delivered,
            postings=document.postings,
            revision_of=document.revision_of,
            characters=len(document.text),
            restored=len(document.repairs),
            in_force=document.in_force,
        )

    @property
    def other_titles(self) -> tuple[str, ...]:
        """Titles of further postings, in order, without repetition."""
        titles = dict.fromkeys(posting.title for posting in self.postings)
        return tuple(title for title in titles if title != self.title)

    @property
    def period(self) -> Period | None:
        """The year in which the document was delivered or its event took place."""
        return Period.year(self.delivered.date.year) if self.delivered.date else None


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document that is retrieved and cited; it never crosses a section.

    `text` is `document.text[start:end]`, `source_text` the same without repairs. `period` and `status` are
    those of most of its sentences; the sentences carry their own.
    """

    id: str
    document_id: str
    start: int
    end: int
    text: str
    source_text: str
    headings: tuple[str, ...]
    period: Period | None
    status: Status
    sentences: tuple[Sentence, ...]

    def sentence_text(self, sentence: Sentence) -> str:
        """Return the words of one of this passage's sentences."""
        return self.text[sentence.start - self.start : sentence.end - self.start]

    def sentence_texts(self) -> list[str]:
        """Return the words of all of this passage's sentences, in order."""
        return [self.sentence_text(sentence) for sentence in self.sentences]


def text_id(text: str) -> str:
    """Return a short stable name for a text: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
